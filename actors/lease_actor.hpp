#pragma once

#include "actors/handles.hpp"
#include "actors/metrics.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace clique {

/// Our ownership of the partitions; storage::lease_keeper outside tests. Blocking.
struct lease_store {
  std::function<result<void>()> renew;
  std::function<result<void>()> release;
};

/// The epoch under which the writers write; 0: none, nothing is written.
using shared_epoch = std::shared_ptr<std::atomic<std::int64_t>>;

struct lease_setup {
  lease_store store;
  shared_epoch epoch;
  std::function<void()> on_lost; ///< another process owns the data: this one has to end
  metrics_ptr numbers;
  std::shared_ptr<std::atomic<bool>> database_up; ///< as of the last renewal, for readiness
  std::chrono::milliseconds beat{1'000};
};

struct lease_state {
  lease_state() = default;

  lease_setup setup;
  bool lost = false;
  const char* name = "lease";
};

/// Spawn detached. The lease has been acquired before. While the database is away nothing is renewed and nothing can be
/// written; when somebody else has taken the lease meanwhile, the writers are stopped at once.
lease_actor::behavior_type lease_guard(lease_actor::stateful_pointer<lease_state> self, lease_setup setup);

} // namespace clique
