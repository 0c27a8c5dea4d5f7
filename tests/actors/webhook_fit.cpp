#define CAF_SUITE webhook_fit

#include "actors/webhook_fit.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;

CAF_TEST(D5 a body replayed under a topic that deletes must look like that topic) {
  constexpr auto shop = "a.myshopify.com";
  constexpr auto order = R"({"id":1,"updated_at":"2026-01-01T00:00:00Z","line_items":[]})";
  constexpr auto bare = R"({"id":788032119674292922})";
  constexpr auto left = R"({"id":1,"myshopify_domain":"a.myshopify.com","plan_name":"basic"})";
  constexpr auto left_test = R"({"id":1,"myshopify_domain":null,"domain":null})";
  constexpr auto redact = R"({"shop_id":1,"shop_domain":"a.myshopify.com"})";
  constexpr auto customer =
      R"({"shop_id":1,"shop_domain":"a.myshopify.com","customer":{"id":1},"orders_to_redact":[]})";
  constexpr auto other = R"({"shop_id":1,"shop_domain":"b.myshopify.com"})";
  struct {
    const char *topic, *body;
    bool fits;
  } table[] = {
      {"orders/create", order, true},
      {"products/update", order, true}, // older or foreign data at worst: guarded by versions
      {"orders/delete", bare, true},
      {"orders/delete", order, false},
      {"products/delete", order, false},
      {"app/uninstalled", left, true},
      {"app/uninstalled", left_test, true},
      {"app/uninstalled", order, false},
      {"app/uninstalled", R"({"id":1,"myshopify_domain":"b.myshopify.com"})", false},
      {"app/uninstalled", "[]", false},
      {"shop/redact", redact, true},
      {"shop/redact", other, false},
      {"shop/redact", customer, false},
      {"shop/redact", order, false},
      {"customers/redact", customer, true},
      {"customers/redact", redact, false},
      {"customers/data_request", customer, true},
      {"shop/redact", "{broken", true}, // parked as a dead letter
  };
  for (const auto& x : table)
    CAF_CHECK_EQUAL(fits_topic(x.topic, shop, x.body), x.fits);
}

CAF_TEST(a topic is two words with a slash) {
  for (auto good : {"orders/create", "inventory_levels/update", "app/uninstalled"})
    CAF_CHECK(is_topic(good));
  for (auto bad : {"", "orders", "/create", "orders/", "Orders/create", "orders/create/x", "orders/cr eate", "a/\r\n"})
    CAF_CHECK(!is_topic(bad));
  CAF_CHECK(!is_topic("orders/" + std::string(200, 'a')));
}
