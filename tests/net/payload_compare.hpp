#pragma once

// Facts against what the index of collected payloads says of them.

#include "core/trigger.hpp"

#include "net/shopify_facts.hpp"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <map>

namespace shopify_test {

using namespace clique;
using nlohmann::json;

inline std::string text_of(const json& x) {
  return x.is_null() ? "" : x.is_string() ? x.get<std::string>() : x.dump();
}

using found = std::vector<std::string>;

/// Collects what differs, as "name: got, expected".
struct comparison {
  found wrong;
  template <class A, class B>
  void same(const std::string& name, const A& got, const B& expected) {
    if (!(got == expected))
      wrong.push_back(fmt::format("{}: {}, expected {}", name, got, expected));
  }
  void money(const std::string& name, std::int64_t got, const json& expected, currency unit) {
    same(name, got, parse_minor(text_of(expected), unit).value());
  }
  void time(const std::string& name, const std::optional<time_point>& got, const json& expected) {
    same(name, shown(got), expected.is_null() ? "-" : format_time(parse_time(text_of(expected)).value()));
  }
};

inline found compare(const order& x, const json& e) {
  comparison c;
  c.same("id", x.id, e["id"].get<std::int64_t>());
  c.same("name", x.name, text_of(e["name"]));
  c.same("financial_status", x.financial_status, text_of(e["financial_status"]));
  c.same("fulfillment_status", x.fulfillment_status, text_of(e["fulfillment_status"]));
  c.same("currency", std::string(x.unit.code()), text_of(e["currency"]));
  c.same("presentment", std::string(x.presentment.code()), text_of(e["presentment_currency"]));
  c.money("total", x.total, e["total_price"], x.unit);
  c.money("subtotal", x.subtotal, e["subtotal_price"], x.unit);
  c.money("discounts", x.discounts, e["total_discounts"], x.unit);
  c.money("current_total", x.current_total, e["current_total_price"], x.unit);
  c.same("test", x.test, e["test"].get<bool>());
  c.time("cancelled_at", x.cancelled_at, e["cancelled_at"]);
  c.time("updated_at", x.updated_at, e["updated_at"]);
  c.time("processed_at", x.processed_at, e["processed_at"]);
  c.same("landing_site", x.landing_site, text_of(e["landing_site"]));
  c.same("referring_site", x.referring_site, text_of(e["referring_site"]));
  c.same("lines", x.lines.size(), e["line_item_count"].get<std::size_t>());
  std::int64_t units = 0;
  for (std::size_t i = 0; i < x.lines.size() && i < e["line_skus"].size(); ++i) {
    units += x.lines[i].quantity;
    c.same("sku", x.lines[i].sku, text_of(e["line_skus"][i]));
    auto& id = e["line_variant_ids"][i];
    c.same("variant", shown(x.lines[i].variant_id), id.is_null() ? "-" : id.dump());
  }
  c.same("units", units, e["units"].get<std::int64_t>());
  c.same("customer", shown(x.customer_id), e["customer_id"].is_null() ? "-" : e["customer_id"].dump());
  c.same("codes", json(x.discount_codes).dump(), e["discount_codes"].dump());
  c.same("refunds", x.refunds.size(), e["refund_count"].get<std::size_t>());
  std::int64_t paid = 0, expected_paid = 0;
  for (auto& y : x.refunds)
    paid += y.paid_back;
  for (auto& y : e["refunded_by_transactions"])
    expected_paid += parse_minor(text_of(y).substr(0, text_of(y).find(' ')), x.unit).value();
  c.same("paid back", paid, expected_paid);
  json names = json::array();
  for (auto& [name, value] : x.note_attributes)
    names.push_back(name);
  c.same("note attributes", names.dump(), e["note_attribute_names"].dump());
  return c.wrong;
}

inline found compare(const product& x, const json& e) {
  comparison c;
  currency unit{"USD"};
  c.same("id", x.id, e["id"].get<std::int64_t>());
  for (auto& [name, got] : std::map<std::string, std::string>{
           {"title", x.title}, {"handle", x.handle}, {"status", x.status}, {"vendor", x.vendor}, {"tags", x.tags}})
    c.same(name, got, text_of(e[name]));
  c.time("updated_at", x.updated_at, e["updated_at"]);
  c.same("variants", x.variants.size(), e["variants"].size());
  for (std::size_t i = 0; i < x.variants.size() && i < e["variants"].size(); ++i) {
    auto& got = x.variants[i];
    auto& v = e["variants"][i];
    c.same("variant id", got.id, v["id"].get<std::int64_t>());
    c.same("sku", got.sku, text_of(v["sku"]));
    c.money("price", got.price, v["price"], unit);
    auto was = v["compare_at_price"].is_null()
                   ? "-"
                   : std::to_string(parse_minor(text_of(v["compare_at_price"]), unit).value());
    c.same("compare at", shown(got.compare_at_price), was);
    c.same("available", got.available.value_or(-1), v["inventory_quantity"].get<std::int64_t>());
    c.same("item", shown(got.inventory_item_id),
           v["inventory_item_id"].is_null() ? "-" : v["inventory_item_id"].dump());
  }
  return c.wrong;
}

inline found compare(const refund& x, const json& e) {
  comparison c;
  currency unit{"USD"};
  c.same("id", x.id, e["id"].get<std::int64_t>());
  c.same("lines", x.lines.size(), e["refund_line_items"].size());
  for (std::size_t i = 0; i < x.lines.size() && i < e["refund_line_items"].size(); ++i) {
    auto& y = e["refund_line_items"][i];
    c.same("line", x.lines[i].line_id, y["line_item_id"].get<std::int64_t>());
    c.same("quantity", x.lines[i].quantity, y["quantity"].get<std::int64_t>());
    c.money("subtotal", x.lines[i].subtotal, y["subtotal"], unit);
  }
  std::int64_t paid = 0;
  for (auto& y : e["transactions"])
    if (y["kind"] == "refund" && y["status"] == "success")
      paid += parse_minor(text_of(y["amount"]), unit).value();
  c.same("paid back", x.paid_back, paid);
  return c.wrong;
}

inline found compare_fact(const webhook_fact& got, const json& e) {
  comparison c;
  if (auto x = std::get_if<order>(&got))
    return compare(*x, e);
  if (auto x = std::get_if<product>(&got))
    return compare(*x, e);
  if (auto x = std::get_if<order_deleted>(&got))
    c.same("id", x->id, e["id"].get<std::int64_t>());
  else if (auto x = std::get_if<product_deleted>(&got))
    c.same("id", x->id, e["id"].get<std::int64_t>());
  else if (auto x = std::get_if<order_edited>(&got))
    c.same("order_id", x->order_id, e["order_id"].get<std::int64_t>());
  else if (auto x = std::get_if<refund_created>(&got)) {
    c.wrong = compare(x->what, e);
    c.same("order_id", x->order_id, e["order_id"].get<std::int64_t>());
  } else if (auto x = std::get_if<stock_level>(&got)) {
    c.same("item", x->inventory_item_id, e["inventory_item_id"].get<std::int64_t>());
    c.same("location", x->location_id, e["location_id"].get<std::int64_t>());
    c.same("available", shown(x->available), e["available"].is_null() ? "-" : e["available"].dump());
    c.time("updated_at", x->updated_at, e["updated_at"]);
  } else if (auto x = std::get_if<inventory_item>(&got)) {
    c.same("id", x->id, e["id"].get<std::int64_t>());
    c.same("sku", x->sku, text_of(e["sku"]));
    c.same("cost", shown(x->unit_cost), "-");
    c.same("tracked", x->tracked, e["tracked"].get<bool>());
  } else if (auto x = std::get_if<shop_facts>(&got)) {
    c.same("currency", x->currency_code, text_of(e["currency"]));
    c.same("zone", x->iana_timezone, text_of(e["iana_timezone"]));
  } else if (auto x = std::get_if<bulk_finished>(&got)) {
    c.same("gid", x->gid, text_of(e["admin_graphql_api_id"]));
    c.same("status", x->status, text_of(e["status"]));
  }
  return c.wrong;
}

} // namespace shopify_test
