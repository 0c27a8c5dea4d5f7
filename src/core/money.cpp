#include "core/money.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace clique {

namespace {

using namespace std::literals;

// ISO 4217 list one, column "minor unit"; every code not named here has two.
constexpr std::array no_decimals{"BIF"sv, "CLP"sv, "DJF"sv, "GNF"sv, "ISK"sv, "JPY"sv, "KMF"sv, "KRW"sv, "PYG"sv,
                                 "RWF"sv, "UGX"sv, "UYI"sv, "VND"sv, "VUV"sv, "XAF"sv, "XOF"sv, "XPF"sv};
constexpr std::array three_decimals{"BHD"sv, "IQD"sv, "JOD"sv, "KWD"sv, "LYD"sv, "OMR"sv, "TND"sv};
constexpr std::array four_decimals{"CLF"sv, "UYW"sv};

constexpr std::size_t longest_amount = 64; // characters; any honest amount is shorter

bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

error no_decimal(std::string_view text) {
  return {ec::bad_input, "\"" + std::string{text.substr(0, longest_amount)} + "\" is no decimal amount of money",
          "Write digits with an optional minus sign and decimal point, such as \"-19.99\"."};
}

/// Appends a digit to a negative accumulator, which reaches one further than a positive one.
bool push_digit(std::int64_t& negative, int digit) {
  return !__builtin_mul_overflow(negative, std::int64_t{10}, &negative)
         && !__builtin_sub_overflow(negative, std::int64_t{digit}, &negative);
}

} // namespace

result<currency> currency::parse(std::string_view code) {
  auto is_letter = [](char x) { return (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z'); };
  if (code.size() != 3 || !std::all_of(code.begin(), code.end(), is_letter))
    return error{ec::bad_input, "\"" + std::string{code.substr(0, longest_amount)} + "\" is no currency code",
                 "Use three letters of ISO 4217, such as \"EUR\"."};
  currency result;
  for (std::size_t i = 0; i < 3; ++i)
    result.code_[i] = static_cast<char>(code[i] & ~0x20); // ASCII upper case
  return result;
}

int currency::exponent() const {
  auto is_in = [this](const auto& list) { return std::find(list.begin(), list.end(), code()) != list.end(); };
  if (is_in(no_decimals))
    return 0;
  if (is_in(three_decimals))
    return 3;
  return is_in(four_decimals) ? 4 : 2;
}

result<std::int64_t> parse_minor(std::string_view decimal, currency unit) {
  auto rest = decimal;
  auto is_negative = !rest.empty() && rest.front() == '-';
  if (is_negative)
    rest.remove_prefix(1);
  auto point = rest.find('.');
  auto whole = rest.substr(0, point);
  auto fraction = point == rest.npos ? std::string_view{} : rest.substr(point + 1);
  auto all_digits = [](std::string_view x) { return std::all_of(x.begin(), x.end(), is_digit); };
  if (rest.size() > longest_amount || whole.empty() || (point != rest.npos && fraction.empty()) || !all_digits(whole)
      || !all_digits(fraction))
    return no_decimal(decimal);
  auto decimals = static_cast<std::size_t>(unit.exponent());
  std::int64_t negative = 0;
  auto fits = true;
  for (auto x : whole)
    fits = fits && push_digit(negative, x - '0');
  for (std::size_t i = 0; i < decimals; ++i)
    fits = fits && push_digit(negative, i < fraction.size() ? fraction[i] - '0' : 0);
  if (fits && fraction.size() > decimals && fraction[decimals] >= '5')
    fits = !__builtin_sub_overflow(negative, std::int64_t{1}, &negative);
  if (!fits || (!is_negative && negative == std::numeric_limits<std::int64_t>::min()))
    return error{ec::bad_input, "\"" + std::string{decimal} + "\" is more money than we can count", ""};
  return is_negative ? negative : -negative;
}

std::string format_minor(std::int64_t minor, currency unit) {
  auto is_negative = minor < 0;
  auto magnitude = is_negative ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  auto result = std::to_string(magnitude);
  if (auto decimals = static_cast<std::size_t>(unit.exponent()); decimals > 0) {
    if (result.size() <= decimals)
      result.insert(0, decimals + 1 - result.size(), '0');
    result.insert(result.size() - decimals, ".");
  }
  if (is_negative)
    result.insert(0, "-");
  return result;
}

std::int64_t add_checked(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result))
    throw std::overflow_error{"a sum of money beyond 2^63 minor units"};
  return result;
}

} // namespace clique
