#define CAF_SUITE registry

#include "features/about.hpp"
#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <set>

using namespace clique;
using namespace clique::build;

CAF_TEST(every feature has a name of its own and can decide) {
  std::set<std::string_view> names;
  for (const auto& x : all_features()) {
    names.insert(x.name);
    CAF_CHECK(!x.title.empty());
    CAF_CHECK(x.decide != nullptr);
  }
  CAF_CHECK_EQUAL(names.size(), all_features().size());
}

CAF_TEST(what runs on a timer can be run by hand) {
  for (const auto& x : all_features())
    if (x.when.period.count() > 0)
      CAF_CHECK(std::find(x.when.commands.begin(), x.when.commands.end(), "run") != x.when.commands.end());
}

CAF_TEST(orders are repaired within a quarter of an hour and products within one) {
  for (const auto& x : all_features()) {
    if (x.name == "reconciliation" || x.name == "webhook_registration")
      CAF_CHECK(x.when.period <= std::chrono::minutes{15});
    if (x.name == "product_sync")
      CAF_CHECK(x.when.period < std::chrono::minutes{60});
  }
}

CAF_TEST(no feature trips over a trigger or memory that is not meant for it) {
  std::vector<trigger> all{
      tick_at(),
      connected(),
      command_of("run", "not json"),
      command_of("imported", R"({"month":5,"rows":"x"})"),
      span_of({}),
      span_of({delivered("x", ignored_topic{})}),
      {noon, heard{import_finished{}}},
      answered(read_shop{}, answer{done{}}),
      answered(list_subscriptions{}, answer{done{}}),
      answered(read_orders{}, answer{done{}}),
      answered(read_products{}, answer{done{}}),
      answered(count_orders{}, answer{done{}}),
      answered(poll_bulk{}, answer{done{}}),
      answered(start_bulk{}, error{ec::internal, "x", ""}),
  };
  for (auto memory : {"{}", "", "[]", R"({"days":5,"gaps":[],"pending":"x","step":7,"started":1,"since":{}})"})
    for (auto state : {"idle", "running", "failed", "paused"})
      for (const auto& x : all_features())
        for (const auto& why : all) {
          auto seen = shop(memory, state);
          for (const auto& row : saved<job_row>(x.decide(seen, why)))
            CAF_REQUIRE(nlohmann::json::parse(row.memory, nullptr, false).is_object());
          if (x.about)
            x.about(why);
        }
}

CAF_TEST(a snapshot is narrowed to what the trigger is about) {
  auto span = span_of({delivered("orders/create", tea(5)), delivered("orders/updated", tea(5)),
                       delivered("orders/edited", order_edited{1, 6, noon})});
  CAF_CHECK_EQUAL(features::about_orders(span), (std::vector<std::int64_t>{5, 6}));
  auto products = span_of({delivered("products/update", teapots())});
  CAF_CHECK_EQUAL(features::about_variants(products), (std::vector<std::int64_t>{501}));
  auto page = answered(read_products{}, answer{product_page{{teapots()}, {}}});
  CAF_CHECK_EQUAL(features::about_answer(page), (std::vector<std::int64_t>{501}));
}

CAF_TEST(a counted day is loaded in any time zone) {
  for (auto name : {"Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"}) {
    auto zone = calendar::of(name).value();
    auto x = on("2026-11-22");
    auto filter = "created_at:>='" + format_time(zone.start_of(x)) + "' AND created_at:<'x'";
    auto days = features::about_days(answered(count_orders{filter}, answer{order_count{}}));
    CAF_CHECK(std::find(days.begin(), days.end(), x.time_since_epoch().count()) != days.end());
  }
}
