#define CAF_SUITE pool

#include "storage/pool.hpp"

#include "support/postgres.hpp"
#include "support/proxy.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr pg::statement one{"test.one", "SELECT 1::bigint"};
constexpr pg::statement pid_of{"test.pid", "SELECT pg_backend_pid()"};

struct fixture {
  test::database db = test::database::empty();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pool_tests, fixture)

CAF_TEST(a connection is lent to one user at a time and comes back) {
  pool lent{db.owner(), 2};
  auto a = test::must(lent.take());
  {
    auto b = test::must(lent.take());
    CAF_CHECK(&*a != &*b);
    auto late = lent.take(1ms);
    CAF_REQUIRE(!late);
    CAF_CHECK(late.error().code == ec::unavailable);
  }
  CAF_CHECK(lent.take(1ms).has_value());
}

CAF_TEST(B6 many users share few sessions and none opens another) {
  pool lent{db.owner(), 3};
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::int64_t> sessions;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        auto on = test::must(lent.take(30s));
        auto pid = test::must(on->run(pid_of)).int64(0, 0);
        std::lock_guard lock{mutex};
        sessions.insert(pid);
      }
    });
  for (auto& x : threads)
    x.join();
  CAF_CHECK(sessions.size() <= 3);
}

CAF_TEST(B6 a server with too many clients is unavailable in its own words) {
  std::vector<pg::connection> hogs;
  for (int i = 0; i < 60; ++i) {
    hogs.emplace_back(db.owner());
    if (!hogs.back().ensure())
      break;
  }
  auto got = hogs.back().ensure();
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::unavailable);
  CAF_CHECK(got.error().what.find("slots") != std::string::npos
            || got.error().what.find("too many") != std::string::npos);
  pool lent{db.owner(), 1};
  CAF_CHECK(!test::must(lent.take())->run(one));
}

CAF_TEST(B3 while the server is down the whole pool tries once) {
  auto asked = 0;
  test::refusing_server nobody{[&] { ++asked; }};
  {
    pool lent{fmt::format("host=127.0.0.1 port={} dbname=x sslmode=disable gssencmode=disable", nobody.port()), 4};
    std::vector<pool::lease> all;
    for (int i = 0; i < 4; ++i)
      all.push_back(test::must(lent.take()));
    for (auto& x : all)
      CAF_CHECK(x->run(one).error().code == ec::unavailable);
  }
  nobody.stop();
  CAF_CHECK_EQUAL(asked, 1);
}

CAF_TEST(B8 a connection whose packets vanish is given up at the deadline and replaced) {
  test::proxy between{db.owner()};
  pg::connection on{between.conninfo(db.name())};
  CAF_CHECK(on.run(one).has_value());
  between.swallow();
  auto got = on.run({one.name, one.sql, 100ms});
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::timed_out);
  CAF_CHECK(!on.connected());
  between.forward();
  CAF_CHECK(on.run(one).has_value());
}

CAF_TEST(G3 an open transaction does not reach the next user of its connection) {
  pool lent{db.owner(), 1};
  {
    auto on = test::must(lent.take());
    test::must(on->script("BEGIN; SELECT set_config('clique.stores', '{1}', true)"));
  }
  auto on = test::must(lent.take());
  CAF_CHECK(!on->in_transaction());
  CAF_CHECK(test::must(on->run({"test.left", "SELECT coalesce(current_setting('clique.stores', true), '')"}))
                .text(0, 0)
                .empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
