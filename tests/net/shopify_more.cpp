#define CAF_SUITE shopify_more

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/shopify_facts.hpp"

#include <functional>

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;
using nlohmann::json;

namespace {

const currency usd{"USD"};

/// A platform that keeps whole lists and hands them out in the pages that are asked for.
struct platform {
  json order = json::parse(fixture("order_graphql.json"))["data"]["order"];
  json product = json::parse(fixture("products_graphql.json"))["data"]["products"]["nodes"][0];
  int requests = 0;
  std::string last;

  static json page(const json& all, std::size_t from, std::size_t size) {
    json nodes = json::array();
    for (auto i = from; i < std::min(all.size(), from + size); ++i)
      nodes.push_back(all[i]);
    auto end = from + nodes.size();
    return {{"pageInfo", {{"hasNextPage", end < all.size()}, {"endCursor", std::to_string(end)}}}, {"nodes", nodes}};
  }

  static std::size_t first_of(const std::string& query, const std::string& name) {
    auto at = query.find(name + "(first: ");
    return at == std::string::npos ? 0 : std::stoul(query.substr(at + name.size() + 8));
  }

  static void cut(json& owner, const std::string& query, std::size_t from = 0) {
    for (auto name :
         {"lineItems", "refundLineItems", "transactions", "orderAdjustments", "refundShippingLines", "variants"})
      if (owner.contains(name)) {
        if (auto size = first_of(query, name); size > 0)
          owner[name] = page(owner[name]["nodes"], from, size);
        else
          owner.erase(name);
      }
  }

  http::incoming_answer operator()(const http::outgoing& what) {
    ++requests;
    auto body = json::parse(what.body);
    last = body["query"];
    std::size_t from = 0;
    if (last.starts_with("query More"))
      from = std::stoul(body["variables"]["after"].get<std::string>());
    json data;
    if (last.find("node(id") != std::string::npos) {
      for (auto& x : order["refunds"])
        if (x["id"] == body["variables"]["id"])
          data["node"] = x;
      cut(data["node"], last, from);
      data["node"].erase("updatedAt");
    } else if (last.find("order(id") != std::string::npos) {
      data["order"] = order;
      cut(data["order"], last, from);
      for (auto& x : data["order"]["refunds"])
        cut(x, last);
    } else if (last.find("product(id") != std::string::npos) {
      data["product"] = product;
      cut(data["product"], last, from);
    } else {
      auto one = product;
      cut(one, last);
      data["products"] = {{"pageInfo", {{"hasNextPage", false}}}, {"nodes", {one}}};
    }
    return answer_of(200, json{{"data", data}}.dump());
  }
};

/// Asks until nothing is missing.
result<answer> ask(
    platform& other, const call& what, const std::function<void(int)>& before = [](int) {}) {
  app_credentials app;
  auto got = read_answer(what, other(to_request(app, "a.myshopify.com", "t", what)), usd);
  for (int i = 1; got.more; ++i) {
    if (!got.got.has_error())
      CAF_FAIL("half an answer passes for a whole one");
    before(i);
    got = read_answer(*got.more, other(to_request(app, "a.myshopify.com", "t", *got.more)));
  }
  return got.got;
}

void multiply(json& list, std::size_t times, const std::string& type) {
  auto one = list["nodes"][0];
  list["nodes"] = json::array();
  for (std::size_t i = 1; i <= times; ++i) {
    if (one.contains("id"))
      one["id"] = "gid://shopify/" + type + "/" + std::to_string(i);
    list["nodes"].push_back(one);
  }
}

} // namespace

CAF_TEST(an order of eleven hundred lines and a large refund comes whole) {
  platform other;
  multiply(other.order["lineItems"], 1114, "LineItem");
  auto& back = other.order["refunds"][0];
  multiply(back["refundLineItems"], 163, "");
  multiply(back["transactions"], 23, "");
  multiply(back["orderAdjustments"], 12, "");
  multiply(back["refundShippingLines"], 9, "");
  other.order["refunds"].push_back(back);
  other.order["refunds"][1]["id"] = "gid://shopify/Refund/2";

  auto got = ask(other, read_order{820982911946154508});
  if (!got)
    CAF_FAIL(got.error().what);
  auto& order = std::get<order_page>(*got).orders.at(0);
  CAF_REQUIRE_EQUAL(order.lines.size(), 1114u);
  for (std::size_t i = 0; i < order.lines.size(); ++i)
    CAF_REQUIRE_EQUAL(order.lines[i].id, static_cast<std::int64_t>(i + 1));
  CAF_REQUIRE_EQUAL(order.refunds.size(), 2u);
  for (auto& x : order.refunds) {
    CAF_CHECK_EQUAL(x.lines.size(), 163u);
    CAF_CHECK_EQUAL(x.paid_back, 23 * 2841);
    CAF_CHECK_EQUAL(x.adjustment, 12 * 250);
    CAF_CHECK_EQUAL(x.shipping, 9 * 400);
    CAF_CHECK_EQUAL(x.shipping_tax, 9 * 32);
  }
  // 1 + 11 for the lines + per refund 2 for its lines and 1 for each of the three other lists.
  CAF_CHECK_EQUAL(other.requests, 1 + 11 + 2 * (2 + 3));
}

CAF_TEST(a product of two thousand variants comes whole) {
  platform other;
  multiply(other.product["variants"], 2048, "ProductVariant");
  auto got = ask(other, read_products{});
  if (!got)
    CAF_FAIL(got.error().what);
  auto& product = std::get<product_page>(*got).products.at(0);
  CAF_CHECK_EQUAL(product.variants.size(), 2048u);
  CAF_CHECK_EQUAL(product.variants.back().id, 2048);
  CAF_CHECK_EQUAL(product.variants.back().product_id, product.id);
  CAF_CHECK(product.variants_complete);
}

CAF_TEST(an order that changes or vanishes between two requests is read again) {
  for (auto vanish : {false, true}) {
    platform other;
    multiply(other.order["lineItems"], 300, "LineItem");
    auto got = ask(other, read_order{1}, [&](int i) {
      if (i == 2) {
        if (vanish)
          other.order = nullptr;
        else
          other.order["updatedAt"] = "2026-11-02T15:00:02Z";
      }
    });
    CAF_REQUIRE(got.has_error());
    CAF_CHECK_EQUAL(to_string(got.error().code), "unavailable");
    CAF_CHECK_EQUAL(other.requests, 3);
  }
}

CAF_TEST(a follow - up that fails says so like any other answer) {
  platform other;
  multiply(other.order["lineItems"], 300, "LineItem");
  app_credentials app;
  auto got = read_answer(read_order{1}, other(to_request(app, "a", "t", read_order{1})), usd);
  CAF_REQUIRE(got.more != nullptr);
  CAF_CHECK_EQUAL(to_string(read_answer(*got.more, answer_of(503, "")).got.error().code), "unavailable");
  CAF_CHECK_EQUAL(to_string(read_answer(*got.more, answer_of(401, "")).got.error().code), "token_rejected");
  CAF_CHECK_EQUAL(
      to_string(read_answer(*got.more, answer_of(200, R"({"data":{"order":{"updatedAt":"2026-11-02T15:00:01Z"}}})"))
                    .got.error()
                    .code),
      "unavailable");
  CAF_CHECK_EQUAL(
      to_string(read_answer(*got.more, answer_of(200, R"({"errors":[{"message":"Throttled"}]})")).got.error().code),
      "throttled");
}
