#define CAF_SUITE push_subscriptions

#include "actors/push/subscriptions.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <random>

using namespace clique;
using namespace clique::live;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

const auto noon = instant{12h};
const auto shop = store_id{7};
const auto overview = place{shop, "overview"};

std::size_t nothing_waits(socket_id) {
  return 0;
}

std::size_t everything_waits(socket_id) {
  return 1 << 20;
}

struct fixture {
  subscriptions aut{42, {}};

  std::vector<json> due(instant now) {
    std::vector<json> result;
    for (const auto& x : aut.due(now, nothing_waits))
      result.push_back(json::parse(*x.text));
    return result;
  }
  void watch(socket_id who) {
    aut.open(who);
    CAF_REQUIRE(aut.subscribe(who, {shop, "overview", {}, {}}).has_value());
  }
  void set(int value, instant now) {
    aut.update(overview, {{"n", std::to_string(value)}}, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(push_subscriptions_tests, fixture)

CAF_TEST(the first frame is a snapshot and the next a patch) {
  watch(1);
  CAF_CHECK(due(noon).empty());
  set(1, noon);
  auto first = due(noon);
  CAF_REQUIRE_EQUAL(first.size(), 1u);
  CAF_CHECK_EQUAL(first[0]["t"], "snap");
  set(2, noon);
  auto next = due(noon);
  CAF_REQUIRE_EQUAL(next.size(), 1u);
  CAF_CHECK_EQUAL(next[0]["t"], "patch");
  CAF_CHECK_EQUAL(next[0]["prev"], first[0]["seq"]);
}

CAF_TEST(an empty channel still gets its snapshot) {
  watch(1);
  aut.update(overview, {}, noon);
  CAF_CHECK_EQUAL(due(noon).size(), 1u);
}

CAF_TEST(a client that asks for more than its pace gets one merged patch) {
  watch(1);
  set(0, noon);
  due(noon);
  for (int i = 1; i <= 50; ++i) {
    set(i, noon);
    due(noon);
  }
  auto later = due(noon + 1s);
  CAF_REQUIRE_EQUAL(later.size(), 1u);
  CAF_CHECK_EQUAL(later[0]["set"]["n"], 50);
  CAF_CHECK(!aut.pending());
}

CAF_TEST(a congested socket gets nothing until it drains and then misses nothing) {
  watch(1);
  set(1, noon);
  due(noon);
  for (int i = 2; i < 9; ++i)
    set(i, noon);
  CAF_CHECK(aut.due(noon, everything_waits).empty());
  auto later = due(noon + 1s);
  CAF_REQUIRE_EQUAL(later.size(), 1u);
  CAF_CHECK_EQUAL(later[0]["set"]["n"], 8);
}

CAF_TEST(a slow socket does not delay a fast one) {
  watch(1);
  watch(2);
  set(1, noon);
  auto frames = aut.due(noon, [](socket_id who) { return who == 1 ? std::size_t{1} << 20 : 0; });
  CAF_REQUIRE_EQUAL(frames.size(), 1u);
  CAF_CHECK_EQUAL(frames[0].to, 2u);
}

CAF_TEST(a resume inside the ring is one merged patch) {
  watch(1);
  for (int i = 0; i < 5; ++i)
    set(i, noon);
  aut.open(2);
  aut.subscribe(2, {shop, "overview", 42, 3});
  json got;
  for (const auto& x : aut.due(noon, nothing_waits))
    if (x.to == 2)
      got = json::parse(*x.text);
  CAF_CHECK_EQUAL(got["t"], "patch");
  CAF_CHECK_EQUAL(got["prev"], 3);
}

CAF_TEST(a resume from another epoch is a snapshot) {
  watch(1);
  set(1, noon);
  aut.open(2);
  aut.subscribe(2, {shop, "overview", 41, 1});
  auto frames = due(noon);
  CAF_REQUIRE_EQUAL(frames.size(), 2u);
  CAF_CHECK_EQUAL(frames[1]["t"], "snap");
}

CAF_TEST(a number from a forgotten feed is not believed) {
  watch(1);
  set(1, noon);
  set(2, noon);
  aut.close(1);
  aut.open(2);
  CAF_REQUIRE(aut.subscribe(2, {shop, "overview", 42, 1}).has_value());
  set(3, noon);
  set(4, noon);
  auto frames = due(noon);
  CAF_REQUIRE_EQUAL(frames.size(), 1u);
  CAF_CHECK_EQUAL(frames[0]["t"], "snap");
}

CAF_TEST(a hidden tab is told every five seconds at most) {
  watch(1);
  aut.set_visible(1, false);
  int frames = 0;
  for (int i = 0; i < 100; ++i) {
    set(i, noon + i * 100ms);
    frames += static_cast<int>(due(noon + i * 100ms).size());
  }
  CAF_CHECK(frames <= 4 + 2);
}

CAF_TEST(nobody watching means no feed is kept) {
  watch(1);
  CAF_CHECK(aut.watched(overview));
  aut.close(1);
  CAF_CHECK(!aut.watched(overview));
  CAF_CHECK(!aut.pending());
}

CAF_TEST(a socket has a bounded number of subscriptions) {
  aut.open(1);
  for (int i = 0; i < 64; ++i)
    CAF_REQUIRE(aut.subscribe(1, {store_id{i}, "overview", {}, {}}).has_value());
  CAF_CHECK(!aut.subscribe(1, {store_id{64}, "overview", {}, {}}).has_value());
}

CAF_TEST(whatever is dropped or delayed a client can prove it missed nothing) {
  std::mt19937 dice{11};
  watch(1);
  json mine;
  std::int64_t seq = -1;
  auto now = noon;
  flat_state truth;
  for (int i = 0; i < 3000; ++i) {
    now += 10ms;
    truth["k" + std::to_string(dice() % 5)] = std::to_string(dice() % 100);
    if (dice() % 4 == 0)
      truth.erase("k" + std::to_string(dice() % 5));
    aut.update(overview, truth, now);
    auto congested = dice() % 3 == 0;
    for (const auto& x : aut.due(now, [&](socket_id) { return congested ? std::size_t{1} << 20 : 0; })) {
      auto frame = json::parse(*x.text);
      if (frame["t"] == "snap") {
        mine = frame["data"];
      } else {
        CAF_REQUIRE_EQUAL(frame["prev"].get<std::int64_t>(), seq);
        mine.update(frame["set"]);
        for (const auto& key : frame["del"])
          mine.erase(key.get<std::string>());
      }
      seq = frame["seq"];
    }
  }
  for (const auto& x : aut.due(now + 10s, nothing_waits)) {
    auto frame = json::parse(*x.text);
    mine.update(frame["set"]);
    for (const auto& key : frame["del"])
      mine.erase(key.get<std::string>());
  }
  json expected = json::object();
  for (const auto& [key, value] : truth)
    expected[key] = json::parse(value);
  CAF_CHECK_EQUAL(mine, expected);
}

CAF_TEST_FIXTURE_SCOPE_END()
