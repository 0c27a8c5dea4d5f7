#define CAF_SUITE manual_sync

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;
using features::manual_sync;
using nlohmann::json;

namespace {

/// A sync that is driven answer by answer.
struct driven {
  snapshot seen = shop();
  effects last;

  const effects& step(const trigger& t) {
    last = manual_sync(seen, t);
    remember(seen, last);
    return last;
  }
  const effects& products(std::vector<product> xs, std::string next = {}) {
    return step(answered(only(asked<read_products>(last)), answer{product_page{std::move(xs), std::move(next)}}));
  }
  const effects& orders(std::vector<order> xs, std::string next = {}) {
    return step(answered(only(asked<read_orders>(last)), answer{order_page{std::move(xs), std::move(next)}}));
  }
  json outcome() const {
    return json::parse(seen.job.outcome, nullptr, false);
  }
};

snapshot known() {
  auto result = shop();
  result.sources = {{"orders", "fresh", {}, at("2026-11-22T11:00:00Z")},
                    {"products", "fresh", {}, at("2026-11-22T10:00:00Z")}};
  return result;
}

} // namespace

CAF_TEST(a click reads products and then orders since what is certain) {
  driven sync{known(), {}};
  sync.step(command_of("run"));
  CAF_CHECK_EQUAL(only(asked<read_products>(sync.last)).filter, "updated_at:>='2026-11-22T09:55:00Z'");
  CAF_CHECK_EQUAL(only(asked<count_orders>(sync.last)).filter, "updated_at:>='2026-11-22T10:55:00Z'");
  sync.products({});
  CAF_CHECK_EQUAL(only(asked<read_orders>(sync.last)).filter, "updated_at:>='2026-11-22T10:55:00Z'");
}

CAF_TEST(a hundred clicks are one job and all are answered with it) {
  driven sync;
  std::size_t calls = 0;
  for (auto i = 0; i < 100; ++i) {
    sync.step(command_of("run"));
    calls += asked<read_products>(sync.last).size();
    auto told_back = response(sync.last);
    CAF_REQUIRE(told_back && *told_back);
    CAF_REQUIRE_EQUAL(json::parse(**told_back)["state"].get<std::string>(), "running");
  }
  CAF_CHECK_EQUAL(calls, 1u);
}

CAF_TEST(the result says what was new and what had changed) {
  driven sync;
  auto stored = tea(1);
  sync.seen.order_versions[1] = to_row(stored, sync.seen.store.zone).what.updated_at;
  sync.seen.order_versions[2] = at("2026-11-01T00:00:00Z");
  sync.step(command_of("run"));
  sync.products({teapots()}, "more");
  sync.products({});
  sync.orders({tea(1), tea(2)}, "more");
  sync.orders({tea(3)});
  CAF_CHECK_EQUAL(sync.seen.job.state, "done");
  auto got = sync.outcome();
  CAF_CHECK_EQUAL(got["new"].get<int>(), 2);
  CAF_CHECK_EQUAL(got["changed"].get<int>(), 1);
  CAF_CHECK_EQUAL(got["unchanged"].get<int>(), 1);
  CAF_CHECK_EQUAL(saved<source_row>(sync.last).size(), 2u);
}

CAF_TEST(nothing new is said with the time of the check) {
  driven sync;
  sync.step(command_of("run"));
  sync.products({});
  sync.orders({});
  CAF_CHECK_EQUAL(sync.outcome()["sentence"].get<std::string>(), "Nothing new, verified at 2026-11-22T12:00:00Z.");
}

CAF_TEST(the count gives the progress its end) {
  driven sync;
  sync.step(command_of("run"));
  auto first = sync.last;
  sync.step(answered(only(asked<count_orders>(first)), answer{order_count{40, true}}));
  CAF_CHECK_EQUAL(sync.seen.job.total.value_or(0), 40);
  sync.last = first;
  sync.products({teapots()});
  sync.orders({tea(1)}, "more");
  CAF_CHECK_EQUAL(sync.seen.job.done, 2);
  CAF_CHECK_EQUAL(sync.seen.job.total.value_or(0), 41);
}

CAF_TEST(after a cancellation rows that arrive are kept and the job stays cancelled) {
  driven sync;
  sync.step(command_of("run"));
  auto first = sync.last;
  sync.step(command_of("cancel"));
  CAF_CHECK_EQUAL(sync.seen.job.state, "cancelled");
  CAF_CHECK(response(sync.last).has_value());
  sync.last = first;
  sync.products({teapots()}, "more");
  CAF_CHECK_EQUAL(saved<product_row>(sync.last).size(), 1u);
  CAF_CHECK(asked<read_products>(sync.last).empty());
  CAF_CHECK_EQUAL(sync.seen.job.state, "cancelled");
}

CAF_TEST(an error is shown and the next click starts afresh) {
  driven sync;
  sync.step(command_of("run"));
  sync.step(answered(only(asked<read_products>(sync.last)), error{ec::unavailable, "The shop does not answer.", ""}));
  CAF_CHECK_EQUAL(sync.seen.job.state, "failed");
  CAF_CHECK_EQUAL(sync.seen.job.error, "The shop does not answer.");
  sync.step(command_of("run"));
  CAF_CHECK_EQUAL(sync.seen.job.state, "running");
  CAF_CHECK_EQUAL(sync.seen.job.error, "");
}

CAF_TEST(a shop that is not connected is not read and the user hears why) {
  driven sync;
  sync.seen.store.connection = connection_row::state::needs_reconnect;
  sync.step(command_of("run"));
  CAF_CHECK(saved<job_row>(sync.last).empty());
  CAF_CHECK(response(sync.last).value().has_error());
}
