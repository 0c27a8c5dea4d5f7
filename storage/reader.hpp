#pragma once

#include "core/feature.hpp"
#include "core/snapshot.hpp"
#include "storage/pg.hpp"

#include <map>
#include <span>

namespace clique {

/// An open call of the outbox, for replay after a restart.
struct open_call {
  std::int64_t id = 0;
  std::string feature;
  call what;
};

/// What a child needs to know once, when it starts.
struct child_start {
  std::int64_t cursor = 0; ///< deliveries with seq <= it are done
  std::vector<open_call> calls;
};

/// Loads facts. Blocking; one object per reader actor.
class reader {
public:
  /// *webhook_address*: copied into store_facts.
  reader(pg::connection conn, std::string webhook_address);

  /// Snapshot of one store for one feature. not_found when the store is gone.
  result<snapshot> load(store_id store, std::string_view feature, reads needs, std::span<const std::int64_t> about);
  result<child_start> start_of(store_id store, child who, std::span<const std::string> features);

private:
  pg::connection conn_;
  std::string webhook_address_;
};

} // namespace clique
