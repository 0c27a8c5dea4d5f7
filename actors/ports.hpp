#pragma once

#include "actors/feature_index.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"

#include <chrono>
#include <functional>
#include <string_view>

namespace clique {

/// The world as a store's tree sees it. Tests pass fakes of a line each.
struct ports {
  reader_actor reader;      ///< this store's shard
  persistence_actor writer; ///< this store's shard
  platform_actor platform;
  listener_actor hub;
  import_actor importer;
  token_keeper_actor tokens;
  feature_index_ptr features;
  metrics_ptr numbers;
  std::function<time_point()> now;
  /// A delivery's body as a fact; bad_input makes it a dead letter.
  std::function<result<webhook_fact>(std::string_view topic, std::string_view body, currency shop_unit)> parse;
};

struct tree_settings {
  /// A tree without work goes to sleep after this.
  std::chrono::milliseconds idle = std::chrono::minutes{10};
  std::chrono::milliseconds restart_base{100};
  std::chrono::milliseconds restart_cap{30'000};
  /// A child that lived this long starts over at the shortest delay.
  std::chrono::milliseconds healthy = std::chrono::minutes{10};
  int poison_after = 3;       ///< crashes until a delivery is put aside
  std::size_t max_span = 200; ///< deliveries per decision
  /// Delays between attempts to load or save while the database is away.
  std::chrono::milliseconds retry_base{50};
  std::chrono::milliseconds retry_cap{2'000};
};

} // namespace clique
