// Orders as a list, one by one down to their ledger, and live.
#include "storage/views_query.hpp"

#include <fmt/core.h>

#include <charconv>
#include <limits>

namespace clique::viewing {

namespace {

// An order as the list, the detail and the live channel show it.
#define CLIQUE_ORDER_JSON                                                                                              \
  "jsonb_build_object('id', o.order_id::text, 'name', o.name, 'created_at', clique_iso(o.created_at), "                \
  "'processed_at', clique_iso(o.processed_at), 'updated_at', clique_iso(o.updated_at), "                               \
  "'financial_status', o.financial_status, 'fulfillment_status', o.fulfillment_status, 'total_price', o.total, "       \
  "'net_sales', o.net_sales, 'currency', o.currency, 'presentment_total', o.presentment_total, "                       \
  "'presentment_currency', o.presentment_currency, 'test', o.test, 'cancelled_at', clique_iso(o.cancelled_at), "       \
  "'source_name', o.source_name, 'line_count', o.line_count, 'units', o.units)"

#define CLIQUE_ORDER_PAGE                                                                                              \
  "SELECT " CLIQUE_ORDER_JSON "::text AS item, o.created_at, o.order_id FROM orders o WHERE o.store_id = $1 "          \
  "AND o.created_at >= $2 AND o.created_at < $3 AND (o.created_at, o.order_id) < ($4, $5) AND o.gone_at IS NULL "
#define CLIQUE_ORDER_SORT "ORDER BY o.created_at DESC, o.order_id DESC LIMIT $6"

const pg::statement order_page{"view_orders", CLIQUE_ORDER_PAGE CLIQUE_ORDER_SORT};
// A search is the start of a name, with or without "#", or a whole number. Few hits are fetched by name; with many the
// newest orders are read until the page is full. Ranges rather than LIKE, because only leak-proof operators may use an
// index behind row-level security.
#define CLIQUE_ORDER_HIT(from, to) "SELECT order_id FROM orders WHERE store_id = $1 AND name >= " from " AND name < " to
const pg::statement order_search{
    "view_orders_search",
    "WITH hit AS MATERIALIZED (SELECT DISTINCT order_id FROM ((" CLIQUE_ORDER_HIT(
        "$7",
        "$8") " LIMIT 2001) UNION ALL (" CLIQUE_ORDER_HIT("'#' || $7",
                                                          "'#' || $8") " LIMIT 2001) UNION ALL (SELECT $9::int8)) AS "
                                                                       "h), "
                                                                       "many AS MATERIALIZED (SELECT count(*) > 2000 "
                                                                       "AS yes FROM hit) "
                                                                       "SELECT * FROM ((" CLIQUE_ORDER_PAGE
                                                                       "AND (SELECT yes FROM many) AND ((o.name >= $7 "
                                                                       "AND o.name < $8) OR (o.name >= '#' || $7 AND "
                                                                       "o.name < '#' || $8) "
                                                                       "OR o.order_id = $9) IS TRUE " CLIQUE_ORDER_SORT
                                                                       ") UNION ALL (SELECT y.* FROM hit h CROSS JOIN "
                                                                       "LATERAL (" CLIQUE_ORDER_PAGE
                                                                       "AND o.order_id = h.order_id OFFSET 0) y "
                                                                       "WHERE NOT (SELECT yes FROM many) ORDER BY "
                                                                       "y.created_at DESC, y.order_id DESC LIMIT $6)) "
                                                                       "AS x "
                                                                       "ORDER BY x.created_at DESC, x.order_id DESC"};
#undef CLIQUE_ORDER_HIT
const pg::statement one_order{
    "view_order",
    "SELECT (" CLIQUE_ORDER_JSON " || jsonb_build_object('lines', o.lines::jsonb, 'refunds', o.refunds::jsonb, "
    "'discount_codes', o.discount_codes::jsonb, 'taxes_included', o.taxes_included, 'ledger', "
    "(SELECT coalesce(jsonb_agg(jsonb_build_object('day', l.day, 'kind', "
    "(ARRAY['sale', 'edit', 'refund', 'cancellation'])[l.kind], 'source', CASE WHEN l.source = 0 THEN '' "
    "ELSE l.source::text END, 'orders', l.orders, 'gross_sales', l.gross_sales, 'discounts', l.discounts, "
    "'returns', l.returns, 'shipping', l.shipping, 'taxes', l.taxes, 'tips', l.tips, 'adjustment', l.adjustment, "
    "'total', l.gross_sales + l.discounts + l.returns + l.shipping + l.taxes + l.tips + l.adjustment) "
    "ORDER BY l.day, l.line), '[]') FROM ledger_entries l WHERE l.store_id = o.store_id AND l.order_id = o.order_id)))"
    "::text FROM orders o WHERE o.store_id = $1 AND o.order_id = $2 AND o.gone_at IS NULL"};

#undef CLIQUE_ORDER_JSON
#undef CLIQUE_ORDER_PAGE
#undef CLIQUE_ORDER_SORT

constexpr std::int64_t live_orders = 50;
constexpr auto last_id = std::numeric_limits<std::int64_t>::max();

std::int64_t number_in(std::string_view text) {
  std::int64_t result = -1;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, result);
  return parsed.ec == std::errc{} && parsed.ptr == end ? result : -1;
}

int exponent_of(const json& code, int fallback) {
  auto unit = currency::parse(code.is_string() ? code.get<std::string>() : std::string{});
  return unit ? unit->exponent() : fallback;
}

} // namespace

result<std::string> orders(const view_of& x, const view_query& query) {
  query_reader in{query};
  const auto limit = in.limit();
  const auto after = in.cursor("ii");
  const auto search = in.text("q", 100);
  const auto from = in.on("from");
  const auto to = in.on("to");
  if (from && to && *from > *to)
    in.refuse("from is after to", "swap them");
  if (auto ok = in.done(); !ok)
    return ok.error();

  const auto& zone = x.head.zone;
  auto item = x.item(search.empty() ? order_page : order_search);
  item.with.add(from ? zone.start_of(*from) : far_past);
  item.with.add(to ? zone.start_of(*to + std::chrono::days{1}) : far_future);
  if (after.empty())
    item.with.add(far_future).add(last_id);
  else
    item.with.add(time_point{std::chrono::microseconds{after[0].get<std::int64_t>()}})
        .add(after[1].get<std::int64_t>());
  item.with.add(limit + 1);
  if (!search.empty())
    item.with.add(search).add(search + "\xf4\x8f\xbf\xbf").add(number_in(search)); // U+10FFFF sorts after everything
  std::vector<pg::work_item> work;
  work.push_back(std::move(item));
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
    result["next"] = encode_cursor({found.time(shown - 1, 1).time_since_epoch().count(), found.int64(shown - 1, 2)});
  return to_text(result);
}

result<std::string> order_detail(const view_of& x, std::string_view id, const view_query& query) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  std::vector<pg::work_item> work;
  work.push_back(x.item(one_order));
  work.back().with.add(number_in(id));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  if (answers->front().empty())
    return error{ec::not_found, "there is no such order", "it may have been deleted at Shopify"};
  auto result = parsed(answers->front().text(0, 0));
  result["as_of"] = format_time(x.now);
  result["timezone"] = std::string{x.head.zone.name()};
  result["currency_exponent"] = exponent_of(result["currency"], x.head.exponent);
  result["presentment_exponent"] = exponent_of(result["presentment_currency"], x.head.exponent);
  return to_text(result);
}

result<channel_state> orders_channel(const view_of& x) {
  std::vector<pg::work_item> work;
  work.push_back(x.item(order_page));
  work.back().with.add(far_past).add(far_future).add(far_future).add(last_id).add(live_orders);
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  channel_state result;
  const auto& found = answers->front();
  for (std::size_t i = 0; i < found.size(); ++i)
    result[fmt::format("order:{}", found.int64(i, 2))] = found.text(i, 0);
  return result;
}

} // namespace clique::viewing
