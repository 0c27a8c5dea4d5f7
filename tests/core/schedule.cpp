#define CAF_SUITE schedule

#include "core/schedule.hpp"

#include "core/backoff.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <array>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;

CAF_TEST(the hash is that of its specification) {
  CAF_CHECK_EQUAL(stable_hash(""), 0xcbf29ce484222325u);
  CAF_CHECK_EQUAL(stable_hash("a"), 0xaf63dc4c8601ec8cu);
  CAF_CHECK_EQUAL(stable_hash("foobar"), 0x85944171f73967e8u);
}

CAF_TEST(a timer fires once in each period and always at the same phase) {
  for (auto id = 1; id < 50; ++id) {
    auto first = next_due(store_id{id}, "reconciliation", 15min, noon);
    CAF_CHECK(first > noon && first <= noon + 15min);
    CAF_CHECK_EQUAL(format_time(next_due(store_id{id}, "reconciliation", 15min, first)), format_time(first + 15min));
    CAF_CHECK_EQUAL(format_time(next_due(store_id{id}, "reconciliation", 15min, first - 1us)), format_time(first));
  }
}

CAF_TEST(a thousand stores spread evenly over the period) {
  std::array<int, 15> per_minute{};
  for (auto id = 1; id <= 1000; ++id)
    ++per_minute[static_cast<std::size_t>((next_due(store_id{id}, "x", 15min, noon) - noon - 1us) / 1min)];
  auto [least, most] = std::minmax_element(per_minute.begin(), per_minute.end());
  CAF_CHECK(*least > 35);
  CAF_CHECK(*most < 105);
}

CAF_TEST(partitions are used evenly and never left) {
  std::array<int, num_partitions> used{};
  for (auto id = 1; id <= 6400; ++id)
    ++used.at(static_cast<std::size_t>(partition_of(store_id{id})));
  auto [least, most] = std::minmax_element(used.begin(), used.end());
  CAF_CHECK(*least > 50);
  CAF_CHECK(*most < 170);
}

CAF_TEST(the delay doubles up to its cap and lies in its upper half) {
  CAF_CHECK_EQUAL(backoff(100ms, 1s, 0, 1).count(), 0);
  auto longest = 100ms;
  for (auto failures = 1; failures < 70; ++failures) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      auto delay = backoff(100ms, 1s, failures, seed);
      CAF_REQUIRE(delay >= longest / 2 && delay <= longest);
      CAF_REQUIRE_EQUAL(delay.count(), backoff(100ms, 1s, failures, seed).count());
    }
    longest = std::min<std::chrono::milliseconds>(longest * 2, 1s);
  }
  CAF_CHECK(backoff(10s, 100s, 3, 1) != backoff(10s, 100s, 3, 2));
}
