#define CAF_SUITE webhook_gateway

#include "actors/webhook_gateway.hpp"

#include "fakes.hpp"
#include "net/crypto.hpp"
#include "support/http_answers.hpp"

using namespace clique;

namespace {

constexpr auto order = R"({"id":820982911946154508,"updated_at":"2026-01-01T00:00:00Z"})";

struct delivery_request {
  std::string body = order;
  std::string secret = "hush";
  std::string topic = "orders/create";
  std::string shop_domain = "a.myshopify.com";
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> more = {{"x-shopify-webhook-id", "w1"}};
  std::optional<std::string> signature = {};
};

struct desk {
  metrics_ptr numbers = std::make_shared<metrics>();
  std::shared_ptr<store_book> book = std::make_shared<store_book>();
  std::shared_ptr<waiting_acks> acks;
  std::vector<arrival> accepted;
  http::handler handler;

  explicit desk(waiting_acks::limits bounds = {}) {
    acks = std::make_shared<waiting_acks>(bounds, [](auto) {});
    book->put(entry(shop, "a.myshopify.com"));
    auto left = entry(store_id{8}, "left.myshopify.com");
    left.connection = connection_row::state::uninstalled;
    book->put(left);
    shopify::app_credentials app;
    app.secret = "hush";
    app.previous_secret = "older";
    handler = webhook_gateway({app, book, acks, [this](arrival x) { accepted.push_back(std::move(x)); },
                               [] { return time_point{}; }, numbers});
  }

  /// @returns the answer's status; 0 when the delivery went to the log unanswered.
  int post(const delivery_request& x) {
    http::request in;
    in.verb = http::method::post;
    in.path = "/webhooks/shopify";
    in.body = x.body;
    in.headers = {{"content-type", x.content_type},
                  {"x-shopify-hmac-sha256", x.signature.value_or(to_base64(hmac_sha256(x.secret, x.body)))},
                  {"x-shopify-topic", x.topic},
                  {"x-shopify-shop-domain", x.shop_domain}};
    for (const auto& h : x.more)
      in.headers.push_back(h);
    test::recorded_answer out;
    auto before = accepted.size();
    handler(std::move(in), out.responder());
    return accepted.size() > before ? 0 : out.status();
  }
};

} // namespace

CAF_TEST(a good delivery goes to the log and is not answered here) {
  desk x;
  CAF_CHECK_EQUAL(x.post({}), 0);
  CAF_REQUIRE_EQUAL(x.accepted.size(), 1u);
  const auto& got = x.accepted[0].what;
  CAF_CHECK(got.store == shop);
  CAF_CHECK_EQUAL(got.part, 3);
  CAF_CHECK_EQUAL(got.topic, "orders/create");
  CAF_CHECK_EQUAL(got.webhook_id, "w1");
  CAF_CHECK_EQUAL(got.body, order);
}

CAF_TEST(D6 and D8 only a signature with a current or previous secret passes) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.secret = "older"}), 0);
  CAF_CHECK_EQUAL(x.post({.secret = "wrong"}), 401);
  CAF_CHECK_EQUAL(x.post({.signature = ""}), 401);
  CAF_CHECK_EQUAL(x.post({.signature = to_hex(hmac_sha256("hush", order))}), 401);
  CAF_CHECK_EQUAL(x.post({.more = {{"x-shopify-hmac-sha256", to_base64(hmac_sha256("hush", order))}}}), 401);
}

CAF_TEST(D6 the signature is judged before anything else) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.secret = "wrong", .topic = "", .shop_domain = "nobody", .content_type = "text/plain"}), 401);
  CAF_CHECK_EQUAL(x.post({.secret = "wrong", .topic = "shop/redact"}), 401);
}

CAF_TEST(D10 an unknown shop is told so and leaves no trace) {
  desk x;
  for (auto domain : {"b.myshopify.com", "a.myshopify.com.evil.com", "evil.com", ""})
    CAF_CHECK_EQUAL(x.post({.shop_domain = domain}), 404);
  CAF_CHECK(x.accepted.empty());
  CAF_CHECK_EQUAL(x.acks->waiting(), 0u);
  CAF_CHECK(x.numbers->text().find("unknown_shop") != std::string::npos);
}

CAF_TEST(the shop letters may be upper case) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.shop_domain = "A.MyShopify.com"}), 0);
}

CAF_TEST(D10 an uninstalled shop may only say good bye) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.shop_domain = "left.myshopify.com"}), 404);
  CAF_CHECK_EQUAL(x.post({.body = R"({"id":1,"myshopify_domain":"left.myshopify.com"})",
                          .topic = "app/uninstalled",
                          .shop_domain = "left.myshopify.com"}),
                  0);
  CAF_CHECK_EQUAL(x.post({.body = R"({"shop_id":1,"shop_domain":"left.myshopify.com"})",
                          .topic = "shop/redact",
                          .shop_domain = "left.myshopify.com"}),
                  0);
}

CAF_TEST(D12 a privacy request of a shop that we hold nothing about is done) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.body = R"({"shop_id":1,"shop_domain":"b.myshopify.com"})",
                          .topic = "shop/redact",
                          .shop_domain = "b.myshopify.com"}),
                  200);
  CAF_CHECK(x.accepted.empty());
}

CAF_TEST(D5 a body that does not fit a deleting topic is refused) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.topic = "orders/delete"}), 400);
  CAF_CHECK_EQUAL(x.post({.topic = "app/uninstalled"}), 400);
  CAF_CHECK_EQUAL(x.post({.topic = "shop/redact"}), 400);
}

CAF_TEST(D11 a signed body that is no JSON is accepted) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.body = "{broken"}), 0);
}

CAF_TEST(a delivery needs one topic and JSON) {
  desk x;
  CAF_CHECK_EQUAL(x.post({.topic = "orders create"}), 400);
  CAF_CHECK_EQUAL(x.post({.more = {{"x-shopify-topic", "orders/paid"}}}), 400);
  CAF_CHECK_EQUAL(x.post({.content_type = "text/plain"}), 400);
  CAF_CHECK_EQUAL(x.post({.content_type = "application/json; charset=utf-8"}), 0);
}

CAF_TEST(a delivery without an id gets the same id each time) {
  desk x;
  x.post({.more = {}});
  x.post({.more = {}});
  x.post({.topic = "orders/paid", .more = {}});
  CAF_REQUIRE_EQUAL(x.accepted.size(), 3u);
  CAF_CHECK_EQUAL(x.accepted[0].what.webhook_id, x.accepted[1].what.webhook_id);
  CAF_CHECK(x.accepted[0].what.webhook_id != x.accepted[2].what.webhook_id);
}

CAF_TEST(E1 when too many wait the answer is 503 at once) {
  desk x{{.count = 1}};
  CAF_CHECK_EQUAL(x.post({}), 0);
  CAF_CHECK_EQUAL(x.post({}), 503);
}
