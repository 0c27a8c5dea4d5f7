// How the store is kept up: jobs, certificates, subscriptions, deliveries, reconciliation.
#include "storage/views_query.hpp"

#include "core/schedule.hpp"

#include <fmt/core.h>

namespace clique::viewing {

namespace {

const pg::statement jobs_of{"view_jobs",
                            "SELECT feature, state, done, total, unit, error, coalesce(outcome::text, ''), started_at, "
                            "finished_at FROM job_log WHERE store_id = $1 ORDER BY feature"};
const pg::statement months_of{"view_months", "SELECT month, theirs, ours, state, verified_at FROM import_months "
                                             "WHERE store_id = $1 ORDER BY month DESC"};
const pg::statement subscriptions_of{"view_subscriptions",
                                     "SELECT topic, state, reason, registered_at FROM webhook_subscriptions "
                                     "WHERE store_id = $1 ORDER BY topic"};
const pg::statement accepted_of{"view_accepted",
                                "SELECT count(*), max(received_at) FROM delivery WHERE store_id = $1 "
                                "AND received_day >= $2 AND received_at > $3",
                                std::chrono::seconds{15}};
const pg::statement last_of{"view_last_delivery", "SELECT max(received_at) FROM delivery WHERE store_id = $1",
                            std::chrono::seconds{15}};
const pg::statement open_of{
    "view_open_deliveries",
    "SELECT count(*), min(received_at) FROM delivery WHERE store_id = $1 AND part = $2 AND seq > greatest("
    "(SELECT seq FROM partition_cursor WHERE part = $2), "
    "(SELECT max(seq) FROM store_cursor WHERE store_id = $1))",
    std::chrono::seconds{15}};
const pg::statement parked_count{"view_dead_letter_count",
                                 "SELECT count(*) FROM dead_letter WHERE store_id = $1 AND state = 'open'"};
const pg::statement parked_of{"view_dead_letters",
                              "SELECT id, topic, webhook_id, at, attempts, reason FROM dead_letter WHERE store_id = $1 "
                              "AND state = 'open' ORDER BY id DESC LIMIT 200"};
const pg::statement checks_of{
    "view_reconciliation", "SELECT day, orders_ours, orders_theirs, total_ours, total_theirs, state, cause, checked_at "
                           "FROM reconciliation_days WHERE store_id = $1 ORDER BY day DESC LIMIT 90"};

/// "manual_sync" -> "Manual sync"
std::string title_of(std::string_view feature) {
  std::string result{feature};
  for (auto& c : result)
    if (c == '_')
      c = ' ';
  if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
    result[0] = static_cast<char>(result[0] - 'a' + 'A');
  return result;
}

json job_json(const pg::rows& from, std::size_t i, time_point now) {
  using std::chrono::microseconds;
  const auto done = from.int64(i, 2);
  const auto total = from.maybe_int64(i, 3);
  const auto started = from.maybe_time(i, 7);
  json result = {{"feature", from.text(i, 0)},
                 {"title", title_of(from.text(i, 0))},
                 {"state", from.text(i, 1)},
                 {"done", done},
                 {"total", total ? json(*total) : json(nullptr)},
                 {"unit", from.text(i, 4)},
                 {"rate_per_minute", nullptr},
                 {"eta", nullptr},
                 {"started_at", maybe_time(from, i, 7)},
                 {"finished_at", maybe_time(from, i, 8)},
                 {"error", from.text(i, 5).empty() ? json(nullptr) : json(from.text(i, 5))},
                 {"result", nullptr}};
  if (auto outcome = parsed(from.text(i, 6)); outcome.is_object())
    result["result"] = std::move(outcome);
  if (from.text(i, 1) == "running" && started && now > *started && done > 0) {
    const auto spent = std::chrono::duration<double>(now - *started).count();
    const auto per_second = static_cast<double>(done) / spent;
    result["rate_per_minute"] = static_cast<std::int64_t>(per_second * 60);
    if (total && *total >= done) {
      const auto left = std::chrono::duration<double>(static_cast<double>(*total - done) / per_second);
      if (left < std::chrono::hours{24 * 365})
        result["eta"] =
            format_time(std::chrono::floor<std::chrono::seconds>(now + std::chrono::duration_cast<microseconds>(left)));
    }
  }
  return result;
}

json month_json(const pg::rows& from, std::size_t i) {
  const auto verified = from.time(i, 4);
  return {{"month", from.text(i, 0)},
          {"orders_theirs", from.int64(i, 1)},
          {"orders_ours", from.int64(i, 2)},
          {"state", from.text(i, 3)},
          {"verified_at", verified > time_point{} ? json(format_time(verified)) : json(nullptr)}};
}

json subscription_json(const pg::rows& from, std::size_t i) {
  return {{"topic", from.text(i, 0)},
          {"state", from.text(i, 1)},
          {"reason", from.text(i, 2)},
          {"registered_at", maybe_time(from, i, 3)}};
}

struct health {
  json deliveries;
  json last;
};

/// Statements of the deliveries' health; their answers are read by `health_of`.
void ask_health(const view_of& x, std::vector<pg::work_item>& work) {
  const auto since = x.now - std::chrono::hours{24};
  work.push_back(x.item(accepted_of));
  work.back().with.add_day(std::chrono::floor<std::chrono::days>(since)).add(since);
  work.push_back(x.item(open_of));
  work.back().with.add(static_cast<std::int32_t>(partition_of(store_id{x.head.id})));
  work.push_back(x.item(parked_count));
}

json health_of(const view_of& x, const std::vector<pg::rows>& answers, std::size_t first) {
  const auto& open = answers[first + 1];
  const auto oldest = open.maybe_time(0, 1);
  const auto waited = oldest ? std::chrono::duration_cast<std::chrono::seconds>(x.now - *oldest).count() : 0;
  // Duplicates and rejections leave no row; the gateway counts them.
  return {{"accepted_24h", answers[first].int64(0, 0)},
          {"duplicates_24h", 0},
          {"rejected_24h", 0},
          {"open", open.int64(0, 0)},
          {"oldest_open_seconds", std::max<std::int64_t>(waited, 0)},
          {"dead_letters", answers[first + 2].int64(0, 0)}};
}

} // namespace

result<std::string> sync(const view_of& x, const view_query& query) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  std::vector<pg::work_item> work;
  work.push_back(x.item(jobs_of));
  work.push_back(x.item(months_of));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  json result = {{"as_of", format_time(x.now)}, {"jobs", json::array()}, {"months", json::array()}};
  for (std::size_t i = 0; i < answers->front().size(); ++i)
    result["jobs"].push_back(job_json(answers->front(), i, x.now));
  for (std::size_t i = 0; i < answers->back().size(); ++i)
    result["months"].push_back(month_json(answers->back(), i));
  return to_text(result);
}

result<channel_state> jobs_channel(const view_of& x) {
  std::vector<pg::work_item> work;
  work.push_back(x.item(jobs_of));
  work.push_back(x.item(months_of));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  channel_state result;
  for (std::size_t i = 0; i < answers->front().size(); ++i)
    result[fmt::format("job:{}", answers->front().text(i, 0))] = to_text(job_json(answers->front(), i, x.now));
  for (std::size_t i = 0; i < answers->back().size(); ++i)
    result[fmt::format("month:{}", answers->back().text(i, 0))] = to_text(month_json(answers->back(), i));
  return result;
}

result<std::string> webhooks(const view_of& x, const view_query& query, const std::string& address) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  std::vector<pg::work_item> work;
  work.push_back(x.item(subscriptions_of));
  work.push_back(x.item(last_of));
  ask_health(x, work);
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  const auto& a = *answers;
  json result = {{"as_of", format_time(x.now)},
                 {"address", address},
                 {"subscriptions", json::array()},
                 {"deliveries", health_of(x, a, 2)},
                 {"last_delivery_at", maybe_time(a[1], 0, 0)}};
  for (std::size_t i = 0; i < a[0].size(); ++i)
    result["subscriptions"].push_back(subscription_json(a[0], i));
  return to_text(result);
}

result<channel_state> ops_channel(const view_of& x) {
  std::vector<pg::work_item> work;
  work.push_back(x.item(subscriptions_of));
  ask_health(x, work);
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  channel_state result;
  result["deliveries"] = to_text(health_of(x, *answers, 1));
  const auto& subscribed = answers->front();
  for (std::size_t i = 0; i < subscribed.size(); ++i)
    result[fmt::format("subscription:{}", subscribed.text(i, 0))] = to_text(subscription_json(subscribed, i));
  return result;
}

result<std::string> dead_letters(const view_of& x, const view_query& query) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  std::vector<pg::work_item> work;
  work.push_back(x.item(parked_of));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  json result = {{"as_of", format_time(x.now)}, {"items", json::array()}};
  const auto& found = answers->front();
  for (std::size_t i = 0; i < found.size(); ++i)
    result["items"].push_back({{"id", std::to_string(found.int64(i, 0))},
                               {"topic", found.text(i, 1)},
                               {"webhook_id", found.text(i, 2)},
                               {"received_at", format_time(found.time(i, 3))},
                               {"attempts", found.int64(i, 4)},
                               {"error", found.text(i, 5)}});
  return to_text(result);
}

result<std::string> reconciliation(const view_of& x, const view_query& query) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  std::vector<pg::work_item> work;
  work.push_back(x.item(checks_of));
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();
  auto result = x.head.envelope(x.now);
  result["days"] = json::array();
  const auto& found = answers->front();
  for (std::size_t i = 0; i < found.size(); ++i)
    result["days"].push_back({{"day", format_day(found.date(i, 0))},
                              {"ours", {{"orders", found.int64(i, 1)}, {"total_sales", found.int64(i, 3)}}},
                              {"theirs", {{"orders", found.int64(i, 2)}, {"total_sales", found.int64(i, 4)}}},
                              {"drift", found.int64(i, 3) - found.int64(i, 4)},
                              {"state", found.text(i, 5)},
                              {"cause", found.text(i, 6)},
                              {"checked_at", format_time(found.time(i, 7))}});
  return to_text(result);
}

} // namespace clique::viewing
