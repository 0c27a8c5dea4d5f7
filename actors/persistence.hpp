#pragma once

#include "actors/handles.hpp"
#include "actors/metrics.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <span>
#include <vector>

namespace clique {

/// Commits all batches in one transaction; storage::writer under the current epoch outside tests. Blocking.
using write_fn = std::function<std::vector<result<written>>(std::span<const write_batch>)>;

struct persistence_settings {
  std::size_t batches = 64; ///< per transaction
  std::size_t rows = 2'000; ///< per transaction, more only when one batch alone has more
};

struct persistence_state {
  persistence_state() = default;

  struct waiter {
    write_batch what;
    caf::typed_response_promise<write_answer> to;
  };

  write_fn write;
  metrics_ptr numbers;
  persistence_settings settings;
  std::vector<waiter> pending;
  bool flushing = false; ///< a flush message is on its way
  const char* name = "persistence";
};

/// Spawn detached, several of them: each holds one connection. While it writes, what comes in waits in the mailbox
/// and makes the next transaction: no timer.
persistence_actor::behavior_type persistence(persistence_actor::stateful_pointer<persistence_state> self,
                                             write_fn write, metrics_ptr numbers, persistence_settings settings);

} // namespace clique
