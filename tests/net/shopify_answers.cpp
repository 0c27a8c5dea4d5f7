#define CAF_SUITE shopify_answers

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>

#include "net/shopify_facts.hpp"

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;

namespace {

const currency usd{"USD"};

std::string class_of(const call& asked, int status, std::string body) {
  auto got = read_answer(asked, answer_of(status, std::move(body)), usd);
  return got.got ? "fine" : std::string(to_string(got.got.error().code));
}

std::string throttled(double requested, double available, double rate) {
  return fmt::format(
      R"({{"errors":[{{"message":"Throttled","extensions":{{"code":"THROTTLED"}}}}],"extensions":{{"cost":{{"requestedQueryCost":{},
    "actualQueryCost":null,"throttleStatus":{{"maximumAvailable":2000.0,"currentlyAvailable":{},"restoreRate":{}}}}}}}}})",
      requested, available, rate);
}

template <class T>
T answered(const call& asked, std::string body) {
  auto got = read_answer(asked, answer_of(200, std::move(body)), usd);
  if (!got.got)
    CAF_FAIL(got.got.error().what);
  return std::get<T>(*got.got);
}

} // namespace

CAF_TEST(C5 and C6 every answer is classified and never counted as success wrongly) {
  struct row {
    int status;
    std::string body, code;
  };
  std::vector<row> rows = {
      {200, R"({"data":{"ordersCount":{"count":3,"precision":"EXACT"}}})", "fine"},
      {200, "", "unavailable"},
      {200, "<!DOCTYPE html><html></html>", "unavailable"},
      {200, "null", "unavailable"},
      {200, "[]", "unavailable"},
      {200, "{}", "unavailable"},
      {200, R"({"data":null})", "unavailable"},
      {200, R"({"data":{}})", "unavailable"},
      {200, R"({"data":{"ordersCount":null}})", "unavailable"},
      {200, R"({"data":{"ordersCount":{"count":"3"}}})", "unavailable"},
      {200, R"({"data":{"ordersCount":{"count":3)", "unavailable"},
      {200, "\x1f\x8b\x08garbage", "unavailable"},
      {200, R"x({"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"})x",
       "token_rejected"},
      {200, R"({"errors":[{"message":"Field 'x' doesn't exist on type 'Order'"}],"data":{"ordersCount":{"count":3}}})",
       "refused"},
      {200, R"({"errors":[{"message":"m","extensions":{"code":"ACCESS_DENIED"}}],"data":{"ordersCount":{"count":3}}})",
       "forbidden"},
      {200, R"({"errors":[{"message":"m","extensions":{"code":"SHOP_INACTIVE"}}]})", "forbidden"},
      {200, R"({"errors":[{"message":"m","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]})", "unavailable"},
      {200, R"({"errors":[{"message":"m","extensions":{"code":"MAX_COST_EXCEEDED"}}]})", "refused"},
      {200, R"({"errors":[{"message":"Throttled"}]})", "throttled"},
      {200, R"({"errors":[{"message":"m"}],"extensions":{"code":"THROTTLED"}})", "throttled"},
      {200, R"({"errors":[{"message":"a"},{"message":"b","extensions":{"code":"THROTTLED"}}]})", "throttled"},
      {200, R"({"errors":{"message":"m"}})", "refused"},
      {301, "", "unavailable"},
      {400, "bad", "refused"},
      {401, "", "token_rejected"},
      {402, "", "forbidden"},
      {403, R"({"errors":"forbidden"})", "forbidden"},
      {403, "Non-expiring access tokens are no longer accepted", "token_rejected"},
      {404, "", "not_found"},
      {406, "", "refused"},
      {422, "", "refused"},
      {423, "", "forbidden"},
      {429, "", "throttled"},
      {430, "", "refused"},
      {500, "", "unavailable"},
      {502, "<html>", "unavailable"},
      {503, "", "unavailable"},
      {504, "", "unavailable"},
      {0, "", "unavailable"},
  };
  for (auto& x : rows)
    CAF_CHECK_EQUAL(fmt::format("{} {} {}", x.status, x.body, class_of(count_orders{}, x.status, x.body)),
                    fmt::format("{} {} {}", x.status, x.body, x.code));
}

CAF_TEST(C4 no prefix of an answer passes for the answer) {
  auto whole = fixture("order_graphql.json");
  while (whole.back() != '}')
    whole.pop_back();
  CAF_REQUIRE_EQUAL(class_of(read_order{1}, 200, whole), "fine");
  for (std::size_t n = 0; n < whole.size(); n += 7)
    CAF_REQUIRE_EQUAL(class_of(read_order{1}, 200, whole.substr(0, n)), "unavailable");
}

CAF_TEST(the wait is what the bucket needs in whole seconds) {
  struct row {
    double requested, available, rate;
    int seconds;
  };
  std::vector<row> rows = {{400, 300, 50, 2},  {400, 300, 100, 1}, {401, 300, 100, 2},
                           {1000, 0, 100, 10}, {100, 100, 100, 1}, {100, 500, 100, 1},
                           {100, 0, 0, 1},     {100, 0, -1, 1},    {1e18, 0, 1, 3600}};
  for (auto& x : rows) {
    auto got = read_answer(read_shop{}, answer_of(200, throttled(x.requested, x.available, x.rate)), usd);
    CAF_REQUIRE(got.got.has_error());
    CAF_CHECK_EQUAL(to_string(got.got.error().code), "throttled");
    CAF_CHECK_EQUAL(got.wait.count(), x.seconds * 1000);
    CAF_CHECK_EQUAL(got.bucket->available, x.available);
    CAF_CHECK_EQUAL(got.bucket->requested, x.requested);
  }
}

CAF_TEST(bucket version and retry time are told with good answers and bad) {
  auto good = read_answer(read_order{1}, answer_of(200, fixture("order_graphql.json")), usd);
  CAF_CHECK_EQUAL(good.version, "2026-10");
  CAF_CHECK_EQUAL(good.bucket->available, 1959);
  CAF_CHECK_EQUAL(good.bucket->restore_rate, 100);
  CAF_CHECK(!good.more);

  std::vector<std::pair<std::string, int>> rows = {{"2.0", 2000}, {"7", 7000},        {"", 1000},   {"soon", 1000},
                                                   {"-3", 1000},  {"1e9", 3'600'000}, {"nan", 1000}};
  for (auto& [header, wait] : rows) {
    auto raw = answer_of(429, "");
    if (!header.empty())
      raw.headers.emplace_back("retry-after", header);
    CAF_CHECK_EQUAL(read_answer(read_shop{}, raw, usd).wait.count(), wait);
  }
}

CAF_TEST(a refusal inside a mutation carries the words of Shopify) {
  auto create = read_answer(create_subscription{"orders/create", "https://x"},
                            answer_of(200, R"({"data":{"webhookSubscriptionCreate":{
    "webhookSubscription":null,"userErrors":[{"field":["topic"],"message":"Address for this topic has already been taken"},{"field":null,"message":"b"}]}}})"),
                            usd);
  CAF_REQUIRE(create.got.has_error());
  CAF_CHECK_EQUAL(to_string(create.got.error().code), "refused");
  CAF_CHECK_EQUAL(create.got.error().what, "Address for this topic has already been taken; b");

  for (auto code : {R"("OPERATION_IN_PROGRESS")", "null"}) {
    auto bulk = read_answer(
        start_bulk{},
        answer_of(200,
                  fmt::format(R"({{"data":{{"bulkOperationRunQuery":{{"bulkOperation":null,"userErrors":[{{"field":null,
      "message":"A bulk query operation for this app and shop is already in progress: gid://shopify/BulkOperation/77.","code":{}}}]}}}}}})",
                              code)),
        usd);
    CAF_REQUIRE(bulk.got.has_error());
    CAF_CHECK_EQUAL(to_string(bulk.got.error().code), "conflict");
    CAF_CHECK(bulk.got.error().what.find("gid://shopify/BulkOperation/77") != std::string::npos);
  }
  CAF_CHECK_EQUAL(
      class_of(delete_subscription{"gid"}, 200, R"({"data":{"webhookSubscriptionDelete":{"userErrors":[]}}})"),
      "unavailable");
}

CAF_TEST(each call has its answer) {
  auto count =
      answered<order_count>(count_orders{}, R"({"data":{"ordersCount":{"count":10000,"precision":"AT_LEAST"}}})");
  CAF_CHECK_EQUAL(count.count, 10000);
  CAF_CHECK(!count.exact);

  auto shop = answered<shop_answer>(read_shop{},
                                    R"({"data":{"shop":{"name":"A","currencyCode":"EUR","ianaTimezone":"Europe/Berlin",
    "plan":{"publicDisplayName":"Basic"},"shopAddress":{"countryCodeV2":"DE"}},"currentAppInstallation":{"accessScopes":[{"handle":"read_orders"}]}}})");
  CAF_CHECK_EQUAL(shop.shop.country, "DE");
  CAF_CHECK_EQUAL(shop.shop.plan, "Basic");
  CAF_CHECK(shop.scopes == std::vector<std::string>({"read_orders"}));

  auto list = answered<subscription_list>(list_subscriptions{}, R"({"data":{"webhookSubscriptions":{"nodes":[
    {"id":"gid://shopify/WebhookSubscription/1","topic":"INVENTORY_LEVELS_UPDATE","uri":"https://x/wh"},{"id":"b","topic":"NEW_THING","uri":null}]}}})");
  CAF_CHECK_EQUAL(list.items.at(0).topic, "inventory_levels/update");
  CAF_CHECK_EQUAL(list.items.at(1).uri, "");
  auto made =
      answered<subscription>(create_subscription{}, R"({"data":{"webhookSubscriptionCreate":{"webhookSubscription":
    {"id":"gid://shopify/WebhookSubscription/1","topic":"ORDERS_CREATE","uri":"https://x"},"userErrors":[]}}})");
  CAF_CHECK_EQUAL(made.topic, "orders/create");
  answered<done>(delete_subscription{"g"},
                 R"({"data":{"webhookSubscriptionDelete":{"deletedWebhookSubscriptionId":"g","userErrors":[]}}})");

  auto running = answered<bulk_state>(
      start_bulk{},
      R"({"data":{"bulkOperationRunQuery":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","status":"CREATED"},"userErrors":[]}}})");
  CAF_CHECK_EQUAL(running.status, "created");
  auto ended = answered<bulk_state>(
      poll_bulk{"g"},
      R"({"data":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","status":"COMPLETED","errorCode":null,
    "objectCount":"0","url":null}}})");
  CAF_CHECK_EQUAL(ended.objects, 0);
  CAF_CHECK_EQUAL(ended.url, "");
  auto failed = answered<bulk_state>(
      poll_bulk{"g"},
      R"({"data":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","status":"FAILED","errorCode":"TIMEOUT","objectCount":"57"}}})");
  CAF_CHECK_EQUAL(failed.error_code, "TIMEOUT");
  CAF_CHECK_EQUAL(failed.objects, 57);
  CAF_CHECK_EQUAL(
      answered<bulk_state>(
          cancel_bulk{"g"},
          R"({"data":{"bulkOperationCancel":{"bulkOperation":{"id":"gid://shopify/BulkOperation/1","status":"CANCELING"},"userErrors":[]}}})")
          .status,
      "canceling");
  CAF_CHECK_EQUAL(class_of(poll_bulk{"g"}, 200, R"({"data":{"bulkOperation":null}})"), "not_found");
  CAF_CHECK_EQUAL(class_of(read_order{5}, 200, R"({"data":{"order":null}})"), "not_found");
  CAF_CHECK(answered<order_page>(
                read_orders{}, R"({"data":{"orders":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[]}}})")
                .orders.empty());
}
