#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace clique {

/// An order of Shopify's webhook shape with one line of 10.00 USD on *date* (YYYY-MM-DD), padded by its note attributes
/// to about *bytes*.
inline std::string order_body(std::int64_t id, std::string_view date, std::size_t bytes) {
  auto at = fmt::format("{}T{:02}:{:02}:{:02}Z", date, id / 3600 % 24, id / 60 % 60, id % 60);
  auto result = fmt::format(
      R"({{"id":{0},"admin_graphql_api_id":"gid://shopify/Order/{0}","name":"#{0}","created_at":"{1}","processed_at":"{1}",)"
      R"("updated_at":"{1}","cancelled_at":null,"test":false,"currency":"USD","presentment_currency":"USD",)"
      R"("financial_status":"paid","fulfillment_status":null,"source_name":"web","taxes_included":false,"customer":null,)"
      R"("discount_codes":[],"subtotal_price":"10.00","total_line_items_price":"10.00","total_discounts":"0.00",)"
      R"("total_tax":"0.00","total_tip_received":"0.00","total_price":"10.00","current_subtotal_price":"10.00",)"
      R"("current_total_discounts":"0.00","current_total_tax":"0.00","current_total_price":"10.00","refunds":[],)"
      R"("total_shipping_price_set":{{"shop_money":{{"amount":"0.00","currency_code":"USD"}},"presentment_money":{{"amount":"0.00","currency_code":"USD"}}}},)"
      R"("line_items":[{{"id":{0}1,"variant_id":501,"product_id":401,"sku":"A-1","title":"Mug","quantity":1,"current_quantity":1,"price":"10.00","total_discount":"0.00","discount_allocations":[],"tax_lines":[]}}],)"
      R"("shipping_lines":[],"note_attributes":[)",
      id, at);
  // Words of a dictionary rather than one letter: real bodies compress about 4 : 1, not 100 : 1.
  auto noise = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15ull;
  for (int i = 0; result.size() + 90 < bytes; ++i) {
    noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
    result += fmt::format(R"({}{{"name":"attribute_{}","value":"{:016x} linen shirt size {}"}})", i ? "," : "", i,
                          noise, i % 7);
  }
  return result + "]}";
}

} // namespace clique
