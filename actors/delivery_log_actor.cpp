#include "actors/delivery_log_actor.hpp"

#include <caf/event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = delivery_log_actor::stateful_pointer<delivery_log_state>;
using namespace std::chrono_literals;

constexpr auto suspicion = 60s;

void page_soon(self_ptr self) {
  auto& st = self->state;
  if (!st.ready || st.paging)
    return;
  st.paging = true;
  self->send(self, atom::page_v);
}

/// Cursors are read until it works: without them nothing may be routed, but deliveries are accepted.
bool get_ready(self_ptr self) {
  auto& st = self->state;
  if (st.ready)
    return true;
  auto cursors = st.world.store.cursors();
  if (!cursors) {
    spdlog::warn("delivery log: cannot read the cursors: {}", cursors.error().what);
    return false;
  }
  st.open->start(*cursors);
  st.ready = true;
  page_soon(self);
  return true;
}

void route(self_ptr self, std::vector<routed> items) {
  if (!items.empty())
    self->send(self->state.world.directory, deliveries{std::move(items)});
}

stored_delivery to_stored(delivery_place place, incoming&& x) {
  return {place,          x.store,       std::move(x.source), std::move(x.topic), std::move(x.webhook_id),
          x.triggered_at, x.received_at, std::move(x.body)};
}

/// Takes what is written next and leaves out whoever has been refused meanwhile.
std::vector<arrival> next_batch(delivery_log_state& st) {
  std::vector<arrival> result;
  std::size_t bytes = 0, taken = 0;
  while (taken < st.pending.size() && result.size() < st.settings.batch && bytes < st.settings.batch_bytes) {
    auto& x = st.pending[taken++];
    if (x.ack && x.ack->answered) {
      st.world.acks->release(*x.ack);
      continue;
    }
    bytes += x.what.body.size();
    result.push_back(std::move(x));
  }
  st.pending.erase(st.pending.begin(), st.pending.begin() + static_cast<std::ptrdiff_t>(taken));
  return result;
}

void answer_all(delivery_log_state& st, std::vector<ack_ptr> acks, const std::function<http::response()>& how) {
  std::vector<std::pair<http::responder, http::response>> answers;
  answers.reserve(acks.size());
  for (auto& x : acks) {
    if (!x)
      continue;
    if (x->claim())
      answers.emplace_back(x->session, how());
    st.world.acks->release(*x);
  }
  if (!answers.empty())
    st.world.respond(std::move(answers));
}

http::response accepted() {
  http::response result;
  result.body = "{}";
  return result;
}

void fail(delivery_log_state& st, const std::vector<incoming>& items, std::vector<ack_ptr> acks, const error& why) {
  spdlog::warn("delivery log: {} deliveries not accepted: {}", items.size(), why.what);
  st.world.numbers->count("clique_log_failures_total", {{"code", std::string{to_string(why.code)}}});
  // The commit may have happened, or may happen yet.
  auto until = st.world.now() + suspicion;
  for (const auto& x : items)
    st.suspects[x.part] = until;
  answer_all(st, std::move(acks), [] { return busy_answer("The delivery could not be made durable."); });
}

void flush(self_ptr self) {
  auto& st = self->state;
  st.flushing = false;
  auto batch = next_batch(st);
  if (!st.pending.empty()) {
    st.flushing = true;
    self->send(self, atom::flush_v);
  }
  if (batch.empty())
    return;
  std::vector<incoming> items;
  std::vector<ack_ptr> acks;
  items.reserve(batch.size());
  acks.reserve(batch.size());
  for (auto& x : batch) {
    items.push_back(std::move(x.what));
    acks.push_back(std::move(x.ack));
  }
  auto begin = std::chrono::steady_clock::now();
  auto places = st.world.store.append(items);
  if (!places)
    return fail(st, items, std::move(acks), places.error());
  answer_all(st, std::move(acks), accepted);
  st.world.numbers->observe("clique_log_commit_seconds", {},
                            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  st.world.numbers->observe("clique_log_batch_deliveries", {}, static_cast<double>(items.size()));
  if (!get_ready(self))
    return; // read from the database later
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return (*places)[a].place < (*places)[b].place; });
  std::vector<routed> out;
  double duplicates = 0;
  for (auto i : order) {
    auto& x = items[i];
    const auto& to = (*places)[i];
    if (to.duplicate) {
      ++duplicates;
      st.open->seen(to.place);
      continue;
    }
    auto who = st.world.features->wanted_by(x.topic);
    if (st.open->accept({x.store, to.place, who, x.body.size()}))
      out.push_back({std::make_shared<const stored_delivery>(to_stored(to.place, std::move(x))), who});
  }
  st.world.numbers->count("clique_webhooks_accepted_total", {}, static_cast<double>(items.size()) - duplicates);
  st.world.numbers->count("clique_webhooks_duplicate_total", {}, duplicates);
  route(self, std::move(out));
  if (st.open->behind())
    page_soon(self);
}

void read_page(self_ptr self) {
  auto& st = self->state;
  st.paging = false;
  auto wanted = st.open->next_page();
  if (!wanted)
    return;
  auto got = st.world.store.read(wanted->part, wanted->after, st.settings.page);
  if (!got) {
    spdlog::warn("delivery log: cannot read the backlog: {}", got.error().what);
    return; // the next tick tries again
  }
  std::vector<open_deliveries::row> rows;
  rows.reserve(got->size());
  for (const auto& x : *got)
    rows.push_back({x.store, x.place, st.world.features->wanted_by(x.topic), x.body.size()});
  std::vector<routed> out;
  for (auto i : st.open->arrived(*wanted, rows, got->size() < st.settings.page))
    out.push_back({std::make_shared<const stored_delivery>(std::move((*got)[i])), rows[i].who});
  route(self, std::move(out));
  page_soon(self); // ends when there is nothing to read or no room
}

void advance(self_ptr self) {
  auto& st = self->state;
  if (!st.ready)
    return;
  auto marks = st.open->low_water();
  if (marks.empty())
    return;
  if (auto ok = st.world.store.advance(marks); !ok) {
    spdlog::warn("delivery log: cannot move the cursors: {}", ok.error().what);
    st.open->forget_marks();
  }
}

void each_second(self_ptr self) {
  auto& st = self->state;
  self->delayed_send(self, 1s, atom::tick_v);
  if (!get_ready(self))
    return;
  auto now = st.world.now();
  for (auto i = st.suspects.begin(); i != st.suspects.end();) {
    st.open->suspect(i->first);
    i = i->second < now ? st.suspects.erase(i) : std::next(i);
  }
  advance(self);
  if (st.open->behind())
    page_soon(self);
  if (now - st.rolled >= 1h) {
    st.rolled = now;
    if (auto ok = st.world.store.roll(now, now - st.settings.keep); !ok) {
      spdlog::warn("delivery log: cannot roll its partitions: {}", ok.error().what);
      st.rolled = now - 1h + 1min; // soon again
    }
  }
  st.world.numbers->gauge("clique_open_deliveries", {}, static_cast<double>(st.open->in_memory()));
  st.world.numbers->gauge("clique_open_bytes", {}, static_cast<double>(st.open->bytes_in_memory()));
  st.world.numbers->gauge("clique_backlog_in_database", {}, st.open->behind() ? 1 : 0);
}

} // namespace

delivery_log_actor::behavior_type delivery_log_keeper(self_ptr self, log_ports world, log_settings settings) {
  self->state.world = std::move(world);
  self->state.settings = settings;
  self->state.open = std::make_unique<open_deliveries>(settings.open);
  self->send(self, atom::tick_v);
  return {
      [self](arrival& x) {
        auto& st = self->state;
        st.pending.push_back(std::move(x));
        if (!st.flushing) {
          st.flushing = true;
          self->send(self, atom::flush_v);
        }
      },
      [self](const closed_note& x) {
        self->state.open->closed(x.store, x.who, x.up_to);
        if (self->state.open->behind())
          page_soon(self);
      },
      [self](atom::lost, store_id store) {
        self->state.open->lost(store);
        page_soon(self);
      },
      [self](atom::check, std::int32_t part) {
        if (part < 0 || part >= num_partitions)
          return;
        self->state.open->suspect(part);
        page_soon(self);
      },
      [self](atom::flush) { flush(self); },
      [self](atom::page) { read_page(self); },
      [self](atom::tick) { each_second(self); },
      [self](atom::status) {
        const auto& st = self->state;
        return log_status{st.pending.size(), st.open->in_memory(), !st.ready || st.open->behind()};
      },
      [self](atom::stop) {
        auto& st = self->state;
        std::vector<ack_ptr> acks;
        for (auto& x : st.pending)
          acks.push_back(std::move(x.ack));
        st.pending.clear();
        answer_all(st, std::move(acks), [] { return busy_answer("The server is stopping."); });
        advance(self);
        self->quit();
        return atom::ok_v;
      },
  };
}

caf::behavior ack_watch(caf::event_based_actor* self, std::shared_ptr<waiting_acks> acks, metrics_ptr numbers) {
  constexpr auto beat = 250ms;
  self->delayed_send(self, beat, atom::tick_v);
  return {
      [self, acks, numbers, beat](atom::tick) {
        self->delayed_send(self, beat, atom::tick_v);
        if (auto late = acks->expire(waiting_acks::clock::now()); late > 0)
          numbers->count("clique_webhooks_refused_total", {{"reason", "late"}}, static_cast<double>(late));
      },
  };
}

} // namespace clique
