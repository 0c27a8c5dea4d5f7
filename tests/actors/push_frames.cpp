#define CAF_SUITE push_frames

#include "actors/push/frames.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

using namespace clique;
using namespace clique::live;

CAF_TEST(wrong frames are refused with a reason) {
  for (auto text : {"", "[]", "{}", R"({"t":1})", R"({"t":"dance"})", R"({"t":"sub"})", R"({"t":"sub","store":"7"})",
                    R"({"t":"sub","store":"7","ch":"secrets"})", R"({"t":"sub","store":"x","ch":"overview"})",
                    R"({"t":"sub","store":7.5,"ch":"overview"})", "{\"t\":\"sub\"", "\xff"}) {
    auto got = parse_frame(text);
    CAF_CHECK(!got.has_value());
    if (!got)
      CAF_CHECK(!got.error().what.empty());
  }
}

CAF_TEST(a subscription carries its place and its resume point) {
  auto got = parse_frame(R"({"t":"sub","store":"7","ch":"overview","epoch":"12","seq":3})");
  CAF_REQUIRE(got.has_value());
  auto sub = std::get<sub_frame>(*got);
  CAF_CHECK(sub.store == store_id{7});
  CAF_CHECK_EQUAL(sub.channel, "overview");
  CAF_CHECK(sub.epoch == 12u);
  CAF_CHECK(sub.seq == 3);
}

CAF_TEST(texts are JSON whatever the keys hold) {
  feed x{9};
  x.update({{"a\"b", "\"q\""}, {"n", "1"}}, std::chrono::steady_clock::time_point{});
  auto snap = nlohmann::json::parse(snapshot_text(store_id{7}, "overview", x, false));
  CAF_CHECK_EQUAL(snap["data"]["a\"b"], "q");
  CAF_CHECK_EQUAL(snap["epoch"], "9");
}
