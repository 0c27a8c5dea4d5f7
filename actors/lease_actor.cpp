#include "actors/lease_actor.hpp"

#include <spdlog/spdlog.h>

namespace clique {

namespace {

using self_ptr = lease_actor::stateful_pointer<lease_state>;

void lose(self_ptr self, const std::string& why) {
  auto& st = self->state;
  st.lost = true;
  *st.setup.epoch = 0;
  spdlog::critical("lease: another process owns the data ({}); this one stops", why);
  st.setup.numbers->count("clique_lease_lost_total");
  st.setup.on_lost();
}

void renew(self_ptr self) {
  auto& st = self->state;
  if (st.lost)
    return;
  auto ok = st.setup.store.renew();
  *st.setup.database_up = ok.has_value();
  if (ok)
    return;
  if (ok.error().code == ec::fenced)
    return lose(self, ok.error().what);
  // The database is away: writes fail by themselves, and the epoch is checked inside each.
  spdlog::warn("lease: not renewed: {}", ok.error().what);
}

} // namespace

lease_actor::behavior_type lease_guard(self_ptr self, lease_setup setup) {
  self->state.setup = std::move(setup);
  self->delayed_send(self, self->state.setup.beat, atom::tick_v);
  return {
      [self](atom::tick) {
        self->delayed_send(self, self->state.setup.beat, atom::tick_v);
        renew(self);
      },
      [self](atom::stop) {
        auto& st = self->state;
        if (!st.lost) {
          *st.setup.epoch = 0;
          if (auto ok = st.setup.store.release(); !ok)
            spdlog::warn("lease: not released: {}", ok.error().what);
        }
        self->quit();
        return atom::ok_v;
      },
  };
}

} // namespace clique
