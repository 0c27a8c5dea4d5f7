#include "storage/writer.hpp"

#include "core/schedule.hpp"
#include "storage/call_codec.hpp"
#include "storage/writer_flush.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <set>

namespace clique {

namespace writing {

std::string upsert(std::string_view table, const std::vector<column_type>& columns, std::size_t keys,
                   std::string_view guard, bool marked) {
  std::string names, arrays, key, set;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& [name, type] = columns[i];
    names += fmt::format("{}{}", i == 0 ? "" : ", ", name);
    arrays += fmt::format("{}${}::{}[]", i == 0 ? "" : ", ", i + 1, type);
    if (i < keys)
      key += fmt::format("{}{}", i == 0 ? "" : ", ", name);
    else
      set += fmt::format("{}{} = excluded.{}", i == keys ? "" : ", ", name, name);
  }
  const auto mark = marked ? fmt::format(", ${}::int8", columns.size() + 1) : std::string{};
  return fmt::format("INSERT INTO {} AS t ({}{}) SELECT u.*{} FROM unnest({}) AS u ON CONFLICT ({}) DO UPDATE SET {}{} "
                     "WHERE {}",
                     table, names, marked ? ", written_by" : "", mark, arrays, key, set,
                     marked ? ", written_by = excluded.written_by" : "", guard);
}

} // namespace writing

namespace {

using writing::column;

// A flush is a few hundred rows by key in tables of any size: nested loops over keys. A plan made once, while a table
// was empty or not yet analysed, would read a whole store per row; planning anew costs about a millisecond per flush.
const pg::statement plan_by_key{"plan_by_key", "SELECT set_config('enable_seqscan', 'off', true), "
                                               "set_config('enable_hashjoin', 'off', true), "
                                               "set_config('enable_mergejoin', 'off', true), "
                                               "set_config('plan_cache_mode', 'force_custom_plan', true)"};
const pg::statement upsert_cursors{
    "upsert_store_cursors",
    "INSERT INTO store_cursor AS t (store_id, child, seq) "
    "SELECT * FROM unnest($1::int8[], $2::text[], $3::int8[]) "
    "ON CONFLICT (store_id, child) DO UPDATE SET seq = excluded.seq WHERE t.seq < excluded.seq"};
const pg::statement insert_calls{
    "insert_outbox", "INSERT INTO outbox (store_id, feature, call) SELECT u.store, u.feature, u.call::jsonb "
                     "FROM unnest($1::int8[], $2::text[], $3::text[]) WITH ORDINALITY AS u(store, feature, call, n) "
                     "ORDER BY u.n RETURNING id"};
const pg::statement delete_calls{"delete_outbox",
                                 "DELETE FROM outbox o USING unnest($1::int8[], $2::int8[]) AS u(store, id) "
                                 "WHERE o.store_id = u.store AND o.id = u.id"};
const pg::statement insert_dead{
    "insert_dead_letters",
    "INSERT INTO dead_letter AS t (store_id, part, seq, source, topic, webhook_id, body, reason, attempts) "
    "SELECT u.store, u.part, u.seq, 'shopify', u.topic, u.webhook_id, u.body, u.reason, u.attempts FROM "
    "unnest($1::int8[], $2::int4[], $3::int8[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::int4[]) "
    "AS u(store, part, seq, topic, webhook_id, body, reason, attempts) "
    "ON CONFLICT (store_id, part, seq) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts, "
    "state = 'open' WHERE t.state = 'replayed'"};

std::int64_t fresh_mark() {
  static thread_local std::mt19937_64 engine{std::random_device{}()};
  return static_cast<std::int64_t>(engine() >> 1);
}

struct cursor {
  std::int64_t store = 0;
  std::string child;
  std::int64_t seq = 0;
};
struct outgoing {
  std::int64_t store = 0;
  const outbox_item* what = nullptr;
};
struct answered {
  std::int64_t store = 0, id = 0;
};
struct parked {
  std::int64_t store = 0;
  const dead_letter* what = nullptr;
};

void write_cursors(writing::work& into, std::span<const write_batch> batches) {
  std::vector<cursor> all;
  for (const auto& x : batches)
    if (x.closed_up_to > 0)
      all.push_back({raw(x.store), std::string{to_string(x.who)}, x.closed_up_to});
  if (all.empty())
    return;
  const auto rows = writing::newest(
      all,
      [](const auto& x) {
        return std::pair{x.store, x.child};
      },
      [](const auto& x) { return x.seq; });
  pg::params with;
  with.add_array(column(rows, [](const auto& x) { return x.store; }));
  with.add_array(column(rows, [](const auto& x) { return x.child; }));
  with.add_array(column(rows, [](const auto& x) { return x.seq; }));
  into.push_back({upsert_cursors, std::move(with)});
}

void write_dead(writing::work& into, std::span<const write_batch> batches) {
  std::vector<parked> rows;
  for (const auto& batch : batches)
    for (const auto& x : batch.dead)
      rows.push_back({raw(batch.store), &x});
  if (rows.empty())
    return;
  pg::params with;
  with.add_array(column(rows, [](const auto& x) { return x.store; }));
  with.add_array(column(rows, [](const auto& x) { return x.what->place.part; }));
  with.add_array(column(rows, [](const auto& x) { return x.what->place.seq; }));
  with.add_array(column(rows, [](const auto& x) { return x.what->topic; }));
  with.add_array(column(rows, [](const auto& x) { return x.what->webhook_id; }));
  with.add_bytes_array(column(rows, [](const auto& x) { return x.what->body; }));
  with.add_array(column(rows, [](const auto& x) { return x.what->reason; }));
  with.add_array(column(rows, [](const auto& x) { return static_cast<std::int32_t>(x.what->attempts); }));
  into.push_back({insert_dead, std::move(with)});
}

/// @returns the place of the answer that holds the new calls' ids, or nothing.
std::optional<std::size_t> write_outbox(writing::work& into, std::span<const write_batch> batches) {
  std::vector<answered> done;
  std::vector<outgoing> fresh;
  for (const auto& batch : batches) {
    for (const auto id : batch.calls_done)
      done.push_back({raw(batch.store), id});
    for (const auto& x : batch.calls)
      fresh.push_back({raw(batch.store), &x});
  }
  if (!done.empty()) {
    pg::params with;
    with.add_array(column(done, [](const auto& x) { return x.store; }));
    with.add_array(column(done, [](const auto& x) { return x.id; }));
    into.push_back({delete_calls, std::move(with)});
  }
  if (fresh.empty())
    return std::nullopt;
  pg::params with;
  with.add_array(column(fresh, [](const auto& x) { return x.store; }));
  with.add_array(column(fresh, [](const auto& x) { return x.what->feature; }));
  with.add_array(column(fresh, [](const auto& x) { return encode_call(x.what->what); }));
  into.push_back({insert_calls, std::move(with)});
  return into.size() - 1;
}

/// All batches in one transaction, or an error and nothing.
result<std::vector<written>> commit(pg::connection& on, std::int64_t epoch, std::span<const write_batch> batches) {
  std::set<std::int64_t> stores;
  std::set<std::int32_t> parts;
  writing::flush rows;
  rows.mark = fresh_mark();
  for (const auto& batch : batches) {
    stores.insert(raw(batch.store));
    parts.insert(static_cast<std::int32_t>(partition_of(batch.store)));
    for (const auto& x : batch.rows)
      rows.rows.add(raw(batch.store), x);
  }
  writing::work work;
  work.push_back(check_epoch(epoch, std::vector(parts.begin(), parts.end())));
  work.push_back(pg::open_stores(std::vector(stores.begin(), stores.end())));
  work.push_back({plan_by_key, pg::params{}});
  writing::write_orders(work, rows);
  writing::write_catalog(work, rows);
  writing::write_stock(work, rows);
  writing::write_progress(work, rows);
  writing::write_store(work, rows);
  write_dead(work, batches);
  write_cursors(work, batches);
  const auto calls = write_outbox(work, batches);
  writing::write_privacy(work, rows);

  auto answers = pg::transaction(on, std::move(work));
  if (!answers)
    return answers.error();
  std::vector<written> result(batches.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < batches.size(); ++i)
    for (std::size_t k = 0; k < batches[i].calls.size(); ++k)
      result[i].call_ids.push_back((*answers)[*calls].int64(next++, 0));
  return result;
}

/// Whether the failure is the rows' own, so that others of the same flush may well succeed.
bool lies_in_data(ec code) {
  return code == ec::bad_input || code == ec::conflict || code == ec::internal;
}

} // namespace

writer::writer(pg::connection conn) : conn_{std::move(conn)} {
}

std::vector<result<written>> writer::write(std::int64_t epoch, std::span<const write_batch> batches) {
  std::vector<result<written>> result;
  if (batches.empty())
    return result;
  result.reserve(batches.size());
  auto together = commit(conn_, epoch, batches);
  if (together) {
    for (auto& x : *together)
      result.emplace_back(std::move(x));
    return result;
  }
  if (!lies_in_data(together.error().code)) {
    result.assign(batches.size(), together.error());
    return result;
  }
  for (std::size_t i = 0; i < batches.size(); ++i) {
    auto alone = commit(conn_, epoch, batches.subspan(i, 1));
    if (alone) {
      result.emplace_back(std::move(alone->front()));
      continue;
    }
    if (!lies_in_data(alone.error().code)) {
      result.resize(batches.size(), alone.error());
      return result;
    }
    result.emplace_back(alone.error());
  }
  return result;
}

} // namespace clique
