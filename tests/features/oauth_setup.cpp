#define CAF_SUITE oauth_setup

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::build;
using features::oauth_setup;

namespace {

using state = connection_row::state;

shop_answer berlin_shop(std::vector<std::string> scopes) {
  return {{"Tea House", "EUR", "Europe/Berlin", "DE", "basic"}, std::move(scopes)};
}

const snapshot asked_already = shop("{}", "running");

} // namespace

CAF_TEST(a connected store is read and so it is on a timer) {
  CAF_CHECK_EQUAL(asked<read_shop>(oauth_setup(shop(), connected())).size(), 1u);
  CAF_CHECK_EQUAL(asked<read_shop>(oauth_setup(shop(), tick_at())).size(), 1u);
}

CAF_TEST(the answer is stored and missing permissions are named with what they cost) {
  struct {
    std::vector<std::string> scopes;
    const char* missing; ///< empty: nothing
  } table[] = {
      {{"read_orders", "read_products", "read_inventory", "read_locations"}, ""},
      {{"read_all_orders", "read_orders", "write_products", "write_inventory", "read_locations"}, ""},
      {{"read_orders", "read_products", "read_locations"}, "read_inventory (no stock and no unit costs)"},
      {{"read_products", "read_inventory", "read_locations"}, "read_orders (no sales figures at all)"},
  };
  for (const auto& x : table) {
    auto got = oauth_setup(asked_already, answered(read_shop{}, answer{berlin_shop(x.scopes)}));
    CAF_CHECK_EQUAL(only(saved<shop_row>(got)).what.currency_code, "EUR");
    auto connection = only(saved<connection_row>(got));
    CAF_CHECK(connection.what == state::connected);
    CAF_CHECK(connection.scopes == x.scopes);
    CAF_CHECK_EQUAL(connection.reason.empty(), std::string_view{x.missing}.empty());
    CAF_CHECK(connection.reason.find(x.missing) != std::string::npos);
    CAF_CHECK_EQUAL(job_after(asked_already, got).state, "done");
  }
}

CAF_TEST(a removed app stops everything) {
  auto got = oauth_setup(shop(), span_of({delivered("app/uninstalled", app_uninstalled{})}));
  CAF_CHECK(only(saved<connection_row>(got)).what == state::uninstalled);
  CAF_CHECK_EQUAL(told<store_disconnected>(got).size(), 1u);
  CAF_CHECK(asked<read_shop>(got).empty());
}

CAF_TEST(a farewell of an earlier installation is ignored) {
  auto early = delivered("app/uninstalled", app_uninstalled{}, at("2026-10-30T00:00:00Z"));
  CAF_CHECK(oauth_setup(shop(), span_of({early})).empty());
}

CAF_TEST(an answer that comes after the farewell does not connect the shop again) {
  auto seen = shop("{}", "paused");
  seen.store.connection = state::uninstalled;
  CAF_CHECK(oauth_setup(seen, answered(read_shop{}, answer{berlin_shop({})})).empty());
  CAF_CHECK(oauth_setup(seen, tick_at()).empty());
}

CAF_TEST(messages about the shop carry no version and are read afresh) {
  auto facts = delivered("shop/update", shop_facts{"Old name", "USD", "", "", ""});
  auto got = oauth_setup(shop(), span_of({facts}));
  CAF_CHECK(saved<shop_row>(got).empty());
  CAF_CHECK_EQUAL(asked<read_shop>(got).size(), 1u);
  auto scopes = oauth_setup(shop(), span_of({delivered("app/scopes_update", scopes_updated{{"read_orders"}})}));
  CAF_CHECK_EQUAL(asked<read_shop>(scopes).size(), 1u);
}

CAF_TEST(a changed currency is logged with what to do) {
  auto dollars = berlin_shop({});
  dollars.shop.currency_code = "USD";
  auto logs = saved<sync_log_row>(oauth_setup(asked_already, answered(read_shop{}, answer{dollars})));
  CAF_REQUIRE_EQUAL(logs.size(), 1u);
  CAF_CHECK(logs[0].outcome.find("historical import") != std::string::npos);
  auto same = oauth_setup(asked_already, answered(read_shop{}, answer{berlin_shop({})}));
  CAF_CHECK(saved<sync_log_row>(same).empty());
}

CAF_TEST(a rejected token asks for a reconnect once and a passing error does not) {
  auto rejected = oauth_setup(asked_already, answered(read_shop{}, error{ec::token_rejected, "401", ""}));
  CAF_CHECK(only(saved<connection_row>(rejected)).what == state::needs_reconnect);
  CAF_CHECK_EQUAL(told<store_disconnected>(rejected).size(), 1u);
  CAF_CHECK_EQUAL(job_after(asked_already, rejected).state, "paused");
  auto known = asked_already;
  known.store.connection = state::needs_reconnect;
  CAF_CHECK(told<store_disconnected>(oauth_setup(known, answered(read_shop{}, error{ec::token_rejected, "401", ""})))
                .empty());
  auto passing = oauth_setup(asked_already, answered(read_shop{}, error{ec::unavailable, "503", ""}));
  CAF_CHECK(saved<connection_row>(passing).empty());
  CAF_CHECK_EQUAL(job_after(asked_already, passing).state, "failed");
}
