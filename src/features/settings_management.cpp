// Settings are changed as a whole and every change is kept, so that anyone can see who changed what and when.
// All faults of a form are named at once, each beside its field, in words.
// When two people edit at the same time, the second is shown what the first has changed and nothing is lost.

#include "core/store_settings.hpp"
#include "features/features.hpp"
#include "features/jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace clique::features {

namespace {

using namespace std::literals;

/// @returns a sentence when *x* is not allowed.
using check = std::string (*)(const json& x);

std::string one_of(const json& x, std::initializer_list<std::string_view> allowed) {
  if (x.is_string() && std::find(allowed.begin(), allowed.end(), x.get_ref<const std::string&>()) != allowed.end())
    return {};
  return fmt::format("Choose one of: {}.", fmt::join(allowed, ", "));
}

std::string between(const json& x, std::int64_t low, std::int64_t high) {
  // A number beyond 63 bits is unsigned here and would wrap.
  auto fits = x.is_number_integer() && (!x.is_number_unsigned() || x.get<std::uint64_t>() <= std::uint64_t{1} << 62);
  if (fits && x.get<std::int64_t>() >= low && x.get<std::int64_t>() <= high)
    return {};
  return fmt::format("Enter a whole number from {} to {}.", low, high);
}

/// Characters as people count them, near enough: code points.
std::size_t characters(std::string_view utf8) {
  auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), is_start));
}

std::string display_name(const json& x) {
  auto n = x.is_string() ? characters(x.get_ref<const std::string&>()) : 0;
  auto is_blank = n > 0 && x.get_ref<const std::string&>().find_first_not_of(" \t\r\n") == std::string::npos;
  return n >= 1 && n <= 80 && !is_blank ? "" : "Enter a name of 1 to 80 characters.";
}

struct field {
  const char* key;
  check allowed;
};

constexpr std::array fields{
    field{"display_name", display_name},
    field{"comparison_default",
          [](const json& x) {
            return one_of(x, {"previous_week_day", "previous_day", "previous_year"});
          }},
    field{"low_stock_threshold", [](const json& x) { return between(x, 0, 100'000); }},
    field{"freshness_alert_minutes", [](const json& x) { return between(x, 5, 1'440); }},
    field{"week_start",
          [](const json& x) {
            return one_of(x, {"monday", "sunday", "saturday"});
          }},
    field{"sync_paused", [](const json& x) { return x.is_boolean() ? ""s : "Choose yes or no."s; }},
    field{"retention_days", [](const json& x) { return between(x, 30, 3'650); }},
};

json defaults(const snapshot& seen) {
  return {{"display_name", default_settings::display_name(seen.store.name)},
          {"comparison_default", default_settings::comparison},
          {"low_stock_threshold", default_settings::low_stock_threshold},
          {"freshness_alert_minutes", default_settings::freshness_alert_minutes},
          {"week_start", default_settings::week_start},
          {"sync_paused", default_settings::sync_paused},
          {"retention_days", default_settings::retention_days}};
}

/// Every fault of *x*: field -> sentence.
json faults_of(const json& x) {
  auto result = json::object();
  for (const auto& entry : x.items()) {
    auto known = std::find_if(fields.begin(), fields.end(), [&](const field& f) { return f.key == entry.key(); });
    auto fault = known == fields.end() ? "There is no such setting."s : known->allowed(entry.value());
    if (!fault.empty())
      result[entry.key()] = fault;
  }
  return result;
}

std::string text_out(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

error conflict(const snapshot& seen, const json& current, const json& wanted) {
  auto changed = json::object();
  for (const auto& entry : wanted.items())
    if (auto found = current.find(entry.key()); found == current.end() || *found != entry.value())
      changed[entry.key()] = found == current.end() ? json() : *found;
  return {ec::conflict, "Someone else has saved these settings in the meantime.",
          text_out({{"version", seen.settings_version}, {"changed", changed}})};
}

result<std::string> decide(const snapshot& seen, const command& asked, time_point now, effects& out) {
  auto args = json::parse(asked.args, nullptr, false);
  if (!args.is_object() || !args.contains("settings") || !args["settings"].is_object() || !args.contains("expected")
      || !args["expected"].is_number_integer())
    return error{ec::bad_input, "Saving settings needs the version they were read with and the settings.",
                 text_out({{"settings", "Send {\"expected\": version, \"settings\": {...}}."}})};
  const auto& wanted = args["settings"];
  if (auto faults = faults_of(wanted); !faults.empty())
    return error{ec::bad_input, "Some settings are not allowed.", text_out(faults)};
  auto current = defaults(seen);
  current.update(object_of(seen.settings));
  auto next = current;
  next.update(wanted);
  if (args["expected"].get<std::int64_t>() != seen.settings_version)
    return conflict(seen, current, wanted);
  auto version = seen.settings_version;
  if (next != current || version == 0) {
    out.push_back(save{settings_row{version, text_out(next), asked.by, now}});
    out.push_back(push{"overview"});
    out.push_back(push{"products"});
    ++version;
  }
  return text_out({{"version", version}, {"settings", next}});
}

} // namespace

effects settings_management(const snapshot& seen, const trigger& t) {
  effects result;
  auto* asked = std::get_if<command>(&t.why);
  if (asked == nullptr)
    return result;
  auto answer = decide(seen, *asked, t.now, result);
  result.push_back(respond{std::move(answer)});
  return result;
}

} // namespace clique::features
