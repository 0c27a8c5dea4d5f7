#pragma once

// Stores and their connection to Shopify, across tenants: used by the gateways and the operator's commands.

#include "core/ids.hpp"
#include "core/rows.hpp"
#include "storage/pg.hpp"
#include "storage/vault.hpp"

#include <optional>
#include <string>
#include <vector>

namespace clique {

struct store_entry {
  store_id id{};
  std::int32_t part = 0;
  std::string shop;
  std::string name;
  connection_row::state connection = connection_row::state::connected;
  std::string currency_code; ///< empty until the first shop read
};

/// A pair of expiring offline tokens. Times are the platform's answer plus our clock.
struct token_pair {
  std::string access, refresh;
  time_point access_expires, refresh_expires;
  std::vector<std::string> scopes;
};

class stores {
public:
  stores(pg::connection conn, vault keys);

  result<std::vector<store_entry>> all();
  result<std::optional<store_entry>> by_shop(std::string_view shop);
  result<std::optional<store_entry>> by_id(store_id id);

  /// Creates or re-connects the store and saves its tokens in one transaction; exactly one row per shop,
  /// however many callbacks arrive at once. *by*: becomes owner when given.
  result<store_entry> connect(std::string_view shop, const token_pair& tokens, std::optional<user_id> by,
                              time_point now);
  result<token_pair> tokens(store_id id);
  /// Stores a refreshed pair, durably, before its first use. The replaced refresh token is kept until `confirm_tokens`.
  result<void> replace_tokens(store_id id, const token_pair& fresh, time_point now);
  /// First successful use of the new pair: the previous refresh token is forgotten.
  result<void> confirm_tokens(store_id id);
  /// Refresh tokens to try, newest first (one, or two after a crash in mid-rotation).
  result<std::vector<std::string>> refresh_candidates(store_id id);
  result<void> destroy_tokens(store_id id);

  /// OAuth nonces: single use, short life.
  result<void> remember_state(std::string_view nonce, std::string_view shop, std::optional<user_id> by,
                              time_point expires);
  /// @returns the user who began, once; unauthorized afterwards or when expired or for another shop.
  result<std::optional<user_id>> consume_state(std::string_view nonce, std::string_view shop, time_point now);

  /// Re-encrypts every token that is under an older key. @returns how many; resumable after a kill.
  result<std::int64_t> rotate_keys();

private:
  /// Seals and stores; *previous*: the refresh token just replaced, empty for none.
  result<void> keep_tokens(store_id id, const token_pair& x, const std::string& previous, time_point now);

  pg::connection conn_;
  vault keys_;
};

} // namespace clique
