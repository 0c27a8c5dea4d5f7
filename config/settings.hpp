#pragma once

#include "config/config.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clique {

/// One key of the configuration: how its text becomes a field, and back.
struct setting {
  std::string_view key; ///< "server.port"
  std::string_view allowed;
  /// @returns a sentence when *text* is not allowed.
  std::function<std::optional<std::string>(config&, std::string_view text)> set;
  std::function<std::string(const config&)> show; ///< secrets show only whether they are set
  bool is_secret = false;
};

/// THE TABLE of keys.
std::span<const setting> all_settings();

/// Faults that lie between keys (TLS certificate without key, hosted database without master key, ...).
std::vector<std::pair<std::string_view, std::string>> cross_check(const config& x);

} // namespace clique
