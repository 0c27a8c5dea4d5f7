// Every quarter of an hour we read again whatever has changed in the shop, so that a lost message costs minutes and
// never a sale. Then the orders of the last days are counted against Shopify's own count, once a night for five weeks.
// Where the two differ the day is read again completely, and what remains different is shown with its cause instead of
// being hidden.

#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace clique::features {

namespace {

using namespace std::chrono_literals;

constexpr auto name = "reconciliation";
constexpr auto days_each_run = 3;
constexpr auto days_each_night = 35;
constexpr auto night_begins = 3;      // local hour: the day is over in every report by then
constexpr auto first_reach = 24h;     // of a store whose installation date is not known
constexpr auto default_alert = 30min; // as in the settings' defaults
constexpr auto stale_after = 24h;

std::string filter_of(const snapshot& seen, day on) {
  const auto& zone = seen.store.zone;
  return created_between(zone.start_of(on), zone.start_of(on + std::chrono::days{1}));
}

/// A day that is being checked: {"found", "read", "sum"}; "read" only after it was read again.
json* checked_day(const snapshot& seen, json& memory, const std::string& filter, day& on) {
  for (auto& entry : object_in(memory, "days").items())
    if (auto x = parse_day(entry.key()); x && filter_of(seen, *x) == filter) {
      on = *x;
      return &entry.value();
    }
  return nullptr;
}

day_total ours_on(const snapshot& seen, day on) {
  for (const auto& x : seen.order_totals)
    if (x.on == on)
      return x;
  return {.on = on};
}

bool is_importing(const snapshot& seen) {
  return std::any_of(seen.jobs.begin(), seen.jobs.end(),
                     [](const job_row& x) { return x.feature == "historical_import" && x.state == "running"; });
}

/// Ages the sources: what is not verified for longer than the merchant wants to be told, or for a day.
void age_sources(const snapshot& seen, time_point now, effects& out) {
  auto minutes = number_of(object_of(seen.settings), "freshness_alert_minutes");
  auto alert = minutes > 0 ? std::chrono::minutes{minutes} : default_alert;
  for (const auto& x : seen.sources) {
    auto age = now - x.as_of;
    auto next = x;
    if (is_disconnected(seen)) {
      next.state = "disconnected";
      next.reason = "The shop is not connected.";
    } else if (x.state != "importing" && age > alert) {
      next.state = age > stale_after ? "stale" : "late";
      next.reason =
          is_paused(seen) ? "Syncing is paused in the settings." : "The last complete check is older than allowed.";
    }
    if (next.state != x.state || next.reason != x.reason) {
      out.push_back(save{next});
      mark("overview", out);
    }
  }
}

void check_day(const snapshot& seen, job& run, day on, effects& out) {
  object_in(run.memory, "days")[format_day(on)] = json::object();
  run.ask_for(count_orders{filter_of(seen, on)}, out);
}

void check_days(const snapshot& seen, job& run, time_point now, effects& out) {
  auto today = seen.store.zone.day_of(now);
  auto is_due = seen.store.zone.hour_of(now) >= night_begins && text_of(run.memory, "nightly") != format_day(today);
  if (is_due)
    run.memory["nightly"] = format_day(today);
  auto n = is_due ? days_each_night : days_each_run;
  for (auto i = 0; i < n; ++i)
    check_day(seen, run, today - std::chrono::days{i}, out);
  run.progress(0, n);
}

void finish_if_done(job& run, time_point now) {
  if (!run.is("running") || !object_in(run.memory, "days").empty())
    return;
  auto number = [&](const char* key) { return number_of(run.memory, key); };
  run.finish({{"days", run.row().done},
              {"repaired", number("repaired")},
              {"differs", number("differs")},
              {"orders_found", number("orders_found")},
              {"verified_at", format_time(now)}});
}

/// Counts the orders that had not reached us, on their days.
void count_found(const snapshot& seen, job& run, const std::vector<order>& xs) {
  auto& found = object_in(run.memory, "found");
  for (const auto& x : xs)
    if (!seen.order_versions.contains(x.id)) {
      auto on = format_day(seen.store.zone.day_of(x.created_at));
      found[on] = number_of(found, on.c_str()) + 1;
      run.memory["orders_found"] = number_of(run.memory, "orders_found") + 1;
    }
}

reconciliation_row verdict(const snapshot& seen, const job& run, const json& checked, day on, const order_count& theirs,
                           time_point now) {
  auto ours = ours_on(seen, on);
  auto found_on = run.memory.find("found");
  auto found = found_on == run.memory.end() ? 0 : number_of(*found_on, format_day(on).c_str());
  // Their sum is the sum of what we read from them: everything that has changed since the last run, or the whole day.
  auto total_theirs = checked.contains("read") ? number_of(checked, "sum") : ours.total;
  auto result = reconciliation_row{.on = on,
                                   .orders_ours = ours.orders,
                                   .orders_theirs = theirs.count,
                                   .total_ours = ours.total,
                                   .total_theirs = total_theirs,
                                   .state = "equal",
                                   .cause = {},
                                   .checked_at = now};
  if (ours.orders == theirs.count && found > 0) {
    result.state = "repaired";
    result.cause = fmt::format("{} orders had not been announced to us and were read again.", found);
  } else if (ours.orders < theirs.count) {
    result.state = "differs";
    result.cause = fmt::format("Shopify counts {} orders more than it lets us read.", theirs.count - ours.orders);
  } else if (ours.orders > theirs.count) {
    result.state = "differs";
    result.cause =
        fmt::format("{} orders here are no longer at Shopify: they were deleted there.", ours.orders - theirs.count);
  }
  return result;
}

void take_count(const snapshot& seen, job& run, const count_orders& asked, const order_count& theirs, time_point now,
                effects& out) {
  day on;
  auto* checked = checked_day(seen, run.memory, asked.filter, on);
  if (!checked)
    return;
  auto counted = theirs;
  auto ours = ours_on(seen, on).orders;
  // New orders of today come in between the two counts, and a count that is a lower bound is not exceeded by accident.
  if (ours > theirs.count && (!theirs.exact || on == seen.store.zone.day_of(now)))
    counted.count = ours;
  if (ours != counted.count && !checked->contains("read")) {
    *checked = {{"read", 0}, {"sum", 0}};
    return run.ask_for(read_orders{.filter = asked.filter, .after = {}}, out);
  }
  auto row = verdict(seen, run, *checked, on, counted, now);
  if (row.state != "equal")
    run.memory[row.state] = number_of(run.memory, row.state.c_str()) + 1;
  out.push_back(save{std::move(row)});
  mark("overview", out);
  run.memory["days"].erase(format_day(on));
  if (run.memory.contains("found"))
    run.memory["found"].erase(format_day(on));
  run.progress(run.row().done + 1, run.row().total);
  finish_if_done(run, now);
}

/// A page of what has changed since the last run.
void take_changes(const snapshot& seen, job& run, const read_orders& asked, const order_page& page, time_point now,
                  effects& out) {
  count_found(seen, run, page.orders);
  if (!page.next.empty())
    return run.ask_for(read_orders{.filter = asked.filter, .after = page.next, .first = asked.first}, out);
  auto started = time_of(run.memory, "started").value_or(now);
  run.memory["since"] = format_time(started);
  run.memory["filter"] = "";
  if (!is_importing(seen))
    out.push_back(save{source_row{"orders", "fresh", {}, started}});
  check_days(seen, run, now, out);
}

/// A page of a day that differs.
void take_day(const snapshot& seen, job& run, json& checked, const read_orders& asked, const order_page& page,
              effects& out) {
  count_found(seen, run, page.orders);
  auto sum = number_of(checked, "sum");
  for (const auto& x : page.orders)
    sum = add_checked(sum, x.total);
  checked["sum"] = sum;
  checked["read"] = number_of(checked, "read") + static_cast<std::int64_t>(page.orders.size());
  if (page.next.empty())
    return run.ask_for(count_orders{asked.filter}, out);
  run.ask_for(read_orders{.filter = asked.filter, .after = page.next, .first = asked.first}, out);
}

effects take_answer(const snapshot& seen, const reply& x, time_point now) {
  effects result;
  job run{seen, name, now};
  auto* page = x.got ? std::get_if<order_page>(&*x.got) : nullptr;
  if (page)
    save_orders(seen, page->orders, result);
  if (!run.is("running"))
    return result;
  auto* count = x.got ? std::get_if<order_count>(&*x.got) : nullptr;
  auto* read = std::get_if<read_orders>(&x.asked);
  auto* counted = std::get_if<count_orders>(&x.asked);
  day on;
  if (!x.got)
    run.fail(x.got.error(), result);
  else if (counted && count)
    take_count(seen, run, *counted, *count, now, result);
  else if (page && read && !read->filter.empty() && read->filter == text_of(run.memory, "filter"))
    take_changes(seen, run, *read, *page, now, result);
  else if (auto* checked = page && read ? checked_day(seen, run.memory, read->filter, on) : nullptr)
    take_day(seen, run, *checked, *read, *page, result);
  run.save_to(result);
  return result;
}

effects start(const snapshot& seen, time_point now, bool by_hand) {
  effects result;
  job run{seen, name, now};
  age_sources(seen, now, result);
  if (!run.is_busy() && !is_disconnected(seen) && (by_hand || !is_paused(seen))) {
    auto since = time_of(run.memory, "since");
    auto nightly = text_of(run.memory, "nightly");
    run.begin("days");
    run.memory["nightly"] = nightly;
    if (since)
      run.memory["since"] = format_time(*since);
    run.memory["started"] = format_time(now);
    auto from = since ? *since : seen.store.installed_at.value_or(now - first_reach);
    run.memory["filter"] = updated_since(with_overlap(from));
    run.ask_for(read_orders{.filter = text_of(run.memory, "filter"), .after = {}}, result);
    run.save_to(result);
  }
  if (by_hand)
    run.answer_to(result);
  return result;
}

} // namespace

effects reconciliation(const snapshot& seen, const trigger& t) {
  if (auto* answered = std::get_if<reply>(&t.why))
    return take_answer(seen, *answered, t.now);
  if (std::holds_alternative<tick>(t.why) || std::holds_alternative<command>(t.why))
    return start(seen, t.now, std::holds_alternative<command>(t.why));
  return {};
}

} // namespace clique::features
