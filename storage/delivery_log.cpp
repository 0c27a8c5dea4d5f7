#include "storage/delivery_log.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace clique {

namespace {

using namespace std::chrono_literals;

/// A sender waits 5 s for our answer.
constexpr auto append_limit = 4s;

/// Generic plans with indexes from the first row on: a plan made while a day's table was empty must not stay a scan.
constexpr pg::statement durably{"delivery.durably", "SELECT set_config('synchronous_commit', 'on', true), "
                                                    "set_config('plan_cache_mode', 'force_generic_plan', true), "
                                                    "set_config('enable_seqscan', 'off', true)"};
/// Numbers of a partition are given out one transaction after the other; always in this order, so no deadlock.
/// What the statement after it sees includes everything that was appended before the lock was free.
constexpr pg::statement lock_counters{
    "delivery.lock", "SELECT part FROM partition_counter WHERE part = ANY ($1) ORDER BY part FOR UPDATE"};
constexpr pg::statement append_all{"delivery.append", R"(
WITH item AS MATERIALIZED (
  SELECT t.*, first.part AS first_part, first.seq AS first_seq,
         c.next - 1 + count(*) FILTER (WHERE first.seq IS NULL)
           OVER (PARTITION BY t.part ORDER BY t.ord ROWS UNBOUNDED PRECEDING) AS seq
  FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
              $8::timestamptz[], $9::date[], $10::bytea[]) WITH ORDINALITY
       AS t(store_id, part, source, topic, webhook_id, event_id, triggered_at, received_at, day, body, ord)
  JOIN partition_counter c ON c.part = t.part
  LEFT JOIN LATERAL (
    SELECT d.part, d.seq FROM delivery d
    WHERE d.store_id = t.store_id AND d.source = t.source AND d.topic = t.topic AND d.webhook_id = t.webhook_id
      AND d.received_day >= t.day - 1 AND d.received_day <= t.day
    ORDER BY d.received_day LIMIT 1) first ON true
), counted AS (
  UPDATE partition_counter c SET next = n.next
  FROM (SELECT part, max(seq) + 1 AS next FROM item WHERE first_seq IS NULL GROUP BY part) n WHERE c.part = n.part
), stored AS (
  INSERT INTO delivery(part, seq, received_day, store_id, source, topic, webhook_id, event_id, triggered_at, received_at, body)
  SELECT part, seq, day, store_id, source, topic, webhook_id, event_id, triggered_at, received_at, body
  FROM item WHERE first_seq IS NULL
)
SELECT coalesce(first_part, part), coalesce(first_seq, seq), first_seq IS NOT NULL FROM item ORDER BY ord)"};
constexpr pg::statement create_day{"delivery.create_day", "SELECT clique_create_delivery_day($1)"};
constexpr pg::statement drop_days{"delivery.drop_days", "SELECT clique_drop_delivery_days($1)", 30s};
constexpr pg::statement read_after{
    "delivery.read", "SELECT seq, store_id, source, topic, webhook_id, triggered_at, received_at, body FROM delivery "
                     "WHERE part = $1 AND seq > $2 ORDER BY seq LIMIT $3"};
constexpr pg::statement read_cursors{"delivery.cursors", "SELECT part, seq FROM partition_cursor"};
constexpr pg::statement move_cursors{
    "delivery.advance", "UPDATE partition_cursor c SET seq = m.seq "
                        "FROM (SELECT part, max(seq) AS seq FROM unnest($1::int[], $2::bigint[]) AS t(part, seq) "
                        "GROUP BY part) m WHERE c.part = m.part AND c.seq < m.seq"};
constexpr pg::statement read_settings{
    "durability", "SELECT name, setting FROM (SELECT set_config('synchronous_commit', 'on', false)) x, pg_settings "
                  "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name"};

constexpr std::size_t longest_name = 255;

/// Names come from headers, which no signature covers: nothing in them may fail a whole batch. Bytes that are not
/// printable ASCII become '?', long ones keep their beginning and a hash of the rest.
std::string safe_name(const std::string& x) {
  auto result = x;
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (result == x && x.size() <= longest_name)
    return result;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(x.data()), x.size(), digest.data());
  return fmt::format("{}#{:02x}", result.substr(0, longest_name - 65), fmt::join(digest, ""));
}

day day_of(time_point x) {
  return std::chrono::floor<std::chrono::days>(x);
}

struct free_context {
  void operator()(ZSTD_CCtx* x) const {
    ZSTD_freeCCtx(x);
  }
  void operator()(ZSTD_DCtx* x) const {
    ZSTD_freeDCtx(x);
  }
};

} // namespace

struct delivery_log::codec {
  std::unique_ptr<ZSTD_CCtx, free_context> packing{ZSTD_createCCtx()};
  std::unique_ptr<ZSTD_DCtx, free_context> unpacking{ZSTD_createDCtx()};

  std::string pack(const std::string& body) {
    std::string result(ZSTD_compressBound(body.size()), '\0');
    auto size = ZSTD_compressCCtx(packing.get(), result.data(), result.size(), body.data(), body.size(), 1);
    result.resize(size); // compressBound leaves no way to fail
    return result;
  }

  std::optional<std::string> unpack(std::string_view bytes) {
    auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    constexpr auto most = 1ull << 30;
    if (size > most) // also the codes for "unknown" and "error"
      return std::nullopt;
    std::string result(size, '\0');
    auto got = ZSTD_decompressDCtx(unpacking.get(), result.data(), result.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(got) != 0 || got != size)
      return std::nullopt;
    return result;
  }
};

delivery_log::delivery_log(pg::connection conn) : conn_{std::move(conn)}, codec_{std::make_unique<codec>()} {
}
delivery_log::~delivery_log() = default;
delivery_log::delivery_log(delivery_log&&) noexcept = default;

result<std::vector<appended>> delivery_log::append(std::span<const incoming> items) {
  if (items.empty())
    return std::vector<appended>{};
  auto result = append_once(items);
  if (result || (result.error().code != ec::conflict && result.error().code != ec::bad_input))
    return result;
  // A day's table that was dropped meanwhile (bad_input: no partition for the row), or a store that was moved to
  // another partition between two repetitions of a delivery (conflict). Nothing was stored; once more, knowing nothing.
  days_.clear();
  return append_once(items);
}

result<std::vector<appended>> delivery_log::append_once(std::span<const incoming> items) {
  // Repetitions within the batch are answered here.
  std::unordered_map<std::string, std::size_t> known;
  std::vector<std::size_t> row_of;
  std::vector<std::int64_t> stores;
  std::vector<std::int32_t> parts;
  std::vector<std::string> sources, topics, webhook_ids, event_ids, bodies;
  std::vector<std::optional<time_point>> triggered;
  std::vector<time_point> received;
  std::vector<day> days;
  for (const auto& x : items) {
    if (x.part < 0 || x.part >= num_partitions)
      return error{ec::internal, fmt::format("there is no partition {}", x.part), ""};
    auto source = safe_name(x.source);
    auto topic = safe_name(x.topic);
    auto webhook_id = safe_name(x.webhook_id);
    auto identity = fmt::format("{}\n{}\n{}\n{}", raw(x.store), source, topic, webhook_id);
    auto [at, is_new] = known.try_emplace(std::move(identity), stores.size());
    row_of.push_back(at->second);
    if (!is_new)
      continue;
    stores.push_back(raw(x.store));
    parts.push_back(x.part);
    sources.push_back(std::move(source));
    topics.push_back(std::move(topic));
    webhook_ids.push_back(std::move(webhook_id));
    event_ids.push_back(safe_name(x.event_id));
    triggered.push_back(x.triggered_at);
    received.push_back(x.received_at);
    days.push_back(day_of(x.received_at));
    bodies.push_back(codec_->pack(x.body));
  }

  for (auto x : days) {
    if (std::find(days_.begin(), days_.end(), x) != days_.end())
      continue;
    if (auto made = conn_.run(create_day, std::move(pg::params{}.add_day(x))); !made)
      return made.error();
    days_.push_back(x);
  }

  std::vector<pg::work_item> work;
  work.push_back({durably, {}});
  work.push_back({lock_counters, std::move(pg::params{}.add_array(parts))});
  pg::params all;
  all.add_array(stores).add_array(parts).add_array(sources).add_array(topics).add_array(webhook_ids);
  all.add_array(event_ids).add_array(triggered).add_array(received).add_day_array(days).add_bytes_array(bodies);
  work.push_back({append_all, std::move(all)});
  auto got = pg::transaction(conn_, std::move(work), append_limit);
  if (!got)
    return got.error();

  const auto& places = got->back();
  std::vector<appended> result;
  std::vector<bool> is_taken(places.size());
  for (auto row : row_of) {
    auto place = delivery_place{static_cast<std::int32_t>(places.int64(row, 0)), places.int64(row, 1)};
    result.push_back({place, places.boolean(row, 2) || is_taken[row]});
    is_taken[row] = true;
  }
  return result;
}

result<std::vector<stored_delivery>> delivery_log::read(std::int32_t part, std::int64_t seq, std::size_t limit) {
  pg::params with;
  with.add(part).add(seq).add(static_cast<std::int64_t>(limit));
  auto got = conn_.run(read_after, with);
  if (!got)
    return got.error();
  std::vector<stored_delivery> result;
  result.reserve(got->size());
  for (std::size_t i = 0; i < got->size(); ++i) {
    stored_delivery x;
    x.place = {part, got->int64(i, 0)};
    x.store = store_id{got->int64(i, 1)};
    x.source = got->text(i, 2);
    x.topic = got->text(i, 3);
    x.webhook_id = got->text(i, 4);
    x.triggered_at = got->maybe_time(i, 5);
    x.received_at = got->time(i, 6);
    auto body = codec_->unpack(got->text(i, 7));
    if (!body)
      return error{ec::internal, fmt::format("delivery {}/{} does not unpack", part, x.place.seq),
                   "the database's storage is damaged: restore it"};
    x.body = std::move(*body);
    result.push_back(std::move(x));
  }
  return result;
}

result<std::vector<std::int64_t>> delivery_log::cursors() {
  auto got = conn_.run(read_cursors);
  if (!got)
    return got.error();
  std::vector<std::int64_t> result(num_partitions);
  for (std::size_t i = 0; i < got->size(); ++i)
    result[static_cast<std::size_t>(got->int64(i, 0))] = got->int64(i, 1);
  return result;
}

result<void> delivery_log::advance(std::span<const delivery_place> marks) {
  std::vector<std::int32_t> parts;
  std::vector<std::int64_t> seqs;
  for (const auto& x : marks) {
    parts.push_back(x.part);
    seqs.push_back(x.seq);
  }
  if (auto moved = conn_.run(move_cursors, std::move(pg::params{}.add_array(parts).add_array(seqs))); !moved)
    return moved.error();
  return {};
}

result<void> delivery_log::roll(time_point now, time_point before) {
  for (auto x = day_of(now); x <= day_of(now) + std::chrono::days{2}; x += std::chrono::days{1})
    if (auto made = conn_.run(create_day, std::move(pg::params{}.add_day(x))); !made)
      return made.error();
  auto oldest = std::min(day_of(before), day_of(now) - std::chrono::days{1});
  auto dropped = conn_.run(drop_days, std::move(pg::params{}.add_day(oldest)));
  days_.clear();
  if (!dropped)
    return dropped.error();
  return {};
}

result<void> check_durability(pg::connection& on) {
  auto got = on.run(read_settings);
  if (!got)
    return got.error();
  for (std::size_t i = 0; i < got->size(); ++i)
    if (got->text(i, 1) != "on")
      return error{ec::refused,
                   fmt::format("the database runs with {} = {}: what we confirm could be lost", got->text(i, 0),
                               got->text(i, 1)),
                   fmt::format("set {} = on and reload its configuration", got->text(i, 0))};
  return {};
}

} // namespace clique
