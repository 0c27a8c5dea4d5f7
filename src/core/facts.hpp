#pragma once

// What platforms tell us, after parsing and before any decision: plain values
// with the platform's own meaning. Money is in minor units of the order's shop
// currency unless a field says otherwise. Absent is not zero: std::optional.

#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clique {

struct order_line {
  shopify_id id = 0;
  std::optional<shopify_id> variant_id;
  std::optional<shopify_id> product_id;
  std::string sku; ///< empty when unknown
  std::string title;
  std::int64_t quantity = 0;
  std::int64_t current_quantity = 0;
  std::int64_t unit_price = 0;
  std::int64_t discount = 0; ///< sum of this line's allocations, >= 0
};

struct refund_line {
  shopify_id line_id = 0;
  std::int64_t quantity = 0;
  std::int64_t subtotal = 0; ///< net of discount, >= 0
  std::int64_t tax = 0;
};

struct refund {
  shopify_id id = 0;
  time_point at;
  std::vector<refund_line> lines;
  std::int64_t shipping = 0;     ///< refunded shipping, >= 0
  std::int64_t shipping_tax = 0; ///< >= 0
  std::int64_t adjustment = 0;   ///< refund discrepancy (goodwill), >= 0 where money went back
  std::int64_t adjustment_tax = 0;
  std::int64_t paid_back = 0; ///< sum of successful refund transactions
};

struct order {
  shopify_id id = 0;
  std::string name; ///< "#1001"
  time_point created_at;
  std::optional<time_point> processed_at;
  time_point updated_at; ///< the version: older never overwrites newer
  std::optional<time_point> cancelled_at;
  std::optional<time_point> edited_at; ///< date of the last known edit
  bool test = false;
  std::string financial_status;   ///< lower case, as in webhooks
  std::string fulfillment_status; ///< lower case; empty when none
  std::string source_name;
  currency unit;        ///< shop currency
  currency presentment; ///< the buyer's currency
  std::int64_t presentment_total = 0;
  bool taxes_included = false;
  std::int64_t subtotal = 0; ///< after discounts, before shipping; incl. tax where taxes_included
  std::int64_t discounts = 0;
  std::int64_t shipping = 0;
  std::int64_t tax = 0;
  std::int64_t tips = 0;
  std::int64_t total = 0;
  std::int64_t current_subtotal = 0;
  std::int64_t current_discounts = 0;
  std::int64_t current_tax = 0;
  std::int64_t current_total = 0;
  std::optional<shopify_id> customer_id;
  std::string landing_site;
  std::string referring_site;
  std::vector<std::string> discount_codes;
  std::vector<std::pair<std::string, std::string>> note_attributes;
  std::vector<order_line> lines;
  std::vector<refund> refunds;
};

/// orders/delete
struct order_deleted {
  shopify_id id = 0;
};

/// orders/edited: names the order, which is then read again.
struct order_edited {
  shopify_id edit_id = 0;
  shopify_id order_id = 0;
  time_point committed_at;
};

/// refunds/create: arrives beside the order's own update; the order is read again
/// unless an orders/updated that holds this refund has come.
struct refund_created {
  shopify_id order_id = 0;
  refund what;
};

struct variant {
  shopify_id id = 0;
  shopify_id product_id = 0;
  std::optional<shopify_id> inventory_item_id;
  std::string title;
  std::string sku;
  std::string barcode;
  std::int64_t price = 0;
  std::optional<std::int64_t> compare_at_price;
  std::optional<std::int64_t> unit_cost; ///< only the GraphQL side knows it
  std::optional<std::int64_t> available; ///< sum over locations as the platform says
  bool tracked = true;
  bool continue_selling = false;
  int position = 0;
  time_point updated_at;
};

struct product {
  shopify_id id = 0;
  std::string title, handle, vendor, product_type, tags;
  std::string status; ///< lower case: active, draft, archived, unlisted, or what comes next
  std::optional<time_point> created_at;
  time_point updated_at;
  std::optional<time_point> published_at;
  std::vector<variant> variants;
  /// True when the source listed all variants, so that missing ones are gone.
  bool variants_complete = true;
};

struct product_deleted {
  shopify_id id = 0;
};

/// inventory_levels/update, connect.
struct stock_level {
  shopify_id inventory_item_id = 0;
  shopify_id location_id = 0;
  std::optional<std::int64_t> available; ///< null: not tracked there
  time_point updated_at;
};

/// inventory_levels/disconnect.
struct stock_disconnected {
  shopify_id inventory_item_id = 0;
  shopify_id location_id = 0;
};

/// inventory_items/update.
struct inventory_item {
  shopify_id id = 0;
  std::string sku;
  bool tracked = true;
  std::optional<std::int64_t> unit_cost; ///< shop currency
  time_point updated_at;
};

struct shop_facts {
  std::string name;
  std::string currency_code;
  std::string iana_timezone;
  std::string country;
  std::string plan;
};

struct app_uninstalled {};

struct scopes_updated {
  std::vector<std::string> scopes;
};

struct bulk_finished {
  std::string gid;
  std::string status; ///< lower case
};

/// The three mandatory privacy topics.
struct privacy_request {
  std::string topic; ///< customers/data_request, customers/redact, shop/redact
  std::optional<shopify_id> customer_id;
  std::vector<shopify_id> orders;
  std::string request_id;
};

/// A topic that we store and close without effect.
struct ignored_topic {};

} // namespace clique
