#include "storage/accounts.hpp"

#include "storage/accounts_queries.hpp"
#include "storage/accounts_secret.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace clique {

namespace {

constexpr std::size_t max_label = 100;
constexpr std::chrono::minutes used_grain{1};

const pg::statement list_keys{"list_api_keys", "SELECT key_id, label, role, store_id, created_at, last_used_at "
                                               "FROM api_keys WHERE user_id = $1 ORDER BY key_id"};
const pg::statement insert_key{"insert_api_key",
                               "INSERT INTO api_keys (user_id, store_id, hash, label, role, created_at) "
                               "VALUES ($1, $2, $3, $4, $5::int8, $6) RETURNING key_id"};
const pg::statement remove_key{"delete_api_key", "DELETE FROM api_keys WHERE user_id = $1 AND key_id = $2"};
const pg::statement find_key{"find_api_key",
                             "SELECT key_id, user_id, store_id, role, last_used_at FROM api_keys WHERE hash = $1"};
const pg::statement touch_key{"touch_api_key", "UPDATE api_keys SET last_used_at = $2 WHERE key_id = $1"};
const pg::statement insert_audit{"insert_audit",
                                 "INSERT INTO audit_log (store_id, who, what, before, after, request_id, at) "
                                 "VALUES ($1, $2, $3, $4, $5, $6, $7)"};

} // namespace

result<std::vector<accounts::key_info>> accounts::keys(user_id user) {
  auto found = conn_.run(list_keys, pg::params{}.add(raw(user)));
  if (!found)
    return found.error();
  std::vector<key_info> result;
  for (std::size_t i = 0; i < found->size(); ++i) {
    key_info key;
    key.id = std::to_string(found->int64(i, 0));
    key.label = found->text(i, 1);
    key.as = static_cast<role>(found->int64(i, 2));
    if (const auto store = found->maybe_int64(i, 3))
      key.store = store_id{*store};
    key.created_at = found->time(i, 4);
    key.last_used_at = found->maybe_time(i, 5);
    result.push_back(std::move(key));
  }
  return result;
}

result<std::pair<accounts::key_info, std::string>> accounts::create_key(user_id user, std::string_view label, role as,
                                                                        std::optional<store_id> store, time_point now) {
  if (label.empty() || label.size() > max_label)
    return error{ec::bad_input, fmt::format("the label of an API key has 1 to {} characters", max_label), ""};
  auto who = load_identity(conn_, user);
  if (!who)
    return who.error();
  if (store) {
    const auto& own = who->stores;
    const auto it = std::find_if(own.begin(), own.end(), [&](const auto& x) { return x.id == *store; });
    if (it == own.end())
      return error{ec::not_found, "there is no such store", ""};
    if (it->as < as)
      return error{ec::forbidden,
                   fmt::format("an API key cannot be {} where its user is {}", to_string(as), to_string(it->as)),
                   "choose a lower role"};
  }
  const auto secret = "clq_" + secrets::random_hex(32);
  const auto of = store ? std::optional{raw(*store)} : std::nullopt;
  auto done = conn_.run(
      insert_key,
      pg::params{}.add(raw(user)).add(of).add_bytes(secrets::digest(secret)).add(label).add(std::int64_t(as)).add(now));
  if (!done)
    return done.error();
  return std::pair{key_info{std::to_string(done->int64(0, 0)), std::string{label}, as, store, now, std::nullopt},
                   secret};
}

result<void> accounts::delete_key(user_id user, std::string_view id) {
  std::int64_t key = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), key);
  const error absent{ec::not_found, "there is no such API key", ""};
  if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size())
    return absent;
  auto done = conn_.run(remove_key, pg::params{}.add(raw(user)).add(key));
  if (!done)
    return done.error();
  if (done->affected() == 0)
    return absent;
  return {};
}

result<identity> accounts::api_key(std::string_view secret, time_point now) {
  const error unknown{ec::unauthorized, "the API key is unknown", "create a key in the dashboard"};
  if (!secret.starts_with("clq_"))
    return unknown;
  auto found = conn_.run(find_key, pg::params{}.add_bytes(secrets::digest(secret)));
  if (!found)
    return found.error();
  if (found->empty())
    return unknown;
  const auto used = found->maybe_time(0, 4);
  if (!used || now - *used >= used_grain)
    if (auto touched = conn_.run(touch_key, pg::params{}.add(found->int64(0, 0)).add(now)); !touched)
      return touched.error();
  auto result = load_identity(conn_, user_id{found->int64(0, 1)});
  if (!result)
    return result.error().code == ec::not_found ? unknown : result.error();
  // A key never exceeds its user: the lower role counts, and only stores that both may see.
  const auto only = found->maybe_int64(0, 2);
  const auto as = static_cast<role>(found->int64(0, 3));
  if (only)
    std::erase_if(result->stores, [&](const auto& x) { return raw(x.id) != *only; });
  for (auto& store : result->stores)
    store.as = std::min(store.as, as);
  result->is_operator = result->is_operator && !only && as == role::owner;
  return result;
}

result<void> accounts::audit(std::optional<store_id> store, std::string_view who, std::string_view what,
                             std::string_view before, std::string_view after, std::string_view request_id,
                             time_point now) {
  const auto of = store ? std::optional{raw(*store)} : std::nullopt;
  auto done =
      conn_.run(insert_audit, pg::params{}.add(of).add(who).add(what).add(before).add(after).add(request_id).add(now));
  if (!done)
    return done.error();
  return {};
}

} // namespace clique
