#include "net/platform/shopify_queries.hpp"

#include "net/platform/shopify_wire.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace clique::shopify {

namespace {

constexpr auto line_fields = "id sku title quantity currentQuantity variant { id } product { id } "
                             "originalUnitPriceSet { shopMoney { amount currencyCode } } "
                             "discountAllocations { allocatedAmountSet { shopMoney { amount currencyCode } } }";

std::string variant_fields(bool with_costs) {
  return fmt::format("id title sku barcode price compareAtPrice inventoryQuantity inventoryPolicy position updatedAt "
                     "inventoryItem {{ id tracked {}}}",
                     with_costs ? "unitCost { amount currencyCode } " : "");
}

std::string part_fields(part x, bool with_costs) {
  switch (x) {
  case part::lines:
    return line_fields;
  case part::refund_lines:
    return "quantity subtotalSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } lineItem { id }";
  case part::payments:
    return "kind status amountSet { shopMoney { amount } }";
  case part::adjustments:
    return "reason amountSet { shopMoney { amount } } taxAmountSet { shopMoney { amount } }";
  case part::shipping:
    return "subtotalAmountSet { shopMoney { amount } } taxAmountSet { shopMoney { amount } }";
  case part::variants:
    return variant_fields(with_costs);
  }
  return {};
}

} // namespace

const char* connection_name(part x) {
  switch (x) {
  case part::lines:
    return "lineItems";
  case part::refund_lines:
    return "refundLineItems";
  case part::payments:
    return "transactions";
  case part::adjustments:
    return "orderAdjustments";
  case part::shipping:
    return "refundShippingLines";
  case part::variants:
    return "variants";
  }
  return "";
}

std::string connection_text(part x, int first, std::string_view after, bool with_costs) {
  return fmt::format("{}(first: {}{}{}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {} }} }}", connection_name(x),
                     first, after.empty() ? "" : ", after: ", after, part_fields(x, with_costs));
}

std::string connection_text(part x, int first, std::string_view after) {
  return connection_text(x, first, after, false);
}

std::string order_lists(order_sizes sizes) {
  return fmt::format(
      "{} refunds {{ id createdAt {} {} {} {} }}", connection_text(part::lines, sizes.lines, ""),
      connection_text(part::refund_lines, sizes.refund_lines, ""), connection_text(part::payments, sizes.payments, ""),
      connection_text(part::adjustments, sizes.adjustments, ""), connection_text(part::shipping, sizes.shipping, ""));
}

std::string order_fields(bool with_customer, std::string_view inner) {
  std::string result = "id name createdAt processedAt updatedAt cancelledAt test sourceName displayFinancialStatus "
                       "displayFulfillmentStatus currencyCode presentmentCurrencyCode taxesIncluded discountCodes "
                       "totalPriceSet { shopMoney { amount } presentmentMoney { amount } } ";
  for (auto name :
       {"subtotalPriceSet", "totalDiscountsSet", "totalShippingPriceSet", "totalTaxSet", "totalTipReceivedSet",
        "currentTotalPriceSet", "currentSubtotalPriceSet", "currentTotalDiscountsSet", "currentTotalTaxSet"})
    result += fmt::format("{} {{ shopMoney {{ amount }} }} ", name);
  result += "customAttributes { key value } customerJourneySummary { lastVisit { landingPage referrerUrl } } ";
  if (with_customer)
    result += "customer { id } ";
  return result.append(inner);
}

std::string product_fields(bool with_costs) {
  return "id title handle vendor productType tags status createdAt updatedAt publishedAt "
         + connection_text(part::variants, variants_in_page, "", with_costs);
}

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string bulk_orders_query(std::string_view filter, bool with_customer) {
  // No connection inside the list of refunds: Shopify refuses such bulk queries.
  auto inner = fmt::format("refunds {{ id createdAt totalRefundedSet {{ shopMoney {{ amount }} }} }} "
                           "lineItems {{ edges {{ node {{ {} }} }} }}",
                           line_fields);
  return fmt::format("{{ orders(query: {}) {{ edges {{ node {{ {} }} }} }} }}", quoted(filter),
                     order_fields(with_customer, inner));
}

} // namespace clique::shopify
