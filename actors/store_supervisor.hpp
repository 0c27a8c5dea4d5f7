#pragma once

#include "actors/child.hpp"
#include "actors/handles.hpp"
#include "actors/ports.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <array>
#include <deque>
#include <functional>
#include <map>

namespace clique {

/// Starts a child; tests give fakes.
using spawn_child = std::function<child_actor(child_setup, parent_actor)>;

struct supervisor_setup {
  store_id store{};
  tree_settings settings;
  feature_index_ptr features;
  metrics_ptr numbers;
  delivery_log_actor log;
  directory_actor directory;
  token_keeper_actor tokens;
  spawn_child spawn;
};

struct store_supervisor_state {
  store_supervisor_state() = default;

  struct slot {
    child_actor actor;
    caf::actor_clock::time_point born;
    int failures = 0;
    bool down = false;                   ///< waits for its restart
    std::int64_t closed = 0;             ///< deliveries up to here are done
    std::map<std::int64_t, int> crashes; ///< by delivery
    std::map<std::int64_t, poisoned> poison;
  };

  supervisor_setup setup;
  std::array<slot, num_children> slots;
  std::deque<routed> open;    ///< deliveries that some child has not finished, in log order
  std::uint64_t received = 0; ///< messages from the directory
  std::uint64_t restarts = 0;
  caf::actor_clock::time_point last_work;
  std::size_t asked = 0; ///< children that have yet to answer the idle check
  bool all_idle = true;
  const char* name = "store-supervisor";
};

store_supervisor_actor::behavior_type
store_supervisor(store_supervisor_actor::stateful_pointer<store_supervisor_state> self, supervisor_setup setup);

} // namespace clique
