#include "actors/system_storage.hpp"

#include "core/schedule.hpp"

namespace clique {

using namespace std::chrono_literals;

log_store log_on(const std::string& conninfo) {
  auto log = std::make_shared<delivery_log>(pg::connection{conninfo});
  return {
      [log](std::span<const incoming> x) { return log->append(x); },
      [log](std::int32_t part, std::int64_t seq, std::size_t limit) { return log->read(part, seq, limit); },
      [log] { return log->cursors(); },
      [log](std::span<const delivery_place> x) { return log->advance(x); },
      [log](time_point now, time_point before) { return log->roll(now, before); },
  };
}

reader_store reader_on(const std::string& conninfo, const std::string& webhook_address) {
  auto from = std::make_shared<reader>(pg::connection{conninfo}, webhook_address);
  return {
      [from](const load_request& x) { return from->load(x.store, x.feature, x.needs, x.about); },
      [from](const start_request& x) { return from->start_of(x.store, x.who, x.features); },
  };
}

write_fn writer_on(const std::string& conninfo, const shared_epoch& epoch) {
  auto to = std::make_shared<writer>(pg::connection{conninfo});
  return [to, epoch](std::span<const write_batch> x) { return to->write(epoch->load(), x); };
}

token_store tokens_on(const std::string& conninfo, const vault& keys) {
  auto all = std::make_shared<stores>(pg::connection{conninfo}, keys);
  return {
      [all](store_id x) { return all->tokens(x); },
      [all](store_id x, const token_pair& fresh, time_point now) { return all->replace_tokens(x, fresh, now); },
      [all](store_id x) { return all->confirm_tokens(x); },
      [all](store_id x) { return all->refresh_candidates(x); },
      [all](store_id x) { return all->destroy_tokens(x); },
      [all](store_id x) { return all->by_id(x); },
  };
}

job_store jobs_on(const std::string& conninfo, const feature_index_ptr& features) {
  auto all = std::make_shared<jobs>(pg::connection{conninfo});
  std::vector<jobs::timer> timers;
  for (const auto& x : features->table())
    if (x.when.period.count() > 0)
      timers.push_back({std::string{x.name}, x.when.period});
  auto next = [features](store_id store, std::string_view name, time_point now) {
    auto f = features->find(name);
    // A feature that is no longer in the table: out of the way.
    auto period = f && features->at(*f).when.period.count() > 0 ? features->at(*f).when.period : 24h;
    return next_due(store, name, period, now);
  };
  return {
      [all, next](time_point now, std::size_t limit) { return all->claim(now, limit, next); },
      [all, timers](std::span<const store_id> x, time_point now) { return all->ensure(x, timers, now); },
  };
}

} // namespace clique
