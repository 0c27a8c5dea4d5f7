#define CAF_SUITE inventory_updates

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>

using namespace clique;
using namespace clique::build;
using features::inventory_updates;

namespace {

constexpr shopify_id here = 1, there = 2;

/// A teapot with stock at two places.
snapshot stocked(std::int64_t at_here, std::int64_t at_there) {
  auto result = shop();
  stored_variant x;
  x.what = teapot();
  x.by_location = {{here, at_here}, {there, at_there}};
  x.available = at_here + at_there;
  result.variants = {x};
  return result;
}

delivery_fact level(shopify_id place, std::optional<std::int64_t> n, const char* when = "2026-11-22T10:00:00Z") {
  return delivered("inventory_levels/update", stock_level{901, place, n, at(when)}, at(when));
}

/// "gone", "returned" or nothing.
std::string news(const snapshot& seen, std::vector<delivery_fact> items) {
  auto got = inventory_updates(seen, span_of(std::move(items)));
  return std::string{told<stock_gone>(got).empty() ? "" : "gone"}
         + (told<stock_returned>(got).empty() ? "" : "returned");
}

} // namespace

CAF_TEST(the sum over all places decides what is told) {
  struct {
    std::int64_t here, there;
    std::vector<delivery_fact> items;
    const char* expected;
  } table[] = {
      {3, 0, {level(here, 0)}, "gone"},
      {3, 2, {level(here, 0)}, ""},
      {3, 2, {level(here, 0), level(there, 0)}, "gone"},
      {3, 2, {level(here, -1), level(there, 1)}, "gone"},
      {0, 0, {level(here, 5)}, "returned"},
      {0, 0, {level(here, -5)}, ""},
      {-2, 0, {level(there, 2)}, ""},
      {3, 0, {level(here, 0), level(here, 4, "2026-11-22T11:00:00Z")}, ""},
      {3, 0, {level(here, 4), level(here, 0, "2026-11-22T11:00:00Z")}, "gone"},
      {3, 0, {level(here, 0, "2026-11-22T11:00:00Z"), level(here, 4)}, "gone"},
      {3, 0, {level(here, std::nullopt)}, "gone"},
  };
  for (auto& x : table) {
    CAF_MESSAGE(x.here << " + " << x.there << " -> " << x.expected);
    CAF_CHECK_EQUAL(news(stocked(x.here, x.there), x.items), x.expected);
  }
}

CAF_TEST(what is not on sale or not counted raises no alarm) {
  auto check = [](auto change) {
    auto seen = stocked(3, 0);
    change(seen.variants[0]);
    return news(seen, {level(here, 0)});
  };
  CAF_CHECK_EQUAL(check([](auto&) {}), "gone");
  CAF_CHECK_EQUAL(check([](auto& x) { x.what.continue_selling = true; }), "");
  CAF_CHECK_EQUAL(check([](auto& x) { x.what.tracked = false; }), "");
  CAF_CHECK_EQUAL(check([](auto& x) { x.product_status = "draft"; }), "");
  CAF_CHECK_EQUAL(check([](auto& x) { x.product_status = "active"; }), "gone");
}

CAF_TEST(an item that is no longer tracked since the same span raises no alarm) {
  inventory_item x;
  x.id = 901;
  x.tracked = false;
  x.updated_at = noon;
  CAF_CHECK_EQUAL(news(stocked(3, 0), {level(here, 0), delivered("inventory_items/update", x)}), "");
}

CAF_TEST(a level that is older than the stored one is not believed) {
  auto seen = stocked(3, 0);
  seen.variants[0].level_versions[here] = at("2026-11-22T10:30:00Z");
  CAF_CHECK_EQUAL(news(seen, {level(here, 0)}), "");
}

CAF_TEST(stock that the platform counts at places unknown to us is kept until we hear of them) {
  auto seen = stocked(5, 0);
  seen.variants[0].available = 10; // the platform's sum: five more somewhere
  CAF_CHECK_EQUAL(news(seen, {level(here, 0)}), "");
  CAF_CHECK_EQUAL(news(seen, {level(here, 0), level(3, 0)}), "gone");
  seen.variants[0].by_location.clear();
  CAF_CHECK_EQUAL(news(seen, {level(here, 0)}), "gone");
}

CAF_TEST(a place that is gone takes its stock along) {
  auto left = delivered("inventory_levels/disconnect", stock_disconnected{901, here}, noon);
  CAF_CHECK_EQUAL(news(stocked(3, 1), {left}), "");
  auto seen = stocked(3, 0);
  CAF_CHECK_EQUAL(news(seen, {left}), "gone");
  CAF_CHECK_EQUAL(saved<stock_gone_row>(inventory_updates(seen, span_of({left}))).size(), 1u);
}

CAF_TEST(of several levels of one place only the newest is saved in any order) {
  std::vector items{level(here, 5), level(here, 4, "2026-11-22T10:00:01Z"), level(here, 3, "2026-11-22T10:00:02Z")};
  auto later = [](const auto& a, const auto& b) { return a.triggered_at < b.triggered_at; };
  do {
    auto rows = saved<stock_row>(inventory_updates(shop(), span_of(items)));
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    CAF_CHECK_EQUAL(rows[0].what.available.value_or(-1), 3);
  } while (std::next_permutation(items.begin(), items.end(), later));
}

CAF_TEST(an unknown item is stored and tells nothing) {
  auto got = inventory_updates(shop(), span_of({level(here, 0)}));
  CAF_CHECK_EQUAL(saved<stock_row>(got).size(), 1u);
  CAF_CHECK(told<stock_gone>(got).empty());
  CAF_CHECK(pushes(got, "products"));
}
