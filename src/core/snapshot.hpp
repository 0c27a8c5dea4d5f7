#pragma once

#include "core/facts.hpp"
#include "core/rows.hpp"

#include <map>
#include <string>
#include <vector>

namespace clique {

/// What a feature may ask to see; a bit mask. Store facts and the feature's own
/// job row are always loaded.
enum class reads : std::uint32_t {
  nothing = 0,
  edits = 1,            ///< known edits of the orders in `about`
  stock = 2,            ///< variants and their stock for the inventory items or variants in `about`
  subscriptions = 4,    ///< all subscription rows
  settings = 8,         ///< current settings and their version
  order_totals = 16,    ///< our count and sum per day, for the days in `about` (days since epoch)
  months = 32,          ///< all month certificates
  jobs = 64,            ///< job rows of all features
  sources = 128,        ///< all source rows
  order_versions = 256, ///< stored updated_at of the orders in `about`
};
constexpr reads operator|(reads a, reads b) {
  return static_cast<reads>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool wants(reads mask, reads bit) {
  return (static_cast<std::uint32_t>(mask) & static_cast<std::uint32_t>(bit)) != 0;
}

/// A variant as stored, with the sum of its levels.
struct stored_variant {
  variant what;
  std::optional<std::int64_t> available; ///< sum over locations; empty when nothing is known
  std::map<shopify_id, std::int64_t> by_location;
  std::map<shopify_id, time_point> level_versions; ///< location -> stored updated_at; missing: unknown
  std::string product_status;                      ///< empty: unknown
};

struct day_total {
  day on;
  std::int64_t orders = 0;
  std::int64_t total = 0; ///< sum of order totals in minor units
};

/// What every feature sees of its store.
struct store_facts {
  store_id id{};
  std::string shop; ///< name.myshopify.com
  std::string name;
  currency unit;
  calendar zone;
  std::vector<std::string> scopes;
  connection_row::state connection = connection_row::state::connected;
  std::optional<time_point> installed_at;
  std::string webhook_address; ///< where this server wants deliveries
};

/// The facts of one store that a feature said it needs, nothing else.
struct snapshot {
  store_facts store;
  job_row job;                            ///< the asking feature's own
  std::map<shopify_id, time_point> edits; ///< order -> last committed edit
  std::vector<stored_variant> variants;
  std::vector<subscription_row> subscriptions;
  std::string settings = "{}";
  std::int64_t settings_version = 0;
  std::vector<day_total> order_totals;
  std::vector<month_row> months;
  std::vector<job_row> jobs;
  std::vector<source_row> sources;
  std::map<shopify_id, time_point> order_versions;
};

} // namespace clique
