// The store itself: its facts, connection, settings and privacy requests. Rare, so one statement per row.
#include "storage/writer_flush.hpp"

#include <fmt/core.h>

namespace clique::writing {

namespace {

const pg::statement update_shop{
    "update_shop",
    "UPDATE shopify_stores SET name = coalesce(nullif($2, ''), name), "
    "currency_code = coalesce(nullif($3, ''), currency_code), "
    "iana_timezone = coalesce(nullif($4, ''), iana_timezone), country = coalesce(nullif($5, ''), country), "
    "plan = coalesce(nullif($6, ''), plan) WHERE store_id = $1"};
const pg::statement update_connection{
    "update_connection", "UPDATE shopify_stores SET connection = $2, reason = $3, connection_at = $5, "
                         "scopes = CASE WHEN cardinality($4::text[]) > 0 THEN $4 ELSE scopes END, "
                         "uninstalled_at = CASE WHEN $2 = 3 THEN $5 END WHERE store_id = $1 AND connection_at <= $5"};
const pg::statement save_settings{"save_settings", "SELECT clique_save_settings($1, $2, $3::text::jsonb, $4, $5)"};
const pg::statement record_request{
    "record_privacy_request",
    "WITH removed AS (SELECT CASE $2 WHEN 'shop/redact' THEN clique_redact_store($1) "
    "WHEN 'customers/redact' THEN clique_redact_customer($1, $4, $5) ELSE 0 END AS n), "
    "proof AS (INSERT INTO audit_log (store_id, who, what, before, after, request_id, at) "
    "SELECT $1, 'shopify', 'privacy request ' || $2, '', n || ' rows', $3, $6 FROM removed) "
    "INSERT INTO privacy_requests (store_id, topic, request, customer_id, orders, at, rows_removed) "
    "SELECT $1, $2, $3, CASE WHEN $2 = 'shop/redact' THEN NULL ELSE $4::int8 END, "
    "CASE WHEN $2 = 'shop/redact' THEN '{}' ELSE $5::int8[] END, $6, n FROM removed ON CONFLICT DO NOTHING",
    std::chrono::seconds{60}};

std::string request_key(const privacy_request& x) {
  if (!x.request_id.empty())
    return x.request_id;
  return x.customer_id ? fmt::format("customer {}", *x.customer_id) : std::string{"shop"};
}

} // namespace

void write_store(work& into, const flush& from) {
  for (const auto& [store, x] : from.rows.all<shop_row>()) {
    pg::params with;
    with.add(store).add(x->what.name).add(x->what.currency_code).add(x->what.iana_timezone).add(x->what.country);
    with.add(x->what.plan);
    into.push_back({update_shop, std::move(with)});
  }
  for (const auto& [store, x] : from.rows.all<connection_row>()) {
    pg::params with;
    with.add(store).add(static_cast<std::int32_t>(x->what)).add(x->reason).add_array(x->scopes).add(x->at);
    into.push_back({update_connection, std::move(with)});
  }
  for (const auto& [store, x] : from.rows.all<settings_row>()) {
    pg::params with;
    with.add(store).add(x->expected).add(x->settings).add(raw(x->by)).add(x->at);
    into.push_back({save_settings, std::move(with)});
  }
}

void write_privacy(work& into, const flush& from) {
  for (const auto& [store, x] : from.rows.all<privacy_row>()) {
    pg::params with;
    with.add(store).add(x->what.topic).add(request_key(x->what)).add(x->what.customer_id);
    with.add_array(x->what.orders).add(x->at);
    into.push_back({record_request, std::move(with)});
  }
}

} // namespace clique::writing
