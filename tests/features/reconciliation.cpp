#define CAF_SUITE reconciliation

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;
using features::reconciliation;

namespace {

const auto midnight = at("2026-11-22T00:30:00Z"); // 01:30 in Berlin: before the nightly check

/// A run that is driven answer by answer; our totals are what was saved.
struct driven {
  snapshot seen = shop(R"({"since":"2026-11-22T00:15:00Z","nightly":""})");
  std::map<std::string, std::int64_t> ours = {{"2026-11-20", 0}, {"2026-11-21", 0}, {"2026-11-22", 0}};
  std::map<std::string, reconciliation_row> rows;
  time_point now = midnight;
  effects last;

  void totals() {
    seen.order_totals.clear();
    for (const auto& [on_day, n] : ours)
      seen.order_totals.push_back({on(on_day), n, n * 2799});
  }
  const effects& step(trigger t) {
    t.now = now;
    totals();
    last = reconciliation(seen, t);
    for (const auto& x : saved<order_row>(last))
      if (!seen.order_versions.contains(x.what.id))
        ++ours[format_day(seen.store.zone.day_of(x.what.created_at))];
    remember(seen, last);
    for (const auto& x : saved<reconciliation_row>(last))
      rows[format_day(x.on)] = x;
    return last;
  }
  std::string day_of(const std::string& filter) const {
    return format_day(seen.store.zone.day_of(at(filter.substr(filter.find(">='") + 3, 20))));
  }
  /// Answers all counts with *theirs* per day and all pages of days with *missing*.
  void count(std::map<std::string, std::int64_t> theirs, std::vector<order> missing = {}) {
    std::vector<call> todo;
    auto queue = [&] {
      for (const auto& x : last)
        if (auto* y = std::get_if<ask>(&x))
          todo.push_back(y->what);
    };
    queue();
    while (!todo.empty()) {
      auto question = todo.front();
      todo.erase(todo.begin());
      if (auto* y = std::get_if<count_orders>(&question))
        step(answered(question, answer{order_count{theirs[day_of(y->filter)], true}}));
      else
        step(answered(question, answer{order_page{missing, {}}}));
      queue();
    }
  }
  void sweep(std::vector<order> xs = {}) {
    step(tick_at());
    step(answered(only(asked<read_orders>(last)), answer{order_page{std::move(xs), {}}}));
  }
};

} // namespace

CAF_TEST(a tick reads what changed since the last run with an overlap) {
  driven r;
  r.step(tick_at());
  CAF_CHECK_EQUAL(only(asked<read_orders>(r.last)).filter, "updated_at:>='2026-11-22T00:10:00Z'");
}

CAF_TEST(the first run reads everything since the installation) {
  driven r;
  r.seen.job.memory = "{}";
  r.step(tick_at());
  CAF_CHECK_EQUAL(only(asked<read_orders>(r.last)).filter, "updated_at:>='2026-10-31T23:55:00Z'");
}

CAF_TEST(pages are read to the end and then three days are counted) {
  driven r;
  r.step(tick_at());
  auto first = only(asked<read_orders>(r.last));
  r.step(answered(first, answer{order_page{{tea()}, "more"}}));
  auto second = only(asked<read_orders>(r.last));
  CAF_CHECK_EQUAL(second.after, "more");
  r.step(answered(second, answer{order_page{{}, {}}}));
  std::set<std::string> days;
  for (const auto& x : asked<count_orders>(r.last))
    days.insert(r.day_of(x.filter));
  CAF_CHECK(days == (std::set<std::string>{"2026-11-20", "2026-11-21", "2026-11-22"}));
  auto source = only(saved<source_row>(r.last));
  CAF_CHECK_EQUAL(source.state, "fresh");
  CAF_CHECK_EQUAL(format_time(source.as_of), format_time(midnight));
}

CAF_TEST(days that agree are equal and the next run begins where this one did) {
  driven r;
  r.ours = {{"2026-11-20", 4}, {"2026-11-21", 2}, {"2026-11-22", 1}};
  r.sweep();
  r.count(r.ours);
  for (auto x : {"2026-11-20", "2026-11-21", "2026-11-22"})
    CAF_CHECK_EQUAL(r.rows[x].state, "equal");
  CAF_CHECK_EQUAL(r.rows["2026-11-20"].total_theirs, 4 * 2799);
  CAF_CHECK_EQUAL(r.seen.job.state, "done");
  r.now += 15min;
  r.step(tick_at());
  CAF_CHECK_EQUAL(only(asked<read_orders>(r.last)).filter, "updated_at:>='2026-11-22T00:25:00Z'");
}

CAF_TEST(C18 an order whose message was lost is found by its change and the day says so) {
  driven r;
  r.sweep({tea()});
  CAF_CHECK_EQUAL(r.ours["2026-11-20"], 1);
  r.count({{"2026-11-20", 1}});
  CAF_CHECK_EQUAL(r.rows["2026-11-20"].state, "repaired");
  CAF_CHECK(!r.rows["2026-11-20"].cause.empty());
  CAF_CHECK_EQUAL(r.rows["2026-11-21"].state, "equal");
}

CAF_TEST(a day that lacks orders is read again completely and repaired) {
  driven r;
  r.sweep();
  r.count({{"2026-11-20", 2}}, {tea(1), tea(2)});
  auto row = r.rows["2026-11-20"];
  CAF_CHECK_EQUAL(row.state, "repaired");
  CAF_CHECK_EQUAL(row.orders_ours, 2);
  CAF_CHECK_EQUAL(row.total_theirs, 2 * 2799);
  CAF_CHECK_EQUAL(r.seen.job.state, "done");
}

CAF_TEST(what remains different is named and does not go on forever) {
  driven more;
  more.sweep();
  more.count({{"2026-11-20", 3}}, {tea(1)});
  CAF_CHECK_EQUAL(more.rows["2026-11-20"].state, "differs");
  CAF_CHECK(more.rows["2026-11-20"].cause.find("2 orders more") != std::string::npos);
  CAF_CHECK_EQUAL(more.seen.job.state, "done");
  driven fewer;
  fewer.ours["2026-11-20"] = 5;
  fewer.sweep();
  fewer.count({{"2026-11-20", 4}}, {});
  CAF_CHECK_EQUAL(fewer.rows["2026-11-20"].state, "differs");
  CAF_CHECK(fewer.rows["2026-11-20"].cause.find("deleted") != std::string::npos);
}

CAF_TEST(orders of today that come between both counts are no difference) {
  driven r;
  r.ours["2026-11-22"] = 5;
  r.sweep();
  r.count({{"2026-11-22", 4}});
  CAF_CHECK_EQUAL(r.rows["2026-11-22"].state, "equal");
}

CAF_TEST(once a night five weeks are counted) {
  driven r;
  r.now = at("2026-11-22T03:00:00Z");
  r.sweep();
  CAF_CHECK_EQUAL(asked<count_orders>(r.last).size(), 35u);
  r.count({});
  CAF_CHECK_EQUAL(r.seen.job.state, "done");
  r.now += 15min;
  r.sweep();
  CAF_CHECK_EQUAL(asked<count_orders>(r.last).size(), 3u);
}

CAF_TEST(a failed run is repeated from the same moment) {
  driven r;
  r.step(tick_at());
  auto question = only(asked<read_orders>(r.last));
  r.step(answered(question, error{ec::unavailable, "down", ""}));
  CAF_CHECK_EQUAL(r.seen.job.state, "failed");
  r.now += 15min;
  r.step(tick_at());
  CAF_CHECK_EQUAL(only(asked<read_orders>(r.last)).filter, question.filter);
}

CAF_TEST(sources grow late and stale and disconnected) {
  struct {
    std::chrono::minutes age;
    const char* settings;
    connection_row::state connection;
    const char* expected; ///< empty: unchanged
  } table[] = {
      {29min, "{}", connection_row::state::connected, ""},
      {31min, "{}", connection_row::state::connected, "late"},
      {31min, R"({"freshness_alert_minutes":60})", connection_row::state::connected, ""},
      {25h, "{}", connection_row::state::connected, "stale"},
      {1min, "{}", connection_row::state::needs_reconnect, "disconnected"},
  };
  for (const auto& x : table) {
    auto seen = shop();
    seen.settings = x.settings;
    seen.store.connection = x.connection;
    seen.sources = {{"orders", "fresh", {}, noon - x.age}};
    auto rows = saved<source_row>(reconciliation(seen, tick_at()));
    CAF_CHECK_EQUAL(rows.empty() ? "" : rows[0].state, std::string{x.expected});
  }
}

CAF_TEST(while history is imported orders stay marked as importing) {
  driven r;
  job_row import;
  import.feature = "historical_import";
  import.state = "running";
  r.seen.jobs = {import};
  r.sweep();
  CAF_CHECK(saved<source_row>(r.last).empty());
}

CAF_TEST(an answer of an earlier run keeps its rows and moves nothing) {
  driven r;
  r.step(tick_at());
  auto got = reconciliation(r.seen, answered(read_orders{.filter = "updated_at:>='2020-01-01T00:00:00Z'", .after = {}},
                                             answer{order_page{{tea()}, {}}}));
  CAF_CHECK_EQUAL(saved<order_row>(got).size(), 1u);
  CAF_CHECK(asked<count_orders>(got).empty());
}
