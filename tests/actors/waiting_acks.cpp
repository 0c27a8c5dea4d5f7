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
