#include "storage/pg_impl.hpp"

#include <bit>
#include <concepts>
#include <limits>

namespace clique::pg {

namespace {

template <std::integral T>
void put(std::string& to, T x) {
  for (auto shift = static_cast<int>(sizeof(T)) * 8; shift > 0;) {
    shift -= 8;
    to.push_back(static_cast<char>((static_cast<std::uint64_t>(x) >> shift) & 0xff));
  }
}

std::int64_t microseconds(time_point x) {
  return (x - time_point{epoch}).count();
}

std::int32_t days(day x) {
  return static_cast<std::int32_t>((x - epoch).count());
}

// One value of an array: its length, then its bytes.
void put_element(std::string& to, bool x) {
  put(to, std::int32_t{1});
  to.push_back(x ? 1 : 0);
}
void put_element(std::string& to, std::int32_t x) {
  put(to, std::int32_t{4});
  put(to, x);
}
void put_element(std::string& to, std::int64_t x) {
  put(to, std::int32_t{8});
  put(to, x);
}
void put_element(std::string& to, const std::string& x) {
  put(to, static_cast<std::int32_t>(x.size()));
  to.append(x);
}
void put_element(std::string& to, time_point x) {
  put_element(to, microseconds(x));
}
void put_element(std::string& to, day x) {
  put_element(to, days(x));
}
template <class T>
void put_element(std::string& to, const std::optional<T>& x) {
  if (x)
    put_element(to, *x);
  else
    put(to, std::int32_t{-1});
}

} // namespace

params::params() : impl_{std::make_unique<impl>()} {
}
params::~params() = default;
params::params(params&&) noexcept = default;
params& params::operator=(params&&) noexcept = default;

namespace {

/// Appends one parameter whose bytes *write* puts.
template <class Impl, class Write>
void append(Impl& to, std::uint32_t type, const Write& write) {
  auto start = to.bytes.size();
  write(to.bytes);
  to.types.push_back(type);
  to.at.push_back(start);
  to.size.push_back(static_cast<int>(to.bytes.size() - start));
}

template <class Impl>
void append_null(Impl& to, std::uint32_t type) {
  to.types.push_back(type);
  to.at.push_back(0);
  to.size.push_back(-1);
}

template <class Impl, class Range>
void append_array(Impl& to, std::uint32_t type, std::uint32_t element, const Range& xs) {
  append(to, type, [&](std::string& bytes) {
    put(bytes, std::int32_t{xs.empty() ? 0 : 1}); // dimensions
    put(bytes, std::int32_t{1});                  // may hold NULLs
    put(bytes, static_cast<std::int32_t>(element));
    if (xs.empty())
      return;
    put(bytes, static_cast<std::int32_t>(xs.size()));
    put(bytes, std::int32_t{1}); // index of the first
    for (const auto& x : xs)
      put_element(bytes, x);
  });
}

} // namespace

params& params::null() {
  append_null(*impl_, 0);
  return *this;
}

params& params::add(bool x) {
  append(*impl_, oid::boolean, [&](std::string& to) { to.push_back(x ? 1 : 0); });
  return *this;
}

params& params::add(std::int32_t x) {
  append(*impl_, oid::int4, [&](std::string& to) { put(to, x); });
  return *this;
}

params& params::add(std::int64_t x) {
  append(*impl_, oid::int8, [&](std::string& to) { put(to, x); });
  return *this;
}

params& params::add(double x) {
  append(*impl_, oid::float8, [&](std::string& to) { put(to, std::bit_cast<std::int64_t>(x)); });
  return *this;
}

params& params::add(std::string_view text) {
  append(*impl_, oid::text, [&](std::string& to) { to.append(text); });
  return *this;
}

params& params::add(const char* text) {
  return add(std::string_view{text});
}

params& params::add(time_point x) {
  append(*impl_, oid::timestamptz, [&](std::string& to) { put(to, microseconds(x)); });
  return *this;
}

params& params::add_day(day x) {
  append(*impl_, oid::date, [&](std::string& to) { put(to, days(x)); });
  return *this;
}

params& params::add_bytes(std::string_view bytes) {
  append(*impl_, oid::bytea, [&](std::string& to) { to.append(bytes); });
  return *this;
}

params& params::add(std::optional<std::int64_t> x) {
  if (x)
    return add(*x);
  append_null(*impl_, oid::int8);
  return *this;
}

params& params::add(std::optional<time_point> x) {
  if (x)
    return add(*x);
  append_null(*impl_, oid::timestamptz);
  return *this;
}

params& params::add_array(std::span<const std::int32_t> xs) {
  append_array(*impl_, oid::int4_array, oid::int4, xs);
  return *this;
}

params& params::add_array(std::span<const std::int64_t> xs) {
  append_array(*impl_, oid::int8_array, oid::int8, xs);
  return *this;
}

params& params::add_array(std::span<const std::optional<std::int64_t>> xs) {
  append_array(*impl_, oid::int8_array, oid::int8, xs);
  return *this;
}

params& params::add_array(const std::vector<bool>& xs) {
  append(*impl_, oid::boolean_array, [&](std::string& to) {
    put(to, std::int32_t{xs.empty() ? 0 : 1});
    put(to, std::int32_t{0});
    put(to, static_cast<std::int32_t>(oid::boolean));
    if (xs.empty())
      return;
    put(to, static_cast<std::int32_t>(xs.size()));
    put(to, std::int32_t{1});
    for (bool x : xs)
      put_element(to, x);
  });
  return *this;
}

params& params::add_array(std::span<const std::string> xs) {
  append_array(*impl_, oid::text_array, oid::text, xs);
  return *this;
}

params& params::add_array(std::span<const std::optional<std::string>> xs) {
  append_array(*impl_, oid::text_array, oid::text, xs);
  return *this;
}

params& params::add_array(std::span<const time_point> xs) {
  append_array(*impl_, oid::timestamptz_array, oid::timestamptz, xs);
  return *this;
}

params& params::add_array(std::span<const std::optional<time_point>> xs) {
  append_array(*impl_, oid::timestamptz_array, oid::timestamptz, xs);
  return *this;
}

params& params::add_day_array(std::span<const day> xs) {
  append_array(*impl_, oid::date_array, oid::date, xs);
  return *this;
}

params& params::add_bytes_array(std::span<const std::string> xs) {
  append_array(*impl_, oid::bytea_array, oid::bytea, xs);
  return *this;
}

} // namespace clique::pg
