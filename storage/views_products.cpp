// Products with their variants and stock, as a list and live.
#include "storage/views_query.hpp"

#include <fmt/core.h>

#include <array>
#include <limits>

namespace clique::viewing {

namespace {

constexpr std::int64_t live_products = 200;
constexpr auto no_threshold = std::numeric_limits<std::int64_t>::max();
// Where products that nobody counts stand when sorted by stock: after all others, both ways.
constexpr std::int64_t uncounted = std::int64_t{1} << 62;

struct order_by {
  std::string_view name; ///< as in the query
  std::string_view key;  ///< SQL of the sort key
  std::string_view type;
  bool descending;
};
constexpr std::array<order_by, 4> sorts{{
    {"-updated_at", "p.updated_at", "timestamptz", true},
    {"title", "p.title", "text", false},
    {"available", "coalesce(s.available, 4611686018427387904)", "int8", false},
    {"-available", "coalesce(s.available, -4611686018427387904)", "int8", true},
}};

/// $1 store, $2 status or '', $3 pattern or '', $4 at most so many pieces of some variant, $5 $6 cursor, $7 limit.
std::string page_sql(const order_by& by) {
  return fmt::format(
      "SELECT jsonb_build_object('id', x.product_id::text, 'title', x.title, 'vendor', x.vendor, "
      "'product_type', x.product_type, 'status', x.status, 'updated_at', clique_iso(x.updated_at), "
      "'available', x.available, 'variant_count', x.variant_count, 'variants', "
      "(SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.variant_id::text, 'sku', v.sku, 'title', v.title, "
      "'price', v.price, 'compare_at_price', v.compare_at_price, 'unit_cost', v.unit_cost, "
      "'available', CASE WHEN v.tracked THEN v.available END, 'tracked', v.tracked, "
      "'inventory_policy', CASE WHEN v.continue_selling THEN 'continue' ELSE 'deny' END) "
      "ORDER BY v.position, v.variant_id), '[]') FROM variant_facts v WHERE v.store_id = $1 "
      "AND v.product_id = x.product_id))::text, x.product_id, x.key FROM ("
      "SELECT p.*, s.available, s.variant_count, {key} AS key FROM products p CROSS JOIN LATERAL ("
      "SELECT sum(v.available) FILTER (WHERE v.tracked)::int8 AS available, min(v.available) FILTER (WHERE v.tracked) "
      "AS least, count(*) AS variant_count FROM variant_facts v WHERE v.store_id = p.store_id "
      "AND v.product_id = p.product_id) s "
      "WHERE p.store_id = $1 AND p.gone_at IS NULL AND ($2 = '' OR p.status = $2) "
      "AND ($3 = '' OR p.title ILIKE $3 OR p.vendor ILIKE $3 OR EXISTS (SELECT FROM variants v WHERE v.store_id = $1 "
      "AND v.product_id = p.product_id AND v.sku ILIKE $3)) "
      "AND ($4 = {none} OR s.least <= $4) AND ({key}, p.product_id) {than} ($5::{type}, $6::int8) "
      "ORDER BY {key} {way}, p.product_id {way} LIMIT $7) x ORDER BY x.key {way}, x.product_id {way}",
      fmt::arg("key", by.key), fmt::arg("type", by.type), fmt::arg("than", by.descending ? "<" : ">"),
      fmt::arg("way", by.descending ? "DESC" : "ASC"), fmt::arg("none", no_threshold));
}

const std::array<std::string, 4> page_texts{page_sql(sorts[0]), page_sql(sorts[1]), page_sql(sorts[2]),
                                            page_sql(sorts[3])};
const std::array<pg::statement, 4> pages{{{"view_products_by_update", page_texts[0], std::chrono::seconds{15}},
                                          {"view_products_by_title", page_texts[1], std::chrono::seconds{15}},
                                          {"view_products_by_stock", page_texts[2], std::chrono::seconds{15}},
                                          {"view_products_by_stock_down", page_texts[3], std::chrono::seconds{15}}}};
const pg::statement count_products{
    "view_product_counts",
    "SELECT count(*), count(*) FILTER (WHERE p.status = 'active' AND EXISTS (SELECT FROM variant_facts v "
    "WHERE v.store_id = p.store_id AND v.product_id = p.product_id AND v.tracked AND v.available <= 0)) "
    "FROM products p WHERE p.store_id = $1 AND p.gone_at IS NULL",
    std::chrono::seconds{15}};

std::string pattern_of(const std::string& search) {
  if (search.empty())
    return search;
  std::string result = "%";
  for (const char c : search) {
    if (c == '%' || c == '_' || c == '\\')
      result.push_back('\\');
    result.push_back(c);
  }
  return result + "%";
}

void add_start(pg::params& with, std::size_t sort) {
  const auto last = std::numeric_limits<std::int64_t>::max();
  if (sort == 0)
    with.add(far_future).add(last);
  else if (sort == 1)
    with.add("").add(std::int64_t{-1});
  else if (sort == 2)
    with.add(-uncounted).add(std::int64_t{-1});
  else
    with.add(uncounted).add(last);
}

void add_place(pg::params& with, std::size_t sort, const json& after) {
  if (sort == 0)
    with.add(time_point{std::chrono::microseconds{after[0].get<std::int64_t>()}});
  else if (sort == 1)
    with.add(after[0].get<std::string>());
  else
    with.add(after[0].get<std::int64_t>());
  with.add(after[1].get<std::int64_t>());
}

json place_of(const pg::rows& from, std::size_t i, std::size_t sort) {
  const auto id = from.int64(i, 1);
  if (sort == 0)
    return {from.time(i, 2).time_since_epoch().count(), id};
  if (sort == 1)
    return {from.text(i, 2), id};
  return {from.int64(i, 2), id};
}

} // namespace

result<std::string> products(const view_of& x, const view_query& query) {
  query_reader in{query};
  const auto limit = in.limit();
  const auto search = in.text("q", 100);
  const auto by = in.choice("sort", {"-updated_at", "title", "available", "-available"});
  auto status = in.choice("status", {"active", "draft", "archived", "low_stock", "out_of_stock"}, true);
  std::size_t sort = 0;
  while (sorts[sort].name != by)
    ++sort;
  const auto after = in.cursor(sort == 1 ? "ti" : "ii");
  if (auto ok = in.done(); !ok)
    return ok.error();

  auto threshold = no_threshold;
  if (status == "low_stock")
    threshold = x.head.settings.value("low_stock_threshold", std::int64_t{5});
  if (status == "out_of_stock")
    threshold = 0;
  if (threshold != no_threshold)
    status = "active";
  std::vector<pg::work_item> work;
  work.push_back(x.item(pages[sort]));
  auto& with = work.back().with;
  with.add(status).add(pattern_of(search)).add(threshold);
  if (after.empty())
    add_start(with, sort);
  else
    add_place(with, sort, after);
  with.add(limit + 1);
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();

  const auto& found = answers->front();
  const auto shown = std::min(found.size(), static_cast<std::size_t>(limit));
  auto result = x.head.envelope(x.now);
  auto items = json::array();
  for (std::size_t i = 0; i < shown; ++i)
    items.push_back(parsed(found.text(i, 0)));
  result["items"] = std::move(items);
  result["next"] = nullptr;
  if (found.size() > shown)
    result["next"] = encode_cursor(place_of(found, shown - 1, sort));
  return to_text(result);
}

result<channel_state> products_channel(const view_of& x) {
  std::vector<pg::work_item> work;
  work.push_back(x.item(pages[0]));
  work.back().with.add("").add("").add(no_threshold);
  add_start(work.back().with, 0);
  work.back().with.add(live_products);
  work.push_back(x.item(count_products));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  channel_state result;
  const auto& found = answers->front();
  for (std::size_t i = 0; i < found.size(); ++i)
    result[fmt::format("product:{}", found.int64(i, 1))] = found.text(i, 0);
  result["count"] = std::to_string(answers->back().int64(0, 0));
  result["out_of_stock"] = std::to_string(answers->back().int64(0, 1));
  return result;
}

} // namespace clique::viewing
