#define CAF_SUITE push_feed

#include "actors/push/feed.hpp"

#include <caf/test/unit_test.hpp>

#include <random>

using namespace clique::live;
using namespace std::chrono_literals;

namespace {

const auto noon = std::chrono::steady_clock::time_point{12h};

/// What a client holds after it applied *x* to *before*.
flat_state applied(flat_state before, const change& x) {
  for (const auto& [key, value] : x.set)
    before[key] = value;
  for (const auto& key : x.gone)
    before.erase(key);
  return before;
}

flat_state random_state(std::mt19937& dice) {
  flat_state result;
  for (int i = 0; i < 12; ++i)
    if (dice() % 3 != 0)
      result["key" + std::to_string(i)] = std::to_string(dice() % 4);
  return result;
}

} // namespace

CAF_TEST(an unchanged state makes no number) {
  feed x{1};
  CAF_CHECK(x.update({{"a", "1"}}, noon));
  CAF_CHECK(!x.update({{"a", "1"}}, noon));
  CAF_CHECK_EQUAL(x.seq(), 1);
}

CAF_TEST(a merged change takes any earlier state to the present one) {
  std::mt19937 dice{7};
  for (int round = 0; round < 200; ++round) {
    feed x{1};
    std::vector<flat_state> history{x.state()};
    for (int i = 0; i < 20; ++i)
      if (x.update(random_state(dice), noon))
        history.push_back(x.state());
    for (std::size_t seq = 0; seq < history.size(); ++seq)
      CAF_REQUIRE(applied(history[seq], *x.since(static_cast<std::int64_t>(seq))) == x.state());
  }
}

CAF_TEST(a number from the future or another life is not resumed) {
  feed x{1};
  x.update({{"a", "1"}}, noon);
  CAF_CHECK(!x.since(2).has_value());
  CAF_CHECK(!x.since(-1).has_value());
}

CAF_TEST(the ring forgets by count) {
  feed x{1};
  for (int i = 0; i < 600; ++i)
    x.update({{"a", std::to_string(i)}}, noon);
  CAF_CHECK(!x.since(87).has_value());
  CAF_CHECK(x.since(88).has_value());
}

CAF_TEST(the ring forgets by age) {
  feed x{1};
  x.update({{"a", "1"}}, noon);
  x.update({{"a", "2"}}, noon + 121s);
  CAF_CHECK(!x.since(0).has_value());
  CAF_CHECK(x.since(1).has_value());
}

CAF_TEST(the ring forgets by size) {
  feed x{1};
  for (int i = 0; i < 10; ++i)
    x.update({{"a", std::to_string(i) + std::string(60'000, 'x')}}, noon);
  CAF_CHECK(!x.since(5).has_value());
  CAF_CHECK(x.since(6).has_value());
}
