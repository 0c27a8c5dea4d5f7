#define CAF_SUITE waiting_acks

#include "actors/waiting_acks.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr auto start = waiting_acks::clock::time_point{} + 1h;

struct desk {
  std::vector<int> statuses;
  waiting_acks acks;

  explicit desk(waiting_acks::limits bounds = {})
      : acks(bounds, [this](auto answers) {
          for (auto& [to, what] : answers)
            statuses.push_back(what.status);
        }) {
  }
};

} // namespace

CAF_TEST(B9 whoever waits too long hears 503 and is not acked later) {
  desk x;
  auto ticket = x.acks.add({}, 100, start);
  CAF_CHECK_EQUAL(x.acks.expire(start + 3s), 0u);
  CAF_CHECK_EQUAL(x.acks.expire(start + 4s), 1u);
  CAF_CHECK_EQUAL(x.statuses, std::vector<int>{503});
  CAF_CHECK(!ticket->claim());
}

CAF_TEST(an answered session is left alone) {
  desk x;
  auto ticket = x.acks.add({}, 100, start);
  CAF_CHECK(ticket->claim());
  CAF_CHECK_EQUAL(x.acks.expire(start + 10s), 0u);
}

CAF_TEST(E1 too many or too heavy waiters are refused at once) {
  desk few{{.count = 2, .bytes = 1'000}};
  CAF_CHECK(few.acks.add({}, 1, start));
  auto second = few.acks.add({}, 1, start);
  CAF_CHECK(second);
  CAF_CHECK(!few.acks.add({}, 1, start));
  few.acks.release(*second);
  CAF_CHECK(few.acks.add({}, 1, start));

  desk heavy{{.count = 100, .bytes = 1'000}};
  CAF_CHECK(heavy.acks.add({}, 900, start));
  CAF_CHECK(!heavy.acks.add({}, 200, start));
  CAF_CHECK(heavy.acks.add({}, 100, start));
  CAF_CHECK_EQUAL(heavy.acks.waiting(), 2u);
}

CAF_TEST(work gives way while acks are slow and only then) {
  desk x;
  CAF_CHECK_EQUAL(x.acks.recent_wait(start).count(), 0);
  x.acks.waited(20ms, start);
  CAF_CHECK_EQUAL(x.acks.recent_wait(start + 50ms).count(), 20'000);
  CAF_CHECK_EQUAL(x.acks.recent_wait(start + 200ms).count(), 0); // nobody comes any more
  for (int i = 1; i <= 20; ++i)
    x.acks.waited(1ms, start + i * 1ms);
  CAF_CHECK(x.acks.recent_wait(start + 20ms) < 2ms);
  struct {
    std::chrono::microseconds wait;
    std::chrono::milliseconds spent, rest;
  } table[] = {{0us, 50ms, 0ms}, {6ms, 50ms, 0ms}, {7ms, 50ms, 200ms}, {1s, 1s, 400ms}};
  for (const auto& y : table)
    CAF_CHECK_EQUAL(give_way(y.wait, y.spent).count(), y.rest.count());
}

CAF_TEST(at the end everybody hears 503) {
  desk x;
  x.acks.add({}, 1, start);
  x.acks.add({}, 1, start + 1s);
  CAF_CHECK_EQUAL(x.acks.refuse_all(), 2u);
}

CAF_TEST(the answer says when to come back) {
  auto x = busy_answer("why");
  CAF_CHECK_EQUAL(x.status, 503);
  auto told = false;
  for (const auto& [name, value] : x.headers)
    told = told || name == "Retry-After" || name == "retry-after";
  CAF_CHECK(told);
}
