#define CAF_SUITE throttle_bucket

#include "actors/throttle_bucket.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr auto start = throttle_bucket::instant{} + 1h;

throttle_bucket told(double available, double rate = 50, double speed = 1) {
  throttle_bucket result{speed};
  result.told(1'000, available, rate, start);
  return result;
}

} // namespace

CAF_TEST(waits until the missing points are restored) {
  struct {
    double available, cost, rate;
    std::chrono::milliseconds wait;
  } table[] = {
      {1'000, 100, 50, 0ms}, {100, 100, 50, 0ms}, {50, 100, 50, 1s},
      {0, 400, 50, 8s},      {0, 400, 100, 4s},   {300, 400, 50, 2s}, // the platform's own example
      {0, 5'000, 50, 20s},                                            // more than the bucket holds: when it is full
  };
  for (const auto& x : table)
    CAF_CHECK_EQUAL(told(x.available, x.rate).wait(x.cost, start).count(), x.wait.count());
}

CAF_TEST(points come back with time) {
  auto x = told(0);
  CAF_CHECK_EQUAL(x.wait(100, start + 1s).count(), 1'000);
  CAF_CHECK_EQUAL(x.wait(100, start + 2s).count(), 0);
}

CAF_TEST(simulated time restores faster) {
  CAF_CHECK_EQUAL(told(0, 50, 10).wait(100, start).count(), 200);
}

CAF_TEST(calls on their way are counted until they are over) {
  auto x = told(100);
  x.reserve(80, start);
  CAF_CHECK_EQUAL(x.wait(80, start).count(), 1'200);
  x.settle(80);
  CAF_CHECK_EQUAL(x.wait(80, start).count(), 0);
}

CAF_TEST(a block holds whatever the points say) {
  auto x = told(1'000);
  x.block_until(start + 5s);
  CAF_CHECK_EQUAL(x.wait(1, start + 1s).count(), 4'000);
  CAF_CHECK_EQUAL(x.wait(1, start + 5s).count(), 0);
}

CAF_TEST(nonsense from the platform changes nothing) {
  auto x = told(1'000);
  x.told(0, 0, 0, start);
  CAF_CHECK_EQUAL(x.wait(100, start).count(), 0);
}

CAF_TEST(the cost of a kind of call is learned) {
  cost_book x;
  CAF_CHECK(x.estimate(2) > 0);
  x.told(2, 312);
  CAF_CHECK_EQUAL(x.estimate(2), 312);
  x.told(2, 0);
  CAF_CHECK_EQUAL(x.estimate(2), 312);
}
