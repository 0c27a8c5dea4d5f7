#include "storage/call_codec.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace clique {

namespace {

using nlohmann::json;

// Name and fields of each kind, once for both directions.
template <class F>
void fields(read_orders& x, F f) {
  f("filter", x.filter), f("after", x.after), f("first", x.first), f("newest_first", x.newest_first);
}
template <class F>
void fields(read_order& x, F f) {
  f("id", x.id);
}
template <class F>
void fields(count_orders& x, F f) {
  f("filter", x.filter);
}
template <class F>
void fields(read_products& x, F f) {
  f("filter", x.filter), f("after", x.after), f("first", x.first);
}
template <class F>
void fields(read_shop&, F) {
}
template <class F>
void fields(list_subscriptions&, F) {
}
template <class F>
void fields(create_subscription& x, F f) {
  f("topic", x.topic), f("uri", x.uri);
}
template <class F>
void fields(delete_subscription& x, F f) {
  f("gid", x.gid);
}
template <class F>
void fields(start_bulk& x, F f) {
  f("query", x.query);
}
template <class F>
void fields(poll_bulk& x, F f) {
  f("gid", x.gid);
}
template <class F>
void fields(cancel_bulk& x, F f) {
  f("gid", x.gid);
}

// In the order of the variant.
constexpr const char* names[] = {"read_orders", "read_order",         "count_orders",        "read_products",
                                 "read_shop",   "list_subscriptions", "create_subscription", "delete_subscription",
                                 "start_bulk",  "poll_bulk",          "cancel_bulk"};
static_assert(std::size(names) == std::variant_size_v<call>);

template <class T>
bool fits(const json& x) {
  if constexpr (std::is_same_v<T, std::string>)
    return x.is_string();
  else if constexpr (std::is_same_v<T, bool>)
    return x.is_boolean();
  else
    return x.is_number_integer();
}

template <std::size_t I = 0>
result<call> decode(const std::string& name, const json& from) {
  if constexpr (I < std::variant_size_v<call>) {
    if (name != names[I])
      return decode<I + 1>(name, from);
    std::variant_alternative_t<I, call> result;
    std::string missing;
    fields(result, [&](const char* key, auto& into) {
      const auto at = from.find(key);
      if (at == from.end() || !fits<std::decay_t<decltype(into)>>(*at))
        missing = key;
      else
        at->get_to(into);
    });
    if (!missing.empty())
      return error{ec::bad_input, fmt::format("outbox: {} without a valid {}", name, missing), ""};
    return call{std::move(result)};
  } else {
    return error{ec::bad_input, fmt::format("outbox: unknown call {}", name), ""};
  }
}

} // namespace

std::string encode_call(const call& x) {
  json result = {{"call", names[x.index()]}};
  auto copy = x;
  std::visit([&](auto& y) { fields(y, [&](const char* key, const auto& value) { result[key] = value; }); }, copy);
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<call> decode_call(std::string_view text) {
  const auto parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("call") || !parsed["call"].is_string())
    return error{ec::bad_input, "outbox: a call is no JSON object with a kind", ""};
  return decode(parsed["call"].get<std::string>(), parsed);
}

} // namespace clique
