#pragma once

// The delivery log: append-only, de-duplicated, one place (partition, sequence) per delivery.

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/pg.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace clique {

/// A verified delivery on its way into the log.
struct incoming {
  store_id store{};
  std::int32_t part = 0;
  std::string source = "shopify";
  std::string topic;
  std::string webhook_id; ///< never empty: derived from the body when the header is missing
  std::string event_id;   ///< may be empty
  std::optional<time_point> triggered_at;
  time_point received_at;
  std::string body; ///< raw JSON bytes; the log compresses them (zstd level 1)
};

struct appended {
  delivery_place place; ///< of the first acceptance when duplicate (0 when that one is already dropped)
  bool duplicate = false;
};

/// A delivery read back from the log.
struct stored_delivery {
  delivery_place place;
  store_id store{};
  std::string source, topic, webhook_id;
  std::optional<time_point> triggered_at;
  time_point received_at;
  std::string body; ///< decompressed
};

/// Blocking; one object per thread.
class delivery_log {
public:
  /// *conn*: as role clique_system.
  explicit delivery_log(pg::connection conn);
  ~delivery_log();
  delivery_log(delivery_log&&) noexcept;

  /// Writes all in one durable transaction (synchronous_commit on) and returns one answer per item, in order.
  /// All or nothing: on an error nothing is stored and nobody may be acked.
  result<std::vector<appended>> append(std::span<const incoming> items);

  /// Deliveries of *part* after *seq*, in order, at most *limit*.
  result<std::vector<stored_delivery>> read(std::int32_t part, std::int64_t seq, std::size_t limit);

  /// Cursors of all partitions (index = partition).
  result<std::vector<std::int64_t>> cursors();
  /// Moves low-water marks forward (never back).
  result<void> advance(std::span<const delivery_place> marks);

  /// Drops time partitions whose deliveries are all closed and older than *before*; creates those to come.
  /// Keeps at least two days, in which a sender may repeat a delivery (Shopify: 4 h).
  result<void> roll(time_point now, time_point before);

private:
  struct codec; // compression contexts
  result<std::vector<appended>> append_once(std::span<const incoming> items);

  pg::connection conn_;
  std::unique_ptr<codec> codec_;
  std::vector<day> days_; ///< whose tables are there
};

/// Asserts the server's durability settings. @returns refused with the setting's name when fsync is off
/// or synchronous_commit cannot be on.
result<void> check_durability(pg::connection& on);

} // namespace clique
