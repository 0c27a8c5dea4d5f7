#include "storage/dead_letters.hpp"

#include <fmt/format.h>

#include <charconv>

namespace clique {

namespace {

const pg::statement find_letter{"find_dead_letter", "SELECT topic, webhook_id, body, attempts FROM dead_letter "
                                                    "WHERE store_id = $1 AND id = $2 AND state = 'open'"};
const pg::statement settle_letter{
    "settle_dead_letter", "UPDATE dead_letter SET state = $3 WHERE store_id = $1 AND id = $2 AND state = 'open'"};

error unknown() {
  return {ec::not_found, "there is no such open dead letter", "see the dead letters of the store"};
}

result<std::int64_t> number_of(std::string_view id) {
  std::int64_t result = 0;
  auto [end, status] = std::from_chars(id.data(), id.data() + id.size(), result);
  if (status != std::errc{} || end != id.data() + id.size())
    return unknown();
  return result;
}

} // namespace

dead_letters::dead_letters(pg::connection app, delivery_log log) : app_(std::move(app)), log_(std::move(log)) {
}

result<delivery_place> dead_letters::replay(store_id store, std::int32_t part, std::string_view id, time_point now) {
  auto number = number_of(id);
  if (!number)
    return number.error();
  auto found = pg::transaction(app_, [&] {
    std::vector<pg::work_item> work;
    auto only = raw(store);
    work.push_back(pg::open_stores(std::span{&only, 1}));
    work.push_back({find_letter, std::move(pg::params{}.add(raw(store)).add(*number))});
    return work;
  }());
  if (!found)
    return found.error();
  const auto& rows = found->back();
  if (rows.empty())
    return unknown();
  incoming again;
  again.store = store;
  again.part = part;
  again.topic = rows.text(0, 0);
  again.webhook_id = fmt::format("{}#replay-{}-{}", rows.text(0, 1), *number, rows.int64(0, 3));
  again.received_at = now;
  again.body = rows.text(0, 2);
  auto appended = log_.append(std::span{&again, 1});
  if (!appended)
    return appended.error();
  if (auto ok = settle(store, *number, "replayed"); !ok)
    return ok.error();
  return appended->front().place;
}

result<void> dead_letters::discard(store_id store, std::string_view id) {
  auto number = number_of(id);
  if (!number)
    return number.error();
  return settle(store, *number, "discarded");
}

result<void> dead_letters::settle(store_id store, std::int64_t id, std::string_view state) {
  std::vector<pg::work_item> work;
  auto only = raw(store);
  work.push_back(pg::open_stores(std::span{&only, 1}));
  work.push_back({settle_letter, std::move(pg::params{}.add(raw(store)).add(id).add(state))});
  auto done = pg::transaction(app_, std::move(work));
  if (!done)
    return done.error();
  if (done->back().affected() == 0)
    return unknown();
  return {};
}

} // namespace clique
