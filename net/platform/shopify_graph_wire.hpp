#pragma once

// GraphQL nodes -> facts, and what of them is still missing.

#include "core/calls.hpp"
#include "net/platform/shopify_json_wire.hpp"
#include "net/platform/shopify_queries.hpp"

#include <string>
#include <vector>

namespace clique::shopify {

/// A list that goes on beyond what came.
struct missing {
  part what;
  std::size_t item = 0;  ///< order or product in the page
  std::size_t inner = 0; ///< refund of the order
  std::string owner;     ///< gid of the order, refund or product
  std::string after;     ///< cursor
};

struct unfinished {
  currency unit; ///< the shop's
  answer so_far; ///< order_page or product_page
  std::vector<missing> todo;
};

/// Reads an order; lists that go on are added to *todo* as belonging to item *index*.
order read_graph_order(const node& x, currency shop_unit, std::size_t index, std::vector<missing>& todo);
order_line read_graph_line(const node& x, currency unit);
product read_graph_product(const node& x, currency shop_unit, std::size_t index, std::vector<missing>& todo);

/// Adds the next page of a list to where it belongs; @returns its cursor when it goes on still, else empty.
std::string read_part(const node& owner, const missing& where, unfinished& into);

} // namespace clique::shopify
