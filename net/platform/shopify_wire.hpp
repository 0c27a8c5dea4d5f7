#pragma once

// Shopify's texts <-> our values; no I/O (apis/shopify.md sections 3, 4, 6, 7).

#include "core/calls.hpp"
#include "core/trigger.hpp"
#include "net/client.hpp"
#include "net/platform/shopify_auth.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clique::shopify {

/// Topics that we subscribe to per shop, header form.
std::vector<std::string_view> subscribed_topics();
/// "orders/create" <-> "ORDERS_CREATE".
std::string topic_enum(std::string_view header_form);
std::string topic_header(std::string_view enum_form);

/// A delivery's body as a fact. *shop_unit*: the shop's currency, for bodies that do not name one (products).
/// @returns bad_input with place and reason for wrong shapes (then the delivery is a dead letter); unknown topics are
/// `ignored_topic`.
result<webhook_fact> parse_webhook(std::string_view topic, std::string_view body, currency shop_unit);

/// One REST-shaped order or product object (webhook bodies, old fixtures). A refund that tells no date (seen in test
/// deliveries) has that of its order's update; alone, in refunds/create, it stands at 1970: the order is read again
/// anyway.
result<order> parse_order(std::string_view json);
result<product> parse_product(std::string_view json, currency shop_unit);
result<refund> parse_refund(std::string_view json, currency unit);

/// The GraphQL request for a call. Pages are made as small as the cost limit of 1,000 points demands, whatever the call
/// asks for. Fields that need a scope beyond read_orders and read_products (customers, costs) are asked only when
/// *app*.scopes has it. `start_bulk::query` may be a whole query or only a search filter (then: bulk_orders_query).
http::outgoing to_request(const app_credentials& app, std::string_view shop, std::string_view access_token,
                          const call& what);

/// Bucket as the platform last told it (section 3).
struct throttle_status {
  double maximum = 0, available = 0, restore_rate = 0; ///< points, points per second
  double requested = 0;
};

/// An answer of which parts are still to be fetched; opaque.
struct unfinished;

/// A parsed answer: the answer proper, or an error that says what class it is (throttled, token_rejected, forbidden,
/// refused, unavailable), and the bucket when the platform told it. For `throttled`, `wait` is ceil((requested -
/// available) / restore_rate) seconds.
struct call_outcome {
  result<answer> got;
  std::optional<throttle_status> bucket;
  std::chrono::milliseconds wait{0}; ///< also set from Retry-After
  std::string version;               ///< API version that served the answer; empty: not told
  /// Set when lists inside the answer (an order's 300 lines) did not fit: send `to_request(..., *more)` and read with
  /// `read_answer(*more, ...)` until it is empty; retry that request like any other. Until then `got` is an error.
  std::shared_ptr<const unfinished> more;
};
call_outcome read_answer(const call& asked, const http::incoming_answer& raw, currency shop_unit);

/// The same for the next missing part. `unavailable` when the thing changed between the requests: ask the call again.
http::outgoing to_request(const app_credentials& app, std::string_view shop, std::string_view access_token,
                          const unfinished& more);
call_outcome read_answer(const unfinished& more, const http::incoming_answer& raw);

/// Bulk query for one month of orders, and the reader of its JSONL: children may come before or after other parents'
/// lines.
std::string bulk_orders_query(std::string_view filter, bool with_customer = false);

/// Holds one file's orders in memory. Shopify's bulk queries refuse connections inside lists, so a refund comes as its
/// sum only: such an order is handed out with the sum as `refund::adjustment`, is named by `to_read_again`, and its
/// `updated_at` is one microsecond early so that the full facts of `read_order` replace it.
class bulk_reader {
public:
  explicit bulk_reader(currency shop_unit);
  ~bulk_reader();
  bulk_reader(bulk_reader&&) noexcept;
  bulk_reader& operator=(bulk_reader&&) noexcept;
  /// Feeds a piece of the file. @returns bad_input with the line number for a malformed line, too_large beyond 16 MiB a
  /// line.
  result<void> feed(std::string_view piece);
  /// @returns all orders in the file's order; bad_input (with line number) when the file was cut in the middle of a
  /// line, is malformed, or has children without a parent. The reader is empty afterwards.
  result<std::vector<order>> finish();
  /// Orders whose refunds must be read by `read_order`; complete after `finish`.
  const std::vector<shopify_id>& to_read_again() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace clique::shopify
