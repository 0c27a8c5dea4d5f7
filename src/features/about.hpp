#pragma once

// Which orders, items, variants or days a trigger is about, so that a snapshot loads these and no others.

#include "core/trigger.hpp"

#include <vector>

namespace clique::features {

/// Orders of a span or of an answered page.
std::vector<std::int64_t> about_orders(const trigger& t);
/// Variants of the products of a span or of an answered page.
std::vector<std::int64_t> about_variants(const trigger& t);
/// Inventory items of a span.
std::vector<std::int64_t> about_items(const trigger& t);
/// Orders or variants of an answered page.
std::vector<std::int64_t> about_answer(const trigger& t);
/// Orders of an answered page; for a count of a created_at range the days (since 1970) that the range's start may
/// fall on in any time zone.
std::vector<std::int64_t> about_days(const trigger& t);

} // namespace clique::features
