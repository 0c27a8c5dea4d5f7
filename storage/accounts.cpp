#include "storage/accounts.hpp"

#include "storage/accounts_queries.hpp"
#include "storage/accounts_secret.hpp"
#include "storage/interactive.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace clique {

namespace {

constexpr std::size_t min_password = 8;
constexpr std::size_t max_text = 254; // longest e-mail address, RFC 5321
// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
constexpr unsigned long long hash_passes = 2;
constexpr std::size_t hash_memory = 19 * 1024 * 1024;
constexpr std::chrono::minutes throttle_window{15};
constexpr std::int64_t failures_per_account = 5;
constexpr std::int64_t failures_per_address = 50;

const pg::statement insert_user{"insert_user",
                                "INSERT INTO users (email, name, password_hash, is_operator) "
                                "VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO NOTHING RETURNING user_id"};
const pg::statement update_password{"update_password", "UPDATE users SET password_hash = $2 WHERE email = $1"};
const pg::statement drop_sessions{"drop_sessions", "DELETE FROM sessions USING users u "
                                                   "WHERE u.email = $1 AND sessions.user_id = u.user_id"};
const pg::statement upsert_membership{"upsert_membership",
                                      "INSERT INTO memberships (store_id, user_id, role) VALUES ($1, $2, $3::int8) "
                                      "ON CONFLICT (store_id, user_id) DO UPDATE SET role = excluded.role"};
const pg::statement join_embedded{
    "join_embedded", "INSERT INTO memberships (store_id, user_id, role) SELECT $1, $2, "
                     "CASE WHEN EXISTS (SELECT FROM memberships WHERE store_id = $1 AND role = 3) THEN 2 ELSE 3 END "
                     "ON CONFLICT (store_id, user_id) DO NOTHING"};
const pg::statement find_user{"find_user", "SELECT user_id, password_hash FROM users WHERE email = $1"};
const pg::statement count_failures{"count_failures",
                                   "SELECT (SELECT count(*) FROM login_failures WHERE account = $1 AND at > $3), "
                                   "(SELECT min(at) FROM login_failures WHERE account = $1 AND at > $3), "
                                   "(SELECT count(*) FROM login_failures WHERE address = $2 AND at > $3), "
                                   "(SELECT min(at) FROM login_failures WHERE address = $2 AND at > $3)"};
const pg::statement insert_failure{"insert_failure",
                                   "WITH old AS (DELETE FROM login_failures WHERE account = $1 AND at <= $4) "
                                   "INSERT INTO login_failures (account, address, at) VALUES ($1, $2, $3)"};
const pg::statement forget_failures{"forget_failures", "DELETE FROM login_failures WHERE account = $1"};
const pg::statement insert_once{"insert_one_time_secret",
                                "INSERT INTO one_time_secrets (hash, user_id, expires) VALUES ($1, $2, $3)"};
const pg::statement consume_once{"consume_one_time_secret",
                                 "DELETE FROM one_time_secrets WHERE hash = $1 RETURNING user_id, expires"};

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

result<std::string> hash_of(std::string_view password) {
  std::string result(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(result.data(), password.data(), password.size(), hash_passes, hash_memory,
                            crypto_pwhash_ALG_ARGON2ID13)
      != 0)
    return error{ec::unavailable, "not enough memory to hash a password", "retry later"};
  result.resize(result.find('\0'));
  return result;
}

/// Something to verify against for accounts that do not exist, so that they cost the same.
const std::string& dummy_hash() {
  static const std::string result = hash_of(secrets::random_hex(16)).value();
  return result;
}

bool matches(const std::string& hash, std::string_view password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

result<void> check_password(std::string_view password) {
  if (password.size() < min_password)
    return error{ec::bad_input, fmt::format("the password has fewer than {} characters", min_password),
                 "choose a longer password"};
  if (password.size() > 1024)
    return error{ec::bad_input, "the password has more than 1024 characters", "choose a shorter password"};
  return {};
}

error wrong_login() {
  return {ec::unauthorized, "e-mail or password is wrong", "check both and try again"};
}

error gone_session() {
  return {ec::unauthorized, "the session is unknown or has ended", "sign in again"};
}

} // namespace

std::string_view to_string(role x) {
  switch (x) {
  case role::viewer:
    return "viewer";
  case role::analyst:
    return "analyst";
  case role::owner:
    return "owner";
  }
  return "viewer";
}

std::optional<role> parse_role(std::string_view text) {
  for (const auto x : {role::viewer, role::analyst, role::owner})
    if (text == to_string(x))
      return x;
  return std::nullopt;
}

accounts::accounts(pg::connection conn) : conn_{std::move(conn)} {
  // May be called again; fails only without a random generator, and then hashing fails too.
  [[maybe_unused]] const int ready = sodium_init();
}

result<user_id> accounts::create_user(std::string_view email, std::string_view name, std::string_view password,
                                      bool is_operator) {
  const auto address = lower(email);
  const auto at = address.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == address.size() || address.size() > max_text
      || address.find_first_of(" \t\r\n") != std::string::npos)
    return error{ec::bad_input, "the e-mail address is not valid", "write it like name@example.com"};
  if (name.size() > max_text)
    return error{ec::bad_input, fmt::format("the name has more than {} characters", max_text), ""};
  if (auto ok = check_password(password); !ok)
    return ok.error();
  auto hash = hash_of(password);
  if (!hash)
    return hash.error();
  auto inserted = conn_.run(insert_user, pg::params{}.add(address).add(name).add(*hash).add(is_operator));
  if (!inserted)
    return inserted.error();
  if (inserted->empty())
    return error{ec::bad_input, "the e-mail address is already in use", "sign in, or use another address"};
  return user_id{inserted->int64(0, 0)};
}

result<user_id> accounts::user_of(std::string_view email) {
  auto found = conn_.run(find_user, pg::params{}.add(lower(email)));
  if (!found)
    return found.error();
  if (found->empty())
    return error{ec::not_found, "nobody has that e-mail address", "see `clique users add`"};
  return user_id{found->int64(0, 0)};
}

result<void> accounts::set_password(std::string_view email, std::string_view password) {
  if (auto ok = check_password(password); !ok)
    return ok.error();
  auto hash = hash_of(password);
  if (!hash)
    return hash.error();
  const auto address = lower(email);
  return interactive(conn_, [&]() -> result<void> {
    auto changed = conn_.run(update_password, pg::params{}.add(address).add(*hash));
    if (!changed)
      return changed.error();
    if (changed->affected() == 0)
      return error{ec::not_found, fmt::format("there is no user {}", address), ""};
    if (auto dropped = conn_.run(drop_sessions, pg::params{}.add(address)); !dropped)
      return dropped.error();
    return {};
  });
}

result<void> accounts::grant(user_id user, store_id store, role as) {
  auto done = conn_.run(upsert_membership, pg::params{}.add(raw(store)).add(raw(user)).add(std::int64_t(as)));
  if (!done)
    return done.error();
  return {};
}

result<accounts::opened> accounts::login(std::string_view email, std::string_view password, std::string_view address,
                                         time_point now) {
  const auto account = lower(email.substr(0, max_text));
  const auto since = now - throttle_window;
  auto failures = conn_.run(count_failures, pg::params{}.add(account).add(address).add(since));
  if (!failures)
    return failures.error();
  for (const auto& [column, limit] : {std::pair{0u, failures_per_account}, {2u, failures_per_address}})
    if (failures->int64(0, column) > limit) {
      const auto wait = std::chrono::ceil<std::chrono::seconds>(failures->time(0, column + 1) - since);
      return error{ec::throttled, "too many failed sign-ins", fmt::format("try again in {} seconds", wait.count())};
    }

  auto found = conn_.run(find_user, pg::params{}.add(account));
  if (!found)
    return found.error();
  const bool known = !found->empty() && !found->is_null(0, 1);
  const bool right = matches(known ? std::string{found->text(0, 1)} : dummy_hash(), password.substr(0, 1024));
  if (!known || !right) {
    auto noted = conn_.run(insert_failure, pg::params{}.add(account).add(address).add(now).add(since));
    if (!noted)
      return noted.error();
    return wrong_login();
  }
  if (auto forgot = conn_.run(forget_failures, pg::params{}.add(account)); !forgot)
    return forgot.error();
  return open_session(conn_, user_id{found->int64(0, 0)}, now);
}

result<accounts::opened> accounts::login_embedded(std::string_view shop, std::string_view subject, store_id store,
                                                  time_point now) {
  const auto account = fmt::format("shopify:{}:{}", shop, subject);
  auto inserted = conn_.run(insert_user, pg::params{}.add(account).add(shop).null().add(false));
  if (!inserted)
    return inserted.error();
  auto found = conn_.run(find_user, pg::params{}.add(account));
  if (!found)
    return found.error();
  const auto user = found->int64(0, 0);
  if (auto joined = conn_.run(join_embedded, pg::params{}.add(raw(store)).add(user)); !joined)
    return joined.error();
  return open_session(conn_, user_id{user}, now);
}

result<std::string> accounts::one_time_secret(user_id user, time_point expires) {
  auto secret = secrets::random_hex(16);
  auto done = conn_.run(insert_once, pg::params{}.add_bytes(secrets::digest(secret)).add(raw(user)).add(expires));
  if (!done)
    return done.error();
  return secret;
}

result<accounts::opened> accounts::login_once(std::string_view secret, time_point now) {
  auto found = conn_.run(consume_once, pg::params{}.add_bytes(secrets::digest(secret)));
  if (!found)
    return found.error();
  if (found->empty() || found->time(0, 1) <= now)
    return gone_session();
  return open_session(conn_, user_id{found->int64(0, 0)}, now);
}

} // namespace clique
