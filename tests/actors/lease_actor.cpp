#define CAF_SUITE lease_actor

#include "actors/lease_actor.hpp"

#include "fakes.hpp"

using namespace clique;
using namespace std::chrono_literals;

namespace {

struct fixture : test_coordinator_fixture<> {
  std::optional<ec> failure;
  int lost = 0, released = 0;
  shared_epoch epoch = std::make_shared<std::atomic<std::int64_t>>(4);
  std::shared_ptr<std::atomic<bool>> up = std::make_shared<std::atomic<bool>>(true);
  lease_actor aut;

  fixture() {
    lease_setup setup;
    setup.store.renew = [this]() -> result<void> {
      if (failure)
        return error{*failure, "no", ""};
      return {};
    };
    setup.store.release = [this]() -> result<void> {
      ++released;
      return {};
    };
    setup.epoch = epoch;
    setup.on_lost = [this] { ++lost; };
    setup.numbers = std::make_shared<metrics>();
    setup.database_up = up;
    aut = sys.spawn(lease_guard, std::move(setup));
    consume_messages();
  }
  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void seconds(int n) {
    for (int i = 0; i < n; ++i) {
      advance_time(1s);
      consume_messages();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(lease_tests, fixture)

CAF_TEST(A9 a lost lease stops the writers at once and is told once) {
  failure = ec::fenced;
  seconds(3);
  CAF_CHECK_EQUAL(*epoch, 0);
  CAF_CHECK_EQUAL(lost, 1);
}

CAF_TEST(B1 a database that is away is no lost lease) {
  failure = ec::unavailable;
  seconds(30);
  CAF_CHECK_EQUAL(*epoch, 4);
  CAF_CHECK(!*up);
  failure.reset();
  seconds(1);
  CAF_CHECK(*up);
  CAF_CHECK_EQUAL(lost, 0);
}

CAF_TEST(at the end the partitions are given back) {
  self->send(aut, atom::stop_v);
  consume_messages();
  CAF_CHECK_EQUAL(released, 1);
  CAF_CHECK_EQUAL(*epoch, 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
