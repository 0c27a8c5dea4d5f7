#define CAF_SUITE delivery_log

#include "storage/delivery_log.hpp"

#include "core/schedule.hpp"
#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

#include <signal.h>

#include <map>
#include <set>
#include <thread>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = time_point{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}} + 12h;

incoming delivery(std::int64_t store, std::string id, time_point at = noon) {
  incoming result;
  result.store = store_id{store};
  result.part = static_cast<std::int32_t>(store % num_partitions);
  result.topic = "orders/create";
  result.webhook_id = std::move(id);
  result.received_at = at;
  result.body = R"({"id":1})";
  return result;
}

struct fixture {
  test::database db;
  delivery_log log = open();

  delivery_log open() const {
    return delivery_log{pg::connection{db.system()}};
  }
  appended add(const incoming& x) {
    return test::must(log.append(std::span{&x, 1})).front();
  }
  std::int64_t count(std::string_view what) {
    pg::connection admin{db.admin()};
    auto sql = fmt::format("SELECT count(*) FROM {}", what);
    return test::must(admin.run({"test.count", sql})).int64(0, 0);
  }
};

/// Sequence numbers of a partition in the order of reading.
std::vector<std::int64_t> sequence(delivery_log& log, std::int32_t part) {
  std::vector<std::int64_t> result;
  for (const auto& x : test::must(log.read(part, 0, 100'000)))
    result.push_back(x.place.seq);
  return result;
}

std::vector<std::int64_t> one_to(std::size_t n) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 1; i <= n; ++i)
    result.push_back(static_cast<std::int64_t>(i));
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(delivery_log_tests, fixture)

// First: recovery looks at every file of every database that earlier tests made.
CAF_TEST(B2 an immediate stop of the server keeps every confirmed delivery) {
  auto& server = test::cluster::get().server();
  std::set<std::string> confirmed;
  for (int round = 0; round < 10; ++round) {
    auto own = open();
    for (int n = 0;; ++n) {
      std::vector<incoming> batch;
      for (int i = 0; i < 20; ++i)
        batch.push_back(delivery(i, fmt::format("{}-{}-{}", round, n, i)));
      auto stop_now = n == 2 + round;
      auto pid = server.postmaster_pid();
      CAF_REQUIRE(pid > 0);
      std::thread killer;
      if (stop_now)
        killer = std::thread{[pid] { kill(pid, SIGQUIT); }};
      auto got = own.append(batch);
      if (killer.joinable())
        killer.join();
      if (got)
        for (const auto& x : batch)
          confirmed.insert(x.webhook_id);
      if (stop_now)
        break;
    }
    test::until_ready(db.system());
  }
  auto again = open();
  std::set<std::string> stored;
  for (int part = 0; part < 20; ++part) {
    auto numbers = std::vector<std::int64_t>{};
    for (const auto& x : test::must(again.read(part, 0, 100'000))) {
      stored.insert(x.webhook_id);
      numbers.push_back(x.place.seq);
    }
    CAF_CHECK(numbers == one_to(numbers.size()));
  }
  auto lost = 0;
  for (const auto& x : confirmed)
    lost += stored.contains(x) ? 0 : 1;
  CAF_CHECK_EQUAL(lost, 0);
  CAF_CHECK(confirmed.size() > 1000);
}

CAF_TEST(a delivery is read back as it came) {
  auto sent = delivery(7, "a");
  sent.body = std::string("{\"x\":\"") + std::string(100'000, 'y') + "\"}";
  sent.triggered_at = noon - 1s;
  auto got = add(sent);
  CAF_CHECK_EQUAL(got.place.part, 7);
  CAF_CHECK_EQUAL(got.place.seq, 1);
  CAF_CHECK(!got.duplicate);
  auto read = test::must(log.read(7, 0, 10));
  CAF_REQUIRE_EQUAL(read.size(), 1u);
  CAF_CHECK(read[0].place == got.place);
  CAF_CHECK_EQUAL(raw(read[0].store), 7);
  CAF_CHECK_EQUAL(read[0].source, "shopify");
  CAF_CHECK_EQUAL(read[0].topic, "orders/create");
  CAF_CHECK_EQUAL(read[0].webhook_id, "a");
  CAF_CHECK(read[0].triggered_at == sent.triggered_at);
  CAF_CHECK(read[0].received_at == noon);
  CAF_CHECK(read[0].body == sent.body);
}

CAF_TEST(D1 a repetition is answered with the place of the first) {
  auto first = add(delivery(7, "a"));
  add(delivery(7, "b"));
  auto again = add(delivery(7, "a"));
  CAF_CHECK(again.duplicate);
  CAF_CHECK(again.place == first.place);
  CAF_CHECK_EQUAL(count("delivery"), 2);
}

CAF_TEST(D1 repetitions inside one batch are one delivery) {
  std::vector<incoming> batch;
  for (const auto* id : {"a", "b", "a", "c", "a", "b"})
    batch.push_back(delivery(7, id));
  auto got = test::must(log.append(batch));
  std::vector<std::int64_t> places, fresh;
  for (const auto& x : got) {
    places.push_back(x.place.seq);
    fresh.push_back(x.duplicate ? 0 : 1);
  }
  CAF_CHECK(places == (std::vector<std::int64_t>{1, 2, 1, 3, 1, 2}));
  CAF_CHECK(fresh == (std::vector<std::int64_t>{1, 1, 0, 1, 0, 0}));
}

CAF_TEST(D1 a hundred repetitions from eight connections at once have one place) {
  std::vector<std::thread> threads;
  std::vector<std::vector<appended>> got(8);
  for (std::size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      auto own = open();
      for (int n = 0; n < 13; ++n) {
        auto x = delivery(7, "same");
        got[i].push_back(test::must(own.append(std::span{&x, 1})).front());
      }
    });
  for (auto& x : threads)
    x.join();
  auto fresh = 0;
  for (const auto& xs : got)
    for (const auto& x : xs) {
      CAF_CHECK_EQUAL(x.place.seq, 1);
      fresh += x.duplicate ? 0 : 1;
    }
  CAF_CHECK_EQUAL(fresh, 1);
  CAF_CHECK_EQUAL(count("delivery"), 1);
}

CAF_TEST(the same id of another store or topic or source is another delivery) {
  add(delivery(7, "a"));
  auto topic = delivery(7, "a");
  topic.topic = "orders/updated";
  auto source = delivery(7, "a");
  source.source = "meta";
  CAF_CHECK(!add(delivery(7 + num_partitions, "a")).duplicate);
  CAF_CHECK(!add(topic).duplicate);
  CAF_CHECK(!add(source).duplicate);
  CAF_CHECK(sequence(log, 7) == one_to(4));
}

CAF_TEST(a repetition after midnight is still a repetition) {
  auto midnight = noon + 12h;
  auto first = add(delivery(7, "a", midnight - 1us));
  auto again = add(delivery(7, "a", midnight));
  CAF_CHECK(again.duplicate);
  CAF_CHECK(again.place == first.place);
}

CAF_TEST(two publishers at once leave no gap and what is read stays in order) {
  constexpr auto rounds = 60;
  constexpr auto size = 20;
  std::vector<std::thread> threads;
  std::atomic<int> running = 2;
  for (std::int64_t who = 0; who < 2; ++who)
    threads.emplace_back([&, who] {
      auto own = open();
      for (int round = 0; round < rounds; ++round) {
        std::vector<incoming> batch;
        for (int i = 0; i < size; ++i) // over three partitions; some ids are sent by both
          batch.push_back(delivery(1 + i % 3, fmt::format("{}-{}-{}", i % 5 == 0 ? 9 : who, round, i)));
        test::must(own.append(batch));
      }
      --running;
    });
  // A reader that follows the cursor never meets a number that it has passed.
  std::map<std::int32_t, std::vector<std::int64_t>> followed;
  auto reader = open();
  for (auto is_last = false; !is_last;) {
    is_last = running == 0;
    for (auto part : {1, 2, 3}) {
      auto& seen = followed[part];
      for (const auto& x : test::must(reader.read(part, seen.empty() ? 0 : seen.back(), 50)))
        seen.push_back(x.place.seq);
      while (is_last && seen.size() < sequence(log, part).size())
        for (const auto& x : test::must(reader.read(part, seen.empty() ? 0 : seen.back(), 50)))
          seen.push_back(x.place.seq);
    }
  }
  for (auto& x : threads)
    x.join();
  std::size_t total = 0;
  for (auto part : {1, 2, 3}) {
    auto stored = sequence(log, part);
    total += stored.size();
    CAF_CHECK(stored == one_to(stored.size()));
    CAF_CHECK(followed[part] == stored);
  }
  CAF_CHECK_EQUAL(total, std::size_t{rounds * (2 * size - size / 5)});
}

CAF_TEST(a batch that fails leaves neither rows nor a gap) {
  add(delivery(7, "a"));
  pg::connection admin{db.admin()};
  test::must(admin.script("ALTER TABLE delivery ADD CHECK (store_id <> 8)"));
  std::vector<incoming> batch{delivery(7, "c"), delivery(8, "b")};
  CAF_CHECK(!log.append(batch));
  CAF_CHECK_EQUAL(add(delivery(7, "d")).place.seq, 2);
  CAF_CHECK_EQUAL(count("delivery"), 2);
}

CAF_TEST(a partition that does not exist is refused before anything is stored) {
  auto nowhere = delivery(8, "b");
  nowhere.part = num_partitions;
  std::vector<incoming> batch{delivery(7, "c"), nowhere};
  CAF_CHECK(!log.append(batch));
  CAF_CHECK_EQUAL(count("delivery"), 0);
}

CAF_TEST(names that no database takes cannot fail their neighbours) {
  std::vector<incoming> batch{delivery(7, "good"), delivery(7, std::string("\0\xff\xfe", 3)),
                              delivery(7, std::string(100'000, 'x')), delivery(7, std::string(100'000, 'x') + "y")};
  auto got = test::must(log.append(batch));
  for (std::size_t i = 0; i < got.size(); ++i)
    CAF_CHECK_EQUAL(got[i].place.seq, static_cast<std::int64_t>(i + 1));
  for (const auto& x : test::must(log.append(batch)))
    CAF_CHECK(x.duplicate);
}

CAF_TEST(cursors move forward only) {
  test::must(log.advance(std::vector<delivery_place>{{3, 10}, {4, 5}, {3, 12}}));
  test::must(log.advance(std::vector<delivery_place>{{3, 7}, {4, 6}}));
  auto got = test::must(log.cursors());
  CAF_CHECK_EQUAL(got.size(), 64u);
  CAF_CHECK_EQUAL(got[3], 12);
  CAF_CHECK_EQUAL(got[4], 6);
  CAF_CHECK_EQUAL(got[5], 0);
}

CAF_TEST(rolling drops closed old days and keeps open ones and young ones) {
  auto now = noon + 240h;
  add(delivery(1, "closed", noon));
  add(delivery(2, "open", noon + 24h));
  add(delivery(1, "closed too", noon + 48h));
  add(delivery(1, "young", now - 24h));
  test::must(log.advance(std::vector<delivery_place>{{1, 3}}));
  test::must(log.roll(now, now)); // asks for too much: a day stays
  CAF_CHECK_EQUAL(count("delivery"), 2);
  CAF_CHECK(test::must(log.read(2, 0, 10)).size() == 1);
  CAF_CHECK(sequence(log, 1) == (std::vector<std::int64_t>{3}));
  // The days of today and the next two are there, too: 2 + 3 tables.
  CAF_CHECK_EQUAL(count("pg_inherits WHERE inhparent = 'delivery'::regclass"), 5);
}

CAF_TEST(a day that was dropped by another process is made again) {
  add(delivery(1, "a", noon));
  test::must(log.advance(std::vector<delivery_place>{{1, 1}}));
  test::must(open().roll(noon + 240h, noon + 240h));
  CAF_CHECK_EQUAL(add(delivery(1, "b", noon)).place.seq, 2);
}

CAF_TEST(a server without fsync is refused by name) {
  pg::connection admin{db.admin()};
  CAF_CHECK(check_durability(admin).has_value());
  for (const auto* name : {"fsync", "full_page_writes"}) {
    auto set = [&](const char* value) {
      test::must(admin.script(fmt::format("ALTER SYSTEM SET {} = {}", name, value)));
      test::must(admin.script("SELECT pg_reload_conf()"));
      admin.close(); // a new session has the new value
    };
    set("off");
    auto got = check_durability(admin);
    set("DEFAULT");
    CAF_REQUIRE(!got);
    CAF_CHECK(got.error().code == ec::refused);
    CAF_CHECK(got.error().what.find(name) != std::string::npos);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
