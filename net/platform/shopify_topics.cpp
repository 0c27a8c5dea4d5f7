#include "net/platform/shopify_wire.hpp"

#include <algorithm>
#include <array>

namespace clique::shopify {

std::vector<std::string_view> subscribed_topics() {
  return {"app/uninstalled",
          "app/scopes_update",
          "shop/update",
          "orders/create",
          "orders/paid",
          "orders/updated",
          "orders/cancelled",
          "orders/edited",
          "orders/delete",
          "refunds/create",
          "products/create",
          "products/update",
          "products/delete",
          "inventory_levels/update",
          "inventory_levels/connect",
          "inventory_levels/disconnect",
          "inventory_items/update",
          "bulk_operations/finish"};
}

std::string topic_enum(std::string_view header_form) {
  std::string result(header_form);
  for (auto& c : result) {
    if (c == '/')
      c = '_';
    else if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string topic_header(std::string_view enum_form) {
  // Resources whose own name has an underscore; all others end at the first one.
  constexpr std::array<std::string_view, 12> resources = {
      "app_purchases_one_time", "app_subscriptions", "attributed_sessions", "bulk_operations",
      "collection_listings",    "customer_groups",   "draft_orders",        "fulfillment_orders",
      "inventory_items",        "inventory_levels",  "order_transactions",  "product_listings"};
  std::string result(enum_form);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');

  auto end = result.find('_');
  for (auto name : resources)
    if (result.starts_with(name) && result.size() > name.size() && result[name.size()] == '_')
      end = name.size();
  if (end != std::string::npos)
    result[end] = '/';
  return result;
}

} // namespace clique::shopify
