#pragma once

// The job log across tenants: which timers are due, and what people may see of jobs.

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/pg.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace clique {

struct due_job {
  store_id store{};
  std::string feature;
  time_point due_at;
};

class jobs {
public:
  explicit jobs(pg::connection conn);

  /// Claims at most *limit* due timers of connected stores and moves each to its next due time as the caller says
  /// (`next` is called per claimed job), in one transaction.
  result<std::vector<due_job>>
  claim(time_point now, std::size_t limit,
        const std::function<time_point(store_id, std::string_view feature, time_point now)>& next);
  /// Makes sure that every connected store has a job row for each timer feature; called at start and on connect.
  struct timer {
    std::string feature;
    std::chrono::minutes period;
  };
  result<void> ensure(store_id store, std::span<const timer> timers, time_point now);
  /// The same for many stores at once, a few thousand per statement.
  result<void> ensure(std::span<const store_id> stores, std::span<const timer> timers, time_point now);

private:
  pg::connection conn_;
};

} // namespace clique
