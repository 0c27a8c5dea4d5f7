#include "actors/child_steps.hpp"
#include "core/backoff.hpp"
#include "core/schedule.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <set>

namespace clique::child_steps {

namespace {

using namespace std::chrono_literals;

/// The reader has its own deadlines per statement; this is for a reader that is gone.
constexpr auto load_timeout = 60s;

const feature& at(self_ptr self, feature_ref x) {
  return self->state.world.features->at(x);
}

bool passes(ec code) {
  return is_transient(code) || code == ec::fenced;
}

bool is_empty(const write_batch& x) {
  return x.rows.empty() && x.closed_up_to == 0 && x.calls.empty() && x.calls_done.empty() && x.dead.empty();
}

bool touches_store(const std::vector<row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const row& x) {
    return std::holds_alternative<connection_row>(x) || std::holds_alternative<shop_row>(x)
           || std::holds_alternative<privacy_row>(x);
  });
}

void answer_user(const decision& x, effects& after) {
  auto answers = take<respond>(after);
  x.user.answer(answers.empty() ? result<std::string>{"{}"} : std::move(answers.back().what));
}

/// Everything here comes after the commit: nobody hears of what may still be lost.
void finish(self_ptr self, const written& done) {
  auto& st = self->state;
  auto x = std::move(*st.now);
  st.now.reset();
  ++st.decisions;
  for (auto& what : take<tell>(x.after))
    self->send(st.parent, event_note{x.feature, std::move(what.what)});
  if (x.refresh)
    self->send(st.parent, atom::refresh_v);
  std::set<std::string> channels;
  for (auto& what : take<push>(x.after))
    channels.insert(std::move(what.channel));
  for (const auto& channel : channels)
    self->send(st.world.hub, st.setup.store, channel);
  for (std::size_t i = 0; i < x.calls.size() && i < done.call_ids.size(); ++i)
    send_call(self, done.call_ids[i], x.feature, std::move(x.calls[i].what));
  for (auto& what : take<start_import>(x.after))
    self->send(st.world.importer, import_request{st.store, std::string{at(self, x.feature).name}, std::move(what)});
  answer_user(x, x.after);
  if (x.batch.closed_up_to > 0) {
    st.cursor = x.batch.closed_up_to;
    st.open.reset();
    if (st.careful > 0)
      --st.careful;
    self->send(st.parent, closed_note{st.setup.store, bit_of(st.setup.who), st.cursor});
  }
  st.busy = false;
  next(self);
}

void save(self_ptr self) {
  auto& st = self->state;
  if (is_empty(st.now->batch))
    return finish(self, {});
  auto closed = st.now->batch.closed_up_to;
  self->request(st.world.writer, caf::infinite, write_request{std::move(st.now->batch)})
      .then(
          [self, closed](write_answer& x) {
            auto& now = *self->state.now;
            if (x.what) {
              now.batch.closed_up_to = closed;
              return finish(self, *x.what);
            }
            const auto& why = x.what.error();
            if (!passes(why.code))
              return failed(self, why);
            now.batch = std::move(x.back);
            again_later(self, ++now.failures, [self] { save(self); });
          },
          // The batch is lost with its writer; the deliveries are not.
          [self](caf::error& why) { self->quit(std::move(why)); });
}

void decide(self_ptr self, const snapshot& seen) {
  auto& st = self->state;
  auto& now = *st.now;
  const auto& f = at(self, now.feature);
  st.store = seen.store;
  effects todo;
  try {
    todo = f.decide(seen, now.why);
  } catch (const std::exception& e) {
    return failed(self, {ec::internal, std::string{f.name} + ": " + e.what(), ""});
  }
  st.world.numbers->count("clique_decisions_total", {{"feature", std::string{f.name}}});
  for (auto& x : take<clique::save>(todo))
    now.batch.rows.push_back(std::move(x.what));
  for (auto& x : take<ask>(todo))
    now.batch.calls.push_back({std::string{f.name}, std::move(x.what)});
  std::erase_if(
      todo, [](const effect& x) { return std::holds_alternative<clique::save>(x) || std::holds_alternative<ask>(x); });
  now.calls = now.batch.calls;
  now.refresh = touches_store(now.batch.rows);
  now.after = std::move(todo);
  now.failures = 0;
  save(self);
}

void load(self_ptr self) {
  auto& st = self->state;
  const auto& f = at(self, st.now->feature);
  auto asked = load_request{st.setup.store, std::string{f.name}, f.needs, {}};
  try {
    if (f.about != nullptr)
      asked.about = f.about(st.now->why);
  } catch (const std::exception& e) {
    return failed(self, {ec::internal, std::string{f.name} + ": " + e.what(), ""});
  }
  auto retry = [self] { again_later(self, ++self->state.now->failures, [self] { load(self); }); };
  self->request(st.world.reader, load_timeout, std::move(asked))
      .then(
          [self, retry](const loaded& x) {
            if (x.what)
              return decide(self, **x.what);
            const auto& why = x.what.error();
            if (why.code == ec::not_found)
              return store_is_gone(self);
            if (passes(why.code))
              return retry();
            failed(self, why);
          },
          [retry](caf::error&) { retry(); });
}

} // namespace

void again_later(self_ptr self, int failures, std::function<void()> what) {
  auto& st = self->state;
  st.retry = std::move(what);
  auto seed = stable_hash("retry") ^ static_cast<std::uint64_t>(raw(st.setup.store)) ^ st.decisions;
  self->delayed_send(self, backoff(st.settings.retry_base, st.settings.retry_cap, failures, seed), atom::again_v);
}

void carry_out(self_ptr self, decision what) {
  auto& st = self->state;
  st.busy = true;
  what.batch.store = st.setup.store;
  what.batch.who = st.setup.who;
  what.batch.calls_done.insert(what.batch.calls_done.end(), st.orphans.begin(), st.orphans.end());
  st.orphans.clear();
  st.now = std::move(what);
  if (st.now->feature == no_feature)
    return save(self);
  load(self);
}

void send_call(self_ptr self, std::int64_t id, feature_ref feature, call what) {
  auto& st = self->state;
  st.calls.insert(id);
  auto arrived = [self, id, feature, what](result<answer> got) {
    auto& state = self->state;
    state.calls.erase(id);
    state.errands.push_back(child_state::answered{feature, id, {what, std::move(got)}});
    next(self);
  };
  self->request(st.world.platform, caf::infinite,
                platform_call{st.setup.store, std::string{at(self, feature).name}, what})
      .then([arrived](platform_answer& x) { arrived(std::move(x.got)); },
            [arrived](caf::error&) {
              arrived(error{ec::unavailable, "The connection to the platform is being restarted.", ""});
            });
}

} // namespace clique::child_steps
