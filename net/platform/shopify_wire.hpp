#pragma once

// Shopify's texts <-> our values; no I/O (apis/shopify.md sections 3, 4, 6, 7).

#include "core/calls.hpp"
#include "core/trigger.hpp"
#include "net/client.hpp"
#include "net/platform/shopify_auth.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace clique::shopify {

/// Topics that we subscribe to per shop, header form.
std::vector<std::string_view> subscribed_topics();
/// "orders/create" <-> "ORDERS_CREATE".
std::string topic_enum(std::string_view header_form);
std::string topic_header(std::string_view enum_form);

/// A delivery's body as a fact. *shop_unit*: the shop's currency, for bodies that do not name one (products).
/// @returns bad_input with place and reason for wrong shapes (then the delivery is a dead letter); unknown topics are `ignored_topic`.
result<webhook_fact> parse_webhook(std::string_view topic, std::string_view body, currency shop_unit);

/// One REST-shaped order or product object (webhook bodies, old fixtures).
result<order> parse_order(std::string_view json);
result<product> parse_product(std::string_view json, currency shop_unit);
result<refund> parse_refund(std::string_view json, currency unit);

/// The GraphQL request for a call.
http::outgoing to_request(const app_credentials& app, std::string_view shop, std::string_view access_token, const call& what);

/// Bucket as the platform last told it (section 3).
struct throttle_status {
  double maximum = 0, available = 0, restore_rate = 0; ///< points, points per second
  double requested = 0;
};

/// A parsed answer: the answer proper, or an error that says what class it is (throttled, token_rejected, forbidden, refused, unavailable),
/// and the bucket when the platform told it. For `throttled`, `wait` is ceil((requested - available) / restore_rate) seconds.
struct call_outcome {
  result<answer> got;
  std::optional<throttle_status> bucket;
  std::chrono::milliseconds wait{0};
};
call_outcome read_answer(const call& asked, const http::incoming_answer& raw, currency shop_unit);

/// Bulk query for one month of orders, and the reader of its JSONL: children may come before or after other parents' lines.
std::string bulk_orders_query(std::string_view filter);
class bulk_reader {
public:
  explicit bulk_reader(currency shop_unit);
  ~bulk_reader();
  /// Feeds a piece of the file; whole orders are handed out only by `finish`, grouped by root, or earlier when safe.
  result<void> feed(std::string_view piece);
  /// @returns all orders; bad_input (with line number) when the file was cut in the middle of a line or malformed.
  result<std::vector<order>> finish();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace clique::shopify
