#pragma once

#include "config/config.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clique {

/// Something wrong in the configuration: where ("clique.toml:12:8", "CLIQUE_SERVER__PORT", "--set") and what, with
/// what is allowed.
struct config_fault {
  std::string place;
  std::string what;
};

struct loaded_config {
  config value;
  std::vector<config_fault> faults; ///< empty: good
};

using environment = std::map<std::string, std::string>;
using flag_values = std::vector<std::pair<std::string, std::string>>; ///< "server.port" -> "8081"

/// defaults < *file* < environment (CLIQUE_SECTION__KEY, CLIQUE_SECTION__KEY_FILE reads a secret from a file) <
/// *flags*. Unknown keys are faults. All faults are reported at once.
/// @param features names that may stand under [features.<name>].
loaded_config load_config(const std::optional<std::filesystem::path>& file, const environment& env,
                          const flag_values& flags, std::span<const std::string_view> features);

/// This process's environment, CLIQUE_* only.
environment clique_environment();

/// What `config print` shows: every key with its value, secrets hidden.
std::string print_config(const config& x);

} // namespace clique
