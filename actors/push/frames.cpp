#include "actors/push/frames.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace clique::live {

namespace {

using json = nlohmann::json;

constexpr std::array<std::string_view, 5> channels = {"overview", "orders.live", "products", "jobs", "ops"};

error wrong(std::string what) {
  return {ec::bad_input, std::move(what), "frames are described in the push protocol clique.v1"};
}

std::optional<std::int64_t> number_of(const json& from, const char* name) {
  auto at = from.find(name);
  if (at == from.end())
    return {};
  if (at->is_number_integer())
    return at->get<std::int64_t>();
  if (!at->is_string())
    return {};
  const auto& text = at->get_ref<const std::string&>();
  std::int64_t result = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), result);
  return status == std::errc{} && end == text.data() + text.size() ? std::optional{result} : std::nullopt;
}

result<unsub_frame> place_of(const json& from) {
  auto store = number_of(from, "store");
  auto channel = from.find("ch");
  if (!store || channel == from.end() || !channel->is_string())
    return wrong("a subscription needs `store` (id) and `ch` (channel name)");
  auto name = channel->get<std::string>();
  if (!is_channel(name))
    return wrong(fmt::format("there is no channel '{}'", name.substr(0, 40)));
  return unsub_frame{store_id{*store}, name};
}

/// Values are JSON texts already: they go in as they are.
std::string object_of(const flat_state& x) {
  std::string result = "{";
  for (const auto& [key, value] : x)
    result += fmt::format("{}{}:{}", result.size() > 1 ? "," : "", json(key).dump(), value);
  return result + "}";
}

} // namespace

bool is_channel(std::string_view name) {
  return std::find(channels.begin(), channels.end(), name) != channels.end();
}

result<client_frame> parse_frame(std::string_view text) {
  auto frame = json::parse(text, nullptr, false);
  if (!frame.is_object() || !frame.contains("t") || !frame["t"].is_string())
    return wrong("a frame is a JSON object with `t`");
  auto type = frame["t"].get<std::string>();
  if (type == "hello")
    return client_frame{hello_frame{!frame.contains("vis") || frame["vis"] != false}};
  if (type == "vis")
    return client_frame{visibility_frame{!frame.contains("visible") || frame["visible"] != false}};
  if (type == "unsub") {
    auto place = place_of(frame);
    if (!place)
      return place.error();
    return client_frame{*place};
  }
  if (type != "sub")
    return wrong(fmt::format("unknown frame type '{}'", type.substr(0, 40)));
  auto place = place_of(frame);
  if (!place)
    return place.error();
  sub_frame result{place->store, place->channel, {}, {}};
  auto epoch = number_of(frame, "epoch");
  auto seq = number_of(frame, "seq");
  if (epoch && seq) {
    result.epoch = static_cast<std::uint64_t>(*epoch);
    result.seq = seq;
  }
  return client_frame{result};
}

std::string hello_text(std::string_view server, std::string_view session) {
  return json{{"t", "hello"}, {"server", server}, {"session", session}}.dump();
}

std::string snapshot_text(store_id store, std::string_view channel, const feed& x, bool resumed) {
  return fmt::format(R"({{"t":"snap","ch":"{}","store":"{}","epoch":"{}","seq":{},"resumed":{},"data":{}}})", channel,
                     raw(store), x.epoch(), x.seq(), resumed, object_of(x.state()));
}

std::string patch_text(store_id store, std::string_view channel, std::int64_t seq, std::int64_t prev, const change& x) {
  return fmt::format(R"({{"t":"patch","ch":"{}","store":"{}","seq":{},"prev":{},"set":{},"del":{}}})", channel,
                     raw(store), seq, prev, object_of(x.set), json(x.gone).dump());
}

std::string heartbeat_text() {
  return R"({"t":"hb"})";
}

std::string bye_text(int retry_ms) {
  return fmt::format(R"({{"t":"bye","retry_ms":{}}})", retry_ms);
}

std::string error_text(const error& x, std::string_view channel) {
  return json{{"t", "error"}, {"ch", channel}, {"code", to_string(x.code)}, {"detail", x.what}, {"hint", x.hint}}
      .dump();
}

} // namespace clique::live
