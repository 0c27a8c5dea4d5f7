#pragma once

// The contract: a feature is one row of a table.

#include "core/effects.hpp"
#include "core/snapshot.hpp"
#include "core/trigger.hpp"

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

namespace clique {

/// The child actors of a store.
enum class child : std::uint8_t { sync, attribution, ads, fatigue, budget, trends };
constexpr std::size_t num_children = 6;

std::string_view to_string(child x);

/// When a feature runs.
struct occasions {
  std::chrono::minutes period{0};              ///< timer; 0: none
  std::vector<std::string_view> topics = {};   ///< webhook topics, header form
  std::vector<std::string_view> commands = {}; ///< names accepted by POST .../jobs/{feature} and friends
  bool hears_events = false;                   ///< gets `heard` for every tell of a sibling
};

/// One row of the feature table. Its name is also its configuration section, REST
/// path, metric label, log field and job-log row.
struct feature {
  std::string_view name;
  std::string_view title; ///< for people
  child owner = child::sync;
  occasions when;
  reads needs = reads::nothing;
  /// Ids that narrow what is loaded (orders, inventory items, days); may be null.
  std::vector<std::int64_t> (*about)(const trigger&) = nullptr;
  /// Pure: no clock, no randomness, no I/O.
  effects (*decide)(const snapshot&, const trigger&) = nullptr;
};

using feature_table = std::span<const feature>;

} // namespace clique
