#define CAF_SUITE retry_budget

#include "actors/retry_budget.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;

CAF_TEST(C2 an outage adds at most a fifth to the calls) {
  retry_budget x{0.2, 10};
  auto retries = 0;
  for (int i = 0; i < 1'000; ++i) {
    x.first_attempt();
    while (x.take())
      ++retries;
  }
  CAF_CHECK(retries <= 1'000 / 5 + 10);
  CAF_CHECK(retries >= 1'000 / 5 - 1);
}

CAF_TEST(a quiet time saves up a bounded reserve) {
  retry_budget x{0.2, 3};
  for (int i = 0; i < 100; ++i)
    x.first_attempt();
  auto retries = 0;
  while (x.take())
    ++retries;
  CAF_CHECK_EQUAL(retries, 3);
}
