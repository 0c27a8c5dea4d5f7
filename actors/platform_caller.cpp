#include "actors/platform_caller.hpp"

#include "core/backoff.hpp"
#include "core/schedule.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace clique {

namespace {

using self_ptr = platform_caller_actor::stateful_pointer<platform_caller_state>;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 11> names = {
    "read_orders",         "read_order",          "count_orders", "read_products", "read_shop",  "list_subscriptions",
    "create_subscription", "delete_subscription", "start_bulk",   "poll_bulk",     "cancel_bulk"};
static_assert(names.size() == std::variant_size_v<call>);

void pump(self_ptr self, store_id store);

std::uint64_t seed_of(store_id store, std::uint64_t id) {
  return stable_hash("call") ^ (static_cast<std::uint64_t>(raw(store)) * 0x9e3779b97f4a7c15u) ^ id;
}

currency unit_of(const store_entry& x) {
  auto unit = currency::parse(x.currency_code);
  return unit ? *unit : currency{};
}

/// Answers the feature and forgets the job.
void finish(self_ptr self, std::uint64_t id, result<answer> got) {
  auto& st = self->state;
  auto i = st.jobs.find(id);
  auto outcome = got ? std::string{"ok"} : std::string{to_string(got.error().code)};
  st.setup.numbers->count("clique_platform_calls_total",
                          {{"call", std::string{name_of(i->second.what.what)}}, {"outcome", outcome}});
  i->second.to.deliver(platform_answer{std::move(got)});
  st.jobs.erase(i);
}

/// The job leaves the wire; its store may send the next one.
void land(self_ptr self, platform_caller_state::job& x) {
  auto& lane = self->state.lanes[x.what.store];
  --lane.in_flight;
  lane.bucket.settle(x.reserved);
  x.reserved = 0;
}

/// Puts the job back in front: calls of one store keep their order.
void again(self_ptr self, std::uint64_t id, milliseconds delay) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  x.not_before = self->clock().now() + delay;
  st.lanes[x.what.store].queue.push_front(id);
}

/// A failure that may pass: again within the budget, else the feature hears of it.
void retry_or_finish(self_ptr self, std::uint64_t id, const error& why) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  auto known = why.code != ec::timed_out || only_reads(x.what.what);
  if (known && x.attempts < st.setup.attempts && st.budget.take()) {
    st.setup.numbers->count("clique_platform_retries_total");
    return again(self, id, backoff(st.setup.retry_base, st.setup.retry_cap, x.attempts, seed_of(x.what.store, id)));
  }
  finish(self, id, why);
}

void renew(self_ptr self, std::uint64_t id, const error& why) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  if (x.renewed)
    return finish(self, id, why);
  x.renewed = true;
  auto store = x.what.store;
  self->request(st.setup.tokens, caf::infinite, atom::renew_v, store, x.token)
      .then(
          [self, id, store](const token_reply& got) {
            if (got.token)
              again(self, id, milliseconds{0});
            else
              finish(self, id, got.token.error());
            pump(self, store);
          },
          [self, id, store, why](caf::error&) {
            finish(self, id, why);
            pump(self, store);
          });
}

void judge(self_ptr self, std::uint64_t id, const http::incoming_answer& raw_answer) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  auto& lane = st.lanes[x.what.store];
  auto now = self->clock().now();
  auto entry = st.setup.store(x.what.store);
  auto got = x.more ? st.setup.read_more(*x.more, raw_answer)
                    : st.setup.read_answer(x.what.what, raw_answer, entry ? unit_of(*entry) : currency{});
  if (got.bucket) {
    lane.bucket.told(got.bucket->maximum, got.bucket->available, got.bucket->restore_rate, now);
    st.costs.told(x.what.what.index(), got.bucket->requested);
  }
  if (got.more) {
    lane.circuit.success();
    x.more = std::move(got.more);
    x.attempts = 1;
    return again(self, id, milliseconds{0});
  }
  if (got.got) {
    lane.circuit.success();
    self->send(st.setup.tokens, atom::confirm_v, x.what.store, x.token);
    return finish(self, id, std::move(got.got));
  }
  const auto& why = got.got.error();
  switch (why.code) {
  case ec::throttled: {
    lane.circuit.success();
    // The stated time plus up to a quarter: stores that were told the same do not come back together (faults C1).
    auto spread = seed_of(x.what.store, id + static_cast<std::uint64_t>(x.attempts)) % 1'000;
    auto stated = std::max(got.wait, milliseconds{1'000});
    auto wait = st.setup.clock.real(stated + stated * static_cast<std::int64_t>(spread) / 4'000);
    st.setup.numbers->count("clique_platform_throttled_total");
    lane.bucket.block_until(now + wait);
    return again(self, id, wait);
  }
  case ec::unavailable:
  case ec::timed_out:
    lane.circuit.failure(now);
    return retry_or_finish(self, id, why);
  case ec::token_rejected:
    lane.circuit.success();
    return renew(self, id, why);
  default:
    lane.circuit.success();
    return finish(self, id, why);
  }
}

void landed(self_ptr self, http_done& x) {
  auto& st = self->state;
  auto i = st.jobs.find(x.call);
  if (i == st.jobs.end())
    return;
  auto store = i->second.what.store;
  land(self, i->second);
  if (x.what) {
    judge(self, x.call, *x.what);
  } else {
    st.lanes[store].circuit.failure(self->clock().now());
    retry_or_finish(self, x.call, x.what.error());
  }
  pump(self, store);
}

void put_on_wire(self_ptr self, std::uint64_t id, const std::string& token) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  auto entry = st.setup.store(x.what.store);
  if (!entry || entry->connection == connection_row::state::uninstalled) {
    land(self, x);
    return finish(self, id, error{ec::token_rejected, "The store is not connected.", "Connect it again."});
  }
  x.token = token;
  if (x.attempts++ == 0)
    st.budget.first_attempt();
  st.setup.send(x.more ? st.setup.more_request(entry->shop, token, *x.more)
                       : st.setup.to_request(entry->shop, token, x.what.what),
                [to = platform_caller_actor{self}, id](result<http::incoming_answer> got) {
                  caf::anon_send(to, http_done{id, std::move(got)});
                });
}

void launch(self_ptr self, std::uint64_t id) {
  auto& st = self->state;
  auto& x = st.jobs.at(id);
  auto store = x.what.store;
  self->request(st.setup.tokens, caf::infinite, atom::token_v, store)
      .then(
          [self, id, store](const token_reply& got) {
            if (got.token)
              return put_on_wire(self, id, *got.token);
            land(self, self->state.jobs.at(id));
            if (auto& job = self->state.jobs.at(id); got.token.error().code == ec::token_rejected) {
              finish(self, id, got.token.error());
            } else {
              ++job.attempts;
              retry_or_finish(self, id, got.token.error());
            }
            pump(self, store);
          },
          [self, id, store](caf::error&) {
            land(self, self->state.jobs.at(id));
            finish(self, id, error{ec::unavailable, "Access tokens cannot be read at the moment.", ""});
            pump(self, store);
          });
}

/// Starts what may start now and comes back when the next may.
void pump(self_ptr self, store_id store) {
  auto& st = self->state;
  auto& lane = st.lanes[store];
  while (!lane.queue.empty() && lane.in_flight < st.setup.at_once) {
    auto now = self->clock().now();
    auto id = lane.queue.front();
    auto& x = st.jobs.at(id);
    if (x.deadline <= now) {
      lane.queue.pop_front();
      finish(self, id,
             error{ec::unavailable, "The platform could not be reached in time.", "It is tried again later."});
      continue;
    }
    auto cost = st.costs.estimate(x.what.what.index());
    auto wait = std::max(lane.bucket.wait(cost, now), lane.circuit.wait(now));
    if (x.not_before > now)
      wait = std::max(wait, std::chrono::ceil<milliseconds>(x.not_before - now));
    if (wait.count() > 0) {
      wait = std::min(wait, std::chrono::ceil<milliseconds>(x.deadline - now));
      if (lane.armed > now && lane.armed <= now + wait)
        return; // looked at early enough
      lane.armed = now + wait;
      self->delayed_send(self, wait, atom::pump_v, store);
      return;
    }
    lane.queue.pop_front();
    ++lane.in_flight;
    x.reserved = cost;
    lane.bucket.reserve(cost, now);
    lane.circuit.sent(now);
    launch(self, id);
  }
  // A quiet store's bucket is full again by the time it is used next.
  if (lane.queue.empty() && lane.in_flight == 0 && !lane.circuit.is_open() && st.lanes.size() > 1'000)
    st.lanes.erase(store);
}

} // namespace

std::string_view name_of(const call& x) {
  return names.at(x.index());
}

bool only_reads(const call& x) {
  return !std::holds_alternative<create_subscription>(x) && !std::holds_alternative<delete_subscription>(x)
         && !std::holds_alternative<start_bulk>(x) && !std::holds_alternative<cancel_bulk>(x);
}

platform_caller_actor::behavior_type platform_caller(self_ptr self, caller_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](platform_call& x) {
        auto& st = self->state;
        auto to = self->make_response_promise<platform_answer>();
        auto store = x.store;
        if (st.lanes.find(store) == st.lanes.end())
          st.lanes[store].bucket = throttle_bucket{st.setup.clock.speed()};
        auto id = st.next++;
        auto now = self->clock().now();
        auto& job = st.jobs[id];
        job.what = std::move(x);
        job.to = to;
        job.deadline = now + st.setup.total;
        job.not_before = now;
        st.lanes[store].queue.push_back(id);
        pump(self, store);
        return to;
      },
      [self](http_done& x) { landed(self, x); },
      [self](atom::pump, store_id store) { pump(self, store); },
  };
}

} // namespace clique
