#include "features/saving.hpp"

#include "ledger/sales.hpp"

#include <algorithm>
#include <map>

namespace clique::features {

namespace {

const stored_variant* find(const snapshot& seen, shopify_id id) {
  for (const auto& x : seen.variants)
    if (x.what.id == id)
      return &x;
  return nullptr;
}

/// Whether *x* tells something that is not stored; price changes are told for what is not older.
enum class news { added, changed, none };

news compare(const snapshot& seen, const product& x) {
  auto result = x.variants.empty() ? news::changed : news::added;
  for (const auto& v : x.variants)
    if (auto* stored = find(seen, v.id)) {
      if (stored->what.updated_at < v.updated_at)
        return news::changed;
      result = news::none;
    } else if (result == news::none) {
      return news::changed;
    }
  return result;
}

void tell_prices(const snapshot& seen, const product& x, effects& out) {
  for (const auto& v : x.variants)
    if (auto* stored = find(seen, v.id);
        stored && stored->what.price != v.price && !(v.updated_at < stored->what.updated_at))
      out.push_back(tell{price_changed{v.id, stored->what.price, v.price}});
}

} // namespace

difference save_orders(const snapshot& seen, const std::vector<order>& xs, effects& out) {
  std::map<shopify_id, order_row> newest;
  for (const auto& x : xs) {
    auto edit = seen.edits.find(x.id);
    auto row = to_row(x, seen.store.zone, edit == seen.edits.end() ? std::nullopt : std::optional{edit->second});
    auto [at, is_first] = newest.try_emplace(x.id, row);
    if (!is_first && at->second.what.updated_at < row.what.updated_at)
      at->second = std::move(row);
  }
  difference result;
  std::vector<shopify_id> ids;
  for (auto& [id, row] : newest) {
    auto stored = seen.order_versions.find(id);
    if (stored != seen.order_versions.end() && stored->second >= row.what.updated_at) {
      ++result.unchanged;
      continue;
    }
    ++(stored == seen.order_versions.end() ? result.added : result.changed);
    ids.push_back(id);
    out.push_back(save{std::move(row)});
  }
  if (!ids.empty()) {
    out.push_back(tell{orders_changed{std::move(ids)}});
    mark("overview", out);
    mark("orders.live", out);
  }
  return result;
}

difference save_products(const snapshot& seen, const std::vector<product>& xs, effects& out) {
  std::map<shopify_id, const product*> newest;
  for (const auto& x : xs)
    if (auto [at, is_first] = newest.try_emplace(x.id, &x); !is_first && at->second->updated_at < x.updated_at)
      at->second = &x;
  difference result;
  for (const auto& [id, x] : newest) {
    auto what = compare(seen, *x);
    ++(what == news::added ? result.added : what == news::changed ? result.changed : result.unchanged);
    // A title may change without any variant: the row's own version decides in the database.
    out.push_back(save{product_row{*x}});
    tell_prices(seen, *x, out);
  }
  if (!newest.empty())
    mark("products", out);
  return result;
}

std::vector<std::int64_t> variant_ids(const std::vector<product>& xs) {
  std::vector<std::int64_t> result;
  for (const auto& x : xs)
    for (const auto& v : x.variants)
      result.push_back(v.id);
  return result;
}

std::vector<std::int64_t> order_ids(const std::vector<order>& xs) {
  std::vector<std::int64_t> result;
  for (const auto& x : xs)
    result.push_back(x.id);
  return result;
}

void mark(std::string_view channel, effects& out) {
  auto is_same = [&](const effect& x) {
    auto* y = std::get_if<push>(&x);
    return y != nullptr && y->channel == channel;
  };
  if (std::none_of(out.begin(), out.end(), is_same))
    out.push_back(push{std::string{channel}});
}

} // namespace clique::features
