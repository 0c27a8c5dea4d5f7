#include "core/time.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <optional>

namespace clique {

namespace {

using namespace std::chrono;

constexpr std::size_t quoted = 64; // characters of a wrong text that an error repeats

/// Takes exactly *n* digits off the front of *text*.
std::optional<int> take_digits(std::string_view& text, std::size_t n) {
  if (text.size() < n)
    return std::nullopt;
  auto result = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    result = result * 10 + (text[i] - '0');
  }
  text.remove_prefix(n);
  return result;
}

bool take_one_of(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == allowed.npos)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<day> take_day(std::string_view& text) {
  auto y = take_digits(text, 4);
  if (!y || !take_one_of(text, "-"))
    return std::nullopt;
  auto m = take_digits(text, 2);
  if (!m || !take_one_of(text, "-"))
    return std::nullopt;
  auto d = take_digits(text, 2);
  if (!d)
    return std::nullopt;
  auto result = year{*y} / month{static_cast<unsigned>(*m)} / std::chrono::day{static_cast<unsigned>(*d)};
  if (!result.ok())
    return std::nullopt;
  return sys_days{result};
}

std::optional<microseconds> take_clock(std::string_view& text) {
  auto h = take_digits(text, 2);
  if (!h || *h > 23 || !take_one_of(text, ":"))
    return std::nullopt;
  auto m = take_digits(text, 2);
  if (!m || *m > 59 || !take_one_of(text, ":"))
    return std::nullopt;
  auto s = take_digits(text, 2);
  if (!s || *s > 60) // 60: leap second
    return std::nullopt;
  auto result = microseconds{hours{*h} + minutes{*m} + seconds{*s}};
  if (!take_one_of(text, "."))
    return result;
  auto weight = 100'000;
  auto n = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++n, weight /= 10)
    result += microseconds{(text.front() - '0') * weight}; // digits beyond the sixth weigh nothing
  if (n == 0)
    return std::nullopt;
  return result;
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take_one_of(text, "Zz"))
    return minutes{0};
  auto is_west = !text.empty() && text.front() == '-';
  if (!take_one_of(text, "+-"))
    return std::nullopt;
  auto h = take_digits(text, 2);
  if (!h || *h > 23 || !take_one_of(text, ":"))
    return std::nullopt;
  auto m = take_digits(text, 2);
  if (!m || *m > 59)
    return std::nullopt;
  auto result = hours{*h} + minutes{*m};
  return is_west ? -result : result;
}

std::optional<time_point> read_time(std::string_view text) {
  auto on = take_day(text);
  if (!on || !take_one_of(text, "Tt "))
    return std::nullopt;
  auto clock = take_clock(text);
  if (!clock)
    return std::nullopt;
  auto offset = take_offset(text);
  if (!offset || !text.empty())
    return std::nullopt;
  return time_point{*on} + *clock - *offset;
}

const date::time_zone* zone_of(const void* x) {
  return static_cast<const date::time_zone*>(x);
}

/// Local wall time of *x*, as if it were UTC.
time_point local(const void* zone, time_point x) {
  if (zone == nullptr)
    return x;
  return x + zone_of(zone)->get_info(floor<seconds>(x)).offset;
}

} // namespace

result<time_point> parse_time(std::string_view text) {
  if (auto x = read_time(text))
    return *x;
  return error{ec::bad_input, fmt::format("\"{}\" is no point in time", text.substr(0, quoted)),
               "Write RFC 3339 with an offset, such as \"2026-11-22T10:00:00Z\"."};
}

std::string format_time(time_point x) {
  auto on = floor<days>(x);
  auto clock = hh_mm_ss{x - on};
  auto fraction = clock.subseconds().count();
  auto result = fmt::format("{}T{:02}:{:02}:{:02}", format_day(on), clock.hours().count(), clock.minutes().count(),
                            clock.seconds().count());
  return fraction == 0 ? result + "Z" : fmt::format("{}.{:06}Z", result, fraction);
}

result<day> parse_day(std::string_view text) {
  auto rest = text;
  if (auto x = take_day(rest); x && rest.empty())
    return *x;
  return error{ec::bad_input, fmt::format("\"{}\" is no day", text.substr(0, quoted)),
               "Write year, month and day, such as \"2026-11-22\"."};
}

std::string format_day(day x) {
  auto ymd = year_month_day{x};
  return fmt::format("{:04}-{:02}-{:02}", int{ymd.year()}, unsigned{ymd.month()}, unsigned{ymd.day()});
}

result<calendar> calendar::of(std::string_view iana_zone) {
  calendar result;
  if (iana_zone == "UTC")
    return result;
  try {
    result.zone_ = date::locate_zone(std::string{iana_zone});
    return result;
  } catch (const std::exception&) {
    return error{ec::bad_input, fmt::format("\"{}\" is no time zone", iana_zone.substr(0, quoted)),
                 "Use a name of the IANA time zone database, such as \"Europe/Berlin\"."};
  }
}

day calendar::day_of(time_point x) const {
  return floor<days>(local(zone_, x));
}

int calendar::hour_of(time_point x) const {
  auto wall = local(zone_, x);
  return static_cast<int>(floor<hours>(wall - floor<days>(wall)).count());
}

time_point calendar::start_of(day x) const {
  if (zone_ == nullptr)
    return x;
  auto info = zone_of(zone_)->get_info(date::local_seconds{x.time_since_epoch()});
  if (info.result == date::local_info::nonexistent)
    return info.first.end;
  return time_point{x} - info.first.offset;
}

std::string_view calendar::name() const {
  return zone_ == nullptr ? std::string_view{"UTC"} : std::string_view{zone_of(zone_)->name()};
}

} // namespace clique
