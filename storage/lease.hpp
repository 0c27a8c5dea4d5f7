#pragma once

#include "storage/pg.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace clique {

/// Ownership of partitions with an epoch, database time only. One machine owns all 64.
/// A node holds a session advisory lock for its lifetime; a partition is free when its lease has expired
/// or its owner's lock is gone.
class lease_keeper {
public:
  lease_keeper(pg::connection conn, std::string node, std::chrono::seconds ttl = std::chrono::seconds{5});

  /// Takes every free partition (under a new epoch). @returns how many are held now; conflict when another living
  /// process runs under this node's name.
  result<int> acquire();
  /// Renews all in one statement. @returns fenced when any was lost.
  result<void> renew();
  /// Gives all back at once.
  result<void> release();
  /// Epoch under which the partitions are held; all partitions of a node share the node's epoch.
  /// 0 when none is held. May rise in `acquire`.
  std::int64_t epoch() const;

private:
  /// Makes sure that this session holds the node's lock.
  result<void> hold_node();

  pg::connection conn_;
  std::string node_;
  std::chrono::seconds ttl_;
  std::int64_t epoch_ = 0;
  std::int64_t held_ = 0;    ///< how many partitions
  std::int64_t session_ = 0; ///< server process that holds our node lock
};

/// First statement of every write transaction: raises SQLSTATE CQ001 (-> ec::fenced) unless *epoch* still owns
/// every partition in *parts*; takes a share lock so that the owner cannot change before commit.
pg::work_item check_epoch(std::int64_t epoch, std::span<const std::int32_t> parts);

} // namespace clique
