#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace clique {

/// ISO 4217 code, upper case.
class currency {
public:
  currency() = default;
  /// @returns bad_input unless *code* is three letters.
  static result<currency> parse(std::string_view code);
  /// For codes that are known to be well-formed.
  explicit constexpr currency(const char (&code)[4]) : code_{code[0], code[1], code[2], '\0'} {
  }

  std::string_view code() const {
    return {code_, code_[0] == '\0' ? 0u : 3u};
  }
  /// Number of decimals of the minor unit (JPY 0, KWD 3, most 2). ISO 4217 table of 2024.
  int exponent() const;
  bool empty() const {
    return code_[0] == '\0';
  }

  friend auto operator<=>(const currency&, const currency&) = default;

private:
  char code_[4] = {};
};

/// Minor units (cents) of a decimal text such as "19.99", "-5", "398.0", "1e2" is refused.
/// More decimals than the currency has are accepted only when they are zeros
/// beyond the exponent; otherwise the value is rounded half away from zero.
/// @returns bad_input for anything that is no decimal number or does not fit.
result<std::int64_t> parse_minor(std::string_view decimal, currency unit);

/// Decimal text of *minor*, e.g. "-12.30".
std::string format_minor(std::int64_t minor, currency unit);

/// Sum that refuses to wrap: totals beyond 2^63 minor units throw std::overflow_error, which is our bug or poison.
std::int64_t add_checked(std::int64_t a, std::int64_t b);

} // namespace clique
