#pragma once

// What features write: one alternative per kind of row. Each is an upsert by
// natural key guarded by the source's own version, so that twice is harmless and
// older never overwrites newer. The store is said by the envelope, not the row.

#include "core/facts.hpp"

#include <string>
#include <variant>
#include <vector>

namespace clique {

/// One line of the sales ledger: signed minor units on a day of the store's calendar.
struct ledger_entry {
  enum class kind : std::uint8_t { sale = 1, edit, refund, cancellation };
  kind what = kind::sale;
  shopify_id source = 0; ///< refund id, edit 0
  day on;
  int hour = 0;            ///< local hour of the event, for the day's curve
  std::int64_t orders = 0; ///< 1 on the sale entry
  std::int64_t gross = 0;
  std::int64_t discounts = 0; ///< <= 0 on a sale
  std::int64_t returns = 0;   ///< <= 0
  std::int64_t shipping = 0;
  std::int64_t taxes = 0;
  std::int64_t tips = 0;
  std::int64_t adjustment = 0; ///< what the source's own total has beyond these columns (duties, inconsistent sources)
};

/// The order and its whole ledger; replaces what is stored when `what.updated_at` is newer.
struct order_row {
  order what;
  std::vector<ledger_entry> ledger; ///< empty for test orders
};
/// Tombstone: an update that comes later is ignored; the ledger of the order is emptied.
struct order_gone_row {
  shopify_id id = 0;
  time_point at;
};
struct order_edit_row {
  order_edited what;
};
struct product_row {
  product what;
};
struct product_gone_row {
  shopify_id id = 0;
  time_point at;
};
struct stock_row {
  stock_level what;
};
struct stock_gone_row {
  stock_disconnected what;
  time_point at;
};
struct inventory_item_row {
  inventory_item what;
};
struct shop_row {
  shop_facts what;
};
/// Whether the platform still lets us in.
struct connection_row {
  enum class state : std::uint8_t { connected = 1, needs_reconnect, uninstalled };
  state what = state::connected;
  std::string reason;
  std::vector<std::string> scopes; ///< granted; empty leaves them as they are
  time_point at;
};
/// What we know of one subscription.
struct subscription_row {
  std::string topic;
  std::string state; ///< registered, missing, refused, foreign
  std::string gid;
  std::string reason;
  time_point at;
};
/// A feature's memory between steps and its progress for people: one per (store, feature).
struct job_row {
  std::string feature;
  std::string state = "idle"; ///< idle, queued, running, paused, failed, done, cancelled
  std::string memory = "{}";  ///< JSON object, private to the feature
  std::int64_t done = 0;
  std::optional<std::int64_t> total;
  std::string unit;    ///< what is counted: "orders", "products"
  std::string error;   ///< for people; empty when none
  std::string outcome; ///< JSON object shown as the result; empty when none
  std::optional<time_point> started_at;
  std::optional<time_point> finished_at;
  std::optional<time_point> due_at; ///< when the timer should fire next; empty: by the table's period
};
/// A line in the sync history.
struct sync_log_row {
  std::string source;  ///< "orders", "products", "inventory", "webhooks"
  std::string what;    ///< "reconciled", "imported 2026-03", ...
  std::string outcome; ///< JSON object
  time_point at;
};
/// Freshness of a source: the newest instant up to which we are sure to have everything.
struct source_row {
  std::string source;
  std::string state; ///< fresh, late, stale, disconnected, importing
  std::string reason;
  time_point as_of;
};
struct month_row {
  std::string month; ///< "2026-03" in the store's calendar
  std::int64_t theirs = 0;
  std::int64_t ours = 0;
  std::string state; ///< certified, open, differs
  time_point verified_at;
};
struct reconciliation_row {
  day on;
  std::int64_t orders_ours = 0, orders_theirs = 0;
  std::int64_t total_ours = 0, total_theirs = 0; ///< sum of order totals, minor units
  std::string state;                             ///< equal, repaired, differs
  std::string cause;
  time_point checked_at;
};
/// A new version of the store's settings; fails with conflict when `expected` is not the current one.
struct settings_row {
  std::int64_t expected = 0;
  std::string settings; ///< whole JSON object
  user_id by{};
  time_point at;
};
/// A privacy request's receipt and, for redactions, the deletion itself.
struct privacy_row {
  privacy_request what;
  time_point at;
};

using row = std::variant<order_row, order_gone_row, order_edit_row, product_row, product_gone_row, stock_row,
                         stock_gone_row, inventory_item_row, shop_row, connection_row, subscription_row, job_row,
                         sync_log_row, source_row, month_row, reconciliation_row, settings_row, privacy_row>;

} // namespace clique
