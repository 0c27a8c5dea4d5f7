#include "actors/store_supervisor.hpp"

#include "core/backoff.hpp"
#include "core/schedule.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = store_supervisor_actor::stateful_pointer<store_supervisor_state>;

children_mask bit_at(std::size_t i) {
  return static_cast<children_mask>(1u << i);
}

/// What a fresh child has to do first: everything open that it has not finished.
deliveries unfinished(const store_supervisor_state& st, std::size_t i) {
  deliveries result;
  for (const auto& x : st.open)
    if ((x.who & bit_at(i)) != 0 && x.what->place.seq > st.slots[i].closed)
      result.items.push_back(x);
  return result;
}

void start(self_ptr self, std::size_t i) {
  auto& st = self->state;
  auto& slot = st.slots[i];
  slot.down = false;
  slot.born = self->clock().now();
  slot.actor = st.setup.spawn({st.setup.store, static_cast<child>(i), slot.poison}, parent_actor{self});
  self->monitor(slot.actor);
  if (auto first = unfinished(st, i); !first.items.empty())
    self->send(slot.actor, std::move(first));
}

/// The child, started if it does not run yet; null while it waits for its restart.
const child_actor& child_at(self_ptr self, std::size_t i) {
  auto& slot = self->state.slots[i];
  if (!slot.actor && !slot.down)
    start(self, i);
  return slot.actor;
}

void restart_later(self_ptr self, std::size_t i) {
  auto& st = self->state;
  auto& slot = st.slots[i];
  slot.actor = nullptr;
  slot.down = true;
  if (self->clock().now() - slot.born >= st.setup.settings.healthy)
    slot.failures = 0;
  auto seed = stable_hash("restart") ^ static_cast<std::uint64_t>(raw(st.setup.store)) ^ st.restarts;
  auto delay = backoff(st.setup.settings.restart_base, st.setup.settings.restart_cap, ++slot.failures, seed);
  ++st.restarts;
  st.setup.numbers->count("clique_child_restarts_total", {{"child", std::string{to_string(static_cast<child>(i))}}});
  self->delayed_send(self, delay, atom::start_v, static_cast<std::uint8_t>(i));
}

bool done(const store_supervisor_state& st, const routed& x) {
  for (std::size_t i = 0; i < num_children; ++i)
    if ((x.who & bit_at(i)) != 0 && st.slots[i].closed < x.what->place.seq)
      return false;
  return true;
}

void closed(self_ptr self, const closed_note& x) {
  auto& st = self->state;
  for (std::size_t i = 0; i < num_children; ++i) {
    if ((x.who & bit_at(i)) == 0)
      continue;
    auto& slot = st.slots[i];
    slot.closed = std::max(slot.closed, x.up_to);
    slot.crashes.erase(slot.crashes.begin(), slot.crashes.upper_bound(x.up_to));
    slot.poison.erase(slot.poison.begin(), slot.poison.upper_bound(x.up_to));
  }
  while (!st.open.empty() && done(st, st.open.front()))
    st.open.pop_front();
  self->send(st.setup.log, x);
}

void crashed(self_ptr self, const crash_note& x) {
  auto& st = self->state;
  auto& slot = st.slots[static_cast<std::size_t>(x.who)];
  auto n = ++slot.crashes[x.seq];
  if (n < st.setup.settings.poison_after)
    return;
  spdlog::error("store {}: delivery {} is put aside after {} crashes of {}", raw(st.setup.store), x.seq, n,
                to_string(x.who));
  slot.poison[x.seq] = {x.reason, n};
}

void deliver(self_ptr self, deliveries& x) {
  auto& st = self->state;
  std::array<deliveries, num_children> share;
  for (auto& y : x.items) {
    for (std::size_t i = 0; i < num_children; ++i)
      if ((y.who & bit_at(i)) != 0)
        share[i].items.push_back(y);
  }
  // A child that starts here gets what was open before; so start first, then note what is new.
  for (std::size_t i = 0; i < num_children; ++i)
    if (!share[i].items.empty())
      if (const auto& to = child_at(self, i))
        self->send(to, std::move(share[i]));
  // A child that is down misses nothing: it gets what is open when it is back.
  for (auto& y : x.items)
    st.open.push_back(std::move(y));
}

void spread(self_ptr self, const event_note& x) {
  auto hearers = self->state.setup.features->hearers();
  for (std::size_t i = 0; i < num_children; ++i)
    if ((hearers & bit_at(i)) != 0)
      if (const auto& to = child_at(self, i))
        self->send(to, x);
}

void worked(self_ptr self) {
  auto& st = self->state;
  ++st.received;
  st.last_work = self->clock().now();
}

void rest(self_ptr self) {
  auto& st = self->state;
  if (st.all_idle && st.open.empty())
    self->send(st.setup.directory, atom::sleep_v, st.setup.store, st.received);
}

/// Asks every child whether it has work; sleeps when none has and nothing came for the idle time.
void check(self_ptr self) {
  auto& st = self->state;
  self->delayed_send(self, st.setup.settings.idle / 2, atom::check_v);
  auto quiet = self->clock().now() - st.last_work >= st.setup.settings.idle;
  if (!quiet || !st.open.empty() || st.asked > 0)
    return;
  st.all_idle = true;
  for (auto& slot : st.slots) {
    if (slot.down)
      st.all_idle = false;
    if (!slot.actor)
      continue;
    ++st.asked;
    auto answered = [self](bool idle) {
      auto& state = self->state;
      state.all_idle = state.all_idle && idle;
      if (--state.asked == 0)
        rest(self);
    };
    self->request(slot.actor, caf::infinite, atom::status_v)
        .then([answered](const child_status& x) { answered(x.idle()); }, [answered](caf::error&) { answered(false); });
  }
  if (st.asked == 0)
    rest(self);
}

} // namespace

store_supervisor_actor::behavior_type store_supervisor(self_ptr self, supervisor_setup setup) {
  self->state.setup = std::move(setup);
  self->state.last_work = self->clock().now();
  self->delayed_send(self, self->state.setup.settings.idle / 2, atom::check_v);
  self->set_down_handler([self](const caf::down_msg& down) {
    for (std::size_t i = 0; i < num_children; ++i)
      if (self->state.slots[i].actor && self->state.slots[i].actor.address() == down.source)
        restart_later(self, i);
  });
  self->set_exit_handler([self](const caf::exit_msg& exit) {
    for (auto& slot : self->state.slots)
      if (slot.actor)
        self->send_exit(slot.actor, exit.reason);
    self->quit(exit.reason);
  });
  return {
      [self](const closed_note& x) { closed(self, x); },
      [self](const crash_note& x) { crashed(self, x); },
      [self](const event_note& x) { spread(self, x); },
      [self](atom::refresh) { self->send(self->state.setup.tokens, atom::refresh_v, self->state.setup.store); },
      [self](deliveries& x) {
        worked(self);
        deliver(self, x);
      },
      [self](atom::tick, feature_ref f) {
        worked(self);
        if (const auto& to = child_at(self, static_cast<std::size_t>(self->state.setup.features->at(f).owner)))
          self->send(to, atom::tick_v, f);
      },
      [self](command_request& x) {
        worked(self);
        // While the child is down the user hears so, because the command goes with this message.
        if (const auto& to = child_at(self, static_cast<std::size_t>(self->state.setup.features->at(x.feature).owner)))
          self->send(to, std::move(x));
      },
      [self](atom::connect, const event_note& x) {
        worked(self);
        spread(self, x);
      },
      [self](atom::start, std::uint8_t i) { start(self, i); },
      [self](atom::check) { check(self); },
      [self](atom::status) {
        const auto& st = self->state;
        store_status result{st.setup.store, st.open.size(), 0, st.restarts};
        for (std::size_t i = 0; i < num_children; ++i)
          if (st.slots[i].actor)
            result.alive = static_cast<children_mask>(result.alive | bit_at(i));
        return result;
      },
  };
}

} // namespace clique
