// Products and their variants.
#include "storage/writer_flush.hpp"

namespace clique::writing {

namespace {

const std::vector<column_type> product_columns = {{"store_id", "int8"},
                                                  {"product_id", "int8"},
                                                  {"updated_at", "timestamptz"},
                                                  {"complete", "bool"},
                                                  {"title", "text"},
                                                  {"handle", "text"},
                                                  {"vendor", "text"},
                                                  {"product_type", "text"},
                                                  {"tags", "text"},
                                                  {"status", "text"},
                                                  {"created_at", "timestamptz"},
                                                  {"published_at", "timestamptz"}};
const std::string product_sql =
    upsert("products", product_columns, 2, "t.updated_at < excluded.updated_at AND t.gone_at IS NULL", true);
const pg::statement upsert_products{"upsert_products", product_sql};

const pg::statement bury_products{
    "bury_products",
    "INSERT INTO products AS t (store_id, product_id, updated_at, gone_at, written_by) "
    "SELECT u.store, u.id, u.at, u.at, $4 FROM unnest($1::int8[], $2::int8[], $3::timestamptz[]) AS u(store, id, at) "
    "ON CONFLICT (store_id, product_id) DO UPDATE SET gone_at = least(t.gone_at, excluded.gone_at), "
    "written_by = excluded.written_by"};

// Variants follow their product's version; the cost follows its own, because only some sources know it.
const pg::statement upsert_variants{
    "upsert_variants",
    "INSERT INTO variants (store_id, variant_id, product_id, product_version, updated_at, item_id, title, sku, "
    "barcode, "
    "price, compare_at_price, available, tracked, continue_selling, position) "
    "SELECT u.store_id, u.variant_id, u.product_id, p.updated_at, u.updated_at, u.item_id, u.title, u.sku, u.barcode, "
    "u.price, u.compare_at_price, u.available, u.tracked, u.continue_selling, u.position "
    "FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::timestamptz[], $5::int8[], $6::text[], $7::text[], "
    "$8::text[], "
    "$9::int8[], $10::int8[], $11::int8[], $12::bool[], $13::bool[], $14::int4[]) "
    "AS u(store_id, product_id, variant_id, updated_at, item_id, title, sku, barcode, price, compare_at_price, "
    "available, "
    "tracked, continue_selling, position) "
    "JOIN products p ON p.store_id = u.store_id AND p.product_id = u.product_id AND p.written_by = $15 "
    "AND p.gone_at IS NULL "
    "ON CONFLICT (store_id, variant_id) DO UPDATE SET product_id = excluded.product_id, "
    "product_version = excluded.product_version, updated_at = excluded.updated_at, item_id = excluded.item_id, "
    "title = excluded.title, sku = excluded.sku, barcode = excluded.barcode, price = excluded.price, "
    "compare_at_price = excluded.compare_at_price, available = excluded.available, tracked = excluded.tracked, "
    "continue_selling = excluded.continue_selling, position = excluded.position"};
const pg::statement drop_variants{
    "drop_variants", "DELETE FROM variants v USING unnest($1::int8[], $2::int8[]) AS u(store, id) "
                     "JOIN products p ON p.store_id = u.store AND p.product_id = u.id AND p.written_by = $3 "
                     "WHERE v.store_id = u.store AND v.product_id = u.id "
                     "AND (p.gone_at IS NOT NULL OR (p.complete AND v.product_version < p.updated_at))"};
const pg::statement update_costs{
    "update_variant_costs",
    "UPDATE variants v SET unit_cost = u.cost, cost_at = u.at "
    "FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::timestamptz[]) AS u(store, id, cost, at) "
    "WHERE v.store_id = u.store AND v.variant_id = u.id AND (v.cost_at IS NULL OR v.cost_at < u.at)"};

struct listed {
  std::int64_t store = 0;
  const variant* what = nullptr;
};

std::vector<listed> variants_of(const std::vector<of<product_row>>& xs) {
  std::vector<listed> result;
  for (const auto& x : xs)
    for (const auto& y : x.what->what.variants)
      result.push_back({x.store, &y});
  return result;
}

auto variant_key(const listed& x) {
  return std::pair{x.store, x.what->id};
}

auto variant_version(const listed& x) {
  return x.what->updated_at;
}

void write_products(work& into, const std::vector<of<product_row>>& xs, std::int64_t mark) {
  pg::params with;
  const auto each = [&](auto f) { with.add_array(column(xs, [&](const auto& x) { return f(x.what->what); })); };
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  each([](const product& x) { return x.id; });
  each([](const product& x) { return x.updated_at; });
  each([](const product& x) { return x.variants_complete; });
  each([](const product& x) { return x.title; });
  each([](const product& x) { return x.handle; });
  each([](const product& x) { return x.vendor; });
  each([](const product& x) { return x.product_type; });
  each([](const product& x) { return x.tags; });
  each([](const product& x) { return x.status; });
  each([](const product& x) { return x.created_at; });
  each([](const product& x) { return x.published_at; });
  with.add(mark);
  into.push_back({upsert_products, std::move(with)});
}

void write_variants(work& into, const std::vector<listed>& xs, std::int64_t mark) {
  if (xs.empty())
    return;
  pg::params with;
  const auto each = [&](auto f) { with.add_array(column(xs, [&](const auto& x) { return f(*x.what); })); };
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  each([](const variant& x) { return x.product_id; });
  each([](const variant& x) { return x.id; });
  each([](const variant& x) { return x.updated_at; });
  each([](const variant& x) { return x.inventory_item_id; });
  each([](const variant& x) { return x.title; });
  each([](const variant& x) { return x.sku; });
  each([](const variant& x) { return x.barcode; });
  each([](const variant& x) { return x.price; });
  each([](const variant& x) { return x.compare_at_price; });
  each([](const variant& x) { return x.available; });
  each([](const variant& x) { return x.tracked; });
  each([](const variant& x) { return x.continue_selling; });
  each([](const variant& x) { return static_cast<std::int32_t>(x.position); });
  with.add(mark);
  into.push_back({upsert_variants, std::move(with)});
}

void write_costs(work& into, std::vector<listed> xs) {
  std::erase_if(xs, [](const auto& x) { return !x.what->unit_cost; });
  if (xs.empty())
    return;
  xs = newest(xs, variant_key, variant_version);
  pg::params with;
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  with.add_array(column(xs, [](const auto& x) { return x.what->id; }));
  with.add_array(column(xs, [](const auto& x) { return *x.what->unit_cost; }));
  with.add_array(column(xs, [](const auto& x) { return x.what->updated_at; }));
  into.push_back({update_costs, std::move(with)});
}

} // namespace

void write_catalog(work& into, const flush& from) {
  const auto& all = from.rows.all<product_row>();
  const auto products = newest(
      all,
      [](const auto& x) {
        return std::pair{x.store, x.what->what.id};
      },
      [](const auto& x) { return x.what->what.updated_at; });
  const auto gone = newest(
      from.rows.all<product_gone_row>(),
      [](const auto& x) {
        return std::pair{x.store, x.what->id};
      },
      [](const auto& x) { return -x.what->at.time_since_epoch().count(); });
  if (products.empty() && gone.empty())
    return;

  std::vector<std::int64_t> stores, ids;
  if (!products.empty())
    write_products(into, products, from.mark);
  for (const auto& x : products)
    stores.push_back(x.store), ids.push_back(x.what->what.id);
  if (!gone.empty()) {
    pg::params with;
    with.add_array(column(gone, [](const auto& x) { return x.store; }));
    with.add_array(column(gone, [](const auto& x) { return x.what->id; }));
    with.add_array(column(gone, [](const auto& x) { return x.what->at; }));
    with.add(from.mark);
    into.push_back({bury_products, std::move(with)});
  }
  for (const auto& x : gone)
    stores.push_back(x.store), ids.push_back(x.what->id);

  write_variants(into, newest(variants_of(products), variant_key, variant_version), from.mark);
  pg::params changed;
  changed.add_array(stores).add_array(ids).add(from.mark);
  into.push_back({drop_variants, std::move(changed)});
  write_costs(into, variants_of(all));
}

} // namespace clique::writing
