#pragma once

// Facts that children of one store tell each other, in the past tense.

#include "core/ids.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace clique {

struct stock_gone {
  shopify_id variant_id = 0;
};
struct stock_returned {
  shopify_id variant_id = 0;
};
struct price_changed {
  shopify_id variant_id = 0;
  std::int64_t before = 0;
  std::int64_t after = 0;
};
struct orders_changed {
  std::vector<shopify_id> ids;
};
/// The store was connected (again): imports and registrations may start.
struct store_connected {};
/// The platform refuses our token, or the app was uninstalled.
struct store_disconnected {
  std::string reason;
};
struct import_finished {};

using event = std::variant<stock_gone, stock_returned, price_changed, orders_changed, store_connected,
                           store_disconnected, import_finished>;

} // namespace clique
