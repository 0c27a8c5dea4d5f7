#include "storage/jobs.hpp"

#include "core/schedule.hpp"
#include "storage/interactive.hpp"

namespace clique {

namespace {

const pg::statement claim_due{"claim_due_jobs",
                              "SELECT j.store_id, j.feature, j.due_at FROM job_log j "
                              "JOIN shopify_stores s ON s.store_id = j.store_id AND s.connection = 1 "
                              "WHERE j.due_at <= $1 ORDER BY j.due_at LIMIT $2 FOR UPDATE OF j SKIP LOCKED"};
const pg::statement move_due{
    "move_due_jobs", "UPDATE job_log j SET due_at = u.due FROM unnest($1::int8[], $2::text[], $3::timestamptz[]) "
                     "AS u(store, feature, due) WHERE j.store_id = u.store AND j.feature = u.feature"};
const pg::statement ensure_jobs{"ensure_jobs",
                                "INSERT INTO job_log (store_id, feature, due_at) "
                                "SELECT * FROM unnest($1::int8[], $2::text[], $3::timestamptz[]) "
                                "ON CONFLICT (store_id, feature) DO UPDATE SET due_at = excluded.due_at "
                                "WHERE job_log.due_at IS NULL",
                                std::chrono::seconds{60}};

struct due_columns {
  std::vector<std::int64_t> stores;
  std::vector<std::string> features;
  std::vector<time_point> due;

  pg::params params() const {
    pg::params result;
    result.add_array(stores).add_array(features).add_array(due);
    return result;
  }
};

} // namespace

jobs::jobs(pg::connection conn) : conn_{std::move(conn)} {
}

result<std::vector<due_job>>
jobs::claim(time_point now, std::size_t limit,
            const std::function<time_point(store_id, std::string_view feature, time_point now)>& next) {
  return interactive(conn_, [&]() -> result<std::vector<due_job>> {
    std::vector<due_job> result;
    auto due = conn_.run(claim_due, pg::params{}.add(now).add(static_cast<std::int64_t>(limit)));
    if (!due)
      return due.error();
    if (due->empty())
      return result;
    due_columns moved;
    for (std::size_t i = 0; i < due->size(); ++i) {
      result.push_back({store_id{due->int64(i, 0)}, std::string{due->text(i, 1)}, due->time(i, 2)});
      moved.stores.push_back(due->int64(i, 0));
      moved.features.push_back(result.back().feature);
      moved.due.push_back(next(result.back().store, result.back().feature, now));
    }
    if (auto done = conn_.run(move_due, moved.params()); !done)
      return done.error();
    return result;
  });
}

result<void> jobs::ensure(store_id store, std::span<const timer> timers, time_point now) {
  return ensure(std::span{&store, 1}, timers, now);
}

result<void> jobs::ensure(std::span<const store_id> stores, std::span<const timer> timers, time_point now) {
  constexpr std::size_t stores_per_statement = 2'000;
  for (; !stores.empty(); stores = stores.subspan(std::min(stores.size(), stores_per_statement))) {
    due_columns all;
    for (const auto store : stores.first(std::min(stores.size(), stores_per_statement)))
      for (const auto& x : timers) {
        all.stores.push_back(raw(store));
        all.features.push_back(x.feature);
        all.due.push_back(next_due(store, x.feature, x.period, now));
      }
    if (auto done = conn_.run(ensure_jobs, all.params()); !done)
      return done.error();
  }
  return {};
}

} // namespace clique
