// Sales today against a comparison, a period against the one before, and how fresh and how right the figures are.
#include "storage/views_query.hpp"

#include <fmt/core.h>

#include <map>

namespace clique::viewing {

namespace {

using std::chrono::days;

constexpr int max_days = 800;
constexpr int default_days = 30;
constexpr int channel_days = 31;
constexpr int reconciled_days = 3;

const std::string days_sql =
    fmt::format("SELECT day, {} FROM sales_days WHERE store_id = $1 AND day BETWEEN $2 AND $3", sales_columns);
const pg::statement days_between{"view_sales_days", days_sql};
const std::string hours_sql =
    fmt::format("SELECT hour, {} FROM sales_hours WHERE store_id = $1 AND day = $2 ORDER BY hour", sales_columns);
const pg::statement hours_of{"view_sales_hours", hours_sql};
// Of the hour that is running, only what happened until the same minute: by the instants of the entries' events.
const pg::statement part_of_hour{
    "view_part_of_hour",
    "SELECT sum(l.orders)::int8, sum(l.gross_sales)::int8, sum(l.discounts)::int8, sum(l.returns)::int8, "
    "sum(l.shipping)::int8, sum(l.taxes)::int8, sum(l.tips)::int8, sum(l.adjustment)::int8 "
    "FROM ledger_entries l JOIN orders o ON o.store_id = l.store_id AND o.order_id = l.order_id "
    "WHERE l.store_id = $1 AND l.day = $2 AND l.hour = $3::int8 AND ((CASE l.kind "
    "WHEN 1 THEN coalesce(o.processed_at, o.created_at) WHEN 2 THEN coalesce(o.edited_at, o.updated_at) "
    "WHEN 3 THEN (SELECT (r ->> 'at')::timestamptz FROM jsonb_array_elements(o.refunds::jsonb) r "
    "WHERE r ->> 'id' = l.source::text LIMIT 1) ELSE o.cancelled_at END) AT TIME ZONE $4)::time "
    "<= ($5::timestamptz AT TIME ZONE $4)::time"};
const pg::statement freshness_of{
    "view_freshness", "SELECT source, state, reason, as_of FROM source_state WHERE store_id = $1 ORDER BY source"};
const pg::statement newest_checks{"view_newest_checks",
                                  "SELECT state, cause, total_ours, total_theirs, checked_at FROM reconciliation_days "
                                  "WHERE store_id = $1 ORDER BY day DESC LIMIT $2"};

struct period {
  day from, to;
};

struct picture {
  day today, compared;
  std::map<day, sales> per_day;
  std::map<int, sales> hours; ///< of today
  int hour_now = 0;
  sales comparison;
  json freshness = json::array(), reconciled;

  sales on(day x) const {
    const auto it = per_day.find(x);
    return it == per_day.end() ? sales{} : it->second;
  }
};

/// The same date *n* years earlier; 29 February becomes 28.
day years_before(day x, int n) {
  std::chrono::year_month_day date{x};
  date -= std::chrono::years{n};
  return date.ok() ? day{date} : day{date.year() / date.month() / std::chrono::last};
}

day comparison_day(day today, const json& settings) {
  const auto how = settings.value("comparison_default", std::string{});
  if (how == "previous_day")
    return today - days{1};
  return how == "previous_year" ? years_before(today, 1) : today - days{7};
}

json freshness_json(const pg::rows& from) {
  auto result = json::array();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const bool known = from.time(i, 3) > time_point{};
    result.push_back({{"source", from.text(i, 0)},
                      {"state", from.text(i, 1)},
                      {"reason", from.text(i, 2)},
                      {"as_of", known ? json(format_time(from.time(i, 3))) : json(nullptr)}});
  }
  return result;
}

json reconciled_json(const pg::rows& from) {
  json result = {{"state", "unchecked"}, {"ours", nullptr},       {"theirs", nullptr},
                 {"drift", nullptr},     {"checked_at", nullptr}, {"cause", ""}};
  const auto rank = [](std::string_view state) { return state == "differs" ? 3 : state == "repaired" ? 2 : 1; };
  std::int64_t ours = 0, theirs = 0;
  int worst = 0;
  time_point checked;
  for (std::size_t i = 0; i < from.size(); ++i) {
    ours = add_checked(ours, from.int64(i, 2));
    theirs = add_checked(theirs, from.int64(i, 3));
    checked = std::max(checked, from.time(i, 4));
    if (rank(from.text(i, 0)) > worst) {
      worst = rank(from.text(i, 0));
      result["state"] = from.text(i, 0);
      result["cause"] = from.text(i, 1);
    }
  }
  if (worst > 0) {
    result["ours"] = ours;
    result["theirs"] = theirs;
    result["drift"] = ours - theirs;
    result["checked_at"] = format_time(checked);
  }
  return result;
}

result<picture> look(const view_of& x, const std::vector<period>& periods) {
  picture result;
  const auto& zone = x.head.zone;
  result.today = zone.day_of(x.now);
  result.hour_now = zone.hour_of(x.now);
  result.compared = comparison_day(result.today, x.head.settings);

  std::vector<pg::work_item> work;
  work.push_back(x.item(hours_of));
  work.back().with.add_day(result.today);
  work.push_back(x.item(hours_of));
  work.back().with.add_day(result.compared);
  work.push_back(x.item(part_of_hour));
  work.back().with.add_day(result.compared).add(std::int64_t{result.hour_now}).add(zone.name()).add(x.now);
  work.push_back(x.item(freshness_of));
  work.push_back(x.item(newest_checks));
  work.back().with.add(std::int64_t{reconciled_days});
  const auto first_period = work.size();
  auto wanted = periods;
  wanted.push_back({result.today, result.today});
  wanted.push_back({result.compared, result.compared});
  for (const auto& y : wanted) {
    work.push_back(x.item(days_between));
    work.back().with.add_day(y.from).add_day(y.to);
  }
  auto answers = x.ask(std::move(work));
  if (!answers)
    return answers.error();

  const auto& a = *answers;
  for (std::size_t i = 0; i < a[0].size(); ++i)
    result.hours[static_cast<int>(a[0].int64(i, 0))] = sales_of(a[0], i, 1);
  for (std::size_t i = 0; i < a[1].size(); ++i)
    if (a[1].int64(i, 0) < result.hour_now)
      result.comparison += sales_of(a[1], i, 1);
  result.comparison += sales_of(a[2], 0, 0);
  result.freshness = freshness_json(a[3]);
  result.reconciled = reconciled_json(a[4]);
  for (std::size_t k = first_period; k < a.size(); ++k)
    for (std::size_t i = 0; i < a[k].size(); ++i)
      result.per_day[a[k].date(i, 0)] = sales_of(a[k], i, 1);
  // Hours that have passed without a sale are zeros, hours to come are absent.
  for (int hour = 0; hour <= result.hour_now; ++hour)
    result.hours.try_emplace(hour);
  return result;
}

json with_day(day on, const sales& x) {
  auto result = x.to_json();
  result["day"] = format_day(on);
  return result;
}

} // namespace

result<std::string> overview(const view_of& x, const view_query& query) {
  query_reader in{query};
  const auto today = x.head.zone.day_of(x.now);
  const auto to = in.on("to").value_or(today);
  const auto from = in.on("from").value_or(to - days{default_days - 1});
  const auto compare = in.choice("compare", {"previous_period", "previous_year"});
  if (from > to)
    in.refuse("from is after to", "swap them");
  if (to - from >= days{max_days})
    in.refuse("the period is too long", fmt::format("ask for at most {} days", max_days));
  if (from < day{std::chrono::year{1990} / 1 / 1} || to > day{std::chrono::year{2200} / 1 / 1})
    in.refuse("the period is out of range", "use days from 1990-01-01 to 2200-01-01");
  if (auto ok = in.done(); !ok)
    return ok.error();

  const auto length = to - from;
  const auto before = compare == "previous_year" ? years_before(from, 1) : from - length - days{1};
  auto seen = look(x, {{from, to}, {before, before + length}});
  if (!seen)
    return seen.error();
  auto result = x.head.envelope(x.now);
  result["today"] = with_day(seen->today, seen->on(seen->today));
  auto& hours = result["today"]["by_hour"] = json::array();
  for (const auto& [hour, sums] : seen->hours)
    hours.push_back({{"hour", hour}, {"net_sales", sums.net()}, {"orders", sums.orders}});
  result["comparison"] = with_day(seen->compared, seen->comparison);
  result["comparison"]["full"] = seen->on(seen->compared).to_json();
  const auto list = [&](day start, const char* each, const char* all) {
    sales sum;
    auto rows = json::array();
    for (auto on = start; on <= start + length; on += days{1}) {
      sum += seen->on(on);
      rows.push_back(with_day(on, seen->on(on)));
    }
    result[each] = std::move(rows);
    result[all] = sum.to_json();
  };
  list(from, "days", "totals");
  list(before, "compare_days", "compare_totals");
  result["freshness"] = seen->freshness;
  result["reconciliation"] = seen->reconciled;
  return to_text(result);
}

result<channel_state> overview_channel(const view_of& x) {
  const auto today = x.head.zone.day_of(x.now);
  const auto first = today - days{channel_days - 1};
  auto seen = look(x, {{first, today}});
  if (!seen)
    return seen.error();
  channel_state result;
  const auto put = [&](const std::string& prefix, const json& fields) {
    for (const auto& [key, value] : fields.items())
      result[prefix + key] = value.dump();
  };
  put("today.", with_day(seen->today, seen->on(seen->today)));
  put("comparison.", with_day(seen->compared, seen->comparison));
  for (const auto& [hour, sums] : seen->hours)
    put(fmt::format("hour.{:02}.", hour), {{"net_sales", sums.net()}, {"orders", sums.orders}});
  for (const auto& source : seen->freshness)
    for (const auto* field : {"as_of", "state", "reason"})
      result[fmt::format("fresh.{}.{}", source["source"].get<std::string>(), field)] = to_text(source[field]);
  for (auto on = first; on <= today; on += days{1}) {
    const auto sums = seen->on(on);
    put(fmt::format("day.{}.", format_day(on)),
        {{"net_sales", sums.net()}, {"orders", sums.orders}, {"total_sales", sums.total()}});
  }
  return result;
}

} // namespace clique::viewing
