// Stock is known per location the moment it moves, and an older message never undoes a newer one.
// When the last piece of a product on sale is gone, everyone who spends money on it hears so at once, and again when it
// returns. Products that may be sold without stock, or whose stock nobody counts, never raise this alarm.

#include "core/money.hpp"
#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

#include <utility>

namespace clique::features {

namespace {

/// Newest statement about one item at one location.
struct level {
  std::optional<std::int64_t> available; ///< empty: not tracked there, or the location is gone
  time_point at;
};
using levels = std::map<std::pair<shopify_id, shopify_id>, level>; ///< (item, location)
using items = std::map<shopify_id, inventory_item>;

void keep_newest(levels& all, shopify_id item, shopify_id location, level x) {
  auto [at, is_first] = all.try_emplace({item, location}, x);
  if (!is_first && at->second.at < x.at)
    at->second = x;
}

template <class Row, class T>
void save_newest(const std::vector<std::pair<T, time_point>>& xs, effects& out, Row to_row) {
  std::map<std::pair<shopify_id, shopify_id>, const std::pair<T, time_point>*> newest;
  for (const auto& x : xs) {
    auto [at, is_first] = newest.try_emplace({x.first.inventory_item_id, x.first.location_id}, &x);
    if (!is_first && at->second->second < x.second)
      at->second = &x;
  }
  for (const auto& entry : newest)
    out.push_back(save{to_row(*entry.second)});
}

/// Stock of *x* over all locations once the span is applied; empty when nothing is known. The platform's own sum may
/// hold stock at locations that we have not heard of yet: a location heard of for the first time is where that was.
std::optional<std::int64_t> after(const stored_variant& x, const levels& span) {
  auto sum = [](const std::map<shopify_id, std::int64_t>& xs) {
    std::int64_t result = 0;
    for (const auto& entry : xs)
      result = add_checked(result, entry.second);
    return result;
  };
  auto by_location = x.by_location;
  auto elsewhere = x.available ? add_checked(*x.available, -sum(by_location)) : 0;
  auto is_touched = false;
  for (const auto& [place, now] : span) {
    auto [item, location] = place;
    auto stored = x.level_versions.find(location);
    if (item != x.what.inventory_item_id || (stored != x.level_versions.end() && now.at < stored->second))
      continue;
    is_touched = true;
    if (!by_location.contains(location))
      elsewhere = 0;
    if (now.available)
      by_location[location] = *now.available;
    else
      by_location.erase(location);
  }
  if (!is_touched)
    return x.available;
  return add_checked(sum(by_location), elsewhere);
}

bool matters(const stored_variant& x, const items& span) {
  auto found = x.what.inventory_item_id ? span.find(*x.what.inventory_item_id) : span.end();
  auto is_tracked = found == span.end() ? x.what.tracked : found->second.tracked;
  auto is_active = x.product_status.empty() || x.product_status == "active";
  return is_tracked && is_active && !x.what.continue_selling;
}

} // namespace

effects inventory_updates(const snapshot& seen, const trigger& t) {
  effects result;
  auto* span = std::get_if<webhooks>(&t.why);
  if (span == nullptr)
    return result;
  levels now;
  items tracked;
  std::vector<std::pair<stock_level, time_point>> moved;
  std::vector<std::pair<stock_disconnected, time_point>> gone;
  for (const auto& x : span->items) {
    auto at = x.triggered_at.value_or(x.received_at);
    if (auto* y = std::get_if<stock_level>(&x.what)) {
      keep_newest(now, y->inventory_item_id, y->location_id, {y->available, y->updated_at});
      moved.emplace_back(*y, y->updated_at);
    } else if (auto* left = std::get_if<stock_disconnected>(&x.what)) {
      keep_newest(now, left->inventory_item_id, left->location_id, {std::nullopt, at});
      gone.emplace_back(*left, at);
    } else if (auto* item = std::get_if<inventory_item>(&x.what)) {
      auto [old, is_first] = tracked.try_emplace(item->id, *item);
      if (!is_first && old->second.updated_at < item->updated_at)
        old->second = *item;
    }
  }
  save_newest(moved, result, [](const auto& x) { return stock_row{x.first}; });
  save_newest(gone, result, [](const auto& x) { return stock_gone_row{x.first, x.second}; });
  for (const auto& entry : tracked)
    result.push_back(save{inventory_item_row{entry.second}});
  for (const auto& x : seen.variants) {
    auto before = x.available;
    auto left = after(x, now);
    if (!before || !left || !matters(x, tracked))
      continue;
    if (*before > 0 && *left <= 0)
      result.push_back(tell{stock_gone{x.what.id}});
    else if (*before <= 0 && *left > 0)
      result.push_back(tell{stock_returned{x.what.id}});
  }
  if (!result.empty())
    mark("products", result);
  return result;
}

} // namespace clique::features
