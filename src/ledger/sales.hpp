#pragma once

#include "core/facts.hpp"
#include "core/rows.hpp"

#include <vector>

namespace clique {

/// The order's sales ledger, a pure function of the order as last known: one entry for the sale on the day
/// it was processed, one for edits, one per refund on its own day, one for a cancellation; entries without
/// an amount are left out. The sale's columns add up to the order's total. A cancelled order's net sales,
/// shipping, taxes, tips and adjustment add up to zero.
/// Definitions follow Shopify's sales reports (gross, discounts, returns, net, shipping, taxes, tips).
/// @returns nothing for test orders.
std::vector<ledger_entry> sales_ledger(const order& x, const calendar& zone);

/// The row to store for *x*. Platforms stamp versions with whole seconds only, so that several versions of one
/// order can share a stamp; `updated_at` of the row therefore carries the order's progress as microseconds below
/// the second. Rows of any arrival order then end in the same state. *edited_at*: date of the last known edit.
order_row to_row(order x, const calendar& zone, std::optional<time_point> edited_at = std::nullopt);

} // namespace clique
