// Tokens of stores at rest: sealed, rotated pair by pair, re-sealed key by key.
#include "core/time.hpp"
#include "storage/interactive.hpp"
#include "storage/stores.hpp"

#include <fmt/core.h>

namespace clique {

namespace {

const pg::statement upsert_tokens{
    "upsert_tokens",
    "INSERT INTO store_tokens (store_id, key_id, access, refresh, previous_refresh, access_expires, refresh_expires, "
    "scopes, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (store_id) DO UPDATE SET "
    "key_id = excluded.key_id, access = excluded.access, refresh = excluded.refresh, "
    "previous_refresh = excluded.previous_refresh, access_expires = excluded.access_expires, "
    "refresh_expires = excluded.refresh_expires, scopes = excluded.scopes, changed_at = excluded.changed_at"};
const pg::statement load_tokens{"load_tokens",
                                "SELECT access, refresh, previous_refresh, access_expires, refresh_expires, "
                                "array_to_string(scopes, ',') FROM store_tokens WHERE store_id = $1"};
const pg::statement lock_tokens{"lock_tokens",
                                "SELECT access, refresh, previous_refresh, access_expires, refresh_expires, "
                                "array_to_string(scopes, ',') FROM store_tokens WHERE store_id = $1 FOR UPDATE"};
const pg::statement forget_previous{"forget_previous_refresh",
                                    "UPDATE store_tokens SET previous_refresh = NULL WHERE store_id = $1"};
const pg::statement delete_tokens{"delete_tokens", "DELETE FROM store_tokens WHERE store_id = $1"};
const pg::statement old_keys{"tokens_under_old_keys",
                             "SELECT store_id, access, refresh, previous_refresh FROM store_tokens "
                             "WHERE key_id <> $1 AND store_id > $2 ORDER BY store_id LIMIT 100 FOR UPDATE"};
const pg::statement reseal{"reseal_tokens", "UPDATE store_tokens SET key_id = $2, access = $3, refresh = $4, "
                                            "previous_refresh = $5 WHERE store_id = $1"};

std::string context(std::int64_t store, std::string_view column) {
  return fmt::format("store:{}/{}", store, column);
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> result;
  while (!list.empty()) {
    const auto end = list.find(',');
    result.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
  return result;
}

error no_tokens(store_id id) {
  return {ec::token_rejected, fmt::format("store {} has no tokens", raw(id)), "connect the store again"};
}

} // namespace

result<void> stores::keep_tokens(store_id id, const token_pair& x, const std::string& previous, time_point now) {
  auto access = keys_.seal(x.access, context(raw(id), "access"));
  auto refresh = keys_.seal(x.refresh, context(raw(id), "refresh"));
  if (!access)
    return access.error();
  if (!refresh)
    return refresh.error();
  pg::params with;
  with.add(raw(id)).add(keys_.current()).add_bytes(*access).add_bytes(*refresh);
  if (previous.empty()) {
    with.null();
  } else {
    auto sealed = keys_.seal(previous, context(raw(id), "previous_refresh"));
    if (!sealed)
      return sealed.error();
    with.add_bytes(*sealed);
  }
  with.add(x.access_expires).add(x.refresh_expires).add_array(x.scopes).add(now);
  auto done = conn_.run(upsert_tokens, with);
  if (!done)
    return done.error();
  return {};
}

result<token_pair> stores::tokens(store_id id) {
  auto found = conn_.run(load_tokens, pg::params{}.add(raw(id)));
  if (!found)
    return found.error();
  if (found->empty())
    return no_tokens(id);
  auto access = keys_.open(found->text(0, 0), context(raw(id), "access"));
  auto refresh = keys_.open(found->text(0, 1), context(raw(id), "refresh"));
  if (!access)
    return access.error();
  if (!refresh)
    return refresh.error();
  return token_pair{*access, *refresh, found->time(0, 3), found->time(0, 4), split(found->text(0, 5))};
}

result<void> stores::replace_tokens(store_id id, const token_pair& fresh, time_point now) {
  return interactive(conn_, [&]() -> result<void> {
    auto found = conn_.run(lock_tokens, pg::params{}.add(raw(id)));
    if (!found)
      return found.error();
    if (found->empty())
      return no_tokens(id);
    // The same pair again (an answer that was stored before a crash) keeps what it replaced.
    auto current = keys_.open(found->text(0, 1), context(raw(id), "refresh"));
    if (!current)
      return current.error();
    auto previous = *current;
    if (previous == fresh.refresh) {
      previous.clear();
      if (!found->is_null(0, 2)) {
        auto kept = keys_.open(found->text(0, 2), context(raw(id), "previous_refresh"));
        if (!kept)
          return kept.error();
        previous = *kept;
      }
    }
    auto pair = fresh;
    if (pair.scopes.empty())
      pair.scopes = split(found->text(0, 5));
    return keep_tokens(id, pair, previous, now);
  });
}

result<void> stores::confirm_tokens(store_id id) {
  auto done = conn_.run(forget_previous, pg::params{}.add(raw(id)));
  if (!done)
    return done.error();
  return {};
}

result<std::vector<std::string>> stores::refresh_candidates(store_id id) {
  auto found = conn_.run(load_tokens, pg::params{}.add(raw(id)));
  if (!found)
    return found.error();
  if (found->empty())
    return no_tokens(id);
  std::vector<std::string> result;
  for (const auto& [column, name] : {std::pair{1u, "refresh"}, {2u, "previous_refresh"}}) {
    if (found->is_null(0, column))
      continue;
    auto opened = keys_.open(found->text(0, column), context(raw(id), name));
    if (!opened)
      return opened.error();
    result.push_back(std::move(*opened));
  }
  return result;
}

result<void> stores::destroy_tokens(store_id id) {
  auto done = conn_.run(delete_tokens, pg::params{}.add(raw(id)));
  if (!done)
    return done.error();
  return {};
}

result<std::int64_t> stores::rotate_keys() {
  std::int64_t changed = 0;
  std::int64_t after = 0;
  std::string damaged;
  // A hundred rows per transaction: a kill in between loses at most that much work and never a token.
  for (bool more = true; more;) {
    auto step = interactive(conn_, [&]() -> result<void> {
      auto found = conn_.run(old_keys, pg::params{}.add(keys_.current()).add(after));
      if (!found)
        return found.error();
      more = !found->empty();
      for (std::size_t i = 0; i < found->size(); ++i) {
        after = found->int64(i, 0);
        pg::params with;
        with.add(after).add(keys_.current());
        bool readable = true;
        for (const auto& [column, name] : {std::pair{1u, "access"}, {2u, "refresh"}, {3u, "previous_refresh"}}) {
          if (found->is_null(i, column)) {
            with.null();
            continue;
          }
          auto plain = keys_.open(found->text(i, column), context(after, name));
          auto sealed = plain ? keys_.seal(*plain, context(after, name)) : result<std::string>{plain.error()};
          readable = readable && sealed.has_value();
          with.add_bytes(sealed ? std::string_view{*sealed} : std::string_view{});
        }
        if (!readable) {
          damaged += fmt::format("{}{}", damaged.empty() ? "" : ", ", after);
          continue;
        }
        if (auto done = conn_.run(reseal, with); !done)
          return done.error();
        ++changed;
      }
      return {};
    });
    if (!step)
      return step.error();
  }
  if (!damaged.empty())
    return error{ec::internal, fmt::format("tokens of store {} cannot be opened; all others are rotated", damaged),
                 "connect these stores again"};
  return changed;
}

} // namespace clique
