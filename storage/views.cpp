#include "storage/views.hpp"

#include "storage/views_query.hpp"

#include <fmt/core.h>

namespace clique {

namespace {

using viewing::json;

const pg::statement view_store{"view_store", "SELECT shop, name, currency_code, iana_timezone, connection, reason "
                                             "FROM shopify_stores WHERE store_id = $1"};
const pg::statement view_settings{"view_settings", "SELECT version, settings::text FROM user_settings "
                                                   "WHERE store_id = $1 ORDER BY version DESC LIMIT 1"};

std::string_view name_of(std::int64_t connection) {
  switch (static_cast<connection_row::state>(connection)) {
  case connection_row::state::connected:
    return "connected";
  case connection_row::state::needs_reconnect:
    return "needs_reconnect";
  case connection_row::state::uninstalled:
    return "uninstalled";
  }
  return "needs_reconnect";
}

result<viewing::store_head> head_of(pg::connection& on, store_id store) {
  const auto of = raw(store);
  std::vector<pg::work_item> work;
  work.push_back(pg::open_stores(std::span{&of, 1}));
  for (const auto* what : {&view_store, &view_settings}) {
    work.push_back({*what, pg::params{}});
    work.back().with.add(of);
  }
  auto answers = pg::transaction(on, std::move(work));
  if (!answers)
    return answers.error();
  const auto& row = (*answers)[1];
  if (row.empty())
    return error{ec::not_found, "there is no such store", ""};
  viewing::store_head result;
  result.id = of;
  result.shop = row.text(0, 0);
  result.name = row.text(0, 1);
  result.currency_code = row.text(0, 2);
  if (auto unit = currency::parse(result.currency_code))
    result.exponent = unit->exponent();
  if (auto zone = calendar::of(row.text(0, 3)))
    result.zone = *zone;
  result.connection = name_of(row.int64(0, 4));
  result.reason = row.text(0, 5);
  result.settings = viewing::default_settings(result.name);
  if (const auto& chosen = (*answers)[2]; !chosen.empty()) {
    result.settings_version = chosen.int64(0, 0);
    if (auto given = viewing::parsed(chosen.text(0, 1)); given.is_object())
      result.settings.update(given);
  }
  return result;
}

json store_json(const viewing::store_head& x) {
  const auto& shown = x.settings["display_name"];
  return {{"id", std::to_string(x.id)},
          {"shop", x.shop},
          {"name", shown.is_string() ? shown : json(x.name)},
          {"currency", x.currency_code.empty() ? std::string{"USD"} : x.currency_code},
          {"currency_exponent", x.exponent},
          {"timezone", std::string{x.zone.name()}},
          {"connection", x.connection},
          {"connection_reason", x.reason}};
}

} // namespace

views::views(pg::connection conn, std::string webhook_address)
    : conn_{std::move(conn)}, webhook_address_{std::move(webhook_address)} {
}

result<std::string> views::view(store_id store, std::string_view name, std::string_view id, const view_query& query,
                                time_point now) {
  auto head = head_of(conn_, store);
  if (!head)
    return head.error();
  const viewing::view_of x{conn_, std::move(*head), now};
  if (name == "overview")
    return viewing::overview(x, query);
  if (name == "orders")
    return viewing::orders(x, query);
  if (name == "order")
    return viewing::order_detail(x, id, query);
  if (name == "products")
    return viewing::products(x, query);
  if (name == "sync")
    return viewing::sync(x, query);
  if (name == "webhooks")
    return viewing::webhooks(x, query, webhook_address_);
  if (name == "dead_letters")
    return viewing::dead_letters(x, query);
  if (name == "settings")
    return viewing::settings(x, query);
  if (name == "reconciliation")
    return viewing::reconciliation(x, query);
  if (name == "store")
    return viewing::to_text(store_json(x.head));
  return error{ec::not_found, fmt::format("there is no view {}", name), ""};
}

result<channel_state> views::channel(store_id store, std::string_view channel, time_point now) {
  auto head = head_of(conn_, store);
  if (!head)
    return head.error();
  const viewing::view_of x{conn_, std::move(*head), now};
  if (channel == "overview")
    return viewing::overview_channel(x);
  if (channel == "orders.live")
    return viewing::orders_channel(x);
  if (channel == "products")
    return viewing::products_channel(x);
  if (channel == "jobs")
    return viewing::jobs_channel(x);
  if (channel == "ops")
    return viewing::ops_channel(x);
  return error{ec::not_found, fmt::format("there is no channel {}", channel), ""};
}

} // namespace clique
