#pragma once

#include "actors/feature_index.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/store_book.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

namespace clique {

using spawn_supervisor = std::function<store_supervisor_actor(store_id, delivery_log_actor, directory_actor)>;

struct directory_setup {
  std::function<bool(store_id)> known; ///< whether there is such a store
  feature_index_ptr features;
  metrics_ptr numbers;
  spawn_supervisor spawn;
};

struct directory_state {
  directory_state() = default;

  struct tree {
    store_supervisor_actor supervisor;
    std::uint64_t sent = 0; ///< messages of ours to it
  };

  directory_setup setup;
  delivery_log_actor log;
  std::unordered_map<store_id, tree> trees;
  std::unordered_map<caf::actor_addr, store_id> stores;
  std::uint64_t activated = 0;
  std::uint64_t passivated = 0;
  std::optional<caf::typed_response_promise<atom::ok>> stopping;
  const char* name = "directory";
};

directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self,
                                         directory_setup setup);

} // namespace clique
