#include "net/platform/shopify_graph_wire.hpp"
#include "net/platform/shopify_queries.hpp"
#include "net/platform/shopify_status.hpp"
#include "net/platform/shopify_wire.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace clique::shopify {

namespace {

using nlohmann::json;

struct text_and_variables {
  std::string query;
  json variables = json::object();
};

bool may(const app_credentials& app, std::string_view thing) {
  return std::any_of(app.scopes.begin(), app.scopes.end(), [&](std::string_view x) {
    return (x.starts_with("read_") && x.substr(5) == thing) || (x.starts_with("write_") && x.substr(6) == thing);
  });
}

std::string gid(std::string_view type, shopify_id id) {
  return fmt::format("gid://shopify/{}/{}", type, id);
}

json text_or_null(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
}

text_and_variables text_of(const app_credentials& app, const read_orders& x) {
  auto key = x.newest_first || x.filter.find("created_at") != std::string::npos ? "CREATED_AT" : "UPDATED_AT";
  return {fmt::format(
              "query Orders($q: String, $after: String) {{ orders(first: {}, after: $after, query: $q, sortKey: {}, "
              "reverse: {}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {} }} }} }}",
              std::clamp(x.first, 1, max_orders_in_page), key, x.newest_first,
              order_fields(may(app, "customers"), order_lists(sizes_in_page))),
          {{"q", text_or_null(x.filter)}, {"after", text_or_null(x.after)}}};
}

text_and_variables text_of(const app_credentials& app, const read_order& x) {
  return {fmt::format("query Order($id: ID!) {{ order(id: $id) {{ {} }} }}",
                      order_fields(may(app, "customers"), order_lists(sizes_alone))),
          {{"id", gid("Order", x.id)}}};
}

text_and_variables text_of(const app_credentials&, const count_orders& x) {
  return {"query OrdersCount($q: String) { ordersCount(query: $q, limit: null) { count precision } }",
          {{"q", text_or_null(x.filter)}}};
}

text_and_variables text_of(const app_credentials& app, const read_products& x) {
  return {fmt::format(
              "query Products($q: String, $after: String) {{ products(first: {}, after: $after, query: $q, sortKey: "
              "UPDATED_AT) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {} }} }} }}",
              std::clamp(x.first, 1, max_products_in_page), product_fields(may(app, "inventory"))),
          {{"q", text_or_null(x.filter)}, {"after", text_or_null(x.after)}}};
}

text_and_variables text_of(const app_credentials&, const read_shop&) {
  return {
      "query Shop { shop { name currencyCode ianaTimezone plan { publicDisplayName } shopAddress { countryCodeV2 } } "
      "currentAppInstallation { accessScopes { handle } } }"};
}

text_and_variables text_of(const app_credentials&, const list_subscriptions&) {
  return {"query Subscriptions { webhookSubscriptions(first: 250) { nodes { id topic uri } } }"};
}

text_and_variables text_of(const app_credentials&, const create_subscription& x) {
  return {"mutation Subscribe($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) { "
          "webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) { webhookSubscription { id topic uri } "
          "userErrors { field message } } }",
          {{"topic", topic_enum(x.topic)}, {"to", {{"uri", x.uri}, {"format", "JSON"}}}}};
}

text_and_variables text_of(const app_credentials&, const delete_subscription& x) {
  return {"mutation Unsubscribe($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId "
          "userErrors { field message } } }",
          {{"id", x.gid}}};
}

text_and_variables text_of(const app_credentials& app, const start_bulk& x) {
  auto whole = x.query.find('{') != std::string::npos;
  return {
      "mutation StartBulk($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: false) { bulkOperation { id "
      "status } userErrors { field message code } } }",
      {{"q", whole ? x.query : bulk_orders_query(x.query, may(app, "customers"))}}};
}

text_and_variables text_of(const app_credentials&, const poll_bulk& x) {
  return {"query PollBulk($id: ID!) { bulkOperation(id: $id) { id status errorCode objectCount url } }",
          {{"id", x.gid}}};
}

text_and_variables text_of(const app_credentials&, const cancel_bulk& x) {
  return {
      "mutation CancelBulk($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field "
      "message } } }",
      {{"id", x.gid}}};
}

text_and_variables text_of(const missing& next, bool with_costs) {
  auto list = connection_text(next.what, follow_up_size, "$after", with_costs);
  json variables = {{"id", next.owner}, {"after", next.after}};
  if (next.what == part::variants)
    return {
        fmt::format("query MoreOfProduct($id: ID!, $after: String) {{ product(id: $id) {{ updatedAt {} }} }}", list),
        variables};
  if (next.what == part::lines)
    return {fmt::format("query MoreOfOrder($id: ID!, $after: String) {{ order(id: $id) {{ updatedAt {} }} }}", list),
            variables};
  return {fmt::format("query MoreOfRefund($id: ID!, $after: String) {{ node(id: $id) {{ ... on Refund {{ {} }} }} }}",
                      list),
          variables};
}

http::outgoing graphql(const app_credentials& app, std::string_view shop, std::string_view access_token,
                       const text_and_variables& what) {
  http::outgoing result;
  result.verb = http::method::post;
  result.url = fmt::format("{}/admin/api/{}/graphql.json", shop_url(app, shop), app.api_version);
  result.headers = {{"content-type", "application/json"},
                    {"accept", "application/json"},
                    {"x-shopify-access-token", std::string(access_token)}};
  result.body =
      json{{"query", what.query}, {"variables", what.variables}}.dump(-1, ' ', false, json::error_handler_t::replace);
  return result;
}

} // namespace

http::outgoing to_request(const app_credentials& app, std::string_view shop, std::string_view access_token,
                          const call& what) {
  return graphql(app, shop, access_token, std::visit([&](const auto& x) { return text_of(app, x); }, what));
}

http::outgoing to_request(const app_credentials& app, std::string_view shop, std::string_view access_token,
                          const unfinished& more) {
  return graphql(app, shop, access_token, text_of(more.todo.front(), may(app, "inventory")));
}

} // namespace clique::shopify
