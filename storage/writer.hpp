#pragma once

// Effects of many stores into one transaction: rows, closed deliveries, outbox, dead letters.

#include "core/calls.hpp"
#include "core/feature.hpp"
#include "core/rows.hpp"
#include "storage/lease.hpp"
#include "storage/pg.hpp"

#include <span>
#include <vector>

namespace clique {

/// A call that must survive a crash, as it stands in the outbox.
struct outbox_item {
  std::string feature;
  call what;
};

/// A delivery that its child could not digest.
struct dead_letter {
  delivery_place place;
  std::string topic, webhook_id, body, reason;
  int attempts = 1;
};

/// What one decision of one child of one store wants committed together.
struct write_batch {
  store_id store{};
  child who = child::sync;
  std::vector<row> rows;
  std::int64_t closed_up_to =
      0; ///< child cursor: deliveries of this store with seq <= it are done for this child; 0: unchanged
  std::vector<outbox_item> calls;
  std::vector<std::int64_t> calls_done; ///< outbox ids answered by this decision
  std::vector<dead_letter> dead;
};

/// Answer to one batch: the outbox ids of its calls, in order.
struct written {
  std::vector<std::int64_t> call_ids;
};

/// Blocking; one object per persistence actor.
class writer {
public:
  explicit writer(pg::connection conn);

  /// Commits all batches in one transaction after the epoch check. When the transaction fails for a reason
  /// that lies in the data (bad_input, conflict, internal) the batches are retried one by one, so that one store's
  /// bad row never fails a neighbour. One answer per batch, in order. `fenced`, `unavailable`, `timed_out` fail all.
  std::vector<result<written>> write(std::int64_t epoch, std::span<const write_batch> batches);

private:
  pg::connection conn_;
};

} // namespace clique
