#pragma once

// The import's memory and its steps through one month; historical_import decides when to take them.

#include "features/jobs.hpp"

namespace clique::features {

/// Where the import is. Each step is one question to the platform or one task of the worker; a restart asks again.
enum class import_step { total, start, wait, poll, load, count, pages, before };

class import_run {
public:
  import_run(const snapshot& seen, time_point now);

  job at_work;

  import_step step() const;
  std::string gid() const {
    return text_of(at_work.memory, "gid");
  }
  std::string month() const {
    return text_of(at_work.memory, "month");
  }
  /// Filters of the month, of all that is wanted, and of what is older than the month.
  std::string month_filter() const;
  std::string whole_filter() const;
  std::string older_filter() const;
  /// True while an answer is outstanding or the worker is at it.
  bool is_waiting() const;
  void answered();

  /// Starts at the current month, going back.
  void begin(effects& out);
  /// Asks the question of *x*, or of the current step again.
  void enter(import_step x, effects& out);
  void enter_again(effects& out) {
    enter(step(), out);
  }
  void poll_later();
  /// Bulk operations that fail repeatedly are replaced by pages.
  void start_again(effects& out);
  /// Reads the month page by page, instead of or after a bulk file.
  void read_pages(effects& out);
  void add_rows(std::int64_t n);
  void worker_lives(std::int64_t rows);
  /// Certificate of the month: *theirs* against the rows that arrived. Enters the next step.
  void certify(std::int64_t theirs, effects& out);
  /// The month before, when *older* orders exist there.
  void go_back(std::int64_t older, bool is_exact, effects& out);
  void finish(effects& out);

private:
  day first_of_month() const;
  time_point month_start() const;
  time_point month_end() const;
  std::optional<time_point> limit() const;
  void set_month(day first);

  const snapshot* seen_;
  time_point now_;
};

} // namespace clique::features
