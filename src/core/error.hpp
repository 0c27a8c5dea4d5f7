#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace clique {

/// What went wrong, as one enum; HTTP statuses come from it in one table.
enum class ec : std::uint8_t {
  bad_input = 1,  ///< the caller sent something we cannot read
  unauthorized,   ///< no or wrong credentials, or a wrong signature
  forbidden,      ///< known caller without the right
  not_found,      ///< no such thing, or not visible to this caller
  conflict,       ///< the thing has changed since the caller read it
  too_large,      ///< over a limit
  unsupported,    ///< content type, encoding or version that we do not speak
  throttled,      ///< too many requests; retry later
  unavailable,    ///< a neighbour (database, platform) is not there; retry later
  timed_out,      ///< the outcome at the neighbour is unknown
  token_rejected, ///< the platform refuses our token; reconnect needed
  refused,        ///< the platform understood and said no; do not retry
  fenced,         ///< our ownership epoch is over; stop writing
  internal,       ///< our bug
};

/// A failure that is expected to happen: a code and a sentence for humans.
struct error {
  ec code = ec::internal;
  std::string what; ///< what happened and where
  std::string hint; ///< what to do about it; may be empty
};

template <class T>
using result = boost::system::result<T, error>;

/// Name of a code as it stands in problem documents, logs and metrics.
std::string_view to_string(ec code);

/// Whether the same attempt may succeed later without anyone's action.
bool is_transient(ec code);

/// Called by `result::value()` on a failed result: that is our bug.
[[noreturn]] void throw_exception_from_error(const error& x, const boost::source_location& where);

} // namespace clique
