#pragma once

// Rows from what was read, the same for deliveries, pages and imports, with the count of what was new.

#include "core/effects.hpp"
#include "core/snapshot.hpp"

#include <vector>

namespace clique::features {

/// What a page changed, in orders or products.
struct difference {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};

/// Appends rows for the orders that are newer than stored (needs reads::edits; reads::order_versions where unchanged
/// ones shall be counted and left out), tells their ids and marks the channels. Of several versions of one order
/// only the newest is saved.
difference save_orders(const snapshot& seen, const std::vector<order>& xs, effects& out);

/// The same for products (needs reads::stock for their variants); tells changed prices.
difference save_products(const snapshot& seen, const std::vector<product>& xs, effects& out);

/// Ids of the variants of *xs*, for reads::stock.
std::vector<std::int64_t> variant_ids(const std::vector<product>& xs);
std::vector<std::int64_t> order_ids(const std::vector<order>& xs);

/// Appends *channel* unless it is marked already.
void mark(std::string_view channel, effects& out);

} // namespace clique::features
