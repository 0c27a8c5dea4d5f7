#include "actors/token_keeper.hpp"

#include "core/schedule.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = token_keeper_full::stateful_pointer<token_keeper_state>;
using entry = token_keeper_state::entry;
using std::chrono::seconds;

/// After a refresh the platform gets at most one more try per minute (faults C7).
constexpr auto least_gap = seconds{60};

error rejected() {
  return {ec::token_rejected, "Shopify refuses our access to this store.", "The merchant has to open the app again."};
}

bool expires(const token_pair& x) {
  return x.access_expires != time_point{} && !x.refresh.empty();
}

void answer_all(entry& x, const result<std::string>& token) {
  for (auto& to : std::exchange(x.waiters, {}))
    to.deliver(token_reply{token});
}

void stop_refreshing(entry& x, const result<std::string>& token) {
  x.refreshing = false;
  x.candidates.clear();
  x.trying = 0;
  answer_all(x, token);
}

void reject(self_ptr self, store_id store, entry& x) {
  spdlog::warn("store {}: the platform refuses our tokens", raw(store));
  self->state.setup.numbers->count("clique_token_rejections_total");
  x.rejected = true;
  x.pair.reset();
  stop_refreshing(x, rejected());
}

void try_candidate(self_ptr self, store_id store, entry& x) {
  auto& st = self->state;
  auto known = st.setup.book->find(store);
  if (!known)
    return stop_refreshing(x, error{ec::not_found, "There is no such store.", ""});
  st.setup.send(st.setup.to_request(known->shop, x.candidates[x.trying]),
                [to = token_keeper_full{self}, store](result<http::incoming_answer> got) {
                  caf::anon_send(to, http_done{static_cast<std::uint64_t>(raw(store)), std::move(got)});
                });
}

void begin_refresh(self_ptr self, store_id store, entry& x) {
  auto candidates = self->state.setup.store.candidates(store);
  if (!candidates)
    return stop_refreshing(x, candidates.error());
  std::erase(*candidates, std::string{});
  if (candidates->empty())
    return reject(self, store, x);
  x.refreshing = true;
  x.candidates = std::move(*candidates);
  x.trying = 0;
  try_candidate(self, store, x);
}

void refreshed(self_ptr self, store_id store, entry& x, const shopify::token_answer& got) {
  auto& st = self->state;
  auto now = st.setup.now();
  token_pair fresh{got.access, got.refresh, {}, {}, got.scopes};
  if (got.expires_in > 0)
    fresh.access_expires = now + seconds{got.expires_in};
  if (got.refresh_expires_in > 0)
    fresh.refresh_expires = now + seconds{got.refresh_expires_in};
  // Durable before its first use: until then the platform still takes the previous refresh token.
  if (auto ok = st.setup.store.replace(store, fresh, now); !ok) {
    spdlog::warn("store {}: cannot save fresh tokens: {}", raw(store), ok.error().what);
    return stop_refreshing(x, ok.error());
  }
  st.setup.numbers->count("clique_token_refreshes_total");
  x.refresh_at = refresh_time(fresh, seconds{got.expires_in}, store);
  x.pair = std::move(fresh);
  x.confirmed = false;
  x.refreshed = now;
  stop_refreshing(x, x.pair->access);
}

void answered(self_ptr self, const http_done& done) {
  auto& st = self->state;
  auto store = store_id{static_cast<std::int64_t>(done.call)};
  auto i = st.stores.find(store);
  if (i == st.stores.end() || !i->second.refreshing)
    return;
  auto& x = i->second;
  if (!done.what)
    return stop_refreshing(x, error{ec::unavailable, done.what.error().what, ""});
  auto got = st.setup.read_answer(*done.what);
  if (got)
    return refreshed(self, store, x, *got);
  if (got.error().code != ec::token_rejected)
    return stop_refreshing(x, got.error());
  // After a crash in mid-rotation the platform may know only the older refresh token.
  if (++x.trying < x.candidates.size())
    return try_candidate(self, store, x);
  reject(self, store, x);
}

/// @returns why there is no pair.
result<void> load(self_ptr self, store_id store, entry& x) {
  if (x.pair)
    return {};
  auto got = self->state.setup.store.tokens(store);
  if (!got)
    return got.error().code == ec::not_found ? rejected() : got.error();
  x.refresh_at = refresh_time(*got, seconds{0}, store);
  x.pair = std::move(*got);
  x.confirmed = false;
  return {};
}

caf::typed_response_promise<token_reply> wait(self_ptr self, entry& x) {
  auto result = self->make_response_promise<token_reply>();
  x.waiters.push_back(result);
  return result;
}

caf::result<token_reply> token_for(self_ptr self, store_id store) {
  auto& x = self->state.stores[store];
  if (x.rejected)
    return token_reply{rejected()};
  if (x.refreshing)
    return wait(self, x);
  if (auto ok = load(self, store, x); !ok)
    return token_reply{ok.error()};
  if (!expires(*x.pair) || self->state.setup.now() < x.refresh_at)
    return token_reply{x.pair->access};
  auto result = wait(self, x);
  begin_refresh(self, store, x);
  return result;
}

caf::result<token_reply> renewed_for(self_ptr self, store_id store, const std::string& bad) {
  auto& st = self->state;
  auto& x = st.stores[store];
  if (x.rejected)
    return token_reply{rejected()};
  if (x.refreshing)
    return wait(self, x);
  if (auto ok = load(self, store, x); !ok)
    return token_reply{ok.error()};
  if (x.pair->access != bad)
    return token_reply{x.pair->access};
  auto result = wait(self, x);
  if (x.refreshed != time_point{} && st.setup.now() - x.refreshed < least_gap)
    reject(self, store, x);
  else
    begin_refresh(self, store, x);
  return result;
}

void confirm(self_ptr self, store_id store, const std::string& token) {
  auto& st = self->state;
  auto i = st.stores.find(store);
  if (i == st.stores.end() || i->second.confirmed || !i->second.pair || i->second.pair->access != token)
    return;
  if (auto ok = st.setup.store.confirm(store); ok)
    i->second.confirmed = true;
}

void row_changed(self_ptr self, store_id store) {
  auto& st = self->state;
  auto row = st.setup.store.by_id(store);
  if (!row) {
    spdlog::warn("store {}: cannot read its row: {}", raw(store), row.error().what);
    self->delayed_send(self, seconds{1}, atom::refresh_v, store);
    return;
  }
  if (auto& x = st.stores[store]; !x.refreshing) {
    st.stores.erase(store);
  } else {
    x.rejected = false;
    x.pair.reset();
  }
  if (!*row)
    return st.setup.book->erase(store);
  auto uninstalled = (**row).connection == connection_row::state::uninstalled;
  st.setup.book->put(std::move(**row));
  if (!uninstalled)
    return;
  if (auto ok = st.setup.store.destroy(store); !ok) {
    spdlog::warn("store {}: cannot destroy its tokens: {}", raw(store), ok.error().what);
    self->delayed_send(self, seconds{1}, atom::refresh_v, store);
  }
}

} // namespace

time_point refresh_time(const token_pair& x, seconds life, store_id store) {
  // An hour is the platform's present life of an access token (platform facts 2.6).
  auto whole = life.count() > 0 ? life : seconds{3600};
  auto mixed = (stable_hash("token") ^ static_cast<std::uint64_t>(raw(store))) * 0x9e3779b97f4a7c15u;
  auto jitter = static_cast<std::int64_t>((mixed >> 32) % 1'000);
  auto ahead = whole / 5 + whole * jitter / 20'000;
  return x.access_expires - ahead;
}

token_keeper_full::behavior_type token_keeper(self_ptr self, keeper_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](atom::token, store_id store) { return token_for(self, store); },
      [self](atom::renew, store_id store, const std::string& bad) { return renewed_for(self, store, bad); },
      [self](atom::confirm, store_id store, const std::string& token) { confirm(self, store, token); },
      [self](atom::refresh, store_id store) { row_changed(self, store); },
      [self](const http_done& x) { answered(self, x); },
  };
}

} // namespace clique
