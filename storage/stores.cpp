#include "storage/stores.hpp"

#include "core/schedule.hpp"
#include "storage/interactive.hpp"

#include <fmt/core.h>

namespace clique {

namespace {

#define CLIQUE_STORE_COLUMNS "store_id, part, shop, name, connection, currency_code"
const pg::statement list_stores{"list_stores", "SELECT " CLIQUE_STORE_COLUMNS " FROM shopify_stores ORDER BY store_id",
                                std::chrono::seconds{30}};
const pg::statement store_by_shop{"store_by_shop",
                                  "SELECT " CLIQUE_STORE_COLUMNS " FROM shopify_stores WHERE shop = $1"};
const pg::statement store_by_id{"store_by_id",
                                "SELECT " CLIQUE_STORE_COLUMNS " FROM shopify_stores WHERE store_id = $1"};
const pg::statement next_store{"next_store_id",
                               "SELECT coalesce((SELECT store_id FROM shopify_stores WHERE shop = $1), "
                               "nextval(pg_get_serial_sequence('shopify_stores', 'store_id')))"};
const pg::statement upsert_store{
    "connect_store",
    "INSERT INTO shopify_stores (store_id, shop, part, connection_at, installed_at, scopes) VALUES ($1, $2, $3, $4, "
    "$4, $5) "
    "ON CONFLICT (shop) DO UPDATE SET connection = 1, reason = '', connection_at = excluded.connection_at, "
    "scopes = excluded.scopes, uninstalled_at = NULL, installed_at = CASE WHEN shopify_stores.connection = 3 "
    "THEN excluded.installed_at ELSE coalesce(shopify_stores.installed_at, excluded.installed_at) END "
    "RETURNING " CLIQUE_STORE_COLUMNS};
#undef CLIQUE_STORE_COLUMNS
const pg::statement make_owner{"make_owner", "INSERT INTO memberships (store_id, user_id, role) VALUES ($1, $2, 3) "
                                             "ON CONFLICT (store_id, user_id) DO UPDATE SET role = 3"};
const pg::statement remember_nonce{"remember_oauth_state",
                                   "INSERT INTO oauth_states (nonce, shop, user_id, expires) VALUES ($1, $2, $3, $4)"};
const pg::statement consume_nonce{"consume_oauth_state",
                                  "DELETE FROM oauth_states WHERE nonce = $1 RETURNING shop, user_id, expires"};
const pg::statement forget_nonces{"forget_oauth_states", "DELETE FROM oauth_states WHERE expires < $1"};

store_entry entry_of(const pg::rows& from, std::size_t i) {
  store_entry result;
  result.id = store_id{from.int64(i, 0)};
  result.part = static_cast<std::int32_t>(from.int64(i, 1));
  result.shop = from.text(i, 2);
  result.name = from.text(i, 3);
  result.connection = static_cast<connection_row::state>(from.int64(i, 4));
  result.currency_code = from.text(i, 5);
  return result;
}

result<std::optional<store_entry>> one(result<pg::rows> from) {
  if (!from)
    return from.error();
  if (from->empty())
    return std::optional<store_entry>{};
  return std::optional{entry_of(*from, 0)};
}

} // namespace

stores::stores(pg::connection conn, vault keys) : conn_{std::move(conn)}, keys_{std::move(keys)} {
}

result<std::vector<store_entry>> stores::all() {
  auto found = conn_.run(list_stores);
  if (!found)
    return found.error();
  std::vector<store_entry> result;
  result.reserve(found->size());
  for (std::size_t i = 0; i < found->size(); ++i)
    result.push_back(entry_of(*found, i));
  return result;
}

result<std::optional<store_entry>> stores::by_shop(std::string_view shop) {
  return one(conn_.run(store_by_shop, pg::params{}.add(shop)));
}

result<std::optional<store_entry>> stores::by_id(store_id id) {
  return one(conn_.run(store_by_id, pg::params{}.add(raw(id))));
}

result<store_entry> stores::connect(std::string_view shop, const token_pair& tokens, std::optional<user_id> by,
                                    time_point now) {
  return interactive(conn_, [&]() -> result<store_entry> {
    auto next = conn_.run(next_store, pg::params{}.add(shop));
    if (!next)
      return next.error();
    const auto wanted = next->int64(0, 0);
    // The partition is a function of the number, so it is only known now. A callback that comes at the same time
    // waits here for our commit and then finds our row.
    auto kept_row = conn_.run(upsert_store, pg::params{}
                                                .add(wanted)
                                                .add(shop)
                                                .add(static_cast<std::int32_t>(partition_of(store_id{wanted})))
                                                .add(now)
                                                .add_array(tokens.scopes));
    if (!kept_row)
      return kept_row.error();
    auto result = entry_of(*kept_row, 0);
    if (auto kept = keep_tokens(result.id, tokens, std::string{}, now); !kept)
      return kept.error();
    if (by)
      if (auto owner = conn_.run(make_owner, pg::params{}.add(raw(result.id)).add(raw(*by))); !owner)
        return owner.error();
    return result;
  });
}

result<void> stores::remember_state(std::string_view nonce, std::string_view shop, std::optional<user_id> by,
                                    time_point expires) {
  const auto user = by ? std::optional{raw(*by)} : std::nullopt;
  auto done = conn_.run(remember_nonce, pg::params{}.add(nonce).add(shop).add(user).add(expires));
  if (!done)
    return done.error();
  return {};
}

result<std::optional<user_id>> stores::consume_state(std::string_view nonce, std::string_view shop, time_point now) {
  auto found = conn_.run(consume_nonce, pg::params{}.add(nonce));
  if (!found)
    return found.error();
  if (auto swept = conn_.run(forget_nonces, pg::params{}.add(now - std::chrono::hours{1})); !swept)
    return swept.error();
  if (found->empty() || found->text(0, 0) != shop || found->time(0, 2) <= now)
    return error{ec::unauthorized, "the sign-in at Shopify was not begun here, has expired or was already used",
                 "start connecting the store again"};
  const auto user = found->maybe_int64(0, 1);
  return user ? std::optional{user_id{*user}} : std::optional<user_id>{};
}

} // namespace clique
