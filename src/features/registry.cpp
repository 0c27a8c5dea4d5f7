#include "features/about.hpp"
#include "features/features.hpp"

namespace clique {

namespace {

using namespace std::chrono_literals;
using namespace features; // for the about functions

// name | title | child | when {period, topics, commands, hears_events} | needs | about | decide
const feature table[] = {
    {"oauth_setup",
     "Connection",
     child::sync,
     {6h, {"app/uninstalled", "app/scopes_update", "shop/update"}, {"run"}, true},
     reads::nothing,
     nullptr,
     features::oauth_setup},
    // A lost subscription must be noticed within a quarter of an hour.
    {"webhook_registration",
     "Webhook registration",
     child::sync,
     {15min, {}, {"run"}, true},
     reads::subscriptions | reads::edits | reads::order_versions | reads::stock,
     about_answer,
     features::webhook_registration},
    {"order_sync",
     "Orders",
     child::sync,
     {0min,
      {"orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/edited", "orders/delete",
       "orders/partially_fulfilled", "orders/fulfilled", "refunds/create"},
      {},
      false},
     reads::edits,
     about_orders,
     features::order_sync},
    // Half an hour, so that a lost message about a product is repaired within the hour.
    {"product_sync",
     "Products",
     child::sync,
     {30min, {"products/create", "products/update", "products/delete"}, {"run"}, true},
     reads::stock | reads::settings,
     about_variants,
     features::product_sync},
    {"inventory_updates",
     "Stock",
     child::sync,
     {0min,
      {"inventory_levels/update", "inventory_levels/connect", "inventory_levels/disconnect", "inventory_items/update",
       "variants/out_of_stock"},
      {},
      false},
     reads::stock,
     about_items,
     features::inventory_updates},
    {"manual_sync",
     "Sync now",
     child::sync,
     {0min, {}, {"run", "cancel"}, false},
     reads::edits | reads::order_versions | reads::stock | reads::sources,
     about_answer,
     features::manual_sync},
    {"historical_import",
     "History import",
     child::sync,
     {10min, {"bulk_operations/finish"}, {"run", "cancel", "pause", "resume", "imported", "failed", "progress"}, true},
     reads::edits | reads::order_versions | reads::settings,
     about_answer,
     features::historical_import},
    {"reconciliation",
     "Reconciliation",
     child::sync,
     {15min, {}, {"run"}, false},
     reads::edits | reads::order_versions | reads::order_totals | reads::settings | reads::sources | reads::jobs,
     about_days,
     features::reconciliation},
    {"settings_management",
     "Settings",
     child::sync,
     {0min, {}, {"save"}, false},
     reads::settings,
     nullptr,
     features::settings_management},
    {"privacy_requests",
     "Privacy requests",
     child::sync,
     {0min, {"customers/data_request", "customers/redact", "shop/redact"}, {}, false},
     reads::nothing,
     nullptr,
     features::privacy_requests},
};

} // namespace

feature_table all_features() {
  return table;
}

} // namespace clique
