#define CAF_SUITE writer

#include "storage/store_world.hpp"

#include "storage/call_codec.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::test;

namespace {

using fixture = store_world;

/// All rows of *kind*, one per version; any order of writing them must end in the same state.
std::vector<row> versions(const std::string& kind) {
  std::vector<row> result;
  for (int v = 1; v <= 6; ++v) {
    if (kind == "orders")
      result.push_back(some_order(9, v, 100 * v, v % 3, v));
    else if (kind == "products") {
      auto x = some_product(5, v, v % 2 == 0 ? std::vector<shopify_id>{1, 2} : std::vector<shopify_id>{1});
      if (v == 2 || v == 4)
        x.what.variants[0].unit_cost = v;
      result.push_back(x);
    } else if (kind == "stock_levels")
      result.push_back(stock_row{{11, 22, v * 3, at(v)}});
    else if (kind == "inventory_items")
      result.push_back(inventory_item_row{{11, "sku" + std::to_string(v), true, v * 100, at(v)}});
    else if (kind == "webhook_subscriptions")
      result.push_back(
          subscription_row{"orders/create", v == 6 ? "refused" : "missing", "", "v" + std::to_string(v), at(v)});
    else if (kind == "source_state")
      result.push_back(source_row{"orders", "fresh", "v" + std::to_string(v), at(v)});
    else if (kind == "import_months")
      result.push_back(month_row{"2026-03", v, v, "open", at(v)});
    else if (kind == "reconciliation_days")
      result.push_back(reconciliation_row{on(0), v, v, v, v, "equal", "", at(v)});
    else if (kind == "shopify_stores")
      result.push_back(connection_row{v == 6 ? connection_row::state::uninstalled : connection_row::state::connected,
                                      "v" + std::to_string(v),
                                      {"s" + std::to_string(v)},
                                      at(v)});
  }
  if (kind == "stock_levels")
    result.push_back(stock_gone_row{{11, 22}, at(4)});
  return result;
}

const std::vector<std::string> versioned = {
    "orders",       "products",      "stock_levels",        "inventory_items", "webhook_subscriptions",
    "source_state", "import_months", "reconciliation_days", "shopify_stores"};

std::string state_of(fixture& w, const std::string& kind) {
  auto result = w.dump(kind, fmt::format("store_id = {}", raw(w.one)));
  if (kind == "orders")
    result += w.dump("ledger_entries");
  if (kind == "products")
    result += w.dump("variants");
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(writer_tests, fixture)

CAF_TEST(D2 any order of versions ends in the same rows for every kind) {
  std::mt19937 random{1};
  for (const auto& kind : versioned) {
    auto rows = versions(kind);
    const auto reset = fmt::format(
        "DELETE FROM {0} WHERE '{0}' <> 'shopify_stores'; DELETE FROM variants; DELETE FROM ledger_entries; "
        "DELETE FROM sales_days; DELETE FROM sales_hours; "
        "UPDATE shopify_stores SET connection = 1, reason = '', connection_at = '2020-01-01', scopes = '{{}}', "
        "uninstalled_at = NULL",
        kind);
    must(admin.script(reset));
    for (const auto& x : rows)
      must(write(batch(one, {x})));
    const auto expected = state_of(*this, kind);
    CAF_REQUIRE(expected.find("null") != 0 && !expected.empty());
    for (int round = 0; round < 8; ++round) {
      must(admin.script(reset));
      std::shuffle(rows.begin(), rows.end(), random);
      for (std::size_t i = 0; i < rows.size();) { // in flushes of random size
        const auto n = std::min(rows.size() - i, std::size_t{1} + random() % 3);
        must(write(batch(one, std::vector<row>(rows.begin() + static_cast<std::ptrdiff_t>(i),
                                               rows.begin() + static_cast<std::ptrdiff_t>(i + n)))));
        i += n;
      }
      if (kind != "webhook_subscriptions" && kind != "shopify_stores")
        CAF_CHECK_EQUAL(state_of(*this, kind), expected);
      else // scopes and "registered since" follow what was known when; the newest state itself must stand
        CAF_CHECK(state_of(*this, kind).find("\"v6\"") != std::string::npos);
      CAF_CHECK(sums_equal_recount(*this));
    }
  }
}

CAF_TEST(D3 a stale retry changes nothing) {
  commit(one, some_order(1, 50, 5'000), some_product(1, 50));
  const auto orders = dump("orders"), days = dump("sales_days"), products = dump("products"),
             variants = dump("variants");
  commit(one, some_order(1, 10, 100), some_product(1, 10));
  CAF_CHECK_EQUAL(dump("orders"), orders);
  CAF_CHECK_EQUAL(dump("sales_days"), days);
  CAF_CHECK_EQUAL(dump("products"), products);
  CAF_CHECK_EQUAL(dump("variants"), variants);
}

CAF_TEST(writing twice is harmless for every kind of row) {
  const std::vector<row> rows = {some_order(1, 5),
                                 order_gone_row{2, at(3)},
                                 order_edit_row{{70, 1, at(4)}},
                                 some_product(3, 5, {1, 2}),
                                 product_gone_row{4, at(3)},
                                 stock_row{{3'001, 8, 4, at(1)}},
                                 stock_gone_row{{3'002, 8}, at(1)},
                                 inventory_item_row{{3'001, "x", true, 250, at(1)}},
                                 shop_row{{"One", "EUR", "Europe/Berlin", "DE", "plus"}},
                                 connection_row{connection_row::state::connected, "", {"read_orders"}, at(9)},
                                 subscription_row{"orders/create", "registered", "gid", "", at(9)},
                                 some_job("manual_sync", "running", R"({"page":1})"),
                                 sync_log_row{"orders", "reconciled", R"({"new":0})", at(9)},
                                 source_row{"orders", "fresh", "", at(9)},
                                 month_row{"2026-02", 5, 5, "certified", at(9)},
                                 reconciliation_row{on(0), 1, 1, 5, 5, "equal", "", at(9)},
                                 settings_row{0, R"({"week_start":"sunday"})", user_id{1}, at(9)},
                                 privacy_row{{"customers/data_request", 42, {1}, "r1"}, at(9)}};
  const auto all = [&] {
    std::string result;
    for (const auto* table :
         {"orders", "order_edits", "ledger_entries", "sales_days", "sales_hours", "products", "variants",
          "stock_levels", "inventory_items", "shopify_stores", "webhook_subscriptions", "job_log", "sync_logs",
          "source_state", "import_months", "reconciliation_days", "user_settings", "privacy_requests"})
      result += dump(table);
    return result;
  };
  must(write(batch(one, rows)));
  const auto first = all();
  must(write(batch(one, rows)));
  CAF_CHECK_EQUAL(all(), first);
  CAF_CHECK(first.find("\"manual_sync\"") != std::string::npos);
}

CAF_TEST(a deleted order stays deleted whatever comes later) {
  commit(one, some_order(1, 5, 900));
  commit(one, order_gone_row{1, at(6)});
  commit(one, some_order(1, 99, 900));
  CAF_CHECK_EQUAL(sql("SELECT gone_at IS NOT NULL FROM orders"), "true");
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM ledger_entries"), "0");
  CAF_CHECK_EQUAL(sql("SELECT sum(gross_sales) FROM sales_days"), "0");
  commit(two, order_gone_row{1, at(6)}, some_order(1, 7)); // also when the tombstone comes first
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM ledger_entries"), "0");
  CAF_CHECK(sums_equal_recount(*this));
}

CAF_TEST(sums equal a recount of the ledger after random histories) {
  std::mt19937 random{42};
  for (int round = 0; round < 200; ++round) {
    std::vector<write_batch> flush;
    for (int b = 0; b < 3; ++b) {
      auto next = batch(random() % 2 == 0 ? one : two, {});
      for (int i = 0; i < 4; ++i) {
        const auto id = static_cast<shopify_id>(random() % 12 + 1);
        if (random() % 9 == 0) {
          next.rows.push_back(order_gone_row{id + 100, at(1)});
          continue;
        }
        auto x = some_order(id + (random() % 8 == 0 ? 100 : 0), static_cast<std::int64_t>(random() % 400),
                            static_cast<std::int64_t>(random() % 9'000), static_cast<int>(random() % 5),
                            static_cast<int>(random() % 24));
        ledger_entry refund;
        refund.what = ledger_entry::kind::refund;
        refund.source = 3;
        refund.on = on(static_cast<int>(random() % 9));
        refund.hour = static_cast<int>(random() % 24);
        refund.returns = -static_cast<std::int64_t>(random() % 500);
        refund.taxes = -7;
        refund.adjustment = 1;
        for (auto n = random() % 3; n > 0; --n)
          x.ledger.push_back(refund);
        next.rows.push_back(std::move(x));
      }
      flush.push_back(std::move(next));
    }
    for (const auto& x : out.write(epoch, flush))
      must(x);
    if (!sums_equal_recount(*this)) {
      CAF_FAIL("sums differ from the ledger in round " << round);
      break;
    }
  }
}

CAF_TEST(one bad row fails its own batch only) {
  std::vector<write_batch> flush = {batch(one, {some_order(1, 1)}),
                                    batch(two, {some_order(2, 1), some_job("manual_sync", "idle", "{no json")}),
                                    batch(one, {some_order(3, 1)})};
  flush[0].calls.push_back({"order_sync", read_order{1}});
  flush[2].calls.push_back({"order_sync", read_order{3}});
  auto answers = out.write(epoch, flush);
  CAF_REQUIRE_EQUAL(answers.size(), 3u);
  CAF_CHECK(answers[0].has_value());
  CAF_CHECK(answers[1].has_error() && answers[1].error().code == ec::bad_input);
  CAF_CHECK(answers[2].has_value());
  CAF_CHECK_EQUAL(sql("SELECT string_agg(order_id::text, ',' ORDER BY order_id) FROM orders"), "1,3");
  CAF_CHECK_EQUAL(sql(fmt::format("SELECT call ->> 'id' FROM outbox WHERE id = {}", answers[2]->call_ids.at(0))), "3");
}

CAF_TEST(a settings conflict fails its own batch with conflict) {
  commit(one, settings_row{0, R"({"sync_paused":true})", user_id{1}, at(1)});
  const std::vector<write_batch> flush = {batch(one, {settings_row{0, "{}", user_id{2}, at(2)}}),
                                          batch(two, {some_order(5, 1)}),
                                          batch(one, {settings_row{1, R"({"sync_paused":false})", user_id{1}, at(3)}})};
  const auto answers = out.write(epoch, flush);
  CAF_CHECK(answers[0].has_error() && answers[0].error().code == ec::conflict);
  CAF_CHECK(answers[1].has_value());
  CAF_CHECK(answers[2].has_value());
  CAF_CHECK_EQUAL(sql("SELECT max(version) FROM user_settings"), "2");
}

CAF_TEST(A9 a fenced epoch writes nothing) {
  auto x = batch(one, {some_order(1, 1)});
  x.closed_up_to = 5;
  auto answers = out.write(epoch - 1, std::span{&x, 1});
  CAF_CHECK(answers[0].has_error() && answers[0].error().code == ec::fenced);
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM orders"), "0");
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM store_cursor"), "0");
}

CAF_TEST(cursor and rows are atomic and the cursor never moves back) {
  auto x = batch(one, {some_order(1, 1), some_job("order_sync", "idle", "broken")});
  x.closed_up_to = 8;
  CAF_CHECK(write(x).has_error());
  CAF_CHECK_EQUAL(must(in.start_of(one, child::sync, {})).cursor, 0);
  x.rows.pop_back();
  must(write(x));
  CAF_CHECK_EQUAL(must(in.start_of(one, child::sync, {})).cursor, 8);
  x.closed_up_to = 3;
  must(write(x));
  CAF_CHECK_EQUAL(must(in.start_of(one, child::sync, {})).cursor, 8);
  CAF_CHECK_EQUAL(must(in.start_of(one, child::ads, {})).cursor, 0);
}

CAF_TEST(outbox calls come back until their answer is committed) {
  const std::vector<call> calls = {read_orders{"updated_at:>='x'", "c", 7, true},
                                   read_order{820'982'911'946'154'508},
                                   count_orders{"a"},
                                   read_products{"b", "c", 3},
                                   read_shop{},
                                   list_subscriptions{},
                                   create_subscription{"orders/create", "https://x"},
                                   delete_subscription{"gid"},
                                   start_bulk{"q \" \n"},
                                   poll_bulk{"g"},
                                   cancel_bulk{"h"}};
  CAF_REQUIRE_EQUAL(calls.size(), std::variant_size_v<call>);
  auto x = batch(one, {});
  for (const auto& c : calls)
    x.calls.push_back({"order_sync", c});
  const auto ids = must(write(x)).call_ids;
  const std::vector<std::string> features = {"order_sync"};
  auto open = must(in.start_of(one, child::sync, features)).calls;
  CAF_REQUIRE_EQUAL(open.size(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    CAF_CHECK_EQUAL(open[i].id, ids[i]);
    CAF_CHECK_EQUAL(open[i].what.index(), calls[i].index());
    CAF_CHECK_EQUAL(encode_call(open[i].what), encode_call(calls[i]));
  }
  CAF_CHECK_EQUAL(std::get<read_order>(open[1].what).id, 820'982'911'946'154'508);
  CAF_CHECK(std::get<read_orders>(open[0].what).newest_first);
  auto answered = batch(one, {});
  answered.calls_done = {ids.begin(), ids.end() - 1};
  must(write(answered));
  CAF_CHECK_EQUAL(must(in.start_of(one, child::sync, features)).calls.size(), 1u);
  const std::vector<std::string> others = {"manual_sync"};
  CAF_CHECK_EQUAL(must(in.start_of(one, child::sync, others)).calls.size(), 0u);
}

CAF_TEST(a damaged outbox call is a clean error) {
  for (const auto* text :
       {"[]", "{}", R"({"call":"nope"})", R"({"call":"read_order"})", R"({"call":"read_order","id":"5"})"})
    CAF_CHECK(decode_call(text).has_error());
}

CAF_TEST(a poison delivery is parked once) {
  auto x = batch(one, {});
  x.dead.push_back({{3, 9}, "orders/create", "w-1", R"({"id":1})", "no line items", 3});
  must(write(x));
  must(write(x));
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM dead_letter"), "1");
  const auto shown = see(one, "dead_letters");
  CAF_CHECK_EQUAL(shown["items"][0]["error"], "no line items");
}

CAF_TEST(D12 redacting a customer removes personal fields and keeps the sums) {
  commit(one, some_order(1, 1), some_order(2, 1), some_order(3, 1));
  commit(two, some_order(1, 1));
  must(admin.script("UPDATE orders SET customer_id = 5 WHERE order_id = 3"));
  auto parked = batch(one, {});
  parked.dead.push_back({{3, 9}, "orders/create", "w-1", R"({"customer":{"id":777}})", "x", 3});
  must(write(parked));
  const auto sums = dump("sales_days");
  commit(one, privacy_row{{"customers/redact", 777, {3}, ""}, at(50)});
  const std::string clean = "customer_id IS NULL AND landing_site = '' AND note_attributes = '[]'";
  CAF_CHECK_EQUAL(sql(fmt::format("SELECT count(*) FROM orders WHERE store_id = {} AND {}", raw(one), clean)), "3");
  CAF_CHECK_EQUAL(sql(fmt::format("SELECT count(*) FROM orders WHERE store_id = {} AND {}", raw(two), clean)), "0");
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM dead_letter"), "0");
  CAF_CHECK_EQUAL(dump("sales_days"), sums);
  CAF_CHECK_EQUAL(sql("SELECT rows_removed FROM privacy_requests"), "4");
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM audit_log WHERE what = 'privacy request customers/redact'"), "1");
}

CAF_TEST(D12 redacting a shop removes every row of it and none of its neighbours) {
  for (const auto store : {one, two})
    commit(store, some_order(1, 1), some_product(1, 1), stock_row{{1, 1, 1, at(1)}}, some_job("manual_sync"),
           settings_row{0, "{}", user_id{1}, at(1)}, source_row{"orders", "fresh", "", at(1)});
  auto x =
      batch(one, {privacy_row{{"shop/redact", {}, {}, ""}, at(50)}, sync_log_row{"privacy", "redacted", "{}", at(50)}});
  x.closed_up_to = 4;
  must(write(x));
  const auto tables =
      sql("SELECT string_agg(c.relname, ' ' ORDER BY 1) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
          "WHERE a.attname = 'store_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition");
  std::size_t checked = 0;
  for (std::size_t start = 0; start < tables.size();) {
    const auto end = std::min(tables.find(' ', start), tables.size());
    const auto table = tables.substr(start, end - start);
    start = end + 1;
    ++checked;
    const auto left = sql(fmt::format("SELECT count(*) FROM {} WHERE store_id = {}", table, raw(one)));
    const bool proof = table == "audit_log" || table == "privacy_requests";
    CAF_CHECK_EQUAL(table + " " + left, table + (proof ? " 1" : " 0"));
  }
  CAF_CHECK(checked > 20);
  CAF_CHECK_EQUAL(sql(fmt::format("SELECT count(*) FROM orders WHERE store_id = {}", raw(two))), "1");
  CAF_CHECK_EQUAL(sql(fmt::format("SELECT count(*) FROM store_tokens WHERE store_id = {}", raw(two))), "1");
  CAF_CHECK(in.load(one, "order_sync", reads::nothing, {}).has_error());
}

CAF_TEST(a job keeps its due time unless a new one is said) {
  auto x = some_job("reconciliation");
  x.due_at = at(100);
  commit(one, x);
  x.due_at.reset();
  x.state = "running";
  commit(one, x);
  const auto job = must(in.load(one, "reconciliation", reads::nothing, {})).job;
  CAF_CHECK_EQUAL(job.state, "running");
  CAF_CHECK(job.due_at == at(100));
}

CAF_TEST_FIXTURE_SCOPE_END()
