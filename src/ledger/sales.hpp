#pragma once

#include "core/facts.hpp"
#include "core/rows.hpp"

#include <vector>

namespace clique {

/// The order's sales ledger, a pure function of the order as last known: one entry for the sale on the day
/// it was processed, one for edits, one per refund on its own day, one for a cancellation. Entries add up:
/// a fully cancelled or refunded order sums to zero in every column but `orders`.
/// Definitions follow Shopify's sales reports (gross, discounts, returns, net, shipping, taxes, tips).
/// @returns nothing for test orders.
std::vector<ledger_entry> sales_ledger(const order& x, const calendar& zone);

} // namespace clique
