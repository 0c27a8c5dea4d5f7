#include "storage/views_query.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace clique::viewing {

namespace {

constexpr std::int64_t max_limit = 200;
constexpr std::int64_t default_limit = 50;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string shown(const std::string& value) {
  return json(value.substr(0, 60)).dump(-1, ' ', true, json::error_handler_t::replace);
}

} // namespace

query_reader::query_reader(const view_query& query) : query_{query} {
}

std::optional<std::string> query_reader::take(const std::string& name) {
  known_.insert(name);
  const auto it = query_.find(name);
  return it == query_.end() ? std::nullopt : std::optional{it->second};
}

void query_reader::refuse(std::string what, std::string hint) {
  if (!fault_)
    fault_ = error{ec::bad_input, std::move(what), std::move(hint)};
}

std::int64_t query_reader::limit() {
  const auto text = take("limit");
  if (!text)
    return default_limit;
  std::int64_t value = 0;
  const auto end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, value);
  if (parsed.ec == std::errc{} && parsed.ptr == end && value >= 1 && value <= max_limit)
    return value;
  refuse(fmt::format("limit is {}", shown(*text)), fmt::format("use a whole number from 1 to {}", max_limit));
  return default_limit;
}

std::optional<day> query_reader::on(const std::string& name) {
  const auto text = take(name);
  if (!text)
    return std::nullopt;
  auto value = parse_day(*text);
  if (value)
    return *value;
  refuse(fmt::format("{} is {}, which is no day", name, shown(*text)), "write days like 2026-03-14");
  return std::nullopt;
}

std::string query_reader::text(const std::string& name, std::size_t max) {
  auto result = take(name).value_or("");
  if (result.size() > max || result.find('\0') != std::string::npos) {
    refuse(fmt::format("{} is too long or holds a NUL", name), fmt::format("use at most {} bytes", max));
    result.clear();
  }
  return result;
}

std::string query_reader::choice(const std::string& name, std::initializer_list<std::string_view> allowed,
                                 bool optional) {
  const auto text = take(name);
  const std::string fallback{optional ? std::string_view{} : *allowed.begin()};
  if (!text)
    return fallback;
  if (std::find(allowed.begin(), allowed.end(), *text) != allowed.end())
    return *text;
  std::string list;
  for (const auto x : allowed)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", x);
  refuse(fmt::format("{} is {}", name, shown(*text)), fmt::format("use one of: {}", list));
  return fallback;
}

json query_reader::cursor(std::string_view shape) {
  const auto text = take("cursor");
  if (!text)
    return json::array();
  auto result = decode_cursor(*text);
  bool fits = result.is_array() && result.size() == shape.size();
  for (std::size_t i = 0; fits && i < shape.size(); ++i)
    fits = shape[i] == 't' ? result[i].is_string() : result[i].is_number_integer();
  if (fits)
    return result;
  refuse("cursor is none of this list's", "leave it out to start at the first page");
  return json::array();
}

result<void> query_reader::done() const {
  for (const auto& [name, value] : query_)
    if (!known_.contains(name)) {
      std::string list;
      for (const auto& x : known_)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", x);
      return error{ec::bad_input, fmt::format("unknown parameter {}", shown(name)),
                   list.empty() ? std::string{"this view takes none"} : fmt::format("known are: {}", list)};
    }
  if (fault_)
    return *fault_;
  return {};
}

std::string encode_cursor(const json& parts) {
  const auto plain = parts.dump(-1, ' ', true, json::error_handler_t::replace);
  std::string result;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : plain) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6)
      result.push_back(alphabet[(bits >> (held - 6)) & 63u]);
  }
  if (held > 0)
    result.push_back(alphabet[(bits << (6 - held)) & 63u]);
  return result;
}

json decode_cursor(std::string_view text) {
  std::string plain;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto at = alphabet.find(c);
    if (at == std::string_view::npos)
      return json(json::value_t::discarded);
    bits = (bits << 6) | static_cast<std::uint32_t>(at);
    held += 6;
    if (held >= 8) {
      held -= 8;
      plain.push_back(static_cast<char>((bits >> held) & 255u));
    }
  }
  return json::parse(plain, nullptr, false);
}

std::int64_t sales::net() const {
  return add_checked(gross, add_checked(discounts, returns));
}

std::int64_t sales::total() const {
  return add_checked(add_checked(net(), shipping), add_checked(add_checked(taxes, tips), adjustment));
}

sales& sales::operator+=(const sales& x) {
  orders = add_checked(orders, x.orders);
  gross = add_checked(gross, x.gross);
  discounts = add_checked(discounts, x.discounts);
  returns = add_checked(returns, x.returns);
  shipping = add_checked(shipping, x.shipping);
  taxes = add_checked(taxes, x.taxes);
  tips = add_checked(tips, x.tips);
  adjustment = add_checked(adjustment, x.adjustment);
  return *this;
}

json sales::to_json() const {
  return {{"orders", orders},   {"gross_sales", gross}, {"discounts", discounts},
          {"returns", returns}, {"net_sales", net()},   {"shipping", shipping},
          {"taxes", taxes},     {"tips", tips},         {"total_sales", total()}};
}

sales sales_of(const pg::rows& from, std::size_t row, std::size_t first) {
  const auto at = [&](std::size_t i) { return from.is_null(row, first + i) ? 0 : from.int64(row, first + i); };
  return {at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)};
}

json maybe_time(const pg::rows& from, std::size_t row, std::size_t column) {
  const auto x = from.maybe_time(row, column);
  return x ? json(format_time(*x)) : json(nullptr);
}

json parsed(std::string_view text) {
  auto result = json::parse(text, nullptr, false);
  return result.is_discarded() ? json(nullptr) : result;
}

std::string to_text(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

json store_head::envelope(time_point now) const {
  return {{"as_of", format_time(now)},
          {"currency", currency_code},
          {"currency_exponent", exponent},
          {"timezone", std::string{zone.name()}}};
}

result<std::vector<pg::rows>> view_of::ask(std::vector<pg::work_item> work) const {
  std::vector<pg::work_item> all;
  all.reserve(work.size() + 1);
  all.push_back(pg::open_stores(std::span{&head.id, 1}));
  for (auto& one : work)
    all.push_back(std::move(one));
  auto answers = pg::transaction(on, std::move(all));
  if (answers)
    answers->erase(answers->begin());
  return answers;
}

pg::work_item view_of::item(const pg::statement& what) const {
  pg::work_item result{what, pg::params{}};
  result.with.add(head.id);
  return result;
}

} // namespace clique::viewing
