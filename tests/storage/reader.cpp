#define CAF_SUITE reader

#include "storage/store_world.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::test;

namespace {

using fixture = store_world;

constexpr auto everything = reads::edits | reads::stock | reads::subscriptions | reads::settings | reads::order_totals
                            | reads::months | reads::jobs | reads::sources | reads::order_versions;

} // namespace

CAF_TEST_FIXTURE_SCOPE(reader_tests, fixture)

CAF_TEST(the store and the own job are always loaded) {
  commit(one, some_job("order_sync", "running", R"({"page": 2})"));
  const auto got = must(in.load(one, "order_sync", reads::nothing, {}));
  CAF_CHECK_EQUAL(got.store.shop, "one.myshopify.com");
  CAF_CHECK_EQUAL(got.store.name, "One");
  CAF_CHECK_EQUAL(got.store.unit.code(), "EUR");
  CAF_CHECK_EQUAL(got.store.zone.name(), "Europe/Berlin");
  CAF_CHECK_EQUAL(got.store.scopes.size(), 2u);
  CAF_CHECK_EQUAL(got.store.webhook_address, "https://example.test/webhooks/shopify");
  CAF_CHECK(got.store.installed_at == at(0));
  CAF_CHECK_EQUAL(got.job.state, "running");
  CAF_CHECK_EQUAL(got.job.memory, R"({"page": 2})");
  CAF_CHECK_EQUAL(must(in.load(one, "never_ran", reads::nothing, {})).job.feature, "never_ran");
}

CAF_TEST(facts are narrowed to what is asked about) {
  commit(one, some_order(1, 5), some_order(2, 6), order_gone_row{3, at(9)}, order_edit_row{{71, 1, at(4)}},
         order_edit_row{{72, 1, at(8)}}, some_product(5, 7, {1, 2}), stock_row{{5'001, 88, 3, at(20)}},
         stock_row{{5'001, 89, 4, at(21)}}, stock_gone_row{{5'002, 88}, at(20)});
  const std::vector<std::int64_t> orders = {1, 3};
  const auto got = must(in.load(one, "f", reads::edits | reads::order_versions, orders));
  CAF_CHECK(got.edits.at(1) == at(8));
  CAF_CHECK_EQUAL(got.order_versions.size(), 2u);
  CAF_CHECK(got.order_versions.at(1) == at(5));
  CAF_CHECK(got.order_versions.at(3) == at(9));

  const std::vector<std::int64_t> items = {5'001, 502}; // an inventory item and a variant
  const auto stock = must(in.load(one, "f", reads::stock, items)).variants;
  CAF_REQUIRE_EQUAL(stock.size(), 2u);
  CAF_CHECK_EQUAL(stock[0].what.id, 501);
  CAF_CHECK_EQUAL(stock[0].available.value_or(-1), 7);
  CAF_CHECK_EQUAL(stock[0].by_location.at(89), 4);
  CAF_CHECK(stock[0].level_versions.at(88) == at(20));
  CAF_CHECK(!stock[0].product_status.empty());
  CAF_CHECK_EQUAL(stock[1].available.value_or(-1), 7); // no location counts it: what the product says
  CAF_CHECK(stock[1].by_location.empty());
}

CAF_TEST(a newer product speaks louder than older stock levels) {
  commit(one, some_product(5, 7), stock_row{{5'001, 88, 3, at(5)}});
  const std::vector<std::int64_t> items = {5'001};
  CAF_CHECK_EQUAL(must(in.load(one, "f", reads::stock, items)).variants.at(0).available.value_or(-1), 7);
  commit(one, stock_row{{5'001, 88, 2, at(8)}});
  CAF_CHECK_EQUAL(must(in.load(one, "f", reads::stock, items)).variants.at(0).available.value_or(-1), 2);
}

CAF_TEST(a cost is kept from the newest source that knows it) {
  auto with_cost = some_product(5, 7);
  with_cost.what.variants[0].unit_cost = 400;
  commit(one, with_cost);
  commit(one, some_product(5, 8)); // does not know the cost
  const std::vector<std::int64_t> items = {5'001};
  const auto cost = [&] {
    return must(in.load(one, "f", reads::stock, items)).variants.at(0).what.unit_cost.value_or(-1);
  };
  CAF_CHECK_EQUAL(cost(), 400);
  commit(one, inventory_item_row{{5'001, "", true, 450, at(20)}});
  CAF_CHECK_EQUAL(cost(), 450);
  commit(one, inventory_item_row{{5'001, "", true, 100, at(3)}});
  CAF_CHECK_EQUAL(cost(), 450);
}

CAF_TEST(order totals are counted on the days of the store) {
  // 2026-03-09T23:30Z is 00:30 on the 10th in Berlin.
  auto late = some_order(1, 5, 300);
  late.what.created_at = at(-1800);
  commit(one, late, some_order(2, 5, 500), order_gone_row{3, at(1)});
  const std::vector<std::int64_t> days = {on(-1).time_since_epoch().count(), on(0).time_since_epoch().count()};
  const auto totals = must(in.load(one, "f", reads::order_totals, days)).order_totals;
  CAF_REQUIRE_EQUAL(totals.size(), 2u);
  CAF_CHECK_EQUAL(totals[0].orders, 0);
  CAF_CHECK_EQUAL(totals[1].orders, 2);
  CAF_CHECK_EQUAL(totals[1].total, 800);
}

CAF_TEST(lists come back as they were written) {
  commit(one, subscription_row{"orders/create", "refused", "gid", "scope", at(3)},
         month_row{"2026-02", 5, 4, "differs", at(4)}, source_row{"orders", "late", "slow", at(5)}, some_job("a"),
         some_job("b"), settings_row{0, R"({"sync_paused":true})", user_id{1}, at(6)});
  const auto got = must(in.load(one, "a", everything, {}));
  CAF_REQUIRE_EQUAL(got.subscriptions.size(), 1u);
  CAF_CHECK_EQUAL(got.subscriptions[0].reason, "scope");
  CAF_REQUIRE_EQUAL(got.months.size(), 1u);
  CAF_CHECK_EQUAL(got.months[0].theirs, 5);
  CAF_REQUIRE_EQUAL(got.sources.size(), 1u);
  CAF_CHECK(got.sources[0].as_of == at(5));
  CAF_CHECK_EQUAL(got.jobs.size(), 2u);
  CAF_CHECK_EQUAL(got.settings_version, 1);
  const auto settings = nlohmann::json::parse(got.settings);
  CAF_CHECK_EQUAL(settings["sync_paused"], true);
}

CAF_TEST(G1 a store sees nothing of another one) {
  commit(one, some_order(1, 5), some_product(5, 7), stock_row{{5'001, 88, 3, at(20)}}, some_job("a"),
         subscription_row{"orders/create", "registered", "", "", at(1)}, source_row{"orders", "fresh", "", at(1)},
         month_row{"2026-02", 1, 1, "open", at(1)}, settings_row{0, "{}", user_id{1}, at(1)},
         order_edit_row{{1, 1, at(1)}});
  auto pending = batch(one, {});
  pending.calls.push_back({"a", read_shop{}});
  pending.closed_up_to = 9;
  must(write(pending));
  const std::vector<std::int64_t> about = {1, 501, 5'001, on(0).time_since_epoch().count()};
  const auto got = must(in.load(two, "a", everything, about));
  CAF_CHECK(got.order_versions.empty() && got.edits.empty() && got.variants.empty() && got.subscriptions.empty());
  CAF_CHECK(got.jobs.empty() && got.sources.empty() && got.months.empty() && got.settings_version == 0);
  for (const auto& x : got.order_totals)
    CAF_CHECK_EQUAL(x.orders, 0);
  const std::vector<std::string> features = {"a"};
  const auto start = must(in.start_of(two, child::sync, features));
  CAF_CHECK(start.calls.empty() && start.cursor == 0);
}

CAF_TEST(a store that is gone is not found) {
  CAF_CHECK(in.load(store_id{999}, "a", reads::nothing, {}).error().code == ec::not_found);
}

CAF_TEST_FIXTURE_SCOPE_END()
