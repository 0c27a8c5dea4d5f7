#define CAF_SUITE jobs

#include "storage/store_world.hpp"

#include "storage/jobs.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace clique;
using namespace clique::test;
using namespace std::chrono_literals;

namespace {

time_point in_an_hour(store_id, std::string_view, time_point now) {
  return now + 1h;
}

struct fixture : store_world {
  jobs timers{pg::connection{db.system()}};

  void due(store_id store, const std::string& feature, std::int64_t seconds) {
    auto x = some_job(feature);
    x.due_at = at(seconds);
    commit(store, x);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(jobs_tests, fixture)

CAF_TEST(due timers are claimed once in order and move on) {
  due(one, "reconciliation", 20);
  due(two, "oauth_setup", 10);
  due(one, "product_sync", 99);
  const auto claimed = must(timers.claim(at(50), 10, in_an_hour));
  CAF_REQUIRE_EQUAL(claimed.size(), 2u);
  CAF_CHECK_EQUAL(claimed[0].feature, "oauth_setup");
  CAF_CHECK_EQUAL(claimed[1].feature, "reconciliation");
  CAF_CHECK(claimed[1].due_at == at(20));
  CAF_CHECK(must(timers.claim(at(50), 10, in_an_hour)).empty());
  CAF_CHECK_EQUAL(must(timers.claim(at(50) + 1h, 10, in_an_hour)).size(), 3u);
}

CAF_TEST(at most the limit is claimed) {
  for (int i = 0; i < 5; ++i)
    due(one, fmt::format("f{}", i), i);
  CAF_CHECK_EQUAL(must(timers.claim(at(50), 2, in_an_hour)).size(), 2u);
  CAF_CHECK_EQUAL(must(timers.claim(at(50), 9, in_an_hour)).size(), 3u);
}

CAF_TEST(stores that are not connected have no timers) {
  due(one, "reconciliation", 1);
  commit(one, connection_row{connection_row::state::needs_reconnect, "token refused", {}, at(5)});
  CAF_CHECK(must(timers.claim(at(50), 10, in_an_hour)).empty());
  commit(one, connection_row{connection_row::state::connected, "", {}, at(6)});
  CAF_CHECK_EQUAL(must(timers.claim(at(50), 10, in_an_hour)).size(), 1u);
}

CAF_TEST(ensured timers are spread and existing ones stay as they are) {
  const std::vector<jobs::timer> table = {{"reconciliation", 15min}, {"oauth_setup", 360min}};
  must(timers.ensure(one, table, at(0)));
  const auto before = dump("job_log");
  must(timers.ensure(one, table, at(500)));
  CAF_CHECK_EQUAL(dump("job_log"), before);
  std::vector<store_id> many;
  for (int i = 10; i < 3'010; ++i)
    many.push_back(store_id{i});
  must(timers.ensure(many, table, at(0)));
  CAF_CHECK_EQUAL(sql("SELECT count(*) FROM job_log"), "6002");
  CAF_CHECK(std::stoi(sql(
                "SELECT count(DISTINCT date_trunc('minute', due_at)) FROM job_log WHERE feature = 'reconciliation'"))
            >= 15);
}

CAF_TEST(two claimers never get the same timer) {
  for (int i = 0; i < 60; ++i)
    due(i % 2 == 0 ? one : two, fmt::format("f{}", i), i);
  std::vector<due_job> first, second;
  std::thread other{[&] {
    jobs mine{pg::connection{db.system()}};
    for (int i = 0; i < 12; ++i)
      for (auto& x : must(mine.claim(at(500), 5, in_an_hour)))
        second.push_back(x);
  }};
  for (int i = 0; i < 12; ++i)
    for (auto& x : must(timers.claim(at(500), 5, in_an_hour)))
      first.push_back(x);
  other.join();
  std::set<std::string> names;
  for (const auto* list : {&first, &second})
    for (const auto& x : *list)
      CAF_CHECK(names.insert(x.feature).second);
  CAF_CHECK_EQUAL(names.size(), 60u);
}

CAF_TEST_FIXTURE_SCOPE_END()
