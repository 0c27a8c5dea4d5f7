#include "net/platform/shopify_json_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace clique::shopify {

namespace dom = simdjson::dom;

result<dom::element> parse_document(std::string_view json) {
  thread_local dom::parser parser;
  dom::element root;
  // Copies into a padded buffer of the parser; texts of the document point into the parser.
  if (auto code = parser.parse(json.data(), json.size()).get(root))
    return error{ec::bad_input, fmt::format("the body is no valid JSON: {}", simdjson::error_message(code)), ""};
  return root;
}

node node::operator[](const char* key) const {
  dom::object members;
  dom::element found;
  if (!value_ || value_->get(members) != simdjson::SUCCESS || members.at_key(key).get(found) != simdjson::SUCCESS)
    return {this, key, -1, std::nullopt};
  return {this, key, -1, found};
}

bool node::present() const {
  return value_ && !value_->is_null();
}

bool node::is_object() const {
  return value_ && value_->is_object();
}

bool node::is_text() const {
  return value_ && value_->is_string();
}

bool node::has(const char* key) const {
  dom::object members;
  return value_ && value_->get(members) == simdjson::SUCCESS && members.at_key(key).error() == simdjson::SUCCESS;
}

void node::each(const std::function<void(const node&)>& visit) const {
  if (!present())
    return;
  dom::array items;
  if (value_->get(items) != simdjson::SUCCESS)
    return fail("is no list");
  int index = 0;
  for (auto item : items)
    visit(node(this, nullptr, index++, item));
}

std::size_t node::size() const {
  dom::array items;
  if (!value_ || value_->get(items) != simdjson::SUCCESS)
    return 0;
  return items.size();
}

std::optional<std::string> node::decimal() const {
  std::string_view text;
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  double number = 0;
  if (value_->get(text) == simdjson::SUCCESS)
    return std::string(text);
  if (value_->get(integer) == simdjson::SUCCESS)
    return std::to_string(integer);
  if (value_->get(natural) == simdjson::SUCCESS)
    return std::to_string(natural);
  // The shortest digits that name this double: what was written, up to 15 significant digits.
  if (value_->is_double() && value_->get(number) == simdjson::SUCCESS) {
    char digits[512];
    auto [end, code] = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
    if (code == std::errc{})
      return std::string(digits, end);
  }
  return std::nullopt;
}

std::string node::text() const {
  if (!present())
    return {};
  bool truth = false;
  if (value_->get(truth) == simdjson::SUCCESS)
    return truth ? "true" : "false";
  if (auto result = decimal())
    return *result;
  fail("is no text");
  return {};
}

std::string node::word() const {
  auto result = text();
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool node::flag(bool otherwise) const {
  if (!present())
    return otherwise;
  bool result = otherwise;
  if (value_->get(result) != simdjson::SUCCESS)
    fail("is neither true nor false");
  return result;
}

std::optional<std::int64_t> node::maybe_integer() const {
  if (!present())
    return std::nullopt;
  std::int64_t result = 0;
  if (!value_->is_int64() || value_->get(result) != simdjson::SUCCESS) {
    fail("is no whole number of 64 bits");
    return std::nullopt;
  }
  return result;
}

std::optional<std::int64_t> node::maybe_id() const {
  auto result = maybe_integer();
  if (result && *result <= 0) {
    fail("is no id");
    return std::nullopt;
  }
  return result;
}

std::int64_t node::id() const {
  if (!present())
    fail("is missing");
  return maybe_id().value_or(0);
}

std::optional<std::int64_t> node::maybe_gid(std::string_view type) const {
  if (!present())
    return std::nullopt;
  auto text = this->text();
  auto prefix = fmt::format("gid://shopify/{}/", type);
  std::int64_t result = 0;
  if (std::string_view(text).starts_with(prefix)) {
    auto first = text.data() + prefix.size();
    auto last = text.data() + text.size();
    auto [end, code] = std::from_chars(first, last, result);
    if (code == std::errc{} && end == last && result > 0)
      return result;
  }
  fail(fmt::format("is no {} id", type));
  return std::nullopt;
}

std::int64_t node::gid(std::string_view type) const {
  if (!present())
    fail("is missing");
  return maybe_gid(type).value_or(0);
}

std::optional<time_point> node::maybe_time() const {
  if (!present())
    return std::nullopt;
  std::string_view text;
  if (value_->get(text) != simdjson::SUCCESS) {
    fail("is no time");
    return std::nullopt;
  }
  if (text.empty())
    return std::nullopt;
  auto result = parse_time(text);
  if (!result) {
    fail(result.error().what);
    return std::nullopt;
  }
  return *result;
}

time_point node::time() const {
  auto result = maybe_time();
  if (!result)
    fail("is missing");
  return result.value_or(time_point{});
}

currency node::unit() const {
  if (!present()) {
    fail("is missing");
    return {};
  }
  auto result = currency::parse(text());
  if (!result) {
    fail(result.error().what);
    return {};
  }
  return *result;
}

std::optional<std::int64_t> node::maybe_money(currency unit) const {
  if (!present())
    return std::nullopt;
  auto digits = decimal();
  if (!digits) {
    fail("is no amount");
    return std::nullopt;
  }
  auto result = parse_minor(*digits, unit);
  if (!result) {
    fail(result.error().what);
    return std::nullopt;
  }
  // Sums over all lines of a document then stay within 64 bits.
  constexpr std::int64_t largest = 100'000'000'000'000;
  if (*result > largest || *result < -largest) {
    fail("is beyond any amount of a shop");
    return std::nullopt;
  }
  return *result;
}

std::int64_t node::count() const {
  constexpr std::int64_t largest = 1'000'000'000;
  auto result = maybe_integer().value_or(0);
  if (result > largest || result < -largest) {
    fail("is beyond any quantity");
    return 0;
  }
  return result;
}

std::int64_t node::money(currency unit) const {
  if (!present())
    fail("is missing");
  return maybe_money(unit).value_or(0);
}

std::optional<double> node::maybe_number() const {
  double result = 0;
  if (!value_ || value_->get(result) != simdjson::SUCCESS)
    return std::nullopt;
  return result;
}

std::string node::place() const {
  auto before = parent_ ? parent_->place() : std::string();
  if (key_)
    return before.empty() ? key_ : before + "." + key_;
  if (index_ >= 0)
    return fmt::format("{}[{}]", before, index_);
  return before;
}

void node::fail(std::string_view reason) const {
  if (!fault_->first)
    fault_->first = error{ec::bad_input, fmt::format("{}: {}", place(), reason), ""};
}

} // namespace clique::shopify
