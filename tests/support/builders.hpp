#pragma once

// Values for tests of pure code: a shop, orders, triggers, and what a decision contains.

#include "core/effects.hpp"
#include "core/money.hpp"
#include "core/snapshot.hpp"
#include "core/trigger.hpp"
#include "ledger/sales.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace clique::build {

/// The instant of an RFC 3339 text that is known to be one.
inline time_point at(std::string_view text) {
  return parse_time(text).value();
}

inline day on(std::string_view text) {
  return parse_day(text).value();
}

inline const time_point noon = at("2026-11-22T12:00:00Z");

/// A connected shop in Berlin that sells in euros.
inline snapshot shop(std::string_view memory = "{}", std::string_view state = "idle") {
  snapshot result;
  result.store.id = store_id{7};
  result.store.shop = "tea-house.myshopify.com";
  result.store.name = "Tea House";
  result.store.unit = currency{"EUR"};
  result.store.zone = calendar::of("Europe/Berlin").value();
  result.store.scopes = {"read_orders", "read_products", "read_inventory", "read_locations"};
  result.store.installed_at = at("2026-11-01T00:00:00Z");
  result.store.webhook_address = "https://clique.example/webhooks/shopify";
  result.job.state = state;
  result.job.memory = memory;
  return result;
}

/// Two teapots at 10.00 with 1.00 off, shipping 5.00, tax on top 3.99: 27.99 in all.
inline order tea(shopify_id id = 1001, std::string_view updated = "2026-11-20T10:00:00Z") {
  order result;
  result.id = id;
  result.name = "#" + std::to_string(id);
  result.created_at = at("2026-11-20T10:00:00Z");
  result.updated_at = at(updated);
  result.financial_status = "paid";
  result.unit = currency{"EUR"};
  result.subtotal = result.current_subtotal = 1900;
  result.discounts = result.current_discounts = 100;
  result.shipping = 500;
  result.tax = result.current_tax = 399;
  result.total = result.current_total = 2799;
  result.lines = {{.id = 11,
                   .variant_id = 501,
                   .product_id = 51,
                   .sku = "TEA",
                   .title = "Teapot",
                   .quantity = 2,
                   .current_quantity = 2,
                   .unit_price = 1000,
                   .discount = 100}};
  return result;
}

inline refund one_teapot_back(shopify_id id = 21, std::string_view when = "2026-11-21T10:00:00Z") {
  refund result;
  result.id = id;
  result.at = at(when);
  result.lines = {{.line_id = 11, .quantity = 1, .subtotal = 950, .tax = 181}};
  result.paid_back = 1131;
  return result;
}

inline variant teapot(shopify_id id = 501, std::int64_t price = 1000) {
  variant result;
  result.id = id;
  result.product_id = 51;
  result.inventory_item_id = 901;
  result.title = "Default";
  result.price = price;
  result.updated_at = at("2026-11-20T10:00:00Z");
  return result;
}

inline product teapots(shopify_id id = 51, std::string_view updated = "2026-11-20T10:00:00Z") {
  product result;
  result.id = id;
  result.title = "Teapot";
  result.status = "active";
  result.updated_at = at(updated);
  result.variants = {teapot()};
  return result;
}

template <class T>
delivery_fact delivered(std::string topic, T what, time_point when = noon) {
  return {std::move(topic), when, when, std::move(what)};
}

inline trigger span_of(std::vector<delivery_fact> items, time_point now = noon) {
  return {now, webhooks{std::move(items)}};
}

inline trigger command_of(std::string name, std::string args = "{}", time_point now = noon) {
  return {now, command{std::move(name), std::move(args), user_id{3}}};
}

inline trigger tick_at(time_point now = noon) {
  return {now, tick{}};
}

inline trigger connected(time_point now = noon) {
  return {now, heard{store_connected{}}};
}

inline trigger answered(call asked, result<answer> got, time_point now = noon) {
  return {now, reply{std::move(asked), std::move(got)}};
}

/// All rows of one kind in *xs*.
template <class T>
std::vector<T> saved(const effects& xs) {
  std::vector<T> result;
  for (const auto& x : xs)
    if (auto* y = std::get_if<save>(&x))
      if (auto* z = std::get_if<T>(&y->what))
        result.push_back(*z);
  return result;
}

/// All calls of one kind in *xs*.
template <class T>
std::vector<T> asked(const effects& xs) {
  std::vector<T> result;
  for (const auto& x : xs)
    if (auto* y = std::get_if<ask>(&x))
      if (auto* z = std::get_if<T>(&y->what))
        result.push_back(*z);
  return result;
}

/// All events of one kind in *xs*.
template <class T>
std::vector<T> told(const effects& xs) {
  std::vector<T> result;
  for (const auto& x : xs)
    if (auto* y = std::get_if<tell>(&x))
      if (auto* z = std::get_if<T>(&y->what))
        result.push_back(*z);
  return result;
}

/// The first by value, so that no reference into a temporary is left; throws when there is none.
template <class T>
T only(std::vector<T> xs) {
  return std::move(xs.at(0));
}

inline bool pushes(const effects& xs, std::string_view channel) {
  for (const auto& x : xs)
    if (auto* y = std::get_if<push>(&x); y && y->channel == channel)
      return true;
  return false;
}

/// What the waiting user is told; nothing when nobody is answered.
inline std::optional<result<std::string>> response(const effects& xs) {
  for (const auto& x : xs)
    if (auto* y = std::get_if<respond>(&x))
      return y->what;
  return std::nullopt;
}

/// The job after *xs*: as saved last, or as it was.
inline job_row job_after(const snapshot& seen, const effects& xs) {
  auto all = saved<job_row>(xs);
  return all.empty() ? seen.job : all.back();
}

/// The shop as it will be seen next time, as far as jobs, orders' versions and sources go.
inline void remember(snapshot& seen, const effects& xs) {
  seen.job = job_after(seen, xs);
  for (const auto& x : saved<order_row>(xs))
    seen.order_versions[x.what.id] = x.what.updated_at;
  for (const auto& x : saved<order_edit_row>(xs)) {
    auto& last = seen.edits.try_emplace(x.what.order_id, x.what.committed_at).first->second;
    last = std::max(last, x.what.committed_at);
  }
}

/// Every column of some entries, added up.
inline ledger_entry sum(const std::vector<ledger_entry>& xs) {
  ledger_entry result;
  for (const auto& x : xs) {
    result.orders += x.orders;
    result.gross += x.gross;
    result.discounts += x.discounts;
    result.returns += x.returns;
    result.shipping += x.shipping;
    result.taxes += x.taxes;
    result.tips += x.tips;
    result.adjustment += x.adjustment;
  }
  return result;
}

inline std::int64_t total(const ledger_entry& x) {
  return x.gross + x.discounts + x.returns + x.shipping + x.taxes + x.tips + x.adjustment;
}

/// One entry as text, so that a failed comparison can be read.
inline std::string text(const ledger_entry& x) {
  static constexpr const char* kinds[] = {"?", "sale", "edit", "refund", "cancellation"};
  return std::string{kinds[static_cast<int>(x.what)]} + " " + format_day(x.on) + " h" + std::to_string(x.hour) + " n"
         + std::to_string(x.orders) + " gross " + std::to_string(x.gross) + " off " + std::to_string(x.discounts)
         + " back " + std::to_string(x.returns) + " ship " + std::to_string(x.shipping) + " tax "
         + std::to_string(x.taxes) + " tip " + std::to_string(x.tips) + " adj " + std::to_string(x.adjustment);
}

inline std::string text(const std::vector<ledger_entry>& xs) {
  std::string result;
  for (const auto& x : xs)
    result += text(x) + "\n";
  return result;
}

} // namespace clique::build
