#pragma once

#include "core/error.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace clique {

/// An instant, UTC, with the resolution of Postgres.
using time_point = std::chrono::sys_time<std::chrono::microseconds>;

/// A calendar day without a zone; which zone is said by who owns it.
using day = std::chrono::sys_days;

/// Parses RFC 3339 with offset ("2024-08-07T22:57:57.290670248Z", "2023-02-20T20:50:03-05:00").
result<time_point> parse_time(std::string_view text);

/// RFC 3339, UTC, microseconds only when they are not zero.
std::string format_time(time_point x);

/// Parses "YYYY-MM-DD".
result<day> parse_day(std::string_view text);
std::string format_day(day x);

/// A store's calendar: an IANA zone looked up once. Cheap to copy.
class calendar {
public:
  calendar() = default; ///< UTC
  /// @returns bad_input for an unknown zone.
  static result<calendar> of(std::string_view iana_zone);

  day day_of(time_point x) const;
  /// Local hour 0..23.
  int hour_of(time_point x) const;
  /// First instant of the local day (days start late where a change skips midnight).
  time_point start_of(day x) const;
  std::string_view name() const;

private:
  const void* zone_ = nullptr; // date::time_zone; null is UTC
};

} // namespace clique
