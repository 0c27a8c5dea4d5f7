#include "features/import_steps.hpp"

#include "features/saving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace clique::features {

namespace {

using namespace std::chrono_literals;
using namespace std::literals;

constexpr std::array step_names{"total"sv, "start"sv, "wait"sv, "poll"sv, "load"sv, "count"sv, "pages"sv, "before"sv};

/// What a shop shows without the right to read all orders.
constexpr auto visible_without_right = 24h * 60;
constexpr auto worker_silence = 5min; // the worker may have other stores' files before ours
constexpr auto tries_per_month = 3;

day first_of(day x) {
  auto ymd = std::chrono::year_month_day{x};
  return ymd.year() / ymd.month() / 1;
}

} // namespace

import_run::import_run(const snapshot& seen, time_point now)
    : at_work{seen, "historical_import", now}, seen_{&seen}, now_{now} {
  // nop
}

import_step import_run::step() const {
  auto found = std::find(step_names.begin(), step_names.end(), text_of(at_work.memory, "step"));
  return found == step_names.end() ? import_step::total : static_cast<import_step>(found - step_names.begin());
}

day import_run::first_of_month() const {
  auto result = parse_day(month() + "-01");
  return result ? *result : first_of(seen_->store.zone.day_of(now_));
}

std::optional<time_point> import_run::limit() const {
  return time_of(at_work.memory, "limit");
}

time_point import_run::month_start() const {
  auto start = seen_->store.zone.start_of(first_of_month());
  auto bound = limit();
  return bound ? std::max(start, *bound) : start;
}

time_point import_run::month_end() const {
  auto next = first_of(first_of_month() + std::chrono::days{31});
  auto started = time_of(at_work.memory, "started").value_or(now_);
  return std::min(seen_->store.zone.start_of(next), started);
}

std::string import_run::month_filter() const {
  return created_between(month_start(), month_end());
}

std::string import_run::whole_filter() const {
  return created_between(limit(), time_of(at_work.memory, "started").value_or(now_));
}

std::string import_run::older_filter() const {
  return created_between(limit(), month_start());
}

bool import_run::is_waiting() const {
  if (step() == import_step::load) {
    auto heard_of_it = time_of(at_work.memory, "worker_at");
    return heard_of_it && now_ - *heard_of_it < worker_silence;
  }
  return at_work.is_busy();
}

void import_run::answered() {
  at_work.memory.erase("asked_at");
}

void import_run::set_month(day first) {
  at_work.memory["month"] = format_day(first).substr(0, 7);
  for (auto key : {"gid", "url", "after", "tries", "polls", "rows", "paged"})
    at_work.memory.erase(key);
}

void import_run::begin(effects& out) {
  at_work.begin("orders");
  at_work.memory["started"] = format_time(std::chrono::floor<std::chrono::seconds>(now_));
  if (!has_scope(*seen_, "read_all_orders"))
    at_work.memory["limit"] = format_time(std::chrono::ceil<std::chrono::seconds>(now_ - visible_without_right));
  set_month(first_of(seen_->store.zone.day_of(now_)));
  out.push_back(save{
      source_row{"orders", "importing", "The shop's history is being imported.", *time_of(at_work.memory, "started")}});
  enter(import_step::total, out);
}

void import_run::enter(import_step x, effects& out) {
  at_work.memory["step"] = step_names[static_cast<std::size_t>(x)];
  switch (x) {
  case import_step::total:
    return at_work.ask_for(count_orders{whole_filter()}, out);
  case import_step::start:
    return at_work.ask_for(start_bulk{month_filter()}, out);
  case import_step::wait:
  case import_step::poll:
    return at_work.ask_for(poll_bulk{gid()}, out);
  case import_step::load:
    answered();
    at_work.memory["worker_at"] = format_time(now_);
    at_work.memory["rows"] = 0;
    at_work.wake_at(now_ + worker_silence);
    out.push_back(start_import{text_of(at_work.memory, "url"), month()});
    return;
  case import_step::count:
    return at_work.ask_for(count_orders{month_filter()}, out);
  case import_step::pages:
    return at_work.ask_for(
        read_orders{.filter = month_filter(), .after = text_of(at_work.memory, "after"), .newest_first = true}, out);
  case import_step::before:
    return at_work.ask_for(count_orders{older_filter()}, out);
  }
}

void import_run::poll_later() {
  auto polls = std::min<std::int64_t>(number_of(at_work.memory, "polls"), 5);
  at_work.memory["polls"] = polls + 1;
  at_work.wake_at(now_ + std::min<std::chrono::seconds>(2s * (1 << polls), 60s));
}

void import_run::start_again(effects& out) {
  auto tries = number_of(at_work.memory, "tries") + 1;
  at_work.memory["tries"] = tries;
  at_work.memory["polls"] = 0;
  if (tries < tries_per_month)
    return enter(import_step::start, out);
  read_pages(out);
}

void import_run::read_pages(effects& out) {
  at_work.memory["paged"] = true;
  at_work.memory["rows"] = 0;
  at_work.memory.erase("after");
  enter(import_step::pages, out);
}

void import_run::add_rows(std::int64_t n) {
  at_work.memory["rows"] = number_of(at_work.memory, "rows") + n;
  at_work.progress(number_of(at_work.memory, "earlier") + number_of(at_work.memory, "rows"), at_work.row().total);
}

void import_run::worker_lives(std::int64_t rows) {
  at_work.memory["worker_at"] = format_time(now_);
  at_work.memory["rows"] = 0;
  add_rows(rows);
  at_work.wake_at(now_ + worker_silence);
}

void import_run::certify(std::int64_t theirs, effects& out) {
  auto ours = number_of(at_work.memory, "rows");
  auto is_read_by_pages = at_work.memory.contains("paged");
  if (ours != theirs && !is_read_by_pages)
    return read_pages(out);
  auto is_over =
      first_of(seen_->store.zone.day_of(time_of(at_work.memory, "started").value_or(now_))) != first_of_month();
  auto state = ours != theirs ? "differs" : is_over ? "certified" : "open";
  out.push_back(save{month_row{month(), theirs, ours, state, now_}});
  auto outcome = json{{"orders", ours}, {"theirs", theirs}, {"state", state}};
  out.push_back(save{sync_log_row{"orders", "imported " + month(), outcome.dump(), now_}});
  mark("overview", out);
  auto& memory = at_work.memory;
  memory["earlier"] = number_of(memory, "earlier") + ours;
  memory["months"] = number_of(memory, "months") + 1;
  memory["differing"] = number_of(memory, "differing") + (ours == theirs ? 0 : 1);
  memory["rows"] = 0;
  if (auto bound = limit(); bound && month_start() <= *bound)
    return finish(out);
  enter(import_step::before, out);
}

void import_run::go_back(std::int64_t older, bool is_exact, effects& out) {
  if (older == 0 && is_exact)
    return finish(out);
  auto done = number_of(at_work.memory, "earlier");
  at_work.progress(done, is_exact ? std::optional{done + older} : std::nullopt);
  set_month(first_of(first_of_month() - std::chrono::days{1}));
  enter(import_step::start, out);
}

void import_run::finish(effects& out) {
  const auto& memory = at_work.memory;
  auto done = number_of(memory, "earlier");
  auto differing = number_of(memory, "differing");
  auto sentence = fmt::format("{} orders of {} months imported.", done, number_of(memory, "months"));
  if (differing > 0)
    sentence += fmt::format(" {} months still differ from Shopify's count.", differing);
  if (limit())
    sentence += " The shop shows us its last 60 days; grant read_all_orders to import everything.";
  auto started = time_of(memory, "started").value_or(now_);
  out.push_back(save{source_row{"orders", "fresh", {}, started}});
  out.push_back(tell{import_finished{}});
  at_work.memory["complete"] = !limit();
  at_work.progress(done, done);
  at_work.finish({{"orders", done},
                  {"months", number_of(memory, "months")},
                  {"differing", differing},
                  {"limited_to_60_days", limit().has_value()},
                  {"sentence", sentence},
                  {"verified_at", format_time(now_)}});
}

} // namespace clique::features
