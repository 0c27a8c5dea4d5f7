#pragma once

// Desks: threads with their own database connection that do the blocking work of the gateways, so that io threads
// never wait.

#include "core/error.hpp"
#include "storage/accounts.hpp"
#include "storage/dead_letters.hpp"
#include "storage/stores.hpp"
#include "storage/views.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace clique::api {

/// What one desk has to work with.
struct desk_storage {
  accounts people;
  views sights;
  stores shops;
  dead_letters letters;
};

using desk_task = std::function<void(desk_storage&)>;
using desk_task_ptr = std::shared_ptr<desk_task>;

/// The DESK interface: runs a task on its own thread.
using desk_actor = caf::typed_actor<caf::reacts_to<desk_task_ptr>>;

/// A fixed number of desks. Thread-safe.
class desks {
public:
  /// *open*: makes the storage of one desk. *max_waiting*: tasks that may wait; more are refused.
  desks(caf::actor_system& sys, int count, std::function<desk_storage()> open, std::size_t max_waiting = 2'000);
  ~desks();

  /// @returns false when too many wait: answer 503.
  bool post(desk_task what);
  std::size_t waiting() const {
    return *waiting_;
  }

private:
  std::vector<desk_actor> all_;
  std::atomic<std::size_t> next_{0};
  std::shared_ptr<std::atomic<std::size_t>> waiting_;
  std::size_t max_waiting_;
};

} // namespace clique::api

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::api::desk_task_ptr)
