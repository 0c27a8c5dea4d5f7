#include "storage/pg_impl.hpp"

#include <fmt/format.h>

#include <array>

namespace clique::pg {

namespace {

struct meaning {
  std::string_view state; ///< SQLSTATE or its first characters
  ec code;
};

/// First match counts. https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr std::array meanings{
    meaning{"CQ001", ec::fenced},      // raised by clique_check_epoch
    meaning{"57014", ec::timed_out},   // cancelled, also by statement_timeout
    meaning{"57P0", ec::unavailable},  // shutdown, crash recovery, cannot connect now, database dropped, idle session
    meaning{"08", ec::unavailable},    // connection
    meaning{"53", ec::unavailable},    // disk full, too many clients, out of memory
    meaning{"58", ec::unavailable},    // input/output error
    meaning{"25006", ec::unavailable}, // read-only server: a standby after a failover
    meaning{"55P03", ec::unavailable}, // lock not available within lock_timeout
    meaning{"40003", ec::timed_out},   // statement completion unknown
    meaning{"40", ec::conflict},       // serialization failure, deadlock
    meaning{"23505", ec::conflict},    // unique
    meaning{"23P01", ec::conflict},    // exclusion
    meaning{"23", ec::bad_input},      // not null, foreign key, check
    meaning{"22", ec::bad_input},      // data exceptions
    meaning{"54", ec::bad_input},      // a value over a limit of the server
};

ec code_of(std::string_view state) {
  for (const auto& x : meanings)
    if (state.starts_with(x.state))
      return x.code;
  return ec::internal;
}

} // namespace

error to_error(const PGresult* answer, std::string_view where) {
  const auto* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const auto* primary = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  if (state == nullptr) // libpq's own words: the connection broke
    return {ec::unavailable, fmt::format("{}: connection to the database lost", where), ""};
  auto words = std::string_view{primary == nullptr ? "" : primary};
  auto code = code_of(state);
  // Data exceptions quote the value (invalid input syntax for type date: "..."): cut it off.
  if (code == ec::bad_input)
    words = words.substr(0, words.find(": \""));
  return {code, fmt::format("{}: {} (SQLSTATE {})", where, words, state), ""};
}

} // namespace clique::pg
