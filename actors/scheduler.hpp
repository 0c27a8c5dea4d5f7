#pragma once

#include "actors/clock.hpp"
#include "actors/feature_index.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "storage/jobs.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <span>
#include <vector>

namespace clique {

/// The job log; storage::jobs outside tests. Blocking.
struct job_store {
  std::function<result<std::vector<due_job>>(time_point now, std::size_t limit)> claim;
  std::function<result<void>(std::span<const store_id>, time_point now)> ensure;
};

struct scheduler_setup {
  job_store jobs;
  std::function<time_point()> now;
  /// Real time between two looks: a second of simulated time, but not faster than the database likes.
  std::chrono::milliseconds beat{1'000};
  /// Timers per look: a restart with everything due spreads its trees and calls (faults E6).
  std::size_t limit = 64;
  directory_actor directory;
  metrics_ptr numbers;
  std::vector<store_id> stores; ///< known at start: each gets a row for timers that are new in the table
};

struct scheduler_state {
  scheduler_state() = default;

  scheduler_setup setup;
  std::vector<store_id> unsure; ///< stores whose rows have yet to be ensured, taken from the back
  const char* name = "scheduler";
};

/// Spawn detached: it blocks on the database.
scheduler_actor::behavior_type timer_scheduler(scheduler_actor::stateful_pointer<scheduler_state> self,
                                               scheduler_setup setup);

} // namespace clique
