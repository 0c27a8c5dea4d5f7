#pragma once

// A fresh database with two connected stores, a writer that owns all partitions, and rows for everything.

#include "support/postgres.hpp"

#include "core/schedule.hpp"
#include "storage/reader.hpp"
#include "storage/stores.hpp"
#include "storage/views.hpp"
#include "storage/writer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

namespace clique::test {

inline time_point at(std::int64_t seconds) {
  return time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 10}} + std::chrono::seconds{seconds};
}

inline day on(int offset) {
  return std::chrono::sys_days{std::chrono::year{2026} / 3 / 10} + std::chrono::days{offset};
}

inline vault test_vault() {
  return vault{{{1, std::string(32, 'k')}}, 1};
}

inline token_pair some_tokens(std::string tag = "a") {
  return {"access-" + tag, "refresh-" + tag, at(3600), at(86'400 * 90), {"read_orders", "read_products"}};
}

/// An order of one line and its ledger: *gross* on day *offset*, *version* in seconds.
inline order_row some_order(shopify_id id, std::int64_t version, std::int64_t gross = 1'000, int offset = 0,
                            int hour = 12) {
  order_row result;
  auto& x = result.what;
  x.id = id;
  x.name = "#" + std::to_string(id);
  x.created_at = at(hour * 3600) + std::chrono::days{offset};
  x.processed_at = x.created_at;
  x.updated_at = at(version);
  x.financial_status = "paid";
  x.unit = currency{"EUR"};
  x.presentment = currency{"USD"};
  x.presentment_total = gross * 11 / 10;
  x.subtotal = x.total = x.current_total = gross;
  x.customer_id = 777;
  x.landing_site = "/landing";
  x.note_attributes = {{"gift", "for Ana"}};
  x.lines.push_back({id * 10, 501, 401, "SKU-1", "Shirt \"M\"", 2, 2, gross / 2, 0});
  ledger_entry sale;
  sale.on = on(offset);
  sale.hour = hour;
  sale.orders = 1;
  sale.gross = gross;
  result.ledger.push_back(sale);
  return result;
}

inline product_row some_product(shopify_id id, std::int64_t version, std::vector<shopify_id> variants = {1}) {
  product_row result;
  auto& x = result.what;
  x.id = id;
  x.title = "Product " + std::to_string(version);
  x.status = "active";
  x.updated_at = at(version);
  for (const auto v : variants) {
    variant y;
    y.id = id * 100 + v;
    y.product_id = id;
    y.inventory_item_id = id * 1'000 + v;
    y.title = "V" + std::to_string(v);
    y.sku = "S" + std::to_string(v);
    y.price = version * 10;
    y.available = version;
    y.position = static_cast<int>(v);
    y.updated_at = at(version);
    x.variants.push_back(y);
  }
  return result;
}

inline job_row some_job(std::string feature, std::string state = "idle", std::string memory = "{}") {
  job_row result;
  result.feature = std::move(feature);
  result.state = std::move(state);
  result.memory = std::move(memory);
  return result;
}

struct store_world {
  database db;
  pg::connection admin{db.admin()};
  stores shops{pg::connection{db.system()}, test_vault()};
  writer out{pg::connection{db.app()}};
  reader in{pg::connection{db.app()}, "https://example.test/webhooks/shopify"};
  views sights{pg::connection{db.app()}, "https://example.test/webhooks/shopify"};
  store_id one, two;
  std::int64_t epoch = 7;

  store_world() {
    one = must(shops.connect("one.myshopify.com", some_tokens("one"), {}, at(0))).id;
    two = must(shops.connect("two.myshopify.com", some_tokens("two"), {}, at(0))).id;
    must(admin.script("UPDATE partition_owner SET owner = 'test', epoch = 7, expires_at = now() + interval '1 day'"));
    commit(one, shop_row{{"One", "EUR", "Europe/Berlin", "DE", "basic"}});
    commit(two, shop_row{{"Two", "USD", "America/New_York", "US", "basic"}});
  }

  static write_batch batch(store_id store, std::vector<row> rows) {
    write_batch result;
    result.store = store;
    result.rows = std::move(rows);
    return result;
  }
  result<written> write(write_batch x) {
    auto result = out.write(epoch, std::span{&x, 1});
    return std::move(result.front());
  }
  template <class... T>
  void commit(store_id store, T... rows) {
    must(write(batch(store, {row{std::move(rows)}...})));
  }
  /// The first column of the first row, as text; "" when null or absent.
  std::string sql(const std::string& text) {
    const auto query = fmt::format("SELECT (SELECT x::text FROM ({}) AS q(x) LIMIT 1)", text);
    const auto name = fmt::format("test.{}", std::hash<std::string>{}(query));
    auto answer = must(admin.run({name, query}));
    return answer.is_null(0, 0) ? std::string{} : std::string{answer.text(0, 0)};
  }
  /// Every row of *table* as JSON, in key order, without the columns that say who wrote when.
  std::string dump(const std::string& table, const std::string& where = "true") {
    return sql(fmt::format(
        "SELECT jsonb_agg(j ORDER BY j::text) FROM (SELECT to_jsonb(t) - 'written_by' - 'at' AS j FROM {} t "
        "WHERE {}) AS rows",
        table, where));
  }
  nlohmann::json see(store_id store, std::string_view view, std::string_view id = "", const view_query& query = {},
                     time_point now = at(13 * 3600)) {
    return nlohmann::json::parse(must(sights.view(store, view, id, query, now)));
  }
};

/// Whether the sums are those of the entries, per day and per hour, in all stores.
inline bool sums_equal_recount(store_world& w) {
  const std::string columns = "sum(orders), sum(gross_sales), sum(discounts), sum(returns), sum(shipping), sum(taxes), "
                              "sum(tips), sum(adjustment)";
  const auto same = [&](const std::string& table, const std::string& keys) {
    const auto nonzero = "HAVING (sum(orders), sum(gross_sales), sum(discounts), sum(returns), sum(shipping), "
                         "sum(taxes), sum(tips), sum(adjustment)) <> (0, 0, 0, 0, 0, 0, 0, 0)";
    const auto kept = fmt::format("SELECT {0}, {1} FROM {2} GROUP BY {0} {3}", keys, columns, table, nonzero);
    const auto counted = fmt::format("SELECT {0}, {1} FROM ledger_entries GROUP BY {0} {2}", keys, columns, nonzero);
    return w.sql(fmt::format("SELECT count(*) FROM (({0} EXCEPT {1}) UNION ALL ({1} EXCEPT {0})) AS d", kept, counted))
           == "0";
  };
  return same("sales_days", "store_id, day") && same("sales_hours", "store_id, day, hour");
}

} // namespace clique::test
