// A new shop's past is brought in month by month, the newest first, so that the figures of today have something to
// stand beside within minutes. Each month ends with a certificate: as many orders here as Shopify counts there, or the
// difference stated openly. The import may be paused, cancelled or interrupted by a crash and goes on where it was; it
// never overwrites newer facts.

#include "features/features.hpp"
#include "features/import_steps.hpp"
#include "features/saving.hpp"

#include <cstdlib>

namespace clique::features {

namespace {

using namespace std::chrono_literals;

constexpr auto retry_after = 1min;
/// More orders than this whose refunds the bulk file could not hold are cheaper to read as pages of the month.
constexpr std::size_t read_one_by_one = 50;

void fail(import_run& run, const error& x, time_point now, effects& out) {
  run.answered();
  run.at_work.fail(x, out);
  if (run.at_work.may_retry())
    run.at_work.wake_at(now + retry_after);
}

/// The operation that stands in our way, as the platform names it in its refusal.
std::string gid_in(const std::string& text) {
  constexpr std::string_view prefix = "gid://shopify/BulkOperation/";
  auto at = text.find(prefix);
  if (at == text.npos)
    return {};
  auto end = text.find_first_not_of("0123456789", at + prefix.size());
  return text.substr(at, end == text.npos ? end : end - at);
}

void take_started(import_run& run, const result<answer>& got, time_point now, effects& out) {
  if (auto* state = got ? std::get_if<bulk_state>(&*got) : nullptr) {
    run.at_work.memory["gid"] = state->gid;
    return run.enter(import_step::poll, out);
  }
  // Only one operation at a time may be allowed. Whose the running one is cannot be known, so we wait for its end.
  auto in_the_way = !got ? gid_in(got.error().what + " " + got.error().hint) : std::string{};
  if (!got && got.error().code == ec::conflict && !in_the_way.empty()) {
    run.at_work.memory["gid"] = in_the_way;
    return run.enter(import_step::wait, out);
  }
  fail(run, got ? wrong_answer("the start of a bulk operation") : got.error(), now, out);
}

void take_state(import_run& run, const bulk_state& x, effects& out) {
  auto is_running = x.status == "created" || x.status == "running" || x.status == "canceling";
  if (is_running)
    return run.poll_later();
  if (run.step() == import_step::wait)
    return run.enter(import_step::start, out);
  if (x.status != "completed")
    return run.start_again(out);
  if (x.url.empty())
    return run.enter(import_step::count, out); // an empty month
  run.at_work.memory["url"] = x.url;
  run.enter(import_step::load, out);
}

void take_count(import_run& run, const count_orders& asked, const order_count& x, effects& out) {
  switch (run.step()) {
  case import_step::total:
    if (asked.filter != run.whole_filter())
      return;
    run.answered();
    run.at_work.progress(0, x.exact ? std::optional{x.count} : std::nullopt);
    if (x.count == 0 && x.exact)
      return run.finish(out);
    return run.enter(import_step::start, out);
  case import_step::count:
    if (asked.filter != run.month_filter())
      return;
    run.answered();
    return run.certify(x.count, out);
  case import_step::before:
    if (asked.filter != run.older_filter())
      return;
    run.answered();
    return run.go_back(x.count, x.exact, out);
  default:
    return;
  }
}

void take_page(import_run& run, const read_orders& asked, const order_page& x, effects& out) {
  if (run.step() != import_step::pages || asked.filter != run.month_filter()
      || asked.after != text_of(run.at_work.memory, "after"))
    return;
  run.answered();
  run.add_rows(static_cast<std::int64_t>(x.orders.size()));
  if (x.next.empty())
    return run.enter(import_step::count, out);
  run.at_work.memory["after"] = x.next;
  run.enter(import_step::pages, out);
}

effects take_answer(const snapshot& seen, const reply& x, time_point now) {
  effects result;
  import_run run{seen, now};
  auto* page = x.got ? std::get_if<order_page>(&*x.got) : nullptr;
  if (page) // good rows, whatever has become of the job
    save_orders(seen, page->orders, result);
  if (std::holds_alternative<read_order>(x.asked)) {
    if (!x.got && is_transient(x.got.error().code))
      result.push_back(ask{x.asked});
    else if (!x.got)
      note_rejection(seen, x.got.error(), now, result);
    return result;
  }
  auto* polled = std::get_if<poll_bulk>(&x.asked);
  if (!run.at_work.is("running") || std::holds_alternative<cancel_bulk>(x.asked)
      || (polled && (polled->gid != run.gid() || (run.step() != import_step::poll && run.step() != import_step::wait))))
    return result;
  auto* started = std::get_if<start_bulk>(&x.asked);
  if (started) {
    if (run.step() != import_step::start || started->query != run.month_filter())
      return result;
    run.answered();
    take_started(run, x.got, now, result);
  } else if (!x.got) {
    auto is_lost = polled && x.got.error().code == ec::not_found;
    run.answered();
    if (is_lost)
      run.start_again(result);
    else
      fail(run, x.got.error(), now, result);
  } else if (auto* state = std::get_if<bulk_state>(&*x.got)) {
    run.answered();
    take_state(run, *state, result);
  } else if (auto* count = std::get_if<order_count>(&*x.got)) {
    if (auto* asked = std::get_if<count_orders>(&x.asked))
      take_count(run, *asked, *count, result);
  } else if (page) {
    if (auto* asked = std::get_if<read_orders>(&x.asked))
      take_page(run, *asked, *page, result);
  }
  run.at_work.save_to(result);
  return result;
}

std::vector<shopify_id> ids_in(const json& x, const char* key) {
  std::vector<shopify_id> result;
  if (auto found = x.find(key); found != x.end() && found->is_array())
    for (const auto& y : *found)
      if (auto id = y.is_string()           ? std::strtoll(y.get_ref<const std::string&>().c_str(), nullptr, 10)
                    : y.is_number_integer() ? y.get<std::int64_t>()
                                            : 0;
          id > 0)
        result.push_back(id);
  return result;
}

/// What the worker reports: imported, failed or progress, with {month, rows | error, again}. *again*: orders whose
/// refunds the file could not hold.
effects take_report(const snapshot& seen, const command& x, time_point now) {
  effects result;
  import_run run{seen, now};
  auto args = object_of(x.args);
  if (!run.at_work.is("running") || run.step() != import_step::load || text_of(args, "month") != run.month())
    return result;
  run.worker_lives(number_of(args, "rows"));
  if (x.name == "imported") {
    auto again = ids_in(args, "again");
    if (again.size() <= read_one_by_one) {
      for (auto id : again)
        result.push_back(ask{read_order{id}});
      run.enter(import_step::count, result);
    } else {
      run.read_pages(result);
    }
  } else if (x.name == "failed") {
    run.at_work.memory["worker_error"] = text_of(args, "error");
    run.start_again(result);
  }
  mark("overview", result);
  run.at_work.save_to(result);
  return result;
}

effects begin(const snapshot& seen, time_point now) {
  effects result;
  import_run run{seen, now};
  run.begin(result);
  run.at_work.save_to(result);
  return result;
}

effects go_on(const snapshot& seen, time_point now) {
  effects result;
  import_run run{seen, now};
  run.at_work.resume();
  run.answered();
  run.enter_again(result);
  run.at_work.save_to(result);
  return result;
}

effects stop(const snapshot& seen, std::string state, time_point now) {
  effects result;
  import_run run{seen, now};
  auto was_running = run.at_work.is("running");
  if (!was_running && !(state == "cancelled" && (run.at_work.is("paused") || run.at_work.is("failed"))))
    return result;
  if (state == "cancelled") {
    if (was_running && run.step() == import_step::poll)
      result.push_back(ask{cancel_bulk{run.gid()}});
    result.push_back(save{source_row{"orders", "late", "The import of the shop's history was cancelled.",
                                     time_of(run.at_work.memory, "started").value_or(now)}});
  }
  run.at_work.stop(std::move(state));
  run.at_work.save_to(result);
  return result;
}

effects on_command(const snapshot& seen, const command& x, time_point now) {
  if (x.name == "imported" || x.name == "failed" || x.name == "progress")
    return take_report(seen, x, now);
  effects result;
  import_run run{seen, now};
  auto can_resume = run.at_work.is("paused") || run.at_work.is("failed");
  auto wants_start = x.name == "run" || x.name == "resume";
  if (wants_start && is_disconnected(seen)) {
    result.push_back(respond{error{ec::conflict, "The shop is not connected, so its history cannot be read.",
                                   "Connect the shop again, then import."}});
    return result;
  }
  if (x.name == "pause")
    result = stop(seen, "paused", now);
  else if (x.name == "cancel")
    result = stop(seen, "cancelled", now);
  else if (can_resume)
    result = go_on(seen, now);
  else if (x.name == "run" && !run.at_work.is("running"))
    result = begin(seen, now);
  // The answer is the job as just saved, or as it stands.
  auto shown = seen.job;
  for (const auto& y : result)
    if (auto* saved = std::get_if<save>(&y))
      if (auto* row = std::get_if<job_row>(&saved->what))
        shown = *row;
  result.push_back(respond{job_json(shown)});
  return result;
}

effects on_connect(const snapshot& seen, time_point now) {
  import_run run{seen, now};
  const auto& memory = run.at_work.memory;
  auto may_see_more =
      run.at_work.is("done") && memory.value("complete", true) == false && has_scope(seen, "read_all_orders");
  if (run.at_work.is("idle") || may_see_more)
    return begin(seen, now);
  auto waits_for_us = run.at_work.is("failed") || (run.at_work.is("paused") && memory.contains("reconnect"));
  return waits_for_us ? go_on(seen, now) : effects{};
}

effects on_tick(const snapshot& seen, time_point now) {
  import_run run{seen, now};
  if (is_paused(seen) || is_disconnected(seen))
    return {};
  auto is_stalled = run.at_work.is("running") && !run.is_waiting();
  return is_stalled || run.at_work.may_retry() ? go_on(seen, now) : effects{};
}

effects on_finished(const snapshot& seen, const webhooks& span, time_point now) {
  import_run run{seen, now};
  auto is_polling = run.step() == import_step::poll || run.step() == import_step::wait;
  for (const auto& x : span.items)
    if (auto* y = std::get_if<bulk_finished>(&x.what); y && y->gid == run.gid())
      return run.at_work.is("running") && is_polling && !run.is_waiting() ? go_on(seen, now) : effects{};
  return {};
}

} // namespace

effects historical_import(const snapshot& seen, const trigger& t) {
  if (auto* asked = std::get_if<command>(&t.why))
    return on_command(seen, *asked, t.now);
  if (auto* answered = std::get_if<reply>(&t.why))
    return take_answer(seen, *answered, t.now);
  if (auto* span = std::get_if<webhooks>(&t.why))
    return on_finished(seen, *span, t.now);
  if (auto* event = std::get_if<heard>(&t.why))
    return std::holds_alternative<store_connected>(event->what) ? on_connect(seen, t.now) : effects{};
  return on_tick(seen, t.now);
}

} // namespace clique::features
