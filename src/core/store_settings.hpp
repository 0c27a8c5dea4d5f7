#pragma once

#include <string>
#include <string_view>

namespace clique::default_settings {

// What a store's settings are until somebody changes them: read by the view that shows them and by the feature that
// checks changes.

constexpr std::string_view comparison = "previous_week_day";
constexpr int low_stock_threshold = 5; ///< units
constexpr int freshness_alert_minutes = 60;
constexpr std::string_view week_start = "monday";
constexpr bool sync_paused = false;
constexpr int retention_days = 90;

inline std::string display_name(std::string_view store_name) {
  return std::string{store_name.empty() ? "My store" : store_name};
}

} // namespace clique::default_settings
