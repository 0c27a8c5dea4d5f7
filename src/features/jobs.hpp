#pragma once

// What the features that work in steps share: memory as JSON, the job's row, the words of search filters.

#include "core/effects.hpp"
#include "core/snapshot.hpp"
#include "core/trigger.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clique::features {

using json = nlohmann::json;

/// The JSON object in *text*; an empty object when there is none.
json object_of(std::string_view text);
/// Fields of an object; empty, 0 or nothing when absent or of another type.
std::string text_of(const json& x, const char* key);
std::int64_t number_of(const json& x, const char* key);
std::optional<time_point> time_of(const json& x, const char* key);
/// *key* of *x* as an object that can be written to.
json& object_in(json& x, const char* key);

/// Ids travel as text: they may exceed what a double holds.
std::string id_text(shopify_id x);

/// Search filters. Platforms compare whole seconds, so starts are rounded down and ends up.
std::string updated_since(time_point from);
std::string created_between(std::optional<time_point> from, time_point to);

/// A start of re-reading that certainly overlaps the last one: clocks differ and commits are late.
time_point with_overlap(time_point x);

/// A job at work: its row and memory while a feature decides.
class job {
public:
  /// *seen* must outlive the job.
  job(const snapshot& seen, std::string_view feature, time_point now);

  const job_row& row() const {
    return row_;
  }
  bool is(std::string_view state) const {
    return row_.state == state;
  }
  /// Running and heard of within the time that any answer takes, retries included.
  bool is_busy() const;
  /// Failed in a way that passes without anyone's action.
  bool may_retry() const;

  void begin(std::string unit);
  void progress(std::int64_t done, std::optional<std::int64_t> total);
  void wake_at(time_point x);
  void finish(json outcome);
  void stop(std::string state, std::string why = {});
  /// Paused with a request to reconnect where the token was rejected (see note_rejection), else failed with the reason.
  void fail(const error& x, effects& out);
  void resume();

  /// Asks, and remembers when it was.
  void ask_for(call what, effects& out);
  /// Appends the row, and that the jobs channel has changed.
  void save_to(effects& out);
  /// Answers the waiting user with the job as it stands.
  void answer_to(effects& out) const;

  json memory; ///< an object, private to the feature

private:
  job_row row_;
  const snapshot* seen_;
  time_point now_;
};

/// Where *x* says that our token is rejected: marks the store as in need of a reconnect and tells it, once.
void note_rejection(const snapshot& seen, const error& x, time_point now, effects& out);
/// The error for an answer of another kind than the question, which is our bug.
error wrong_answer(std::string_view to);

/// The job as people see it (views use the same fields).
std::string job_json(const job_row& x);

/// Whether the store's settings say that timers rest.
bool is_paused(const snapshot& seen);
/// Whether nothing can be asked of the platform until someone reconnects.
bool is_disconnected(const snapshot& seen);
bool has_scope(const snapshot& seen, std::string_view scope);
/// As-of of a source's stored row.
std::optional<time_point> as_of(const snapshot& seen, std::string_view source);

} // namespace clique::features
