#include "actors/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = scheduler_actor::stateful_pointer<scheduler_state>;

constexpr std::size_t stores_per_beat = 1'000;

/// New timers of the table reach old stores in the background.
void ensure_some(self_ptr self) {
  auto& st = self->state;
  auto n = std::min(st.unsure.size(), stores_per_beat);
  if (n == 0)
    return;
  auto some = std::span{st.unsure}.last(n);
  if (auto ok = st.setup.jobs.ensure(some, st.setup.now()); !ok) {
    spdlog::warn("scheduler: cannot prepare timers: {}", ok.error().what);
    return;
  }
  st.unsure.resize(st.unsure.size() - n);
}

void claim(self_ptr self) {
  auto& st = self->state;
  auto due = st.setup.jobs.claim(st.setup.now(), st.setup.limit);
  if (!due) {
    spdlog::warn("scheduler: cannot read the job log: {}", due.error().what);
    return;
  }
  for (auto& x : *due)
    self->send(st.setup.directory, atom::tick_v, x.store, std::move(x.feature));
  if (!due->empty())
    st.setup.numbers->count("clique_timers_fired_total", {}, static_cast<double>(due->size()));
}

} // namespace

scheduler_actor::behavior_type timer_scheduler(self_ptr self, scheduler_setup setup) {
  self->state.unsure = std::move(setup.stores);
  self->state.setup = std::move(setup);
  self->delayed_send(self, self->state.setup.beat, atom::tick_v);
  return {
      [self](atom::tick) {
        self->delayed_send(self, self->state.setup.beat, atom::tick_v);
        ensure_some(self);
        claim(self);
      },
      [self](atom::connect, store_id store) {
        self->state.unsure.push_back(store);
        ensure_some(self);
      },
      [self](atom::stop) {
        self->quit();
        return atom::ok_v;
      },
  };
}

} // namespace clique
