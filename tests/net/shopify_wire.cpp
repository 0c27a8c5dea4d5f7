#define CAF_SUITE shopify_wire

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>

#include "net/shopify_facts.hpp"

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;

namespace {

const currency usd{"USD"};

std::string fault_of(std::string_view topic, std::string_view body) {
  auto got = parse_webhook(topic, body, usd);
  return got ? "fine" : got.error().what;
}

template <class T>
T fact(std::string_view topic, std::string_view body) {
  auto got = parse_webhook(topic, body, usd);
  if (!got)
    CAF_FAIL(got.error().what);
  return std::get<T>(*got);
}

order least_order(const std::string& more) {
  auto got =
      parse_order(R"({"id":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","currency":"USD",
    "total_price":"10.00","subtotal_price":"9.00",)"
                  + more + "}");
  if (!got)
    CAF_FAIL(got.error().what);
  return *got;
}

} // namespace

CAF_TEST(an order webhook becomes the order with nothing rounded) {
  auto got = parse_order(fixture("order_rest.json"));
  if (!got)
    CAF_FAIL(got.error().what);
  CAF_CHECK_EQUAL(got->id, 820982911946154508);
  CAF_CHECK_EQUAL(format_time(got->updated_at), "2026-11-02T15:00:01Z");
  CAF_CHECK_EQUAL(got->total, 8690);
  CAF_CHECK_EQUAL(got->presentment_total, 8015);
  CAF_CHECK_EQUAL(got->shipping, 800);
  CAF_CHECK_EQUAL(got->tips, 650);
  CAF_CHECK_EQUAL(got->lines.at(0).discount, 550);
  CAF_CHECK_EQUAL(got->lines.at(1).unit_price, 1999);
  CAF_CHECK(!got->lines.at(1).variant_id);
  CAF_CHECK_EQUAL(got->note_attributes.at(0).second, "herbst \xe2\x80\x93 1");
  CAF_CHECK_EQUAL(got->landing_site, "/products/lamp?utm_source=facebook&fbclid=abc");
  auto& back = got->refunds.at(0);
  CAF_CHECK_EQUAL(back.lines.at(0).subtotal, 1999);
  CAF_CHECK_EQUAL(back.lines.at(0).tax, 160);
  CAF_CHECK_EQUAL(back.shipping, 400);
  CAF_CHECK_EQUAL(back.shipping_tax, 32);
  CAF_CHECK_EQUAL(back.adjustment, 250);
  CAF_CHECK_EQUAL(back.paid_back, 2841);
}

CAF_TEST(webhook and GraphQL tell the same order) {
  auto rest = parse_order(fixture("order_rest.json"));
  auto graph = read_answer(read_order{820982911946154508}, answer_of(200, fixture("order_graphql.json")), usd);
  CAF_REQUIRE(rest.has_value());
  if (!graph.got)
    CAF_FAIL(graph.got.error().what);
  auto& page = std::get<order_page>(*graph.got);
  CAF_REQUIRE_EQUAL(page.orders.size(), 1u);
  CAF_CHECK_EQUAL(shown(page.orders[0]), shown(*rest));
}

CAF_TEST(webhook and GraphQL tell the same product) {
  auto rest = parse_product(fixture("product_rest.json"), usd);
  auto graph = read_answer(read_products{}, answer_of(200, fixture("products_graphql.json")), usd);
  CAF_REQUIRE(rest.has_value());
  if (!graph.got)
    CAF_FAIL(graph.got.error().what);
  auto& page = std::get<product_page>(*graph.got);
  CAF_REQUIRE_EQUAL(page.products.size(), 1u);
  CAF_CHECK_EQUAL(shown(page.products[0]), shown(*rest));
  CAF_CHECK_EQUAL(page.next, "next-page");
}

CAF_TEST(money is taken as text or number and kept to the minor unit) {
  std::vector<std::pair<std::string, std::int64_t>> rows = {
      {R"("total_tax":"1.10")", 110},
      {R"("total_tax":1.1)", 110},
      {R"("total_tax":398.0)", 39800},
      {R"("total_tax":7)", 700},
      {R"("total_tax":0.07)", 7},
      {R"("total_tax":1234567.89)", 123456789},
      {R"("total_tax":null)", 0},
      {R"("total_tax":"398.0")", 39800},
      {R"("total_tax":-0.5)", -50},
      {R"("total_tax":1.005)", 101},
      {R"("total_tax":1e2)", 10000},
      {R"("total_tax":19999999.99)", 1999999999},
      {R"("total_tax_set":{"shop_money":{"amount":"2.00","currency_code":"USD"}})", 200},
      {R"("total_tax_set":{"shop_money":{"amount":"2.00","currency_code":"CAD"}})", 0},
  };
  for (auto& [json, minor] : rows)
    CAF_CHECK_EQUAL(std::make_pair(json, least_order(json).tax), std::make_pair(json, minor));
  auto yen = parse_order(R"({"id":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",
    "currency":"JPY","total_price":"1000","subtotal_price":"1000"})");
  CAF_REQUIRE(yen.has_value());
  CAF_CHECK_EQUAL(yen->total, 1000);
}

CAF_TEST(what is absent has the meaning that Shopify gives it) {
  auto got =
      least_order(R"("customer":null,"landing_site":null,"line_items":null,"refunds":null,"fulfillment_status":null,
    "financial_status":"BRAND_NEW","line_items":[{"id":3,"quantity":2,"price":"4.00","sku":null,"variant_id":null,"total_discount":"1.00"}])");
  CAF_CHECK(!got.customer_id);
  CAF_CHECK_EQUAL(got.financial_status, "brand_new");
  CAF_CHECK_EQUAL(got.fulfillment_status, "");
  CAF_CHECK_EQUAL(got.current_total, 1000);
  CAF_CHECK_EQUAL(got.current_subtotal, 900);
  CAF_CHECK_EQUAL(got.presentment_total, 1000);
}

CAF_TEST(a line survives any shape of its properties) {
  for (auto properties :
       {"[]", "{}", "null", "2", "\"x\"", R"({"name":2})", R"([{"name":"a","value":{"deep":[1]}}])"}) {
    auto got = least_order(std::string(R"("line_items":[{"id":3,"quantity":2,"price":"4.00","properties":)")
                           + properties + "}]");
    CAF_REQUIRE_EQUAL(got.lines.size(), 1u);
    CAF_CHECK_EQUAL(got.lines[0].current_quantity, 2);
  }
}

CAF_TEST(shipping refunds count once whichever way they come) {
  auto both =
      parse_refund(R"({"id":1,"created_at":"2026-01-01T00:00:00Z","refund_shipping_lines":[{"subtotal_amount_set":
    {"shop_money":{"amount":"5.00","currency_code":"USD"}},"tax_amount_set":{"shop_money":{"amount":"0.40","currency_code":"USD"}}}],
    "order_adjustments":[{"kind":"shipping_refund","amount":"-5.00","tax_amount":"-0.40"}]})",
                   usd);
  CAF_REQUIRE(both.has_value());
  CAF_CHECK_EQUAL(both->shipping, 500);
  CAF_CHECK_EQUAL(both->shipping_tax, 40);
  CAF_CHECK_EQUAL(both->adjustment, 0);

  auto less = parse_refund(R"({"id":1,"created_at":"2026-01-01T00:00:00Z","order_adjustments":[
    {"kind":"shipping_refund","amount":"-8.00"},{"kind":"refund_discrepancy","amount":"8.00"}]})",
                           usd);
  CAF_REQUIRE(less.has_value());
  CAF_CHECK_EQUAL(less->shipping, 800);
  CAF_CHECK_EQUAL(less->adjustment, -800);
}

CAF_TEST(a payment in the currency of the buyer counts by the parts of the refund) {
  auto got =
      parse_refund(R"({"id":1,"created_at":"2026-01-01T00:00:00Z","refund_line_items":[{"line_item_id":2,"quantity":1,
    "subtotal":"10.00","total_tax":"1.00"}],"transactions":[{"kind":"refund","status":"success","amount":"9.50","currency":"EUR"}]})",
                   usd);
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(got->paid_back, 1100);
}

CAF_TEST(ids are whole numbers of 64 bits and nothing else) {
  for (auto id : {"5.0", "5e0", "\"5\"", "0", "-1", "true", "null", "[]", "{}", "9223372036854775808", "1e400", "1e18",
                  "123456789012345678901234567890"}) {
    auto body = std::string("{\"id\":") + id + "}";
    CAF_CHECK(fault_of("orders/delete", body) != "fine");
  }
  CAF_CHECK_EQUAL(fact<order_deleted>("orders/delete", R"({"id":9223372036854775807})").id, INT64_MAX);
  CAF_CHECK_EQUAL(fact<product_deleted>("products/delete", R"({"id":788032119674292922})").id, 788032119674292922);
}

CAF_TEST(each topic has its shape) {
  auto edit = fact<order_edited>("orders/edited", R"({"order_edit":{"id":78912328793,"order_id":820982911946154508,
    "created_at":"2026-01-01T00:00:00Z","committed_at":"2026-01-02T00:00:00.5+01:00","line_items":{"additions":[],"removals":[]}}})");
  CAF_CHECK_EQUAL(edit.order_id, 820982911946154508);
  CAF_CHECK_EQUAL(format_time(edit.committed_at), "2026-01-01T23:00:00.500000Z");

  auto stock = fact<stock_level>(
      "inventory_levels/update",
      R"({"inventory_item_id":27,"location_id":24,"available":-5,"updated_at":"2026-01-01T00:00:00Z"})");
  CAF_CHECK_EQUAL(stock.available.value_or(0), -5);
  auto untracked = fact<stock_level>(
      "inventory_levels/connect",
      R"({"inventory_item_id":27,"location_id":24,"available":null,"updated_at":"2026-01-01T00:00:00Z"})");
  CAF_CHECK(!untracked.available);
  CAF_CHECK_EQUAL(
      fact<stock_disconnected>("inventory_levels/disconnect", R"({"inventory_item_id":27,"location_id":24})")
          .location_id,
      24);

  auto item =
      fact<inventory_item>("inventory_items/update",
                           R"({"id":27,"sku":"a","tracked":false,"cost":"2.50","updated_at":"2026-01-01T00:00:00Z"})");
  CAF_CHECK_EQUAL(item.unit_cost.value_or(0), 250);
  CAF_CHECK(!item.tracked);

  auto refund = fact<refund_created>(
      "refunds/create", R"({"id":5,"order_id":6,"created_at":"2026-01-01T00:00:00Z","refund_line_items":[]})");
  CAF_CHECK_EQUAL(refund.order_id, 6);
  CAF_CHECK_EQUAL(
      fact<bulk_finished>("bulk_operations/finish",
                          R"({"admin_graphql_api_id":"gid:\/\/shopify\/BulkOperation\/1","status":"completed"})")
          .status,
      "completed");
  CAF_CHECK(fact<scopes_updated>("app/scopes_update", R"({"previous":[],"current":["read_orders","x"]})").scopes
            == std::vector<std::string>({"read_orders", "x"}));
  CAF_CHECK_EQUAL(
      fact<shop_facts>("shop/update", R"({"id":1,"currency":"USD","iana_timezone":null,"plan_name":"basic"})").plan,
      "basic");
  fact<app_uninstalled>("app/uninstalled", "{}");
  fact<ignored_topic>("carts/update", "{}");
  fact<ignored_topic>("variants/out_of_stock", "{\"id\":1}");

  auto ask = fact<privacy_request>("customers/data_request", R"({"shop_id":954889,"orders_requested":[299938,280263],
    "customer":{"id":191167},"data_request":{"id":9999}})");
  CAF_CHECK_EQUAL(ask.topic, "customers/data_request");
  CAF_CHECK_EQUAL(ask.customer_id.value_or(0), 191167);
  CAF_CHECK(ask.orders == std::vector<shopify_id>({299938, 280263}));
  CAF_CHECK_EQUAL(ask.request_id, "9999");
  CAF_CHECK(
      fact<privacy_request>("shop/redact", R"({"shop_id":954889,"shop_domain":"a.myshopify.com"})").orders.empty());
}

CAF_TEST(D11 a body of the wrong shape is refused with topic place and reason) {
  CAF_CHECK_EQUAL(fault_of("orders/delete", R"({"id":5.0})"), "orders/delete: id: is no whole number of 64 bits");
  CAF_CHECK_EQUAL(fault_of("inventory_levels/update", R"({"inventory_item_id":1})"),
                  "inventory_levels/update: location_id: is missing");
  CAF_CHECK_EQUAL(fault_of("orders/edited", R"({"order_edit":[]})"), "orders/edited: order_edit.id: is missing");
  CAF_CHECK(fault_of("orders/create", "").find("no valid JSON") != std::string::npos);
  CAF_CHECK_EQUAL(fault_of("orders/create", "[]"), "orders/create: the body is no JSON object");
  CAF_CHECK_EQUAL(
      fault_of(
          "refunds/create",
          R"({"id":5,"order_id":6,"created_at":"2026-01-01T00:00:00Z","refund_line_items":[{"line_item_id":7},{"line_item_id":"8"}]})"),
      "refunds/create: refund_line_items[1].line_item_id: is no whole number of 64 bits");
  CAF_CHECK(fault_of("app/scopes_update", "{}") != "fine");
  CAF_CHECK(fault_of("bulk_operations/finish", R"({"admin_graphql_api_id":"gid://shopify/Order/1"})") != "fine");
}

CAF_TEST(amounts and quantities beyond any shop are refused rather than overflowing) {
  auto with = [](const std::string& more) {
    return R"({"id":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","currency":"USD",
      "total_price":"1","subtotal_price":"1",)"
           + more + "}";
  };
  for (auto more : {R"("total_tax":"9223372036854775807")", R"("total_tax":1e300)", R"("total_tax":-1e300)",
                    R"("line_items":[{"id":1,"quantity":1000000000,"price":"999999999.00"}])",
                    R"("line_items":[{"id":1,"quantity":99999999999,"price":"0.00"}])"})
    CAF_CHECK(parse_order(with(more)).has_error());
}

CAF_TEST(topics translate both ways) {
  for (auto topic : subscribed_topics()) {
    CAF_CHECK_EQUAL(topic_header(topic_enum(topic)), topic);
    CAF_CHECK(fault_of(topic, "{}") != "");
  }
  CAF_CHECK_EQUAL(topic_enum("inventory_levels/update"), "INVENTORY_LEVELS_UPDATE");
  CAF_CHECK_EQUAL(topic_header("ORDERS_PARTIALLY_FULFILLED"), "orders/partially_fulfilled");
  CAF_CHECK_EQUAL(topic_header("VARIANTS_OUT_OF_STOCK"), "variants/out_of_stock");
  CAF_CHECK_EQUAL(topic_header("ATTRIBUTED_SESSIONS_FIRST"), "attributed_sessions/first");
}
