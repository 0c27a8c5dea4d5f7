#pragma once

// People: users, roles per store, sessions, API keys, login throttle, audit log.

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/pg.hpp"

#include <optional>
#include <string>
#include <vector>

namespace clique {

enum class role : std::uint8_t { viewer = 1, analyst, owner };
std::string_view to_string(role x);
std::optional<role> parse_role(std::string_view text);

struct member_store {
  store_id id{};
  role as = role::viewer;
};

/// Who is calling, after authentication.
struct identity {
  user_id user{};
  std::string email, name;
  std::string session; ///< hash of the session id; empty for API keys
  std::string csrf;    ///< expected X-CSRF-Token; empty for API keys
  bool is_operator = false;
  std::vector<member_store> stores;
};

/// The role of *who* in *store*; operators own every store, whether or not their list names it.
std::optional<role> role_in(const identity& who, store_id store);

/// Blocking; argon2id (libsodium, 19 MiB, t 2) runs on the caller's thread: never on an io thread.
class accounts {
public:
  explicit accounts(pg::connection conn);

  /// @returns bad_input for a weak password (< 8 characters) or a taken e-mail.
  result<user_id> create_user(std::string_view email, std::string_view name, std::string_view password,
                              bool is_operator);
  /// not_found when nobody has that address.
  result<user_id> user_of(std::string_view email);
  result<void> set_password(std::string_view email, std::string_view password);
  result<void> grant(user_id user, store_id store, role as);

  /// Signs in: throttled per account and per address (throttled with the wait in the hint), same cost and answer for
  /// unknown accounts (dummy hash). @returns the new session's secret (128 bit, hex) and its identity.
  struct opened {
    std::string secret;
    identity who;
  };
  result<opened> login(std::string_view email, std::string_view password, std::string_view address, time_point now);
  /// A session for a verified Shopify session token: creates the user `shopify:<shop>:<sub>` on first sight.
  result<opened> login_embedded(std::string_view shop, std::string_view subject, store_id store, time_point now);
  /// A one-time sign-in secret (demo, first run) and its exchange.
  result<std::string> one_time_secret(user_id user, time_point expires);
  result<opened> login_once(std::string_view secret, time_point now);
  /// unauthorized when unknown, idle for 8 h, or older than 7 days.
  result<identity> session(std::string_view secret, time_point now);
  result<void> logout(std::string_view secret);

  struct key_info {
    std::string id, label;
    role as = role::viewer;
    std::optional<store_id> store; ///< empty: all stores of its user
    time_point created_at;
    std::optional<time_point> last_used_at;
  };
  result<std::vector<key_info>> keys(user_id user);
  /// @returns the secret ("clq_..."), shown once; only its hash is stored.
  result<std::pair<key_info, std::string>> create_key(user_id user, std::string_view label, role as,
                                                      std::optional<store_id> store, time_point now);
  result<void> delete_key(user_id user, std::string_view id);
  result<identity> api_key(std::string_view secret, time_point now);

  /// Append-only line of the audit log; the application role cannot update or delete it.
  result<void> audit(std::optional<store_id> store, std::string_view who, std::string_view what,
                     std::string_view before, std::string_view after, std::string_view request_id, time_point now);

private:
  pg::connection conn_;
};

} // namespace clique
