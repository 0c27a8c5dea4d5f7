// Orders, their edits, and the sales ledger with its sums.
#include "storage/writer_flush.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace clique::writing {

namespace {

using nlohmann::json;

const std::vector<column_type> order_columns = {{"store_id", "int8"},
                                                {"order_id", "int8"},
                                                {"updated_at", "timestamptz"},
                                                {"name", "text"},
                                                {"created_at", "timestamptz"},
                                                {"processed_at", "timestamptz"},
                                                {"cancelled_at", "timestamptz"},
                                                {"edited_at", "timestamptz"},
                                                {"test", "bool"},
                                                {"financial_status", "text"},
                                                {"fulfillment_status", "text"},
                                                {"source_name", "text"},
                                                {"currency", "text"},
                                                {"presentment_currency", "text"},
                                                {"presentment_total", "int8"},
                                                {"taxes_included", "bool"},
                                                {"subtotal", "int8"},
                                                {"discounts", "int8"},
                                                {"shipping", "int8"},
                                                {"tax", "int8"},
                                                {"tips", "int8"},
                                                {"total", "int8"},
                                                {"current_subtotal", "int8"},
                                                {"current_discounts", "int8"},
                                                {"current_tax", "int8"},
                                                {"current_total", "int8"},
                                                {"net_sales", "int8"},
                                                {"line_count", "int4"},
                                                {"units", "int8"},
                                                {"customer_id", "int8"},
                                                {"landing_site", "text"},
                                                {"referring_site", "text"},
                                                {"discount_codes", "text"},
                                                {"note_attributes", "text"},
                                                {"lines", "text"},
                                                {"refunds", "text"}};

const std::vector<column_type> entry_columns = {
    {"store_id", "int8"}, {"order_id", "int8"}, {"line", "int4"},   {"kind", "int4"},        {"source", "int8"},
    {"day", "date"},      {"hour", "int4"},     {"orders", "int8"}, {"gross_sales", "int8"}, {"discounts", "int8"},
    {"returns", "int8"},  {"shipping", "int8"}, {"taxes", "int8"},  {"tips", "int8"},        {"adjustment", "int8"}};
constexpr const char* sums[] = {"orders",   "gross_sales", "discounts", "returns",
                                "shipping", "taxes",       "tips",      "adjustment"};

/// The end of a statement that has the CTE `changed` (store_id, order_id): removes their old entries, adds what
/// *fresh* selects, and moves the sums per day and per hour by the difference.
std::string move_ledger(std::string_view fresh) {
  std::string names, negative, total, set;
  for (const auto* x : sums) {
    names += fmt::format(", {}", x);
    negative += fmt::format(", -{0} AS {0}", x);
    total += fmt::format(", sum({})", x);
    set += fmt::format("{}{} = t.{} + excluded.{}", set.empty() ? "" : ", ", x, x, x);
  }
  return fmt::format("old AS (DELETE FROM ledger_entries l USING changed c WHERE l.store_id = c.store_id "
                     "AND l.order_id = c.order_id RETURNING l.*), {4}"
                     "moved AS MATERIALIZED (SELECT store_id, day, hour{1} FROM old {5}), "
                     "per_hour AS (INSERT INTO sales_hours AS t (store_id, day, hour{0}) SELECT store_id, day, hour{2} "
                     "FROM moved GROUP BY store_id, day, hour ORDER BY store_id, day, hour "
                     "ON CONFLICT (store_id, day, hour) DO UPDATE SET {3}) "
                     "INSERT INTO sales_days AS t (store_id, day{0}) SELECT store_id, day{2} "
                     "FROM moved GROUP BY store_id, day ORDER BY store_id, day "
                     "ON CONFLICT (store_id, day) DO UPDATE SET {3}",
                     names, negative, total, set, fresh,
                     fresh.empty() ? std::string{}
                                   : fmt::format("UNION ALL SELECT store_id, day, hour{} FROM fresh", names));
}

// One statement for orders and ledger: only the orders that were really changed get new entries.
std::string order_text() {
  std::string names, arrays;
  const auto first = order_columns.size() + 1;
  for (std::size_t i = 0; i < entry_columns.size(); ++i) {
    names += fmt::format("{}{}", i == 0 ? "" : ", ", entry_columns[i].name);
    arrays += fmt::format("{}${}::{}[]", i == 0 ? "" : ", ", first + i, entry_columns[i].type);
  }
  // IS TRUE keeps the membership a hashed lookup: joins are planned as nested loops here.
  const auto fresh = fmt::format("fresh AS (INSERT INTO ledger_entries ({0}, written_by) SELECT u.*, ${2}::int8 "
                                 "FROM unnest({1}) AS u({0}) WHERE ((u.store_id, u.order_id) IN "
                                 "(SELECT c.store_id, c.order_id FROM changed c)) IS TRUE RETURNING *), ",
                                 names, arrays, first + entry_columns.size());
  return fmt::format("WITH changed AS ({} RETURNING t.store_id, t.order_id), {}",
                     upsert("orders", order_columns, 2, "t.updated_at < excluded.updated_at AND t.gone_at IS NULL"),
                     move_ledger(fresh));
}
const std::string order_sql = order_text();
const pg::statement upsert_orders{"upsert_orders", order_sql, std::chrono::seconds{15}};

// A tombstone stands whatever comes later; the personal fields go with the order.
const std::string bury_sql =
    "WITH changed AS (INSERT INTO orders AS t (store_id, order_id, updated_at, created_at, gone_at) "
    "SELECT u.store, u.id, u.at, u.at, u.at FROM unnest($1::int8[], $2::int8[], $3::timestamptz[]) AS u(store, id, at) "
    "ON CONFLICT (store_id, order_id) DO UPDATE SET gone_at = least(t.gone_at, excluded.gone_at), "
    "customer_id = NULL, landing_site = '', referring_site = '', note_attributes = '[]' "
    "RETURNING t.store_id, t.order_id), "
    + move_ledger("");
const pg::statement bury_orders{"bury_orders", bury_sql, std::chrono::seconds{15}};

const pg::statement insert_edits{"insert_order_edits",
                                 "INSERT INTO order_edits (store_id, order_id, edit_id, committed_at) "
                                 "SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::timestamptz[]) "
                                 "ON CONFLICT DO NOTHING"};

json id_text(const std::optional<shopify_id>& x) {
  return x ? json(std::to_string(*x)) : json(nullptr);
}

std::string text_of(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string lines_of(const order& x) {
  auto result = json::array();
  for (const auto& y : x.lines)
    result.push_back({{"id", std::to_string(y.id)},
                      {"variant_id", id_text(y.variant_id)},
                      {"product_id", id_text(y.product_id)},
                      {"sku", y.sku},
                      {"title", y.title},
                      {"quantity", y.quantity},
                      {"current_quantity", y.current_quantity},
                      {"unit_price", y.unit_price},
                      {"discount", y.discount}});
  return text_of(result);
}

std::string refunds_of(const order& x) {
  auto result = json::array();
  for (const auto& y : x.refunds) {
    auto lines = json::array();
    for (const auto& z : y.lines)
      lines.push_back(
          {{"line_id", std::to_string(z.line_id)}, {"quantity", z.quantity}, {"subtotal", z.subtotal}, {"tax", z.tax}});
    result.push_back({{"id", std::to_string(y.id)},
                      {"at", format_time(y.at)},
                      {"lines", std::move(lines)},
                      {"shipping", y.shipping},
                      {"shipping_tax", y.shipping_tax},
                      {"adjustment", y.adjustment},
                      {"adjustment_tax", y.adjustment_tax},
                      {"paid_back", y.paid_back}});
  }
  return text_of(result);
}

std::int64_t net_of(const order_row& x) {
  std::int64_t result = 0;
  for (const auto& y : x.ledger)
    result = add_checked(result, add_checked(y.gross, add_checked(y.discounts, y.returns)));
  return result;
}

std::int64_t units_of(const order& x) {
  std::int64_t result = 0;
  for (const auto& y : x.lines)
    result += y.quantity;
  return result;
}

std::optional<std::int64_t> maybe(const std::optional<shopify_id>& x) {
  return x;
}

void add_orders(pg::params& with, const std::vector<of<order_row>>& xs) {
  const auto each = [&](auto f) { with.add_array(column(xs, [&](const auto& x) { return f(x.what->what); })); };
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  each([](const order& x) { return x.id; });
  each([](const order& x) { return x.updated_at; });
  each([](const order& x) { return x.name; });
  each([](const order& x) { return x.created_at; });
  each([](const order& x) { return x.processed_at; });
  each([](const order& x) { return x.cancelled_at; });
  each([](const order& x) { return x.edited_at; });
  each([](const order& x) { return x.test; });
  each([](const order& x) { return x.financial_status; });
  each([](const order& x) { return x.fulfillment_status; });
  each([](const order& x) { return x.source_name; });
  each([](const order& x) { return std::string{x.unit.code()}; });
  each([](const order& x) { return std::string{x.presentment.code()}; });
  each([](const order& x) { return x.presentment_total; });
  each([](const order& x) { return x.taxes_included; });
  each([](const order& x) { return x.subtotal; });
  each([](const order& x) { return x.discounts; });
  each([](const order& x) { return x.shipping; });
  each([](const order& x) { return x.tax; });
  each([](const order& x) { return x.tips; });
  each([](const order& x) { return x.total; });
  each([](const order& x) { return x.current_subtotal; });
  each([](const order& x) { return x.current_discounts; });
  each([](const order& x) { return x.current_tax; });
  each([](const order& x) { return x.current_total; });
  with.add_array(column(xs, [](const auto& x) { return net_of(*x.what); }));
  each([](const order& x) { return static_cast<std::int32_t>(x.lines.size()); });
  each(units_of);
  each([](const order& x) { return maybe(x.customer_id); });
  each([](const order& x) { return x.landing_site; });
  each([](const order& x) { return x.referring_site; });
  each([](const order& x) { return text_of(x.discount_codes); });
  each([](const order& x) { return text_of(x.note_attributes); });
  each(lines_of);
  each(refunds_of);
}

struct entry {
  std::int64_t store = 0, order = 0;
  std::int32_t line = 0;
  const ledger_entry* what = nullptr;
};

void add_entries(pg::params& with, const std::vector<entry>& xs) {
  const auto each = [&](auto f) { with.add_array(column(xs, [&](const auto& x) { return f(*x.what); })); };
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  with.add_array(column(xs, [](const auto& x) { return x.order; }));
  with.add_array(column(xs, [](const auto& x) { return x.line; }));
  each([](const ledger_entry& x) { return static_cast<std::int32_t>(x.what); });
  each([](const ledger_entry& x) { return x.source; });
  with.add_day_array(column(xs, [](const auto& x) { return x.what->on; }));
  each([](const ledger_entry& x) { return static_cast<std::int32_t>(x.hour); });
  each([](const ledger_entry& x) { return x.orders; });
  each([](const ledger_entry& x) { return x.gross; });
  each([](const ledger_entry& x) { return x.discounts; });
  each([](const ledger_entry& x) { return x.returns; });
  each([](const ledger_entry& x) { return x.shipping; });
  each([](const ledger_entry& x) { return x.taxes; });
  each([](const ledger_entry& x) { return x.tips; });
  each([](const ledger_entry& x) { return x.adjustment; });
}

void write_edits(work& into, const flush& from) {
  const auto& xs = from.rows.all<order_edit_row>();
  if (xs.empty())
    return;
  pg::params with;
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  with.add_array(column(xs, [](const auto& x) { return x.what->what.order_id; }));
  with.add_array(column(xs, [](const auto& x) { return x.what->what.edit_id; }));
  with.add_array(column(xs, [](const auto& x) { return x.what->what.committed_at; }));
  into.push_back({insert_edits, std::move(with)});
}

} // namespace

void write_orders(work& into, const flush& from) {
  write_edits(into, from);
  const auto orders = newest(
      from.rows.all<order_row>(),
      [](const auto& x) {
        return std::pair{x.store, x.what->what.id};
      },
      [](const auto& x) { return x.what->what.updated_at; });
  // Of two tombstones the earlier counts; versions are negated because `newest` takes the greatest.
  const auto gone = newest(
      from.rows.all<order_gone_row>(),
      [](const auto& x) {
        return std::pair{x.store, x.what->id};
      },
      [](const auto& x) { return -x.what->at.time_since_epoch().count(); });
  if (!orders.empty()) {
    std::vector<entry> entries;
    for (const auto& x : orders)
      for (std::size_t i = 0; i < x.what->ledger.size(); ++i)
        entries.push_back({x.store, x.what->what.id, static_cast<std::int32_t>(i), &x.what->ledger[i]});
    pg::params with;
    add_orders(with, orders);
    add_entries(with, entries);
    with.add(from.mark);
    into.push_back({upsert_orders, std::move(with)});
  }
  if (!gone.empty()) {
    pg::params with;
    with.add_array(column(gone, [](const auto& x) { return x.store; }));
    with.add_array(column(gone, [](const auto& x) { return x.what->id; }));
    with.add_array(column(gone, [](const auto& x) { return x.what->at; }));
    into.push_back({bury_orders, std::move(with)});
  }
}

} // namespace clique::writing
