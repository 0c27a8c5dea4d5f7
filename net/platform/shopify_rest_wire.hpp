#pragma once

// REST shape (webhook bodies) -> facts, on nodes; the first fault is kept in the document.

#include "core/facts.hpp"
#include "net/platform/shopify_json_wire.hpp"

namespace clique::shopify {

/// A refund while it is read. Shipping comes as refund shipping lines, or before 2024-10 as an adjustment; never both.
struct refund_parts {
  refund what;
  bool has_shipping_lines = false;
  std::int64_t adjusted_shipping = 0, adjusted_shipping_tax = 0;
  bool foreign_payment = false; ///< a payment of which only the buyer's currency is known
};

/// A fault when the line's worth is beyond any amount of a shop.
void check_line(const node& x, const order_line& line);

/// Decides between the two ways of shipping and fills `paid_back` when payments were foreign.
void settle(refund_parts& parts);

order read_rest_order(const node& x);
product read_rest_product(const node& x, currency unit);
/// *otherwise*: the instant when the refund has none of its own.
refund read_rest_refund(const node& x, currency unit, time_point otherwise);

} // namespace clique::shopify
