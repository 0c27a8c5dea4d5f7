#include "features/jobs.hpp"

#include <algorithm>

namespace clique::features {

namespace {

using namespace std::chrono_literals;

/// The platform caller gives up well before this; a job that is silent for longer has lost its answer.
constexpr auto longest_silence = 15min;

std::string quoted(time_point x) {
  return "'" + format_time(x) + "'";
}

time_point whole_second(time_point x) {
  return std::chrono::floor<std::chrono::seconds>(x);
}

} // namespace

json object_of(std::string_view text) {
  auto result = json::parse(text, nullptr, false);
  return result.is_object() ? result : json::object();
}

std::string text_of(const json& x, const char* key) {
  auto found = x.find(key);
  return found != x.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_of(const json& x, const char* key) {
  auto found = x.find(key);
  return found != x.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::optional<time_point> time_of(const json& x, const char* key) {
  auto result = parse_time(text_of(x, key));
  if (!result)
    return std::nullopt;
  return *result;
}

json& object_in(json& x, const char* key) {
  auto& result = x[key];
  if (!result.is_object())
    result = json::object();
  return result;
}

std::string id_text(shopify_id x) {
  return std::to_string(x);
}

std::string updated_since(time_point from) {
  return "updated_at:>=" + quoted(whole_second(from));
}

std::string created_between(std::optional<time_point> from, time_point to) {
  auto end = std::chrono::ceil<std::chrono::seconds>(to);
  auto result = "created_at:<" + quoted(end);
  return from ? "created_at:>=" + quoted(whole_second(*from)) + " AND " + result : result;
}

time_point with_overlap(time_point x) {
  return x - 5min;
}

job::job(const snapshot& seen, std::string_view feature, time_point now)
    : memory(object_of(seen.job.memory)), row_{seen.job}, seen_{&seen}, now_{now} {
  row_.feature = feature;
  row_.due_at.reset();
}

bool job::is_busy() const {
  auto asked = time_of(memory, "asked_at");
  return is("running") && asked && now_ - *asked < longest_silence;
}

bool job::may_retry() const {
  auto found = memory.find("retry");
  return is("failed") && found != memory.end() && *found == true;
}

void job::begin(std::string unit) {
  memory = json::object();
  job_row fresh;
  fresh.feature = row_.feature;
  fresh.state = "running";
  fresh.unit = std::move(unit);
  fresh.started_at = now_;
  row_ = std::move(fresh);
}

void job::progress(std::int64_t done, std::optional<std::int64_t> total) {
  row_.done = done;
  row_.total = total && *total < done ? done : total;
}

void job::wake_at(time_point x) {
  row_.due_at = x;
}

void job::finish(json outcome) {
  stop("done");
  row_.outcome = outcome.dump();
}

void job::stop(std::string state, std::string why) {
  row_.state = std::move(state);
  row_.error = std::move(why);
  row_.finished_at = now_;
  memory.erase("retry");
}

void job::fail(const error& x, effects& out) {
  note_rejection(*seen_, x, now_, out);
  if (x.code == ec::token_rejected) {
    stop("paused", "Shopify no longer accepts our access. Reconnect the shop to go on.");
    memory["reconnect"] = true;
    return;
  }
  stop("failed", x.hint.empty() ? x.what : x.what + " " + x.hint);
  memory["retry"] = is_transient(x.code);
}

void job::resume() {
  row_.state = "running";
  row_.error.clear();
  row_.finished_at.reset();
  memory.erase("retry");
  memory.erase("reconnect");
}

void job::ask_for(call what, effects& out) {
  memory["asked_at"] = format_time(now_);
  out.push_back(ask{std::move(what)});
}

void job::save_to(effects& out) {
  row_.memory = memory.dump();
  out.push_back(save{row_});
  out.push_back(push{"jobs"});
}

void job::answer_to(effects& out) const {
  out.push_back(respond{job_json(row_)});
}

void note_rejection(const snapshot& seen, const error& x, time_point now, effects& out) {
  if (x.code != ec::token_rejected || is_disconnected(seen))
    return;
  auto why = "Shopify no longer accepts our access: " + x.what;
  out.push_back(save{connection_row{connection_row::state::needs_reconnect, why, {}, now}});
  out.push_back(tell{store_disconnected{why}});
  out.push_back(push{"ops"});
}

error wrong_answer(std::string_view to) {
  return {ec::internal, "The answer to " + std::string{to} + " was of another kind.", ""};
}

std::string job_json(const job_row& x) {
  auto time = [](const std::optional<time_point>& y) { return y ? json(format_time(*y)) : json(); };
  auto result = json{{"feature", x.feature},
                     {"state", x.state},
                     {"done", x.done},
                     {"total", x.total ? json(*x.total) : json()},
                     {"unit", x.unit},
                     {"started_at", time(x.started_at)},
                     {"finished_at", time(x.finished_at)},
                     {"error", x.error.empty() ? json() : json(x.error)},
                     {"result", x.outcome.empty() ? json() : object_of(x.outcome)}};
  return result.dump();
}

bool is_paused(const snapshot& seen) {
  auto settings = object_of(seen.settings);
  auto found = settings.find("sync_paused");
  return found != settings.end() && *found == true;
}

bool is_disconnected(const snapshot& seen) {
  return seen.store.connection != connection_row::state::connected;
}

bool has_scope(const snapshot& seen, std::string_view scope) {
  return std::find(seen.store.scopes.begin(), seen.store.scopes.end(), scope) != seen.store.scopes.end();
}

std::optional<time_point> as_of(const snapshot& seen, std::string_view source) {
  for (const auto& x : seen.sources)
    if (x.source == source)
      return x.as_of;
  return std::nullopt;
}

} // namespace clique::features
