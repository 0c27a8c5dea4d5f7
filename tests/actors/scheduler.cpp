#define CAF_SUITE scheduler

#include "actors/scheduler.hpp"

#include "fakes.hpp"

#include <set>

using namespace clique;
using namespace std::chrono_literals;

namespace {

directory_actor::behavior_type fake_directory(directory_actor::pointer, std::vector<std::string>* diary) {
  return {
      [](atom::start, const delivery_log_actor&) {},
      [](const deliveries&) {},
      [=](atom::tick, store_id store, const std::string& feature) {
        diary->push_back(fmt::format("{} {}", raw(store), feature));
      },
      [](store_id, const user_command&) {},
      [](store_id, const event_note&) {},
      [](atom::sleep, store_id, std::uint64_t) {},
      [](atom::status) { return directory_status{}; },
      [](atom::stop) { return atom::ok_v; },
  };
}

struct fixture : test_coordinator_fixture<> {
  std::vector<std::string> fired;
  std::vector<due_job> due;
  std::set<std::int64_t> ensured;
  bool down = false;
  directory_actor trees = sys.spawn(fake_directory, &fired);
  scheduler_actor aut;

  void spawn_aut(std::vector<store_id> stores = {}) {
    scheduler_setup setup;
    setup.jobs.claim = [this](time_point, std::size_t limit) -> result<std::vector<due_job>> {
      if (down)
        return error{ec::unavailable, "down", ""};
      auto n = std::min(limit, due.size());
      std::vector<due_job> result(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(n));
      due.erase(due.begin(), due.begin() + static_cast<std::ptrdiff_t>(n));
      return result;
    };
    setup.jobs.ensure = [this](std::span<const store_id> xs, time_point) -> result<void> {
      if (down)
        return error{ec::unavailable, "down", ""};
      for (auto x : xs)
        ensured.insert(raw(x));
      return {};
    };
    setup.now = [] { return time_point{}; };
    setup.limit = 10;
    setup.directory = trees;
    setup.numbers = std::make_shared<metrics>();
    setup.stores = std::move(stores);
    aut = sys.spawn(timer_scheduler, std::move(setup));
    consume_messages();
  }
  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    anon_send_exit(trees, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void second() {
    advance_time(1s);
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(scheduler_tests, fixture)

CAF_TEST(due timers become ticks of their feature) {
  due = {{shop, "orders", {}}};
  spawn_aut();
  CAF_CHECK(fired.empty());
  second();
  CAF_CHECK_EQUAL(fired, std::vector<std::string>{"7 orders"});
}

CAF_TEST(E6 a restart with everything due is spread over time) {
  for (std::int64_t i = 1; i <= 1'000; ++i)
    due.push_back({store_id{i}, "orders", {}});
  spawn_aut();
  for (std::size_t i = 1; i <= 5; ++i) {
    second();
    CAF_CHECK_EQUAL(fired.size(), 10 * i);
  }
}

CAF_TEST(a database that is away is asked again later) {
  due = {{shop, "orders", {}}};
  down = true;
  spawn_aut();
  second();
  CAF_CHECK(fired.empty());
  down = false;
  second();
  CAF_CHECK_EQUAL(fired.size(), 1u);
}

CAF_TEST(every store gets its timers in the background and a new one at once) {
  std::vector<store_id> stores;
  for (std::int64_t i = 1; i <= 2'500; ++i)
    stores.push_back(store_id{i});
  spawn_aut(stores);
  CAF_CHECK(ensured.empty());
  anon_send(aut, atom::connect_v, store_id{9'999});
  consume_messages();
  CAF_CHECK(ensured.count(9'999) == 1);
  for (int i = 0; i < 3; ++i)
    second();
  CAF_CHECK_EQUAL(ensured.size(), 2'501u);
}

CAF_TEST_FIXTURE_SCOPE_END()
