#pragma once

// What we can ask of Shopify, as values, and what comes back. The platform caller
// turns a call into a request (throttled, with the store's token) and its answer
// into a `reply` trigger of the feature that asked.

#include "core/facts.hpp"

#include <string>
#include <variant>
#include <vector>

namespace clique {

/// A page of orders by update time or creation time.
struct read_orders {
  std::string filter; ///< Shopify search syntax, e.g. "updated_at:>='2026-11-01T00:00:00Z'"
  std::string after;  ///< opaque cursor; empty for the first page
  int first = 50;
  bool newest_first = false;
};
struct read_order {
  shopify_id id = 0;
};
struct count_orders {
  std::string filter;
};
struct read_products {
  std::string filter;
  std::string after;
  int first = 25;
};
struct read_shop {}; ///< shop facts and granted scopes
struct list_subscriptions {};
struct create_subscription {
  std::string topic; ///< "orders/create"
  std::string uri;
};
struct delete_subscription {
  std::string gid;
};
struct start_bulk {
  std::string query; ///< search filter of the orders wanted; the wire turns it into the bulk query
};
struct poll_bulk {
  std::string gid;
};
struct cancel_bulk {
  std::string gid;
};

using call = std::variant<read_orders, read_order, count_orders, read_products, read_shop, list_subscriptions,
                          create_subscription, delete_subscription, start_bulk, poll_bulk, cancel_bulk>;

struct order_page {
  std::vector<order> orders;
  std::string next; ///< empty: last page
};
struct product_page {
  std::vector<product> products;
  std::string next;
};
struct order_count {
  std::int64_t count = 0;
  bool exact = true;
};
struct shop_answer {
  shop_facts shop;
  std::vector<std::string> scopes;
};
struct subscription {
  std::string gid;
  std::string topic; ///< header form
  std::string uri;
};
struct subscription_list {
  std::vector<subscription> items;
};
struct bulk_state {
  std::string gid;
  std::string status; ///< lower case: created, running, completed, canceling, canceled, failed, expired
  std::string error_code;
  std::int64_t objects = 0;
  std::string url; ///< empty while running, and for an empty result
};
struct done {};

using answer =
    std::variant<done, order_page, product_page, order_count, shop_answer, subscription_list, subscription, bulk_state>;

} // namespace clique
