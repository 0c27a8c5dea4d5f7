#define CAF_SUITE lease

#include "storage/lease.hpp"

#include "core/ids.hpp"
#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

#include <future>
#include <numeric>
#include <thread>

using namespace clique;
using namespace std::chrono_literals;

namespace {

std::vector<std::int32_t> all_parts() {
  std::vector<std::int32_t> result(num_partitions);
  std::iota(result.begin(), result.end(), 0);
  return result;
}

struct fixture {
  test::database db;
  pg::connection admin{db.admin()};

  lease_keeper keeper(std::string node) const {
    return lease_keeper{pg::connection{db.system()}, std::move(node)};
  }
  /// What a writer does: the check, then a row.
  result<std::vector<pg::rows>> write(std::int64_t epoch, std::vector<std::int32_t> parts) const {
    constexpr pg::statement insert{"test.write",
                                   "INSERT INTO store_cursor VALUES (1, 'sync', 1) "
                                   "ON CONFLICT (store_id, child) DO UPDATE SET seq = store_cursor.seq + 1"};
    pg::connection on{db.app()};
    std::vector<pg::work_item> work;
    work.push_back(check_epoch(epoch, parts));
    work.push_back(pg::open_stores(std::vector<std::int64_t>{1}));
    work.push_back({insert, {}});
    return pg::transaction(on, std::move(work));
  }
  bool may_write(std::int64_t epoch, std::vector<std::int32_t> parts = all_parts()) const {
    return write(epoch, std::move(parts)).has_value();
  }
  std::int64_t number(std::string_view sql) {
    return test::must(admin.run({"test.number", sql})).int64(0, 0);
  }
  void expire() {
    test::must(admin.script("UPDATE partition_owner SET expires_at = clock_timestamp() - interval '1 second'"));
  }
  /// Ends the session that holds *node*'s lock, as the death of its process would.
  void kill(const std::string& node) {
    number(
        fmt::format("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND objid = (hashtextextended('clique.node:{}', 0) & 4294967295)::oid",
                    node));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(lease_tests, fixture)

CAF_TEST(one machine owns all partitions under one epoch) {
  auto a = keeper("a");
  CAF_CHECK_EQUAL(a.epoch(), 0);
  CAF_CHECK_EQUAL(test::must(a.acquire()), 64);
  CAF_CHECK(a.epoch() > 0);
  CAF_CHECK(a.renew().has_value());
  CAF_CHECK(may_write(a.epoch()));
}

CAF_TEST(acquiring again changes nothing) {
  auto a = keeper("a");
  test::must(a.acquire());
  auto epoch = a.epoch();
  CAF_CHECK_EQUAL(test::must(a.acquire()), 64);
  CAF_CHECK_EQUAL(a.epoch(), epoch);
}

CAF_TEST(a living owner keeps its partitions) {
  auto a = keeper("a");
  auto b = keeper("b");
  test::must(a.acquire());
  CAF_CHECK_EQUAL(test::must(b.acquire()), 0);
  CAF_CHECK_EQUAL(b.epoch(), 0);
  CAF_CHECK(a.renew().has_value());
}

CAF_TEST(A9 a zombie whose lease expired is fenced from the first write after the take over) {
  auto zombie = keeper("zombie");
  test::must(zombie.acquire());
  auto old = zombie.epoch();
  expire();                  // it was stopped for longer than its lease
  CAF_CHECK(may_write(old)); // nobody has taken over: still the only owner
  auto b = keeper("b");
  CAF_CHECK_EQUAL(test::must(b.acquire()), 64);
  CAF_CHECK(b.epoch() > old);
  auto before = number("SELECT seq FROM store_cursor");
  auto got = write(old, {5});
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::fenced);
  CAF_CHECK_EQUAL(number("SELECT seq FROM store_cursor"), before);
  CAF_CHECK(may_write(b.epoch()));
  auto renewed = zombie.renew();
  CAF_REQUIRE(!renewed);
  CAF_CHECK(renewed.error().code == ec::fenced);
  CAF_CHECK_EQUAL(zombie.epoch(), 0);
  CAF_CHECK_EQUAL(test::must(zombie.acquire()), 0);
}

CAF_TEST(the partitions of a dead owner are free at once) {
  auto a = keeper("a");
  test::must(a.acquire());
  kill("a");
  auto b = keeper("b");
  CAF_CHECK_EQUAL(test::must(b.acquire()), 64);
}

CAF_TEST(an owner whose session broke takes its lock again with the next renewal) {
  auto a = keeper("a");
  test::must(a.acquire());
  kill("a");
  CAF_CHECK(a.renew().has_value());
  auto b = keeper("b");
  CAF_CHECK_EQUAL(test::must(b.acquire()), 0);
}

CAF_TEST(what an owner gives back is free at once and its old epoch is over) {
  auto a = keeper("a");
  test::must(a.acquire());
  auto old = a.epoch();
  CAF_CHECK(a.release().has_value());
  CAF_CHECK(!may_write(old, {0}));
  CAF_CHECK_EQUAL(test::must(keeper("b").acquire()), 64);
}

CAF_TEST(an owner that lost a partition and got it back writes under another epoch) {
  auto a = keeper("a");
  test::must(a.acquire());
  auto old = a.epoch();
  expire();
  {
    auto b = keeper("b");
    test::must(b.acquire());
    test::must(b.release());
  }
  CAF_CHECK_EQUAL(test::must(a.acquire()), 64); // it woke up and never renewed in between
  CAF_CHECK(a.epoch() > old);
  CAF_CHECK(!may_write(old, {0}));
}

CAF_TEST(a partition taken beside others that are held brings all under one epoch) {
  auto a = keeper("a");
  test::must(a.acquire());
  test::must(
      admin.script("UPDATE partition_owner SET owner = NULL, epoch = nextval('partition_epoch') WHERE part < 3"));
  CAF_CHECK_EQUAL(test::must(a.acquire()), 64);
  CAF_CHECK(may_write(a.epoch()));
  CAF_CHECK_EQUAL(number("SELECT count(DISTINCT epoch) FROM partition_owner"), 1);
}

CAF_TEST(a second process under the same name is told so) {
  auto a = keeper("a");
  test::must(a.acquire());
  auto got = keeper("a").acquire();
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::conflict);
  CAF_CHECK(a.renew().has_value());
}

CAF_TEST(of two that acquire at once each partition has one owner) {
  for (int round = 0; round < 10; ++round) {
    auto a = keeper("a");
    auto b = keeper("b");
    auto other = std::async(std::launch::async, [&] { return test::must(b.acquire()); });
    auto mine = test::must(a.acquire());
    CAF_CHECK_EQUAL(mine + other.get(), 64);
    CAF_CHECK(a.release().has_value());
    CAF_CHECK(b.release().has_value());
  }
}

CAF_TEST(a take over waits for the writer that has checked its epoch) {
  auto a = keeper("a");
  test::must(a.acquire());
  auto old = a.epoch();
  pg::connection writer{db.app()};
  test::must(writer.script("BEGIN"));
  test::must(writer.run(check_epoch(old, all_parts()).what, check_epoch(old, all_parts()).with));
  CAF_CHECK(a.renew().has_value()); // renewing does not wait
  expire();
  auto b = keeper("b");
  auto taken = std::async(std::launch::async, [&] { return test::must(b.acquire()); });
  while (number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
    std::this_thread::yield();
  CAF_CHECK_EQUAL(number("SELECT max(epoch) FROM partition_owner"), old);
  test::must(writer.script("COMMIT"));
  CAF_CHECK_EQUAL(taken.get(), 64);
}

CAF_TEST(an epoch that owns only some of the partitions is fenced) {
  auto a = keeper("a");
  test::must(a.acquire());
  test::must(admin.script("UPDATE partition_owner SET epoch = epoch + 1000 WHERE part = 9"));
  CAF_CHECK(may_write(a.epoch(), {8, 10, 8}));
  CAF_CHECK(!may_write(a.epoch(), {8, 9}));
}

CAF_TEST_FIXTURE_SCOPE_END()
