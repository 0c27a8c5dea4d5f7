#include "storage/accounts.hpp"

#include "storage/accounts_queries.hpp"
#include "storage/accounts_secret.hpp"

namespace clique {

namespace {

constexpr std::chrono::hours idle_limit{8};
constexpr std::chrono::hours absolute_limit{7 * 24};
constexpr std::chrono::minutes seen_grain{1}; // a session's last use is written at most this often

const pg::statement load_user{"load_user", "SELECT email, name, is_operator FROM users WHERE user_id = $1"};
// An operator is owner of every store; the list is only what a switcher can show.
const pg::statement load_memberships{"load_memberships",
                                     "SELECT store_id, max(role)::int8 FROM (SELECT store_id, role::int8 AS role FROM "
                                     "memberships WHERE user_id = $1 UNION ALL (SELECT store_id, 3 FROM shopify_stores "
                                     "WHERE $2 ORDER BY store_id LIMIT 500)) AS x GROUP BY store_id ORDER BY store_id"};
const pg::statement insert_session{
    "insert_session", "WITH old AS (DELETE FROM sessions WHERE created_at < $5) "
                      "INSERT INTO sessions (hash, user_id, csrf, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)"};
const pg::statement find_session{"find_session",
                                 "SELECT user_id, csrf, created_at, seen_at FROM sessions WHERE hash = $1"};
const pg::statement touch_session{"touch_session", "UPDATE sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2"};
const pg::statement delete_session{"delete_session", "DELETE FROM sessions WHERE hash = $1"};

} // namespace

std::optional<role> role_in(const identity& who, store_id store) {
  if (who.is_operator)
    return role::owner;
  for (const auto& x : who.stores)
    if (x.id == store)
      return x.as;
  return {};
}

result<identity> load_identity(pg::connection& on, user_id user) {
  auto found = on.run(load_user, pg::params{}.add(raw(user)));
  if (!found)
    return found.error();
  if (found->empty())
    return error{ec::not_found, "there is no such user", ""};
  auto member = on.run(load_memberships, pg::params{}.add(raw(user)).add(found->boolean(0, 2)));
  if (!member)
    return member.error();
  identity result;
  result.user = user;
  result.email = found->text(0, 0);
  result.name = found->text(0, 1);
  result.is_operator = found->boolean(0, 2);
  for (std::size_t i = 0; i < member->size(); ++i)
    result.stores.push_back({store_id{member->int64(i, 0)}, static_cast<role>(member->int64(i, 1))});
  return result;
}

result<accounts::opened> open_session(pg::connection& on, user_id user, time_point now) {
  accounts::opened result;
  result.secret = secrets::random_hex(16);
  const auto csrf = secrets::random_hex(16);
  const auto hash = secrets::digest(result.secret);
  auto done =
      on.run(insert_session, pg::params{}.add_bytes(hash).add(raw(user)).add(csrf).add(now).add(now - absolute_limit));
  if (!done)
    return done.error();
  auto who = load_identity(on, user);
  if (!who)
    return who.error();
  result.who = std::move(*who);
  result.who.session = secrets::hex(hash);
  result.who.csrf = csrf;
  return result;
}

result<identity> accounts::session(std::string_view secret, time_point now) {
  const error ended{ec::unauthorized, "the session is unknown or has ended", "sign in again"};
  const auto hash = secrets::digest(secret);
  auto found = conn_.run(find_session, pg::params{}.add_bytes(hash));
  if (!found)
    return found.error();
  if (found->empty())
    return ended;
  const auto seen = found->time(0, 3);
  if (now - seen >= idle_limit || now - found->time(0, 2) >= absolute_limit) {
    if (auto removed = conn_.run(delete_session, pg::params{}.add_bytes(hash)); !removed)
      return removed.error();
    return ended;
  }
  if (now - seen >= seen_grain)
    if (auto touched = conn_.run(touch_session, pg::params{}.add_bytes(hash).add(now)); !touched)
      return touched.error();
  auto result = load_identity(conn_, user_id{found->int64(0, 0)});
  if (!result)
    return result.error().code == ec::not_found ? ended : result.error();
  result->session = secrets::hex(hash);
  result->csrf = found->text(0, 1);
  return result;
}

result<void> accounts::logout(std::string_view secret) {
  auto done = conn_.run(delete_session, pg::params{}.add_bytes(secrets::digest(secret)));
  if (!done)
    return done.error();
  return {};
}

} // namespace clique
