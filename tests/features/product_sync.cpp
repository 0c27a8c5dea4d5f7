#define CAF_SUITE product_sync

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;
using features::product_sync;

namespace {

snapshot with_teapot(std::int64_t price) {
  auto result = shop();
  result.variants.resize(1);
  result.variants[0].what = teapot(501, price);
  return result;
}

answer page(std::vector<product> xs, std::string next = {}) {
  return product_page{std::move(xs), std::move(next)};
}

} // namespace

CAF_TEST(of several versions of a product the newest is saved) {
  auto got = product_sync(shop(), span_of({delivered("products/update", teapots(51, "2026-11-21T00:00:00Z")),
                                           delivered("products/create", teapots(51, "2026-11-20T00:00:00Z"))}));
  auto rows = saved<product_row>(got);
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(format_time(rows[0].what.updated_at), "2026-11-21T00:00:00Z");
  CAF_CHECK(pushes(got, "products"));
}

CAF_TEST(a changed price is told and the same or an outdated one is not ) {
  auto told_for = [](std::int64_t stored, const char* version) {
    auto x = teapots();
    x.variants[0].updated_at = at(version);
    return told<price_changed>(product_sync(with_teapot(stored), span_of({delivered("products/update", x)})));
  };
  auto news = told_for(900, "2026-11-21T00:00:00Z");
  CAF_REQUIRE_EQUAL(news.size(), 1u);
  CAF_CHECK_EQUAL(news[0].before, 900);
  CAF_CHECK_EQUAL(news[0].after, 1000);
  CAF_CHECK(told_for(1000, "2026-11-21T00:00:00Z").empty());
  CAF_CHECK(told_for(900, "2026-11-01T00:00:00Z").empty());
}

CAF_TEST(a deleted product stays deleted) {
  auto got = product_sync(
      shop(), span_of({delivered("products/delete", product_deleted{51}), delivered("products/update", teapots())}));
  CAF_CHECK(saved<product_row>(got).empty());
  CAF_CHECK_EQUAL(saved<product_gone_row>(got).size(), 1u);
}

CAF_TEST(a connected store is read completely page by page and then only what changed) {
  auto seen = shop();
  auto first = product_sync(seen, connected());
  auto call = only(asked<read_products>(first));
  CAF_CHECK_EQUAL(call.filter, "");
  remember(seen, first);
  auto second = product_sync(seen, answered(call, page({teapots()}, "cursor"), noon + 1s));
  CAF_CHECK_EQUAL(saved<product_row>(second).size(), 1u);
  auto next = only(asked<read_products>(second));
  CAF_CHECK_EQUAL(next.after, "cursor");
  remember(seen, second);
  auto last = product_sync(seen, answered(next, page({teapots(52)}), noon + 2s));
  remember(seen, last);
  CAF_CHECK_EQUAL(seen.job.state, "done");
  CAF_CHECK_EQUAL(seen.job.done, 2);
  CAF_CHECK_EQUAL(format_time(only(saved<source_row>(last)).as_of), format_time(noon));
  auto later = product_sync(seen, tick_at(noon + 30min));
  CAF_CHECK_EQUAL(only(asked<read_products>(later)).filter, "updated_at:>='2026-11-22T11:55:00Z'");
}

CAF_TEST(a tick while a run is under way does nothing and one after silence starts again) {
  auto seen = shop();
  remember(seen, product_sync(seen, tick_at()));
  CAF_CHECK(product_sync(seen, tick_at(noon + 1min)).empty());
  CAF_CHECK_EQUAL(asked<read_products>(product_sync(seen, tick_at(noon + 30min))).size(), 1u);
}

CAF_TEST(a failed page is tried again at the next tick from the same moment on) {
  auto seen = shop(R"({"since":"2026-11-22T00:00:00Z"})");
  auto first = product_sync(seen, tick_at());
  auto call = only(asked<read_products>(first));
  remember(seen, first);
  remember(seen, product_sync(seen, answered(call, error{ec::unavailable, "The shop does not answer.", ""})));
  CAF_CHECK_EQUAL(seen.job.state, "failed");
  CAF_CHECK_EQUAL(seen.job.error, "The shop does not answer.");
  auto again = product_sync(seen, tick_at(noon + 1min));
  CAF_CHECK_EQUAL(only(asked<read_products>(again)).filter, call.filter);
}

CAF_TEST(nothing is read while syncing is paused or the shop is away) {
  auto paused = shop();
  paused.settings = R"({"sync_paused":true})";
  CAF_CHECK(product_sync(paused, tick_at()).empty());
  auto away = shop();
  away.store.connection = connection_row::state::needs_reconnect;
  CAF_CHECK(product_sync(away, tick_at()).empty());
}

CAF_TEST(a run by hand is answered with the job) {
  auto got = response(product_sync(shop(), command_of("run")));
  CAF_REQUIRE(got && *got);
  CAF_CHECK((**got).find("\"state\":\"running\"") != std::string::npos);
}
