#include "net/platform/shopify_rest_wire.hpp"
#include "net/platform/shopify_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace clique::shopify {

namespace {

using read_fact = webhook_fact (*)(const node&, std::string_view topic, currency shop_unit);

webhook_fact read_order_fact(const node& x, std::string_view, currency) {
  return read_rest_order(x);
}

webhook_fact read_order_deleted(const node& x, std::string_view, currency) {
  return order_deleted{x["id"].id()};
}

webhook_fact read_order_edited(const node& x, std::string_view, currency) {
  auto edit = x["order_edit"];
  auto at = edit["committed_at"].maybe_time();
  return order_edited{edit["id"].id(), edit["order_id"].id(), at ? *at : edit["created_at"].time()};
}

webhook_fact read_refund_created(const node& x, std::string_view, currency shop_unit) {
  return refund_created{x["order_id"].id(), read_rest_refund(x, shop_unit, time_point{})};
}

webhook_fact read_product_fact(const node& x, std::string_view, currency shop_unit) {
  return read_rest_product(x, shop_unit);
}

webhook_fact read_product_deleted(const node& x, std::string_view, currency) {
  return product_deleted{x["id"].id()};
}

webhook_fact read_stock(const node& x, std::string_view, currency) {
  return stock_level{x["inventory_item_id"].id(), x["location_id"].id(), x["available"].maybe_integer(),
                     x["updated_at"].time()};
}

webhook_fact read_disconnect(const node& x, std::string_view, currency) {
  return stock_disconnected{x["inventory_item_id"].id(), x["location_id"].id()};
}

webhook_fact read_item(const node& x, std::string_view, currency shop_unit) {
  return inventory_item{x["id"].id(), x["sku"].text(), x["tracked"].flag(true), x["cost"].maybe_money(shop_unit),
                        x["updated_at"].time()};
}

webhook_fact read_shop_fact(const node& x, std::string_view, currency) {
  shop_facts result;
  result.name = x["name"].text();
  result.currency_code = x["currency"].text();
  result.iana_timezone = x["iana_timezone"].text();
  result.country = x["country_code"].text();
  result.plan = x["plan_display_name"].text();
  if (result.plan.empty())
    result.plan = x["plan_name"].text();
  return result;
}

webhook_fact read_uninstalled(const node&, std::string_view, currency) {
  return app_uninstalled{};
}

webhook_fact read_scopes(const node& x, std::string_view, currency) {
  scopes_updated result;
  auto current = x["current"];
  if (!current.present())
    current.fail("is missing");
  current.each([&](const node& y) { result.scopes.push_back(y.text()); });
  return result;
}

webhook_fact read_bulk_finished(const node& x, std::string_view, currency) {
  bulk_finished result{x["admin_graphql_api_id"].text(), x["status"].word()};
  if (!result.gid.starts_with("gid://shopify/BulkOperation/"))
    x["admin_graphql_api_id"].fail("is no BulkOperation id");
  return result;
}

webhook_fact read_privacy(const node& x, std::string_view topic, currency) {
  privacy_request result;
  result.topic = std::string(topic);
  auto customer = x["customer"];
  result.customer_id = customer["id"].maybe_id();
  auto add = [&](const node& y) { result.orders.push_back(y.id()); };
  x["orders_requested"].each(add);
  x["orders_to_redact"].each(add);
  auto data_request = x["data_request"];
  result.request_id = data_request["id"].text();
  return result;
}

struct row {
  std::string_view topic;
  read_fact read;
};

constexpr std::array<row, 23> rows = {{
    {"orders/create", read_order_fact},
    {"orders/updated", read_order_fact},
    {"orders/paid", read_order_fact},
    {"orders/cancelled", read_order_fact},
    {"orders/fulfilled", read_order_fact},
    {"orders/partially_fulfilled", read_order_fact},
    {"orders/edited", read_order_edited},
    {"orders/delete", read_order_deleted},
    {"refunds/create", read_refund_created},
    {"products/create", read_product_fact},
    {"products/update", read_product_fact},
    {"products/delete", read_product_deleted},
    {"inventory_levels/update", read_stock},
    {"inventory_levels/connect", read_stock},
    {"inventory_levels/disconnect", read_disconnect},
    {"inventory_items/update", read_item},
    {"shop/update", read_shop_fact},
    {"app/uninstalled", read_uninstalled},
    {"app/scopes_update", read_scopes},
    {"bulk_operations/finish", read_bulk_finished},
    {"customers/data_request", read_privacy},
    {"customers/redact", read_privacy},
    {"shop/redact", read_privacy},
}};

} // namespace

result<webhook_fact> parse_webhook(std::string_view topic, std::string_view body, currency shop_unit) {
  auto at = std::find_if(rows.begin(), rows.end(), [&](const row& x) { return x.topic == topic; });
  if (at == rows.end())
    return webhook_fact{ignored_topic{}};

  auto got = read_document(body, [&](const node& x) { return at->read(x, topic, shop_unit); });
  if (!got)
    return error{got.error().code, fmt::format("{}: {}", topic, got.error().what), got.error().hint};
  return got;
}

} // namespace clique::shopify
