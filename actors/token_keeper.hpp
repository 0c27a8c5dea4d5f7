#pragma once

#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/platform_caller.hpp"
#include "actors/store_book.hpp"
#include "storage/stores.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace clique {

/// The vault's side; storage::stores outside tests. Blocking.
struct token_store {
  std::function<result<token_pair>(store_id)> tokens;
  std::function<result<void>(store_id, const token_pair&, time_point now)> replace;
  std::function<result<void>(store_id)> confirm;
  std::function<result<std::vector<std::string>>(store_id)> candidates;
  std::function<result<void>(store_id)> destroy;
  std::function<result<std::optional<store_entry>>(store_id)> by_id;
};

struct keeper_setup {
  token_store store;
  http_send send;
  std::function<http::outgoing(std::string_view shop, std::string_view refresh)> to_request;
  std::function<result<shopify::token_answer>(const http::incoming_answer&)> read_answer;
  std::shared_ptr<store_book> book;
  metrics_ptr numbers;
  std::function<time_point()> now;
};

/// The TOKEN KEEPER interface and what the keeper sends itself.
using token_keeper_full = token_keeper_actor::extend<
    // INTERNAL: a refresh was answered; the call is the store's number.
    caf::reacts_to<http_done>>;

struct token_keeper_state {
  token_keeper_state() = default;

  struct entry {
    std::optional<token_pair> pair;
    time_point refresh_at;  ///< from here on the pair is refreshed before it is used
    time_point refreshed;   ///< by us, in this process
    bool confirmed = false; ///< the platform has seen the pair in use
    bool rejected = false;  ///< the merchant must come back; no calls until the store's row changes
    bool refreshing = false;
    std::vector<std::string> candidates; ///< refresh tokens to try, newest first
    std::size_t trying = 0;
    std::vector<caf::typed_response_promise<token_reply>> waiters;
  };

  keeper_setup setup;
  std::unordered_map<store_id, entry> stores;
  const char* name = "token-keeper";
};

/// Spawn detached: it blocks on the database. Never on the platform.
token_keeper_full::behavior_type token_keeper(token_keeper_full::stateful_pointer<token_keeper_state> self,
                                              keeper_setup setup);

/// When a pair is due: at about 80 % of its life, a few minutes apart per store. *life* zero: unknown, an hour assumed.
time_point refresh_time(const token_pair& x, std::chrono::seconds life, store_id store);

} // namespace clique
