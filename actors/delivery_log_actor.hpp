#pragma once

#include "actors/feature_index.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/open_deliveries.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace clique {

/// The database side of the log; storage::delivery_log outside tests. Blocking.
struct log_store {
  std::function<result<std::vector<appended>>(std::span<const incoming>)> append;
  std::function<result<std::vector<stored_delivery>>(std::int32_t part, std::int64_t seq, std::size_t limit)> read;
  std::function<result<std::vector<std::int64_t>>()> cursors;
  std::function<result<void>(std::span<const delivery_place>)> advance;
  std::function<result<void>(time_point now, time_point before)> roll;
};

struct log_ports {
  log_store store;
  std::shared_ptr<waiting_acks> acks;
  respond_fn respond;
  feature_index_ptr features;
  directory_actor directory;
  metrics_ptr numbers;
  std::function<time_point()> now;
};

struct log_settings {
  std::size_t batch = 1'000;           ///< deliveries per transaction (engine measurements: 100 to 1,000)
  std::size_t batch_bytes = 32u << 20; ///< bodies per transaction
  std::size_t page = 500;              ///< deliveries per read of the backlog
  open_deliveries::limits open;
  /// Closed deliveries are kept this long for questions and de-duplication: longer than the sender's 4 h of retries.
  std::chrono::hours keep{72};
};

struct delivery_log_state {
  delivery_log_state() = default;

  log_ports world;
  log_settings settings;
  std::unique_ptr<open_deliveries> open;
  std::vector<arrival> pending;
  bool flushing = false; ///< a flush message is on its way
  bool paging = false;   ///< a page message is on its way
  bool ready = false;    ///< the cursors are known
  /// Partitions with a commit of unknown outcome, and until when they are read again: a statement that we gave
  /// up on may still commit.
  std::map<std::int32_t, time_point> suspects;
  time_point rolled;
  const char* name = "delivery-log";
};

/// Spawn detached: it blocks on the database.
delivery_log_actor::behavior_type delivery_log_keeper(delivery_log_actor::stateful_pointer<delivery_log_state> self,
                                                      log_ports world, log_settings settings);

/// Answers 503 to sessions whose delivery could not be made durable in time, also while the log itself waits for the
/// database. Event-based; ends with the system.
caf::behavior ack_watch(caf::event_based_actor* self, std::shared_ptr<waiting_acks> acks, metrics_ptr numbers);

} // namespace clique
