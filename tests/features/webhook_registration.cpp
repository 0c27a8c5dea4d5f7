#define CAF_SUITE webhook_registration

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;
using features::webhook_registration;

namespace {

const std::string address = shop().store.webhook_address;

std::set<std::string> wanted() {
  std::set<std::string> result;
  for (const auto& x : all_features())
    for (auto topic : x.when.topics)
      if (!topic.starts_with("customers/") && topic != "shop/redact")
        result.emplace(topic);
  return result;
}

std::string gid(const std::string& topic) {
  return "gid://shopify/WebhookSubscription/" + topic;
}

/// Everything stands, at the platform and in our rows.
subscription_list complete() {
  subscription_list result;
  for (const auto& topic : wanted())
    result.items.push_back({gid(topic), topic, address});
  return result;
}

snapshot registered(std::string_view memory = R"({"listed_at":"2026-11-22T11:45:00Z"})") {
  auto result = shop(memory, "running");
  for (const auto& topic : wanted())
    result.subscriptions.push_back({topic, "registered", gid(topic), {}, at("2026-11-02T00:00:00Z")});
  return result;
}

effects listed(const snapshot& seen, subscription_list x) {
  return webhook_registration(seen, answered(list_subscriptions{}, answer{std::move(x)}));
}

subscription_list without(std::string_view topic) {
  auto result = complete();
  std::erase_if(result.items, [&](const subscription& x) { return x.topic == topic; });
  return result;
}

effects refused(std::string topic, error why) {
  auto seen = shop(R"({"pending":{")" + topic + R"(":true}})", "running");
  return webhook_registration(seen, answered(create_subscription{topic, address}, why));
}

} // namespace

CAF_TEST(on connect and on its timer the list is read) {
  for (const auto& why : {connected(), tick_at(), command_of("run")})
    CAF_CHECK_EQUAL(asked<list_subscriptions>(webhook_registration(shop(), why)).size(), 1u);
  CAF_CHECK(webhook_registration(shop(), {noon, heard{import_finished{}}}).empty());
}

CAF_TEST(a new store gets every topic except those of the app) {
  auto got = listed(shop("{}", "running"), {});
  std::set<std::string> topics;
  for (const auto& x : asked<create_subscription>(got)) {
    topics.insert(x.topic);
    CAF_CHECK_EQUAL(x.uri, address);
  }
  CAF_CHECK(topics == wanted());
  CAF_CHECK(topics.contains("app/uninstalled"));
  CAF_CHECK(topics.contains("bulk_operations/finish"));
  CAF_CHECK(asked<read_orders>(got).empty());
}

CAF_TEST(where all stands nothing is written but the job) {
  auto got = listed(registered(), complete());
  CAF_CHECK(saved<subscription_row>(got).empty());
  CAF_CHECK(asked<create_subscription>(got).empty());
  CAF_CHECK_EQUAL(job_after(registered(), got).state, "done");
}

CAF_TEST(C17 a subscription that Shopify dropped is registered again and its gap is read) {
  struct {
    const char* topic;
    std::size_t orders, products;
  } table[] = {{"orders/create", 1, 0},
               {"refunds/create", 1, 0},
               {"products/update", 0, 1},
               {"inventory_levels/update", 0, 1},
               {"shop/update", 0, 0}};
  for (const auto& x : table) {
    CAF_MESSAGE(x.topic);
    auto got = listed(registered(), without(x.topic));
    CAF_CHECK_EQUAL(only(asked<create_subscription>(got)).topic, x.topic);
    auto row = only(saved<subscription_row>(got));
    CAF_CHECK_EQUAL(row.state, "missing");
    CAF_CHECK(!row.reason.empty());
    CAF_CHECK_EQUAL(asked<read_orders>(got).size(), x.orders);
    CAF_CHECK_EQUAL(asked<read_products>(got).size(), x.products);
    for (const auto& call : asked<read_orders>(got)) // since the last listing, with an overlap
      CAF_CHECK_EQUAL(call.filter, "updated_at:>='2026-11-22T11:40:00Z'");
  }
}

CAF_TEST(a gap is read to its end even when a page fails) {
  auto seen = registered();
  auto step = [&](const trigger& t) {
    auto got = webhook_registration(seen, t);
    remember(seen, got);
    return got;
  };
  auto missing = step(answered(list_subscriptions{}, answer{without("orders/create")}));
  auto call = only(asked<read_orders>(missing));
  auto created = subscription{"gid", "orders/create", address};
  step(answered(create_subscription{"orders/create", address}, answer{created}));
  CAF_CHECK_EQUAL(seen.job.state, "running");
  auto page = step(answered(call, answer{order_page{{tea()}, "next"}}));
  CAF_CHECK_EQUAL(saved<order_row>(page).size(), 1u);
  step(answered(only(asked<read_orders>(page)), error{ec::unavailable, "down", ""}));
  CAF_CHECK_EQUAL(seen.job.state, "failed");
  step(tick_at(noon + 15min));
  auto again = step(answered(list_subscriptions{}, answer{complete()}, noon + 15min));
  auto resumed = only(asked<read_orders>(again));
  CAF_CHECK_EQUAL(resumed.after, "next");
  CAF_CHECK_EQUAL(resumed.filter, call.filter);
  step(answered(resumed, answer{order_page{{}, {}}}, noon + 16min));
  CAF_CHECK_EQUAL(seen.job.state, "done");
  CAF_CHECK(asked<read_orders>(step(tick_at(noon + 31min))).empty());
}

CAF_TEST(a refusal names the permission and a passing failure stays missing) {
  struct {
    error why;
    const char* topic;
    const char* state;
    const char* reason;
  } table[] = {
      {{ec::refused, "You cannot create a webhook subscription with the specified topic", ""},
       "orders/create",
       "refused",
       "read_orders"},
      {{ec::refused, "You cannot create a webhook subscription with the specified topic", ""},
       "inventory_levels/update",
       "refused",
       "read_inventory"},
      {{ec::refused, "Address for this topic has already been taken", ""}, "orders/create", "registered", ""},
      {{ec::unavailable, "503", ""}, "orders/create", "missing", "yet"},
  };
  for (const auto& x : table) {
    auto row = only(saved<subscription_row>(refused(x.topic, x.why)));
    CAF_CHECK_EQUAL(row.state, x.state);
    CAF_CHECK(row.reason.find(x.reason) != std::string::npos);
  }
}

CAF_TEST(a refused topic does not end the run in failure and a passing one does) {
  CAF_CHECK_EQUAL(only(saved<job_row>(refused("orders/create", {ec::refused, "no", ""}))).state, "done");
  CAF_CHECK_EQUAL(only(saved<job_row>(refused("orders/create", {ec::timed_out, "no", ""}))).state, "failed");
}

CAF_TEST(our own old address is removed and that of others is only shown) {
  auto seen = registered();
  auto list = complete();
  list.items[0].uri = "https://old.example/webhooks"; // the same subscription that we once made
  list.items.push_back({"gid-x", "carts/update", "https://other.example"});
  list.items.push_back({"gid-y", "themes/update", address});
  auto got = listed(seen, list);
  std::set<std::string> removed;
  for (const auto& x : asked<delete_subscription>(got))
    removed.insert(x.gid);
  CAF_CHECK(removed == (std::set<std::string>{list.items[0].gid, "gid-y"}));
  CAF_CHECK_EQUAL(only(asked<create_subscription>(got)).topic, list.items[0].topic);
  auto rows = saved<subscription_row>(got);
  auto foreign = std::count_if(rows.begin(), rows.end(), [](const auto& x) { return x.state == "foreign"; });
  CAF_CHECK_EQUAL(foreign, 1);
}

CAF_TEST(a rejected token pauses the job) {
  auto got =
      webhook_registration(shop("{}", "running"), answered(list_subscriptions{}, error{ec::token_rejected, "401", ""}));
  CAF_CHECK_EQUAL(only(saved<job_row>(got)).state, "paused");
  CAF_CHECK_EQUAL(told<store_disconnected>(got).size(), 1u);
}
