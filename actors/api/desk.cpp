#include "actors/api/desk.hpp"

#include <caf/actor_ostream.hpp>
#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace clique::api {

namespace {

struct desk_state {
  desk_state() = default;
  std::unique_ptr<desk_storage> storage;
};

desk_actor::behavior_type desk(desk_actor::stateful_pointer<desk_state> self, std::function<desk_storage()> open) {
  self->state.storage = std::make_unique<desk_storage>(open());
  return {
      [self](const desk_task_ptr& what) {
        try {
          (*what)(*self->state.storage);
        } catch (const std::exception& x) {
          // A task's bug must not take the desk away from the requests behind it; its responder answers 500.
          spdlog::error("a request failed: {}", x.what());
        }
      },
  };
}

} // namespace

desks::desks(caf::actor_system& sys, int count, std::function<desk_storage()> open, std::size_t max_waiting)
    : waiting_(std::make_shared<std::atomic<std::size_t>>(0)), max_waiting_(max_waiting) {
  for (int i = 0; i < count; ++i)
    all_.push_back(sys.spawn<caf::detached>(desk, open));
}

desks::~desks() {
  for (const auto& x : all_)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}

bool desks::post(desk_task what) {
  if (waiting_->fetch_add(1) >= max_waiting_) {
    waiting_->fetch_sub(1);
    return false;
  }
  auto counted = [what = std::move(what), waiting = waiting_](desk_storage& storage) {
    waiting->fetch_sub(1);
    what(storage);
  };
  caf::anon_send(all_[next_++ % all_.size()], std::make_shared<desk_task>(std::move(counted)));
  return true;
}

} // namespace clique::api
