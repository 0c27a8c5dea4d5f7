// Stock per location and what inventory items say of themselves.
#include "storage/writer_flush.hpp"

namespace clique::writing {

namespace {

const std::vector<column_type> level_columns = {{"store_id", "int8"},    {"item_id", "int8"},
                                                {"location_id", "int8"}, {"updated_at", "timestamptz"},
                                                {"gone", "bool"},        {"available", "int8"}};
// Of a level and a disconnection at the same instant the disconnection counts.
const std::string level_sql =
    upsert("stock_levels", level_columns, 3, "(t.updated_at, t.gone) < (excluded.updated_at, excluded.gone)");
const pg::statement upsert_levels{"upsert_stock_levels", level_sql};

const std::vector<column_type> item_columns = {{"store_id", "int8"}, {"item_id", "int8"}, {"updated_at", "timestamptz"},
                                               {"sku", "text"},      {"tracked", "bool"}, {"unit_cost", "int8"}};
const std::string item_sql = upsert("inventory_items", item_columns, 2, "t.updated_at < excluded.updated_at");
const pg::statement upsert_items{"upsert_inventory_items", item_sql};

struct level {
  std::int64_t store = 0, item = 0, location = 0;
  time_point at;
  bool gone = false;
  std::optional<std::int64_t> available;
};

void write_levels(work& into, const flush& from) {
  std::vector<level> all;
  for (const auto& x : from.rows.all<stock_row>()) {
    const auto& y = x.what->what;
    all.push_back({x.store, y.inventory_item_id, y.location_id, y.updated_at, false, y.available});
  }
  for (const auto& x : from.rows.all<stock_gone_row>())
    all.push_back({x.store, x.what->what.inventory_item_id, x.what->what.location_id, x.what->at, true, std::nullopt});
  if (all.empty())
    return;
  all = newest(
      all,
      [](const auto& x) {
        return std::tuple{x.store, x.item, x.location};
      },
      [](const auto& x) {
        return std::pair{x.at, x.gone};
      });
  pg::params with;
  with.add_array(column(all, [](const auto& x) { return x.store; }));
  with.add_array(column(all, [](const auto& x) { return x.item; }));
  with.add_array(column(all, [](const auto& x) { return x.location; }));
  with.add_array(column(all, [](const auto& x) { return x.at; }));
  with.add_array(column(all, [](const auto& x) { return x.gone; }));
  with.add_array(column(all, [](const auto& x) { return x.available; }));
  into.push_back({upsert_levels, std::move(with)});
}

void write_items(work& into, const flush& from) {
  const auto items = newest(
      from.rows.all<inventory_item_row>(),
      [](const auto& x) {
        return std::pair{x.store, x.what->what.id};
      },
      [](const auto& x) { return x.what->what.updated_at; });
  if (items.empty())
    return;
  pg::params with;
  const auto each = [&](auto f) { with.add_array(column(items, [&](const auto& x) { return f(x.what->what); })); };
  with.add_array(column(items, [](const auto& x) { return x.store; }));
  each([](const inventory_item& x) { return x.id; });
  each([](const inventory_item& x) { return x.updated_at; });
  each([](const inventory_item& x) { return x.sku; });
  each([](const inventory_item& x) { return x.tracked; });
  each([](const inventory_item& x) { return x.unit_cost; });
  into.push_back({upsert_items, std::move(with)});
}

} // namespace

void write_stock(work& into, const flush& from) {
  write_levels(into, from);
  write_items(into, from);
}

} // namespace clique::writing
