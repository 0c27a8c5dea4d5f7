#pragma once

// The GraphQL texts that we send, and how large their pages may be.

#include <cstdint>
#include <string>
#include <string_view>

namespace clique::shopify {

/// Lists inside an order or product that are paged on their own.
enum class part : std::uint8_t { lines, refund_lines, payments, adjustments, shipping, variants };

/// Name of the connection, e.g. "lineItems".
const char* connection_name(part x);
/// `name(first: n, after: ...) { pageInfo {..} nodes {..} }`; *after* is GraphQL text, e.g. "$after", or empty.
std::string connection_text(part x, int first, std::string_view after);

/// How many of each list come with an order. What is beyond is fetched by further requests.
struct order_sizes {
  int lines, refund_lines, payments, adjustments, shipping;
};

// A single query may cost 1,000 points (apis section 3); a test adds the costs up.
constexpr order_sizes sizes_in_page{10, 3, 2, 2, 1};
constexpr int max_orders_in_page = 6;
constexpr order_sizes sizes_alone{50, 50, 10, 5, 5};
constexpr int max_products_in_page = 25;
constexpr int variants_in_page = 10;
constexpr int follow_up_size = 100;

/// Fields of one order: scalars, money, attribution; *inner*: its lists' text.
std::string order_fields(bool with_customer, std::string_view inner);
std::string order_lists(order_sizes sizes);
std::string product_fields(bool with_costs);
std::string connection_text(part x, int first, std::string_view after, bool with_costs);

/// A GraphQL string literal.
std::string quoted(std::string_view text);

} // namespace clique::shopify
