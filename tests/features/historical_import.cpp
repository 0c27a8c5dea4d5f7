#define CAF_SUITE historical_import

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <set>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;
using features::historical_import;
using nlohmann::json;

namespace {

/// A platform with orders per month and one bulk operation at a time; drives the import to its end.
struct platform {
  snapshot seen = shop();
  std::map<std::string, std::int64_t> months = {{"2026-11", 3}, {"2026-10", 5}, {"2026-08", 2}};
  std::map<std::string, std::int64_t> lost_in_file; ///< rows that the bulk file lacks
  std::vector<effect> todo;
  std::vector<month_row> certificates;
  std::vector<std::string> bulks;
  time_point now = noon;
  int steps = 0;

  platform() {
    seen.store.scopes.push_back("read_all_orders");
  }

  void step(trigger t) {
    now += 1s;
    t.now = now;
    auto got = historical_import(seen, t);
    remember(seen, got);
    for (const auto& x : saved<month_row>(got))
      certificates.push_back(x);
    for (auto& x : got)
      if (std::holds_alternative<ask>(x) || std::holds_alternative<start_import>(x))
        todo.push_back(x);
    ++steps;
  }

  /// First day of the month in a filter's start, by the store's calendar; empty without one.
  static std::string month_of(const std::string& filter) {
    auto from = filter.find("created_at:>='");
    if (from == filter.npos)
      return {};
    auto t = at(filter.substr(from + 14, 20));
    return format_day(calendar::of("Europe/Berlin").value().day_of(t)).substr(0, 7);
  }
  static std::string end_of(const std::string& filter) {
    auto t = at(filter.substr(filter.find("created_at:<'") + 13, 20)) - 1s;
    return format_day(calendar::of("Europe/Berlin").value().day_of(t)).substr(0, 7);
  }
  std::int64_t count(const std::string& filter) const {
    std::int64_t result = 0;
    for (const auto& [month, n] : months)
      if (month >= month_of(filter) && month <= end_of(filter))
        result += n;
    return result;
  }

  answer answer_to(const call& x) {
    if (auto* y = std::get_if<count_orders>(&x))
      return order_count{count(y->filter), true};
    if (auto* y = std::get_if<start_bulk>(&x)) {
      bulks.push_back(month_of(y->query));
      return bulk_state{"gid://shopify/BulkOperation/" + std::to_string(bulks.size()), "created", {}, 0, {}};
    }
    if (auto* y = std::get_if<poll_bulk>(&x)) {
      auto n = months.contains(bulks.back()) ? months[bulks.back()] : 0;
      return bulk_state{y->gid, "completed", {}, n, n ? "https://files.example/" + bulks.back() : ""};
    }
    if (auto* y = std::get_if<read_orders>(&x)) {
      std::vector<order> all;
      for (std::int64_t i = 0; i < count(y->filter); ++i)
        all.push_back(tea(2000 + i));
      return order_page{all, {}};
    }
    return done{};
  }

  /// Answers what is asked until nothing is, at most *limit* times.
  void run(int limit = 1000) {
    while (!todo.empty() && limit-- > 0) {
      auto x = todo.front();
      todo.erase(todo.begin());
      if (auto* y = std::get_if<start_import>(&x)) {
        auto rows = months[y->month] - lost_in_file[y->month];
        step(command_of("imported", json{{"month", y->month}, {"rows", rows}}.dump()));
      } else {
        auto& question = std::get<ask>(x).what;
        step(answered(question, answer_to(question)));
      }
    }
  }

  std::string states() const {
    std::string result;
    for (const auto& x : certificates)
      result += x.month + " " + std::to_string(x.ours) + "/" + std::to_string(x.theirs) + " " + x.state + "\n";
    return result;
  }
};

constexpr auto all_months = "2026-11 3/3 open\n2026-10 5/5 certified\n2026-09 0/0 certified\n2026-08 2/2 certified\n";

} // namespace

CAF_TEST(months are imported newest first back to the first order and certified) {
  platform p;
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.states(), all_months);
  CAF_CHECK_EQUAL(p.seen.job.state, "done");
  CAF_CHECK_EQUAL(p.seen.job.done, 10);
  CAF_CHECK_EQUAL(p.seen.job.total.value_or(0), 10);
}

CAF_TEST(a month whose file lacks orders is read again by pages) {
  platform p;
  p.lost_in_file["2026-10"] = 2;
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.states(), all_months);
}

CAF_TEST(a month that still differs says so) {
  platform p;
  p.step(connected());
  p.run(3); // total, start, poll: the file of November is being loaded
  p.months["2026-11"] = 4;
  p.todo.clear();
  p.step(command_of("imported", R"({"month":"2026-11","rows":3})"));
  p.run(1);
  auto question = only(asked<read_orders>(p.todo));
  p.todo.clear();
  p.step(answered(question, answer{order_page{{tea(), tea(1002), tea(1003)}, {}}}));
  p.run(1);
  CAF_CHECK_EQUAL(p.states(), "2026-11 3/4 differs\n");
}

CAF_TEST(without the right to read all orders sixty days are a normal result) {
  platform p;
  p.seen.store.scopes.pop_back();
  p.months["2026-09"] = 1;
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.seen.job.state, "done");
  auto outcome = json::parse(p.seen.job.outcome);
  CAF_CHECK(outcome["limited_to_60_days"].get<bool>());
  CAF_CHECK_EQUAL(p.certificates.back().month, "2026-09"); // 23 September is sixty days before 22 November
  p.seen.store.scopes.push_back("read_all_orders");
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.certificates.back().month, "2026-08");
}

CAF_TEST(an empty shop is done at once) {
  platform p;
  p.months.clear();
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.seen.job.state, "done");
  CAF_CHECK(p.certificates.empty());
}

CAF_TEST(a crash at any step is made good by the next tick) {
  platform whole;
  whole.step(connected());
  whole.run();
  for (auto crash = 1; crash < whole.steps; ++crash) {
    platform p;
    p.step(connected());
    p.run(crash - 1);
    p.todo.clear(); // what was under way is lost
    p.now += 20min;
    p.step(tick_at());
    p.run();
    CAF_MESSAGE("crash after step " << crash);
    CAF_CHECK_EQUAL(p.seen.job.state, "done");
    std::set<std::string> months;
    for (const auto& x : p.certificates)
      months.insert(x.month);
    CAF_CHECK_EQUAL(months.size(), 4u);
  }
}

CAF_TEST(the same answer twice changes nothing) {
  platform p;
  p.step(connected());
  while (!p.todo.empty()) {
    auto first = p.todo.front();
    p.run(1);
    if (auto* again = std::get_if<ask>(&first)) {
      auto left = p.todo;
      auto done = p.seen.job.done;
      p.step(answered(again->what, p.answer_to(again->what)));
      if (std::holds_alternative<start_bulk>(again->what))
        p.bulks.pop_back();
      p.todo = left;
      CAF_CHECK_EQUAL(p.seen.job.done, done);
    }
  }
  CAF_CHECK_EQUAL(p.states(), all_months);
}

CAF_TEST(a running operation is polled later and later up to a minute) {
  platform p;
  p.step(connected());
  p.run(2);
  auto question = only(asked<poll_bulk>(p.todo));
  auto last = 0s;
  for (auto i = 0; i < 10; ++i) {
    p.todo.clear();
    p.step(answered(question, answer{bulk_state{question.gid, "running", {}, 0, {}}}));
    CAF_REQUIRE(p.todo.empty() && p.seen.job.due_at);
    auto wait = std::chrono::floor<std::chrono::seconds>(*p.seen.job.due_at - p.now);
    CAF_CHECK(wait >= last && wait <= 60s);
    last = wait;
    p.now = *p.seen.job.due_at;
    p.step(tick_at());
    CAF_CHECK_EQUAL(asked<poll_bulk>(p.todo).size(), 1u);
  }
  CAF_CHECK(last == 60s);
}

CAF_TEST(the finish message is a reason to poll at once) {
  platform p;
  p.step(connected());
  p.run(2);
  auto question = only(asked<poll_bulk>(p.todo));
  p.todo.clear();
  p.step(answered(question, answer{bulk_state{question.gid, "running", {}, 0, {}}}));
  p.step(span_of({delivered("bulk_operations/finish", bulk_finished{"gid://shopify/BulkOperation/99", "completed"})}));
  CAF_CHECK(p.todo.empty());
  p.step(span_of({delivered("bulk_operations/finish", bulk_finished{question.gid, "completed"})}));
  CAF_CHECK_EQUAL(asked<poll_bulk>(p.todo).size(), 1u);
}

CAF_TEST(an operation in the way is waited for and then our own is started) {
  platform p;
  p.step(connected());
  p.run(1);
  auto question = only(asked<start_bulk>(p.todo));
  p.todo.clear();
  p.step(answered(question, error{ec::conflict,
                                  "A bulk query operation for this app and shop is already in progress: "
                                  "gid://shopify/BulkOperation/77.",
                                  ""}));
  auto poll = only(asked<poll_bulk>(p.todo));
  CAF_CHECK_EQUAL(poll.gid, "gid://shopify/BulkOperation/77");
  p.todo.clear();
  p.step(answered(poll, answer{bulk_state{poll.gid, "completed", {}, 1, "https://files.example/x"}}));
  CAF_CHECK_EQUAL(only(asked<start_bulk>(p.todo)).query, question.query);
}

CAF_TEST(operations that keep failing are replaced by pages) {
  platform p;
  p.step(connected());
  p.run(2);
  for (auto i = 0; i < 3; ++i) {
    auto poll = only(asked<poll_bulk>(p.todo));
    p.todo.clear();
    p.step(answered(poll, answer{bulk_state{poll.gid, "failed", "internal_server_error", 0, {}}}));
    if (i < 2)
      p.run(1);
  }
  CAF_CHECK_EQUAL(asked<read_orders>(p.todo).size(), 1u);
  p.run();
  CAF_CHECK_EQUAL(p.states(), all_months);
}

CAF_TEST(orders whose refunds the file lacks are read again) {
  platform p;
  p.step(connected());
  p.run(3);
  p.todo.clear();
  p.step(command_of("imported", R"({"month":"2026-11","rows":3,"again":["820982911946154508",5]})"));
  auto calls = asked<read_order>(p.todo);
  CAF_REQUIRE_EQUAL(calls.size(), 2u);
  CAF_CHECK_EQUAL(calls[0].id, 820982911946154508);
  p.todo.clear();
  p.step(answered(read_order{5}, error{ec::throttled, "later", ""}));
  CAF_CHECK_EQUAL(asked<read_order>(p.todo).size(), 1u);
  CAF_CHECK_EQUAL(p.seen.job.state, "running");
}

CAF_TEST(a silent worker is started again and a lively one is not ) {
  platform p;
  p.step(connected());
  p.run(3);
  p.todo.clear();
  p.now += 4min;
  p.step(command_of("progress", R"({"month":"2026-11","rows":2})"));
  CAF_CHECK_EQUAL(p.seen.job.done, 2);
  p.now += 4min;
  p.step(tick_at());
  CAF_CHECK(p.todo.empty());
  p.now += 6min;
  p.step(tick_at());
  CAF_REQUIRE_EQUAL(p.todo.size(), 1u);
  CAF_CHECK(std::holds_alternative<start_import>(p.todo[0]));
}

CAF_TEST(pause and resume and cancel do what they say) {
  platform p;
  p.step(connected());
  p.run(4);
  p.step(command_of("pause"));
  CAF_CHECK_EQUAL(p.seen.job.state, "paused");
  p.todo.clear();
  p.now += 20min;
  p.step(tick_at());
  CAF_CHECK(p.todo.empty());
  p.step(command_of("resume"));
  CAF_CHECK_EQUAL(p.seen.job.state, "running");
  p.run();
  CAF_CHECK_EQUAL(p.seen.job.state, "done");

  platform q;
  q.step(connected());
  q.run(2);
  q.todo.clear();
  q.step(command_of("cancel"));
  CAF_CHECK_EQUAL(q.seen.job.state, "cancelled");
  CAF_CHECK_EQUAL(asked<cancel_bulk>(q.todo).size(), 1u);
  q.todo.clear();
  q.step(connected());
  CAF_CHECK(q.todo.empty());
}

CAF_TEST(clicks while it runs are one import) {
  platform p;
  p.step(command_of("run"));
  auto n = p.todo.size();
  for (auto i = 0; i < 20; ++i) {
    auto got = historical_import(p.seen, command_of("run"));
    CAF_CHECK(saved<job_row>(got).empty());
    CAF_REQUIRE(response(got).value().has_value());
  }
  CAF_CHECK_EQUAL(p.todo.size(), n);
}

CAF_TEST(a passing error is retried at a tick and a rejected token after a reconnect) {
  platform p;
  p.step(connected());
  auto question = only(asked<count_orders>(p.todo));
  p.todo.clear();
  p.step(answered(question, error{ec::unavailable, "down", ""}));
  CAF_CHECK_EQUAL(p.seen.job.state, "failed");
  CAF_CHECK(p.seen.job.due_at.has_value());
  p.step(tick_at());
  CAF_CHECK_EQUAL(p.seen.job.state, "running");
  p.todo.clear();
  p.step(answered(question, error{ec::token_rejected, "401", ""}));
  CAF_CHECK_EQUAL(p.seen.job.state, "paused");
  p.step(tick_at());
  CAF_CHECK(p.todo.empty());
  p.step(connected());
  p.run();
  CAF_CHECK_EQUAL(p.states(), all_months);
}
