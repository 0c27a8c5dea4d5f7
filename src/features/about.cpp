#include "features/about.hpp"

#include "features/saving.hpp"

#include <algorithm>

namespace clique::features {

namespace {

std::vector<std::int64_t> distinct(std::vector<std::int64_t> xs) {
  std::sort(xs.begin(), xs.end());
  xs.erase(std::unique(xs.begin(), xs.end()), xs.end());
  return xs;
}

void append(std::vector<std::int64_t>& xs, const std::vector<std::int64_t>& more) {
  xs.insert(xs.end(), more.begin(), more.end());
}

/// Calls *visit* with every fact of a span; nothing for other triggers.
template <class Visit>
void each_fact(const trigger& t, Visit visit) {
  if (auto* span = std::get_if<webhooks>(&t.why))
    for (const auto& x : span->items)
      visit(x.what);
}

} // namespace

std::vector<std::int64_t> about_answer(const trigger& t) {
  auto* x = std::get_if<reply>(&t.why);
  if (x == nullptr || !x->got)
    return {};
  if (auto* orders = std::get_if<order_page>(&*x->got))
    return distinct(order_ids(orders->orders));
  auto* products = std::get_if<product_page>(&*x->got);
  return products ? distinct(variant_ids(products->products)) : std::vector<std::int64_t>{};
}

std::vector<std::int64_t> about_orders(const trigger& t) {
  auto result = about_answer(t);
  each_fact(t, [&](const webhook_fact& x) {
    if (auto* y = std::get_if<order>(&x))
      result.push_back(y->id);
    else if (auto* edited = std::get_if<order_edited>(&x))
      result.push_back(edited->order_id);
  });
  return distinct(std::move(result));
}

std::vector<std::int64_t> about_variants(const trigger& t) {
  auto result = about_answer(t);
  each_fact(t, [&](const webhook_fact& x) {
    if (auto* y = std::get_if<product>(&x))
      append(result, variant_ids({*y}));
  });
  return distinct(std::move(result));
}

std::vector<std::int64_t> about_items(const trigger& t) {
  std::vector<std::int64_t> result;
  each_fact(t, [&](const webhook_fact& x) {
    if (auto* level = std::get_if<stock_level>(&x))
      result.push_back(level->inventory_item_id);
    else if (auto* left = std::get_if<stock_disconnected>(&x))
      result.push_back(left->inventory_item_id);
    else if (auto* item = std::get_if<inventory_item>(&x))
      result.push_back(item->id);
  });
  return distinct(std::move(result));
}

std::vector<std::int64_t> about_days(const trigger& t) {
  auto* x = std::get_if<reply>(&t.why);
  auto* counted = x ? std::get_if<count_orders>(&x->asked) : nullptr;
  if (counted == nullptr)
    return about_answer(t);
  constexpr std::string_view prefix = "created_at:>='";
  auto from = counted->filter.starts_with(prefix)
                  ? parse_day(std::string_view{counted->filter}.substr(prefix.size(), 10))
                  : result<day>{error{}};
  if (!from)
    return {};
  // East of Greenwich a local day begins on the day before by UTC.
  auto first = from->time_since_epoch().count();
  return {first, first + 1};
}

} // namespace clique::features
