#pragma once

// One libpq session: connecting, waiting with deadlines, collecting answers.

#include "storage/pg_impl.hpp"

#include <unordered_set>

namespace clique::pg {

using steady = std::chrono::steady_clock;

struct connection::queued {
  statement what;
  params with;
};

struct connection::impl {
  impl(std::string info, std::shared_ptr<pace> shared);
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl();

  void close();
  /// Whether the session is usable; notices a server that said good-bye while we were idle.
  bool alive();
  result<void> ensure();

  /// Next answer; null at the end of one statement's answers. Late or broken: the session is closed.
  result<answer_ptr> next(std::string_view where, steady::time_point until, std::chrono::milliseconds limit);
  /// All answers of one exchange outside pipeline mode: the last good one, or the first error.
  result<answer_ptr> collect(std::string_view where, std::chrono::milliseconds limit);
  /// One exchange of the simple protocol.
  result<void> simple(std::string_view where, const std::string& sql, std::chrono::milliseconds limit);
  /// The session's error after a call of libpq failed; closes it.
  error broken(std::string_view where);

  /// Name on the server: the same text with other parameter types is another statement.
  static std::string prepared_name(const statement& what, const params& with);
  bool send_prepare(const std::string& name, const statement& what, const params& with);
  bool send_execute(const std::string& name, const params& with);
  result<void> forget_if_too_many();
  /// After the server says that it must plan a statement anew.
  void close_if_stale(const error& failure);
  result<answer_ptr> run(const statement& what, const params& with);
  /// Everything in one round trip; one answer per item, or the first error. A transaction may be left open, failed.
  result<std::vector<answer_ptr>> exchange(const std::vector<queued>& work, std::chrono::milliseconds limit);

  std::string conninfo;
  std::shared_ptr<pace> attempts;
  PGconn* conn = nullptr;
  std::unordered_set<std::string> prepared; ///< names of statements that the server knows
  std::vector<queued> pipeline;

private:
  result<void> connect();
  /// Sends what libpq holds and waits until an answer can be taken without blocking.
  result<void> wait(std::string_view where, steady::time_point until, std::chrono::milliseconds limit);
};

} // namespace clique::pg
