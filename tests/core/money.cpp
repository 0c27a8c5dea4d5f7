#define CAF_SUITE money

#include "core/money.hpp"

#include "support/check.hpp"

#include <limits>
#include <optional>
#include <random>
#include <stdexcept>

using namespace clique;

CAF_TEST(decimal texts become minor units and wrong ones do not ) {
  struct {
    const char* text;
    const char* unit;
    std::optional<std::int64_t> expected;
  } table[] = {
      {"19.99", "EUR", 1999},
      {"-19.99", "EUR", -1999},
      {"0", "EUR", 0},
      {"-0.00", "EUR", 0},
      {"398.0", "EUR", 39800},
      {"5", "EUR", 500},
      {"1000.0", "JPY", 1000},
      {"1.5", "JPY", 2},
      {"1.4999", "JPY", 1},
      {"1.234", "KWD", 1234},
      {"0.005", "EUR", 1},
      {"-0.005", "EUR", -1},
      {"0.0049999", "EUR", 0},
      {"1.00000000", "EUR", 100},
      {"007.10", "EUR", 710},
      {"92233720368547758.07", "EUR", std::numeric_limits<std::int64_t>::max()},
      {"92233720368547758.08", "EUR", std::nullopt},
      {"-92233720368547758.08", "EUR", std::numeric_limits<std::int64_t>::min()},
      {"-92233720368547758.085", "EUR", std::nullopt},
      {"99999999999999999999", "EUR", std::nullopt},
      {"1e2", "EUR", std::nullopt},
      {"", "EUR", std::nullopt},
      {"-", "EUR", std::nullopt},
      {".5", "EUR", std::nullopt},
      {"5.", "EUR", std::nullopt},
      {"1,50", "EUR", std::nullopt},
      {" 1", "EUR", std::nullopt},
      {"+1", "EUR", std::nullopt},
      {"1.2.3", "EUR", std::nullopt},
      {"NaN", "EUR", std::nullopt},
      {"0x10", "EUR", std::nullopt},
  };
  for (const auto& x : table) {
    auto got = parse_minor(x.text, currency::parse(x.unit).value());
    CAF_MESSAGE(x.text << " " << x.unit);
    CAF_CHECK_EQUAL(static_cast<bool>(got), x.expected.has_value());
    if (got && x.expected)
      CAF_CHECK_EQUAL(*got, *x.expected);
    if (!got)
      CAF_CHECK_EQUAL(to_string(got.error().code), "bad_input");
  }
}

CAF_TEST(what is written is read back the same in every currency) {
  std::mt19937_64 random{7};
  for (auto unit : {currency{"JPY"}, currency{"EUR"}, currency{"KWD"}, currency{"CLF"}})
    for (auto i = 0; i < 5000; ++i) {
      auto minor = static_cast<std::int64_t>(random()) >> (random() % 63);
      CAF_REQUIRE_EQUAL(*parse_minor(format_minor(minor, unit), unit), minor);
    }
  CAF_CHECK_EQUAL(format_minor(std::numeric_limits<std::int64_t>::min(), currency{"EUR"}), "-92233720368547758.08");
}

CAF_TEST(amounts are written with the decimals of their currency) {
  CAF_CHECK_EQUAL(format_minor(-1230, currency{"EUR"}), "-12.30");
  CAF_CHECK_EQUAL(format_minor(5, currency{"EUR"}), "0.05");
  CAF_CHECK_EQUAL(format_minor(1230, currency{"JPY"}), "1230");
  CAF_CHECK_EQUAL(format_minor(-5, currency{"KWD"}), "-0.005");
}

CAF_TEST(a currency code is three letters of any case) {
  CAF_CHECK_EQUAL(currency::parse("eUr").value().code(), "EUR");
  for (auto text : {"", "EU", "EURO", "E1R", "\xc3\x84R"})
    CAF_CHECK(!currency::parse(text));
}

CAF_TEST(a sum that does not fit is refused instead of wrapped) {
  auto most = std::numeric_limits<std::int64_t>::max();
  auto wrapped = false;
  try {
    add_checked(most, 1);
    wrapped = true;
  } catch (const std::overflow_error&) {
    CAF_CHECK_EQUAL(add_checked(most, -1), most - 1);
  }
  CAF_CHECK(!wrapped);
}
