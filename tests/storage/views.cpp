#define CAF_SUITE views

#include "storage/store_world.hpp"

#include <caf/test/unit_test.hpp>

#include <fstream>
#include <set>

using namespace clique;
using namespace clique::test;
using nlohmann::json;

namespace {

const json& contract() {
  static const json result = [] {
    std::ifstream in{std::filesystem::path{__FILE__}.parent_path() / "../../net/openapi.json"};
    return json::parse(in);
  }();
  return result;
}

bool is_a(const json& x, const std::string& type) {
  if (type == "integer")
    return x.is_number_integer();
  if (type == "number")
    return x.is_number();
  if (type == "null")
    return x.is_null();
  return type == x.type_name();
}

/// What is wrong with *x* by *schema*; empty when it fits. As much of JSON Schema as the contract uses.
std::string misfit(const json& x, const json& schema, const std::string& where) {
  if (schema.contains("$ref")) {
    const auto name = schema["$ref"].get<std::string>();
    return misfit(x, contract()["components"]["schemas"].at(name.substr(name.rfind('/') + 1)), where);
  }
  if (schema.contains("allOf"))
    for (const auto& part : schema["allOf"])
      if (auto bad = misfit(x, part, where); !bad.empty())
        return bad;
  if (schema.contains("anyOf") && std::none_of(schema["anyOf"].begin(), schema["anyOf"].end(), [&](const auto& y) {
        return misfit(x, y, where).empty();
      }))
    return where + " fits none of anyOf: " + x.dump();
  if (schema.contains("type")) {
    const auto types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
    if (std::none_of(types.begin(), types.end(), [&](const auto& t) { return is_a(x, t); }))
      return where + " has the wrong type: " + x.dump();
  }
  if (schema.contains("enum") && std::find(schema["enum"].begin(), schema["enum"].end(), x) == schema["enum"].end())
    return where + " is none of the enum: " + x.dump();
  if (schema.value("format", "") == "date-time" && x.is_string() && !parse_time(x.get<std::string>()))
    return where + " is no instant: " + x.dump();
  for (const auto& name : schema.value("required", json::array()))
    if (!x.contains(name.get<std::string>()))
      return where + " lacks " + name.get<std::string>();
  const auto properties = schema.value("properties", json::object());
  for (const auto& [name, rule] : properties.items())
    if (x.is_object() && x.contains(name))
      if (auto bad = misfit(x[name], rule, where + "." + name); !bad.empty())
        return bad;
  if (schema.contains("items") && x.is_array())
    for (const auto& y : x)
      if (auto bad = misfit(y, schema["items"], where + "[]"); !bad.empty())
        return bad;
  return {};
}

std::string misfit(const json& x, const std::string& schema) {
  return misfit(x, contract()["components"]["schemas"].at(schema), schema);
}

/// A store with something of everything. 12:00 UTC is 13:00 in Berlin.
struct fixture : store_world {
  time_point now = at(12 * 3600 + 1800);

  void fill() {
    auto refunded = some_order(2, 5, 3'000, -7, 10);
    refunded.what.refunds.push_back({55, at(0) - std::chrono::days{6}, {{20, 1, 500, 0}}, 0, 0, 0, 0, 500});
    refunded.ledger.push_back({});
    auto& back = refunded.ledger.back();
    back.what = ledger_entry::kind::refund;
    back.source = 55;
    back.on = on(-6);
    back.returns = -500;
    commit(one, some_order(1, 5, 1'000), refunded, some_order(3, 6, 700, -1), some_product(5, 7, {1, 2}),
           some_product(6, 8), some_job("manual_sync", "running"),
           subscription_row{"orders/create", "registered", "g", "", at(1)}, source_row{"orders", "fresh", "", at(3)},
           source_row{"products", "importing", "", time_point{}}, month_row{"2026-02", 5, 5, "certified", at(4)},
           month_row{"2026-01", 5, 0, "open", time_point{}},
           reconciliation_row{on(-1), 1, 2, 700, 900, "differs", "late webhook", at(5)},
           reconciliation_row{on(-2), 1, 1, 5, 5, "equal", "", at(5)});
    auto parked = batch(one, {});
    parked.dead.push_back({{3, 9}, "orders/create", "w-1", "{}", "no line items", 3});
    must(write(parked));
  }
  std::string bad_input(std::string_view view, const view_query& query) {
    auto got = sights.view(one, view, "", query, now);
    return got.has_error() && got.error().code == ec::bad_input ? got.error().what + " | " + got.error().hint
                                                                : "accepted";
  }
  /// All ids of a paged list, page by page.
  std::vector<std::string> ids(std::string_view view, view_query query) {
    std::vector<std::string> result;
    for (int page = 0; page < 100; ++page) {
      const auto got = see(one, view, "", query, now);
      for (const auto& x : got["items"])
        result.push_back(x["id"]);
      if (got["next"].is_null())
        return result;
      query["cursor"] = got["next"];
    }
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(views_tests, fixture)

CAF_TEST(every view has the shape of the contract both empty and filled) {
  const std::vector<std::pair<std::string, std::string>> views = {
      {"overview", "overview"},      {"orders", "order_page"},
      {"products", "product_page"},  {"sync", "sync"},
      {"webhooks", "webhooks"},      {"dead_letters", "dead_letters"},
      {"settings", "settings_view"}, {"reconciliation", "reconciliation"}};
  for (int round = 0; round < 2; ++round) {
    for (const auto& [view, schema] : views)
      CAF_CHECK_EQUAL(misfit(see(one, view, "", {}, now), schema), "");
    auto store = see(one, "store", "", {}, now);
    store["role"] = "owner";
    CAF_CHECK_EQUAL(misfit(store, "store"), "");
    if (round == 0)
      fill();
  }
  for (const auto* id : {"1", "2", "3"})
    CAF_CHECK_EQUAL(misfit(see(one, "order", id, {}, now), "order_detail"), "");
}

CAF_TEST(the overview compares today with the same weekday until the same minute) {
  fill();
  // 10:00 UTC on the comparison day is the hour 12 in the ledger of this order; now is hour 13.
  auto early = some_order(10, 9, 100, -7, 13), late = some_order(11, 9, 50, -7, 13);
  early.what.processed_at = now - std::chrono::days{7} - std::chrono::minutes{5};
  late.what.processed_at = now - std::chrono::days{7} + std::chrono::minutes{5};
  commit(one, early, late);
  const auto got = see(one, "overview", "", {}, now);
  CAF_CHECK_EQUAL(got["today"]["net_sales"], 1'000);
  CAF_CHECK_EQUAL(got["today"]["day"], "2026-03-10");
  CAF_CHECK_EQUAL(got["today"]["by_hour"].size(), 14u); // 0..13
  CAF_CHECK_EQUAL(got["today"]["by_hour"][12]["net_sales"], 1'000);
  CAF_CHECK_EQUAL(got["comparison"]["day"], "2026-03-03");
  CAF_CHECK_EQUAL(got["comparison"]["gross_sales"], 3'100);
  CAF_CHECK_EQUAL(got["comparison"]["full"]["gross_sales"], 3'150);
  CAF_CHECK_EQUAL(got["totals"]["returns"], -500);
  CAF_CHECK_EQUAL(got["totals"]["total_sales"], 4'350);
  CAF_CHECK_EQUAL(got["days"].size(), 30u);
  CAF_CHECK_EQUAL(got["compare_days"].size(), 30u);
  CAF_CHECK_EQUAL(got["reconciliation"]["state"], "differs");
  CAF_CHECK_EQUAL(got["reconciliation"]["drift"], -200);
  CAF_CHECK_EQUAL(got["freshness"][1]["as_of"], nullptr);
}

CAF_TEST(the overview covers exactly the days asked for) {
  fill();
  const auto got =
      see(one, "overview", "", {{"from", "2026-03-03"}, {"to", "2026-03-04"}, {"compare", "previous_year"}}, now);
  CAF_CHECK_EQUAL(got["days"].size(), 2u);
  CAF_CHECK_EQUAL(got["totals"]["net_sales"], 2'500);
  CAF_CHECK_EQUAL(got["compare_days"][0]["day"], "2025-03-03");
  const auto before = see(one, "overview", "", {{"from", "2026-03-10"}, {"to", "2026-03-10"}}, now);
  CAF_CHECK_EQUAL(before["compare_totals"]["net_sales"], 700);
  commit(one, settings_row{0, R"({"comparison_default":"previous_day"})", user_id{1}, at(1)});
  const auto other = see(one, "overview", "", {}, now);
  CAF_CHECK_EQUAL(other["comparison"]["day"], "2026-03-09");
}

CAF_TEST(lists page without gaps or repeats for every order and page size) {
  std::vector<row> rows;
  for (int i = 1; i <= 23; ++i) {
    rows.push_back(some_order(i, i, 100, i % 3)); // many at the same instant
    auto x = some_product(i, i % 4 + 1, {1});
    x.what.variants[0].available = i % 5;
    x.what.variants[0].tracked = i % 6 != 0;
    rows.push_back(x);
  }
  must(write(batch(one, rows)));
  for (const auto* limit : {"1", "4", "7", "23", "200"}) {
    auto got = ids("orders", {{"limit", limit}});
    CAF_CHECK_EQUAL(got.size(), 23u);
    CAF_CHECK_EQUAL(std::set<std::string>(got.begin(), got.end()).size(), 23u);
    for (const auto* sort : {"-updated_at", "title", "available", "-available"}) {
      got = ids("products", {{"limit", limit}, {"sort", sort}});
      CAF_CHECK_EQUAL(got.size(), 23u);
      CAF_CHECK_EQUAL(std::set<std::string>(got.begin(), got.end()).size(), 23u);
      CAF_CHECK(got == ids("products", {{"limit", "200"}, {"sort", sort}}));
    }
  }
}

CAF_TEST(orders are found by name by number and by day) {
  fill();
  CAF_CHECK((ids("orders", {}) == std::vector<std::string>{"1", "3", "2"}));
  CAF_CHECK((ids("orders", {{"q", "#3"}}) == std::vector<std::string>{"3"}));
  CAF_CHECK((ids("orders", {{"q", "3"}}) == std::vector<std::string>{"3"}));
  CAF_CHECK(ids("orders", {{"q", "%"}}).empty());
  CAF_CHECK((ids("orders", {{"from", "2026-03-09"}, {"to", "2026-03-09"}}) == std::vector<std::string>{"3"}));
}

CAF_TEST(a search with thousands of hits pages like any other) {
  must(admin.script(
      fmt::format("INSERT INTO orders (store_id, order_id, updated_at, created_at, name) SELECT {}, i, now(), "
                  "'2026-01-01'::timestamptz + i % 50 * interval '1 hour', '#' || i FROM generate_series(1, 2500) i",
                  raw(one))));
  auto got = ids("orders", {{"q", "#"}, {"limit", "200"}});
  CAF_CHECK_EQUAL(std::set<std::string>(got.begin(), got.end()).size(), 2'500u);
  CAF_CHECK_EQUAL(got.size(), 2'500u);
  got = ids("orders", {{"q", "24"}, {"limit", "7"}}); // 24, 240 to 249, 2400 to 2499
  CAF_CHECK_EQUAL(std::set<std::string>(got.begin(), got.end()).size(), 111u);
  CAF_CHECK_EQUAL(got.size(), 111u);
}

CAF_TEST(an order shows its lines refunds and a ledger that adds up) {
  fill();
  const auto got = see(one, "order", "2", {}, now);
  CAF_CHECK_EQUAL(got["lines"][0]["id"], "20");
  CAF_CHECK_EQUAL(got["refunds"][0]["paid_back"], 500);
  CAF_REQUIRE_EQUAL(got["ledger"].size(), 2u);
  CAF_CHECK_EQUAL(got["ledger"][1]["kind"], "refund");
  CAF_CHECK_EQUAL(got["ledger"][1]["source"], "55");
  CAF_CHECK_EQUAL(got["ledger"][0]["source"], "");
  CAF_CHECK_EQUAL(got["net_sales"], 2'500);
  CAF_CHECK_EQUAL(got["presentment_exponent"], 2);
  for (const auto* id : {"99", "", "x", "-1", "99999999999999999999"})
    CAF_CHECK(sights.view(one, "order", id, {}, now).error().code == ec::not_found);
}

CAF_TEST(products filter by status stock and words) {
  auto gone = some_product(7, 3);
  gone.what.variants[0].available = 0;
  gone.what.title = "100% Wool";
  auto draft = some_product(8, 3);
  draft.what.status = "draft";
  commit(one, gone, draft, some_product(9, 50));
  CAF_CHECK((ids("products", {{"status", "draft"}}) == std::vector<std::string>{"8"}));
  CAF_CHECK((ids("products", {{"status", "out_of_stock"}}) == std::vector<std::string>{"7"}));
  CAF_CHECK((ids("products", {{"q", "100%"}}) == std::vector<std::string>{"7"}));
  CAF_CHECK((ids("products", {{"q", "wool"}}) == std::vector<std::string>{"7"}));
  CAF_CHECK_EQUAL(ids("products", {{"q", "s1"}}).size(), 3u); // by SKU
  commit(one, product_gone_row{7, at(60)});
  CAF_CHECK(ids("products", {{"q", "wool"}}).empty());
}

CAF_TEST(wrong parameters are named with what is allowed) {
  const std::vector<std::tuple<std::string, view_query, std::string>> table = {
      {"orders", {{"limit", "0"}}, "1 to 200"},
      {"orders", {{"limit", "201"}}, "1 to 200"},
      {"orders", {{"limit", "ten"}}, "1 to 200"},
      {"orders", {{"cursor", "!!"}}, "first page"},
      {"orders", {{"cursor", "WzFd"}}, "first page"},
      {"orders", {{"q", std::string(101, 'x')}}, "100 bytes"},
      {"orders", {{"from", "2026-13-01"}}, "2026-03-14"},
      {"orders", {{"from", "2026-03-02"}, {"to", "2026-03-01"}}, "swap"},
      {"orders", {{"colour", "red"}}, "known are: cursor, from, limit, q, to"},
      {"overview", {{"compare", "yesterday"}}, "previous_period, previous_year"},
      {"overview", {{"from", "2020-01-01"}, {"to", "2026-01-01"}}, "800 days"},
      {"products", {{"sort", "price"}}, "-updated_at, title, available, -available"},
      {"sync", {{"x", "1"}}, "takes none"}};
  for (const auto& [view, query, expected] : table) {
    const auto got = bad_input(view, query);
    CAF_CHECK(got.find(expected) != std::string::npos);
  }
  CAF_CHECK(sights.view(one, "nothing", "", {}, now).error().code == ec::not_found);
  CAF_CHECK(sights.channel(one, "nothing", now).error().code == ec::not_found);
}

CAF_TEST(a running job says its rate and when it will end) {
  auto job = some_job("historical_import", "running");
  job.started_at = now - std::chrono::minutes{2};
  job.done = 100;
  job.total = 400;
  commit(one, job);
  const auto got = see(one, "sync", "", {}, now);
  CAF_CHECK_EQUAL(got["jobs"][0]["title"], "Historical import");
  CAF_CHECK_EQUAL(got["jobs"][0]["rate_per_minute"], 50);
  CAF_CHECK_EQUAL(got["jobs"][0]["eta"], format_time(now + std::chrono::minutes{6}));
}

CAF_TEST(settings show defaults until they are chosen) {
  const auto before = see(one, "settings");
  CAF_CHECK_EQUAL(before["version"], 0);
  CAF_CHECK_EQUAL(before["settings"]["display_name"], "One");
  commit(one, settings_row{0, R"({"display_name":"Uno","low_stock_threshold":9})", user_id{1}, at(1)});
  const auto after = see(one, "settings");
  CAF_CHECK_EQUAL(after["version"], 1);
  CAF_CHECK_EQUAL(after["settings"]["display_name"], "Uno");
  CAF_CHECK_EQUAL(after["settings"]["week_start"], "monday");
}

CAF_TEST(channels are flat maps of JSON values) {
  fill();
  const std::map<std::string, std::vector<std::string>> expected = {
      {"overview",
       {"today.net_sales", "today.day", "hour.00.net_sales", "hour.13.orders", "comparison.total_sales",
        "fresh.orders.as_of", "fresh.products.state", "day.2026-03-10.net_sales", "day.2026-02-08.total_sales"}},
      {"orders.live", {"order:1", "order:2", "order:3"}},
      {"products", {"product:5", "product:6", "count", "out_of_stock"}},
      {"jobs", {"job:manual_sync", "month:2026-02", "month:2026-01"}},
      {"ops", {"deliveries", "subscription:orders/create"}}};
  for (const auto& [channel, keys] : expected) {
    const auto got = must(sights.channel(one, channel, now));
    for (const auto& key : keys)
      CAF_CHECK_EQUAL(key + (got.contains(key) ? "" : " is missing"), key);
    for (const auto& [key, value] : got)
      CAF_CHECK(!json::parse(value, nullptr, false).is_discarded());
  }
  const auto live = must(sights.channel(one, "orders.live", now));
  CAF_CHECK_EQUAL(misfit(json::parse(live.at("order:2")), "order"), "");
  const auto listed = must(sights.channel(one, "products", now));
  CAF_CHECK_EQUAL(misfit(json::parse(listed.at("product:5")), "product"), "");
  CAF_CHECK_EQUAL(listed.at("count"), "2");
}

CAF_TEST(G1 no view and no channel shows anything of another store) {
  fill();
  for (const auto* view : {"orders", "products", "dead_letters"}) {
    const auto got = see(two, view, "", {}, now);
    CAF_CHECK(got["items"].empty());
  }
  CAF_CHECK(sights.view(two, "order", "1", {}, now).error().code == ec::not_found);
  const auto overview = see(two, "overview", "", {}, now);
  CAF_CHECK_EQUAL(overview["totals"]["orders"], 0);
  CAF_CHECK(overview["freshness"].empty());
  CAF_CHECK(see(two, "sync", "", {}, now)["jobs"].empty());
  CAF_CHECK(see(two, "webhooks", "", {}, now)["subscriptions"].empty());
  CAF_CHECK(see(two, "reconciliation", "", {}, now)["days"].empty());
  CAF_CHECK(must(sights.channel(two, "orders.live", now)).empty());
  CAF_CHECK(sights.view(store_id{999}, "overview", "", {}, now).error().code == ec::not_found);
}

CAF_TEST_FIXTURE_SCOPE_END()
