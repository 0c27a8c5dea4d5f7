#include "net/platform/shopify_graph_wire.hpp"
#include "net/platform/shopify_status.hpp"
#include "net/platform/shopify_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace clique::shopify {

namespace {

using clock_wait = std::chrono::milliseconds;

constexpr clock_wait second{1000};

error unreadable(std::string_view why) {
  return {ec::unavailable, fmt::format("Shopify's answer is unreadable: {}", why), "retried by itself"};
}

std::optional<throttle_status> bucket_of(const node& root) {
  auto extensions = root["extensions"];
  auto cost = extensions["cost"];
  auto status = cost["throttleStatus"];
  auto maximum = status["maximumAvailable"].maybe_number();
  auto available = status["currentlyAvailable"].maybe_number();
  auto rate = status["restoreRate"].maybe_number();
  if (!maximum || !available || !rate)
    return std::nullopt;
  return throttle_status{*maximum, *available, *rate, cost["requestedQueryCost"].maybe_number().value_or(0)};
}

/// ceil((requested - available) / rate) seconds; at least one, at most an hour.
clock_wait wait_for(const std::optional<throttle_status>& bucket) {
  if (!bucket || !(bucket->restore_rate > 0))
    return second;
  auto seconds = std::ceil((bucket->requested - bucket->available) / bucket->restore_rate);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(seconds, 1.0, 3600.0) * 1000));
}

error class_of(std::string_view code, std::string_view message) {
  auto text = clipped(message, 300);
  if (code == "THROTTLED" || message == "Throttled")
    return {ec::throttled, "Shopify's cost limit is used up", "retried by itself"};
  if (code == "ACCESS_DENIED")
    return {ec::forbidden, "Shopify denies access: " + text, "grant the missing scope by connecting the store again"};
  if (code == "SHOP_INACTIVE")
    return {ec::forbidden, "the shop is inactive: " + text, "reactivate the shop at Shopify"};
  if (message.find("Invalid API key or access token") != std::string_view::npos)
    return {ec::token_rejected, "Shopify: " + text, "connect the store again"};
  if (code == "INTERNAL_SERVER_ERROR" || code == "TIMEOUT" || message.starts_with("Internal error"))
    return {ec::unavailable, "Shopify has a fault: " + text, "retried by itself"};
  return {ec::refused, fmt::format("Shopify refuses the request: {}{}{}", text, code.empty() ? "" : " ", code), ""};
}

/// Top-level `errors`: a list of objects, or a plain text. `extensions.code` stands at each error or at the top.
std::optional<error> top_error(const node& root) {
  auto errors = root["errors"];
  if (!errors.present())
    return std::nullopt;
  auto extensions = root["extensions"];
  auto shared = extensions["code"].text();
  if (errors.is_text())
    return class_of(shared, errors.text());
  if (errors.is_object())
    return class_of(shared, errors["message"].text());

  std::optional<error> result;
  errors.each([&](const node& x) {
    auto own = x["extensions"];
    auto code = own["code"].text();
    auto found = class_of(code.empty() ? shared : code, x.is_text() ? x.text() : x["message"].text());
    // A throttled part makes the whole worth repeating.
    if (!result || found.code == ec::throttled)
      result = std::move(found);
  });
  return result;
}

std::optional<error> user_error(const node& payload) {
  std::optional<error> result;
  payload["userErrors"].each([&](const node& x) {
    auto text = clipped(x["message"].text(), 300);
    if (x["code"].text() == "OPERATION_IN_PROGRESS" || text.find("already in progress") != std::string::npos)
      result = error{ec::conflict, text, "the running operation is used"};
    else if (!result)
      result = error{ec::refused, text, ""};
    else if (result->code == ec::refused)
      result->what += "; " + text;
  });
  return result;
}

/// What a reader makes of `data`: an answer, an error, or an answer with parts missing.
struct reading {
  result<answer> got;
  std::vector<missing> todo;
};

error no_data(std::string_view what) {
  return unreadable(fmt::format("it has no {}", what));
}

subscription read_subscription(const node& x) {
  return {x["id"].text(), topic_header(x["topic"].text()), x["uri"].text()};
}

bulk_state read_bulk(const node& x) {
  bulk_state result;
  result.gid = x["id"].text();
  result.status = x["status"].word();
  result.error_code = x["errorCode"].text();
  auto objects = x["objectCount"].maybe_money(currency("JPY")); // digits as text, no decimals
  result.objects = objects.value_or(0);
  result.url = x["url"].text();
  if (!result.gid.starts_with("gid://shopify/BulkOperation/"))
    x["id"].fail("is no BulkOperation id");
  return result;
}

reading mutated(const node& payload, const char* thing, const std::function<answer(const node&)>& read) {
  if (auto refusal = user_error(payload))
    return {*refusal, {}};
  if (!payload[thing].present())
    return {no_data(thing), {}};
  return {read(payload[thing]), {}};
}

std::string next_page(const node& connection) {
  auto page = connection["pageInfo"];
  return page["hasNextPage"].flag(false) ? page["endCursor"].text() : std::string();
}

reading read(const read_orders&, const node& data, currency unit) {
  auto connection = data["orders"];
  if (!connection.is_object())
    return {no_data("orders"), {}};
  std::vector<missing> todo;
  order_page result;
  connection["nodes"].each(
      [&](const node& x) { result.orders.push_back(read_graph_order(x, unit, result.orders.size(), todo)); });
  result.next = next_page(connection);
  return {answer{std::move(result)}, std::move(todo)};
}

reading read(const read_order& asked, const node& data, currency unit) {
  auto found = data["order"];
  if (!found.present())
    return {error{ec::not_found, fmt::format("Shopify has no order {}, or does not show it", asked.id), ""}, {}};
  std::vector<missing> todo;
  order_page result;
  result.orders.push_back(read_graph_order(found, unit, 0, todo));
  return {answer{std::move(result)}, std::move(todo)};
}

reading read(const count_orders&, const node& data, currency) {
  auto found = data["ordersCount"];
  if (!found["count"].present())
    return {no_data("ordersCount"), {}};
  return {answer{order_count{found["count"].maybe_integer().value_or(0), found["precision"].word() != "at_least"}}, {}};
}

reading read(const read_products&, const node& data, currency unit) {
  auto connection = data["products"];
  if (!connection.is_object())
    return {no_data("products"), {}};
  std::vector<missing> todo;
  product_page result;
  connection["nodes"].each(
      [&](const node& x) { result.products.push_back(read_graph_product(x, unit, result.products.size(), todo)); });
  result.next = next_page(connection);
  return {answer{std::move(result)}, std::move(todo)};
}

reading read(const read_shop&, const node& data, currency) {
  auto shop = data["shop"];
  if (!shop.is_object())
    return {no_data("shop"), {}};
  auto plan = shop["plan"];
  auto address = shop["shopAddress"];
  auto installation = data["currentAppInstallation"];
  shop_answer result;
  result.shop = {shop["name"].text(), shop["currencyCode"].text(), shop["ianaTimezone"].text(),
                 address["countryCodeV2"].text(), plan["publicDisplayName"].text()};
  installation["accessScopes"].each([&](const node& x) { result.scopes.push_back(x["handle"].text()); });
  return {answer{std::move(result)}, {}};
}

reading read(const list_subscriptions&, const node& data, currency) {
  auto connection = data["webhookSubscriptions"];
  if (!connection.is_object())
    return {no_data("webhookSubscriptions"), {}};
  subscription_list result;
  connection["nodes"].each([&](const node& x) { result.items.push_back(read_subscription(x)); });
  return {answer{std::move(result)}, {}};
}

reading read(const create_subscription&, const node& data, currency) {
  return mutated(data["webhookSubscriptionCreate"], "webhookSubscription", read_subscription);
}

reading read(const delete_subscription&, const node& data, currency) {
  return mutated(data["webhookSubscriptionDelete"], "deletedWebhookSubscriptionId", [](const node&) { return done{}; });
}

reading read(const start_bulk&, const node& data, currency) {
  return mutated(data["bulkOperationRunQuery"], "bulkOperation", read_bulk);
}

reading read(const poll_bulk& asked, const node& data, currency) {
  auto found = data["bulkOperation"];
  if (!found.present())
    return {error{ec::not_found, "Shopify has no operation " + asked.gid, ""}, {}};
  return {answer{read_bulk(found)}, {}};
}

reading read(const cancel_bulk&, const node& data, currency) {
  return mutated(data["bulkOperationCancel"], "bulkOperation", read_bulk);
}

/// The three layers of errors, then *read* on `data`.
template <class Read>
call_outcome read_layers(const http::incoming_answer& raw, currency unit, Read read) {
  call_outcome result{no_data("content"), {}, {}, std::string(raw.header("x-shopify-api-version")), nullptr};
  if (raw.status != 200) {
    result.got = status_error(raw);
    result.wait = retry_after(raw);
    if (raw.status == 429 && result.wait.count() == 0)
      result.wait = second;
    return result;
  }

  auto root = parse_document(raw.body);
  if (!root) {
    result.got = unreadable(root.error().what);
    return result;
  }
  fault out;
  node top(*root, out);
  result.bucket = bucket_of(top);
  if (auto problem = top_error(top)) {
    if (problem->code == ec::throttled)
      result.wait = wait_for(result.bucket);
    result.got = std::move(*problem);
    return result;
  }
  auto data = top["data"];
  if (!data.is_object()) {
    result.got = no_data("data");
    return result;
  }

  auto [got, todo, so_far_unit] = read(data, unit);
  if (out.first)
    result.got = unreadable(out.first->what);
  else if (got && !todo.empty()) {
    result.got = error{ec::internal, "half an answer: call_outcome::more has to be asked too", ""};
    result.more = std::make_shared<const unfinished>(unfinished{so_far_unit, std::move(*got), std::move(todo)});
  } else
    result.got = std::move(got);
  return result;
}

struct layered {
  result<answer> got;
  std::vector<missing> todo;
  currency unit;
};

/// Where the next part of *more* stands in `data`; missing when the owner is gone.
const char* owner_field(part what) {
  return what == part::lines ? "order" : what == part::variants ? "product" : "node";
}

time_point version_of(const unfinished& more) {
  auto item = more.todo.front().item;
  if (auto* products = std::get_if<product_page>(&more.so_far))
    return products->products[item].updated_at;
  return std::get<order_page>(more.so_far).orders[item].updated_at;
}

} // namespace

call_outcome read_answer(const call& asked, const http::incoming_answer& raw, currency shop_unit) {
  return read_layers(raw, shop_unit, [&](const node& data, currency unit) -> layered {
    auto got = std::visit([&](const auto& x) { return read(x, data, unit); }, asked);
    return {std::move(got.got), std::move(got.todo), unit};
  });
}

call_outcome read_answer(const unfinished& more, const http::incoming_answer& raw) {
  return read_layers(raw, more.unit, [&](const node& data, currency unit) -> layered {
    auto where = more.todo.front();
    auto owner = data[owner_field(where.what)];
    auto changed = !owner.is_object();
    if (!changed && owner.has("updatedAt"))
      changed = owner["updatedAt"].time() != version_of(more);
    if (changed)
      return {error{ec::unavailable, where.owner + " changed while it was read", "read again by itself"}, {}, unit};

    auto next = more;
    where.after = read_part(owner, where, next);
    next.todo.erase(next.todo.begin());
    if (!where.after.empty())
      next.todo.insert(next.todo.begin(), std::move(where));
    return {std::move(next.so_far), std::move(next.todo), unit};
  });
}

} // namespace clique::shopify
