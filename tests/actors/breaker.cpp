#define CAF_SUITE breaker

#include "actors/breaker.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr auto start = breaker::instant{} + 1h;

breaker after_failures(int n) {
  breaker result{{.failures = 3, .first = 1s, .longest = 60s}};
  for (int i = 0; i < n; ++i)
    result.failure(start);
  return result;
}

} // namespace

CAF_TEST(a few failures do not open it) {
  CAF_CHECK_EQUAL(after_failures(2).wait(start).count(), 0);
}

CAF_TEST(several failures in a row open it) {
  auto x = after_failures(3);
  CAF_CHECK(x.is_open());
  CAF_CHECK(x.wait(start) > 0ms);
  CAF_CHECK(x.wait(start) <= 1s);
}

CAF_TEST(a success in between starts the count again) {
  auto x = after_failures(2);
  x.success();
  x.failure(start);
  CAF_CHECK(!x.is_open());
}

CAF_TEST(half open lets one probe pass) {
  auto x = after_failures(3);
  auto later = start + 2s;
  CAF_CHECK_EQUAL(x.wait(later).count(), 0);
  x.sent(later);
  CAF_CHECK(x.wait(later) > 0ms);
}

CAF_TEST(a good probe closes it and a bad one opens it for longer) {
  auto x = after_failures(3);
  auto first = x.wait(start);
  auto later = start + 2s;
  x.sent(later);
  x.failure(later);
  auto second = x.wait(later);
  CAF_CHECK(second > first || second >= 1s);
  x.sent(later + 10s);
  x.success();
  CAF_CHECK_EQUAL(x.wait(later + 10s).count(), 0);
}

CAF_TEST(the time it stays open is capped) {
  auto x = after_failures(3);
  auto now = start;
  for (int i = 0; i < 30; ++i) {
    now += 120s;
    x.sent(now);
    x.failure(now);
  }
  CAF_CHECK(x.wait(now) <= 60s);
}
