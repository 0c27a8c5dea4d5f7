#include "storage/pg_impl.hpp"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace clique::pg {

namespace {

/// Our bug: a column was asked for as something that it is not.
[[noreturn]] void wrong_type(const PGresult* got, std::size_t column, const char* wanted) {
  auto at = static_cast<int>(column);
  const auto* name = PQfname(got, at);
  std::fprintf(stderr, "column %d (%s) of type %u was read as %s: cast it in the SQL\n", at,
               name == nullptr ? "beyond the last" : name, PQftype(got, at), wanted);
  std::abort();
}

struct cell {
  const unsigned char* bytes;
  std::size_t size;
  std::uint32_t type;
};

/// The cell, which must exist and must not be NULL.
cell at(const PGresult* got, std::size_t row, std::size_t column, const char* wanted) {
  auto r = static_cast<int>(row);
  auto c = static_cast<int>(column);
  if (got == nullptr || r >= PQntuples(got) || c >= PQnfields(got) || PQgetisnull(got, r, c) == 1)
    wrong_type(got, column, wanted);
  return {reinterpret_cast<const unsigned char*>(PQgetvalue(got, r, c)),
          static_cast<std::size_t>(PQgetlength(got, r, c)), PQftype(got, c)};
}

std::uint64_t big_endian(cell x) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < x.size; ++i)
    result = result << 8 | x.bytes[i];
  return result;
}

} // namespace

rows::rows() : impl_{std::make_unique<impl>()} {
}
rows::~rows() = default;
rows::rows(rows&&) noexcept = default;
rows& rows::operator=(rows&&) noexcept = default;

std::size_t rows::size() const {
  return static_cast<std::size_t>(PQntuples(impl_->got.get()));
}

bool rows::empty() const {
  return size() == 0;
}

std::int64_t rows::affected() const {
  return impl_->got ? std::strtoll(PQcmdTuples(impl_->got.get()), nullptr, 10) : 0;
}

bool rows::is_null(std::size_t row, std::size_t column) const {
  return PQgetisnull(impl_->got.get(), static_cast<int>(row), static_cast<int>(column)) == 1;
}

std::int64_t rows::int64(std::size_t row, std::size_t column) const {
  auto x = at(impl_->got.get(), row, column, "an integer");
  switch (x.type) {
  case oid::int2:
    return static_cast<std::int16_t>(big_endian(x));
  case oid::int4:
    return static_cast<std::int32_t>(big_endian(x));
  case oid::int8:
  case oid::plain_oid:
    return static_cast<std::int64_t>(big_endian(x));
  default:
    wrong_type(impl_->got.get(), column, "an integer");
  }
}

double rows::number(std::size_t row, std::size_t column) const {
  auto x = at(impl_->got.get(), row, column, "a floating point number");
  if (x.type == oid::float8)
    return std::bit_cast<double>(big_endian(x));
  if (x.type == oid::float4)
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(big_endian(x))));
  wrong_type(impl_->got.get(), column, "a floating point number");
}

bool rows::boolean(std::size_t row, std::size_t column) const {
  auto x = at(impl_->got.get(), row, column, "a truth value");
  if (x.type != oid::boolean)
    wrong_type(impl_->got.get(), column, "a truth value");
  return x.bytes[0] != 0;
}

std::string_view rows::text(std::size_t row, std::size_t column) const {
  if (is_null(row, column))
    return {};
  auto x = at(impl_->got.get(), row, column, "text");
  switch (x.type) {
  case oid::text:
  case oid::varchar:
  case oid::bpchar:
  case oid::name:
  case oid::json:
  case oid::bytea:
  case oid::unknown:
    return {reinterpret_cast<const char*>(x.bytes), x.size};
  case oid::jsonb: // one byte of version, then JSON text
    return {reinterpret_cast<const char*>(x.bytes) + 1, x.size - 1};
  default:
    wrong_type(impl_->got.get(), column, "text");
  }
}

time_point rows::time(std::size_t row, std::size_t column) const {
  auto x = at(impl_->got.get(), row, column, "an instant");
  if (x.type != oid::timestamptz)
    wrong_type(impl_->got.get(), column, "an instant");
  auto count = static_cast<std::int64_t>(big_endian(x));
  if (count == std::numeric_limits<std::int64_t>::max()) // infinity
    return time_point::max();
  if (count == std::numeric_limits<std::int64_t>::min())
    return time_point::min();
  return time_point{epoch} + std::chrono::microseconds{count};
}

day rows::date(std::size_t row, std::size_t column) const {
  auto x = at(impl_->got.get(), row, column, "a day");
  if (x.type != oid::date)
    wrong_type(impl_->got.get(), column, "a day");
  return epoch + std::chrono::days{static_cast<std::int32_t>(big_endian(x))};
}

std::optional<std::int64_t> rows::maybe_int64(std::size_t row, std::size_t column) const {
  if (is_null(row, column))
    return std::nullopt;
  return int64(row, column);
}

std::optional<time_point> rows::maybe_time(std::size_t row, std::size_t column) const {
  if (is_null(row, column))
    return std::nullopt;
  return time(row, column);
}

} // namespace clique::pg
