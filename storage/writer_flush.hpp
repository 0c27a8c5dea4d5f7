#pragma once

// The rows of one flush, sorted by kind, and the statements that write them. Every statement takes
// arrays and touches all rows of its kind at once.

#include "storage/writer.hpp"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace clique::writing {

/// A row and the store it belongs to; points into the batches.
template <class T>
struct of {
  std::int64_t store = 0;
  const T* what = nullptr;
};

template <class V>
struct per_kind;
template <class... T>
struct per_kind<std::variant<T...>> {
  std::tuple<std::vector<of<T>>...> lists;

  template <class K>
  const std::vector<of<K>>& all() const {
    return std::get<std::vector<of<K>>>(lists);
  }
  void add(std::int64_t store, const std::variant<T...>& x) {
    std::visit(
        [&](const auto& y) {
          std::get<std::vector<of<std::decay_t<decltype(y)>>>>(lists).push_back({store, &y});
        },
        x);
  }
};

struct flush {
  std::int64_t mark = 0; ///< random; stands in `written_by` of the rows that this flush has changed
  per_kind<row> rows;
};

using work = std::vector<pg::work_item>;

void write_orders(work& into, const flush& from);
void write_catalog(work& into, const flush& from);
void write_stock(work& into, const flush& from);
void write_progress(work& into, const flush& from);
void write_store(work& into, const flush& from);
/// Last of all: a redaction also removes what the same flush wrote.
void write_privacy(work& into, const flush& from);

// Helpers of the statements.

/// One array parameter: *f* of every element.
template <class T, class F>
auto column(const std::vector<T>& xs, F f) {
  std::vector<std::decay_t<decltype(f(xs.front()))>> result;
  result.reserve(xs.size());
  for (const auto& x : xs)
    result.push_back(f(x));
  return result;
}

/// Keeps one element per key: the one with the greatest version; of equal ones the first, or the last
/// when *last_wins*. The order of first appearance is kept.
template <class T, class K, class V>
std::vector<T> newest(const std::vector<T>& xs, K key, V version, bool last_wins = false) {
  std::vector<T> result;
  std::map<decltype(key(xs.front())), std::size_t> seen;
  for (const auto& x : xs) {
    const auto [it, fresh] = seen.emplace(key(x), result.size());
    if (fresh)
      result.push_back(x);
    else if (auto& kept = result[it->second]; version(kept) < version(x) || (last_wins && version(kept) == version(x)))
      kept = x;
  }
  return result;
}

struct column_type {
  std::string_view name, type;
};

/// INSERT ... SELECT FROM unnest ... ON CONFLICT (first *keys* columns) DO UPDATE SET the others WHERE *guard*.
/// The table's alias is `t`. With *marked*, the parameter after the arrays goes into `written_by`.
std::string upsert(std::string_view table, const std::vector<column_type>& columns, std::size_t keys,
                   std::string_view guard, bool marked = false);

} // namespace clique::writing
