#pragma once

// RAII over libpq: connections with deadlines, named prepared statements, binary
// parameters and answers, pipeline mode. Blocking; used on detached actors' threads.

#include "core/error.hpp"
#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clique::pg {

/// A named statement. The name is in logs, metrics and limits. Prepared on a connection
/// when first used there, and again after a reconnect.
struct statement {
  std::string_view name;
  std::string_view sql;
  std::chrono::milliseconds limit{5000}; ///< client-side deadline of one execution
};

/// Parameters in binary format, in the order $1, $2, ... Each call appends one.
class params {
public:
  params();
  ~params();
  params(params&&) noexcept;
  params& operator=(params&&) noexcept;

  params& null();
  params& add(bool x);
  params& add(std::int32_t x);
  params& add(std::int64_t x);
  params& add(double x);
  params& add(std::string_view text);        ///< text, and jsonb/enum where the SQL casts $n::jsonb
  params& add(const char* text);             ///< a literal is text, not a truth value
  params& add(time_point x);                 ///< timestamptz
  params& add_day(day x);                    ///< date
  params& add_bytes(std::string_view bytes); ///< bytea
  params& add(std::optional<std::int64_t> x);
  params& add(std::optional<time_point> x);
  // Arrays: int4[], int8[], bool[], text[], bytea[], timestamptz[], date[]; nullopt elements are NULL.
  params& add_array(std::span<const std::int32_t> xs);
  params& add_array(std::span<const std::int64_t> xs);
  params& add_array(std::span<const std::optional<std::int64_t>> xs);
  params& add_array(const std::vector<bool>& xs);
  params& add_array(std::span<const std::string> xs);
  params& add_array(std::span<const std::optional<std::string>> xs);
  params& add_array(std::span<const time_point> xs);
  params& add_array(std::span<const std::optional<time_point>> xs);
  params& add_day_array(std::span<const day> xs);
  params& add_bytes_array(std::span<const std::string> xs);

private:
  friend class connection;
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// An answer, binary format. Columns by position; asking for the wrong type is our bug.
class rows {
public:
  rows();
  ~rows();
  rows(rows&&) noexcept;
  rows& operator=(rows&&) noexcept;

  std::size_t size() const;
  bool empty() const;
  std::int64_t affected() const; ///< rows touched by a command without RETURNING
  bool is_null(std::size_t row, std::size_t column) const;
  std::int64_t int64(std::size_t row, std::size_t column) const; ///< int2, int4, int8
  double number(std::size_t row, std::size_t column) const;      ///< float8
  bool boolean(std::size_t row, std::size_t column) const;
  std::string_view text(std::size_t row, std::size_t column) const; ///< text, bytea, json (cast jsonb to text)
  time_point time(std::size_t row, std::size_t column) const;       ///< timestamptz
  day date(std::size_t row, std::size_t column) const;
  std::optional<std::int64_t> maybe_int64(std::size_t row, std::size_t column) const;
  std::optional<time_point> maybe_time(std::size_t row, std::size_t column) const;

private:
  friend class connection;
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Paces connection attempts: one at a time, and after a failure none for 1.0 to 1.5 s (jittered), which is at
/// most one per second for all connections that share it. Thread-safe.
class pace;
std::shared_ptr<pace> make_pace();

/// One session with the server. Not thread-safe. A broken connection reports
/// `unavailable` and reconnects on next use; statements are prepared anew.
class connection {
public:
  /// *conninfo*: libpq key=value or URI. TCP user time-out and keep-alives are set so that a
  /// half-open connection is seen within 15 s.
  /// *shared*: pace of the connections that belong together; empty: its own.
  explicit connection(std::string conninfo, std::shared_ptr<pace> shared = {});
  ~connection();
  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;

  /// Connects if not connected. @returns unavailable with the server's words.
  result<void> ensure();
  /// Runs one statement. Errors: unavailable (connection, shutdown, too many clients, disk full
  /// 53xxx, read-only server), timed_out (deadline; the connection is then closed: outcome unknown),
  /// conflict (unique, exclusion, serialization, deadlock), bad_input (data exceptions 22xxx),
  /// fenced (SQLSTATE CQ001, raised by the epoch check), internal (anything else).
  result<rows> run(const statement& what, const params& with);
  result<rows> run(const statement& what);
  /// Runs SQL text without parameters, several commands allowed (migrations, BEGIN, COMMIT).
  result<void> script(std::string_view sql, std::chrono::milliseconds limit = std::chrono::seconds{30});

  // Pipeline mode: queue statements, then one round trip. Inside a pipeline nothing is
  // answered until `finish`, which returns one answer per queued statement, or the first error
  // (then the whole pipeline has been rolled back by the server). The statements' texts must live until then.
  struct queued;
  void start_pipeline();
  void queue(const statement& what, params with);
  result<std::vector<rows>> finish(std::chrono::milliseconds limit);

  /// Closes the socket; the next use reconnects.
  void close();
  bool connected() const;
  /// Whether a transaction is open, also a failed one.
  bool in_transaction() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Runs `begin; ...; commit` in one pipeline. @returns the answers of *work*.
struct work_item {
  statement what;
  params with;
};
result<std::vector<rows>> transaction(connection& on, std::vector<work_item> work,
                                      std::chrono::milliseconds limit = std::chrono::seconds{15});

/// The SQL command that opens a transaction to the named stores only (row-level security):
/// run as first statement of a transaction.
work_item open_stores(std::span<const std::int64_t> stores);

/// *conninfo* with every session running as *role* (SET ROLE by start-up option). The login role must be a member.
/// @returns bad_input when libpq cannot read *conninfo*.
result<std::string> as_role(std::string_view conninfo, std::string_view role);

/// Roles that migration 0001 creates: the tenants' side behind row-level security, and cross-tenant system work.
constexpr std::string_view app_role = "clique_app";
constexpr std::string_view system_role = "clique_system";

} // namespace clique::pg
