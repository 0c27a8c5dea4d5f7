#include "actors/child.hpp"

#include "actors/child_steps.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

namespace clique {

namespace child_steps {

namespace {

using namespace std::chrono_literals;

constexpr auto start_timeout = 60s;

dead_letter dead(const stored_delivery& x, std::string reason, int attempts) {
  return {x.place, x.topic, x.webhook_id, x.body, std::move(reason), attempts};
}

void report_cursor(self_ptr self) {
  auto& st = self->state;
  self->send(st.parent, closed_note{st.setup.store, bit_of(st.setup.who), st.cursor});
}

/// Fills *w* with facts and dead letters. @returns how many deliveries it got through: fewer than all when reading one
/// of them threw, with *why* saying what.
std::size_t read_facts(child_state& st, window& w, std::string& why) {
  for (std::size_t i = 0; i < w.items.size(); ++i) {
    const auto& x = *w.items[i];
    if (auto bad = st.setup.poison.find(x.place.seq); bad != st.setup.poison.end()) {
      w.dead.push_back(dead(x, bad->second.reason, bad->second.attempts));
      continue;
    }
    try {
      auto fact = st.world.parse(x.topic, x.body, st.store.unit);
      if (fact)
        w.facts.push_back({x.topic, x.triggered_at, x.received_at, std::move(*fact)});
      else
        w.dead.push_back(dead(x, fact.error().what, 1));
    } catch (const std::exception& e) {
      why = e.what();
      return i;
    }
  }
  return w.items.size();
}

void find_features(child_state& st, window& w) {
  const auto& all = st.world.features->of(st.setup.who);
  for (auto i = all.rbegin(); i != all.rend(); ++i)
    if (std::any_of(w.facts.begin(), w.facts.end(),
                    [&](const auto& x) { return st.world.features->wants(*i, x.topic); }))
      w.features.push_back(*i);
  w.shared = w.features.size() > 1;
}

/// One feature's share of the open window; the last one moves the cursor.
void run_window(self_ptr self) {
  auto& st = self->state;
  auto& w = *st.open;
  decision x;
  if (!w.features.empty()) {
    x.feature = w.features.back();
    w.features.pop_back();
    webhooks share;
    for (auto& fact : w.facts)
      if (st.world.features->wants(x.feature, fact.topic)) {
        if (w.shared)
          share.items.push_back(fact);
        else
          share.items.push_back(std::move(fact));
      }
    x.why = {st.world.now(), std::move(share)};
  }
  if (w.features.empty()) {
    x.batch.closed_up_to = w.items.back()->place.seq;
    x.batch.dead = std::move(w.dead);
    if (!x.batch.dead.empty()) {
      st.world.numbers->count("clique_dead_letters_total", {}, static_cast<double>(x.batch.dead.size()));
      spdlog::warn("store {}: {} deliveries put aside, first: {} {}: {}", raw(st.setup.store), x.batch.dead.size(),
                   x.batch.dead.front().topic, x.batch.dead.front().webhook_id, x.batch.dead.front().reason);
    }
  }
  carry_out(self, std::move(x));
}

void crash(self_ptr self, std::int64_t seq, const std::string& why) {
  auto& st = self->state;
  spdlog::error("store {}: {} fails at delivery {}: {}", raw(st.setup.store), to_string(st.setup.who), seq, why);
  self->send(st.parent, crash_note{st.setup.who, seq, why});
  self->quit(caf::sec::runtime_error);
}

/// @returns false when nothing was left to do.
bool open_window(self_ptr self) {
  auto& st = self->state;
  auto limit = st.careful > 0 ? 1 : st.settings.max_span;
  window w;
  auto dropped = false;
  while (!st.inbox.empty() && w.items.size() < limit) {
    if (st.inbox.front()->place.seq > st.cursor)
      w.items.push_back(std::move(st.inbox.front()));
    else
      dropped = true;
    st.inbox.pop_front();
  }
  if (dropped)
    report_cursor(self);
  if (w.items.empty())
    return false;
  if (st.gone) {
    st.cursor = w.items.back()->place.seq;
    report_cursor(self);
    return false;
  }
  std::string why;
  auto readable = read_facts(st, w, why);
  if (readable == 0) {
    crash(self, w.items.front()->place.seq, why);
    return true;
  }
  // What follows a delivery that cannot be read waits, so that its neighbours are done first.
  for (auto i = w.items.size(); i > readable; --i)
    st.inbox.push_front(std::move(w.items[i - 1]));
  w.items.resize(readable);
  find_features(st, w);
  st.open = std::move(w);
  run_window(self);
  return true;
}

void run_errand(self_ptr self, child_state::errand what) {
  auto& st = self->state;
  auto now = st.world.now();
  decision x;
  if (auto* y = std::get_if<child_state::due>(&what)) {
    x.feature = y->feature;
    x.why = {now, tick{}};
  } else if (auto* z = std::get_if<child_state::fact>(&what)) {
    x.feature = z->feature;
    x.why = {now, heard{std::move(z->what)}};
  } else if (auto* a = std::get_if<child_state::answered>(&what)) {
    x.feature = a->feature;
    x.why = {now, std::move(a->what)};
    x.batch.calls_done.push_back(a->call_id);
  } else {
    auto& c = std::get<command_request>(what);
    const auto& f = st.world.features->at(c.feature);
    const auto& names = f.when.commands;
    x.feature = c.feature;
    x.user = std::move(c.user);
    if (std::find(names.begin(), names.end(), c.what.name) != names.end()) {
      x.why = {now, std::move(c.what)};
    } else if (c.what.name == "run" && f.when.period.count() > 0) {
      x.why = {now, tick{}}; // any feature with a timer can be run at once
    } else {
      x.user.answer(error{ec::bad_input, fmt::format("{} does not know the command {}.", f.title, c.what.name), ""});
      return;
    }
  }
  if (st.gone) {
    x.user.answer(error{ec::not_found, "There is no such store.", ""});
    return;
  }
  carry_out(self, std::move(x));
}

void begin(self_ptr self);

void retry_begin(self_ptr self, const std::string& why) {
  auto& st = self->state;
  spdlog::warn("store {}: {} cannot start yet: {}", raw(st.setup.store), to_string(st.setup.who), why);
  again_later(self, ++st.start_failures, [self] { begin(self); });
}

void begun(self_ptr self, const child_start& from) {
  auto& st = self->state;
  st.ready = true;
  st.cursor = from.cursor;
  report_cursor(self);
  // Calls that were open when the process or this child ended are asked again.
  for (const auto& x : from.calls)
    if (auto f = st.world.features->find(x.feature))
      send_call(self, x.id, *f, x.what);
    else
      st.orphans.push_back(x.id);
  next(self);
}

/// Store facts are needed before the first delivery is read: a product's price has the shop's currency.
void load_store(self_ptr self, const child_start& from) {
  auto& st = self->state;
  const auto& mine = st.world.features->of(st.setup.who);
  auto name = mine.empty() ? std::string{} : std::string{st.world.features->at(mine.front()).name};
  self->request(st.world.reader, start_timeout, load_request{st.setup.store, name, reads::nothing, {}})
      .then(
          [self, from](const loaded& x) {
            if (x.what) {
              self->state.store = (*x.what)->store;
              return begun(self, from);
            }
            if (x.what.error().code == ec::not_found) {
              self->state.gone = true;
              return begun(self, {from.cursor, {}});
            }
            retry_begin(self, x.what.error().what);
          },
          [self](caf::error&) { retry_begin(self, "the reader does not answer"); });
}

void begin(self_ptr self) {
  auto& st = self->state;
  std::vector<std::string> names;
  for (auto f : st.world.features->of(st.setup.who))
    names.emplace_back(st.world.features->at(f).name);
  self->request(st.world.reader, start_timeout, start_request{st.setup.store, st.setup.who, std::move(names)})
      .then(
          [self](const started& x) {
            if (x.what)
              return load_store(self, *x.what);
            retry_begin(self, x.what.error().what);
          },
          [self](caf::error&) { retry_begin(self, "the reader does not answer"); });
}

} // namespace

void next(self_ptr self) {
  auto& st = self->state;
  while (st.ready && !st.busy) {
    if (st.open)
      return run_window(self);
    if (!st.errands.empty()) {
      auto what = std::move(st.errands.front());
      st.errands.pop_front();
      run_errand(self, std::move(what));
    } else if (st.inbox.empty()) {
      return;
    } else if (open_window(self)) {
      return;
    }
  }
}

void failed(self_ptr self, const error& why) {
  auto& st = self->state;
  auto x = std::move(*st.now);
  st.now.reset();
  st.busy = false;
  auto feature = x.feature == no_feature ? std::string{"none"} : std::string{st.world.features->at(x.feature).name};
  st.world.numbers->count("clique_decision_failures_total", {{"feature", feature}});
  if (st.open) {
    auto w = std::move(*st.open);
    st.open.reset();
    if (w.items.size() == 1)
      return crash(self, w.items.front()->place.seq, why.what);
    // One of them is to blame: take them one by one.
    st.careful = w.items.size();
    for (auto i = w.items.rbegin(); i != w.items.rend(); ++i)
      st.inbox.push_front(std::move(*i));
    return next(self);
  }
  spdlog::error("store {}: {} failed: {}", raw(st.setup.store), feature, why.what);
  x.user.answer(why);
  if (std::holds_alternative<reply>(x.why.why) && x.feature != no_feature) {
    // Asking again would end the same way: the call is closed.
    auto only = decision{};
    only.batch.calls_done = std::move(x.batch.calls_done);
    return carry_out(self, std::move(only));
  }
  next(self);
}

void store_is_gone(self_ptr self) {
  auto& st = self->state;
  st.gone = true;
  st.now->user.answer(error{ec::not_found, "There is no such store.", ""});
  st.now.reset();
  st.busy = false;
  if (st.open) {
    st.cursor = st.open->items.back()->place.seq;
    st.open.reset();
    report_cursor(self);
  }
  next(self);
}

} // namespace child_steps

child_actor::behavior_type feature_child(child_actor::stateful_pointer<child_state> self, child_setup setup,
                                         tree_settings settings, ports world, parent_actor parent) {
  auto& st = self->state;
  st.setup = std::move(setup);
  st.settings = settings;
  st.world = std::move(world);
  st.parent = std::move(parent);
  child_steps::begin(self);
  return {
      [self](deliveries& x) {
        for (auto& y : x.items)
          self->state.inbox.push_back(std::move(y.what));
        child_steps::next(self);
      },
      [self](atom::tick, feature_ref f) {
        auto& errands = self->state.errands;
        auto same = [f](const child_state::errand& x) {
          auto* y = std::get_if<child_state::due>(&x);
          return y != nullptr && y->feature == f;
        };
        if (std::none_of(errands.begin(), errands.end(), same))
          errands.push_back(child_state::due{f});
        child_steps::next(self);
      },
      [self](command_request& x) {
        self->state.errands.push_back(std::move(x));
        child_steps::next(self);
      },
      [self](const event_note& x) {
        auto& state = self->state;
        for (auto f : state.world.features->of(state.setup.who))
          if (f != x.from && state.world.features->at(f).when.hears_events)
            state.errands.push_back(child_state::fact{f, x.what});
        child_steps::next(self);
      },
      [self](atom::again) {
        if (auto f = std::exchange(self->state.retry, nullptr))
          f();
      },
      [self](atom::status) {
        const auto& state = self->state;
        auto waiting = state.inbox.size() + state.errands.size() + (state.open ? 1u : 0u);
        return child_status{state.busy || !state.ready, waiting, state.calls.size(), state.decisions, state.cursor};
      },
  };
}

} // namespace clique
