#pragma once

#include "actors/handles.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>

namespace clique {

/// The database side; storage::reader outside tests. Blocking.
struct reader_store {
  std::function<result<snapshot>(const load_request&)> load;
  std::function<result<child_start>(const start_request&)> start_of;
};

/// Spawn detached, several of them: each holds one connection.
reader_actor::behavior_type fact_reader(reader_actor::pointer self, reader_store store);

} // namespace clique
