#include "storage/views_query.hpp"

#include "core/store_settings.hpp"

namespace clique::viewing {

json default_settings(const std::string& name) {
  return {{"display_name", clique::default_settings::display_name(name)},
          {"comparison_default", clique::default_settings::comparison},
          {"low_stock_threshold", clique::default_settings::low_stock_threshold},
          {"freshness_alert_minutes", clique::default_settings::freshness_alert_minutes},
          {"week_start", clique::default_settings::week_start},
          {"sync_paused", clique::default_settings::sync_paused},
          {"retention_days", clique::default_settings::retention_days}};
}

json settings_schema() {
  const auto one_of = [](std::string_view title, std::initializer_list<const char*> values) {
    return json{{"type", "string"}, {"title", title}, {"enum", std::vector<std::string>(values.begin(), values.end())}};
  };
  const auto number = [](std::string_view title, int least, int most) {
    return json{{"type", "integer"}, {"title", title}, {"minimum", least}, {"maximum", most}};
  };
  const json properties = {
      {"display_name", {{"type", "string"}, {"title", "Display name"}, {"minLength", 1}, {"maxLength", 80}}},
      {"comparison_default", one_of("Compare today with", {"previous_week_day", "previous_day", "previous_year"})},
      {"low_stock_threshold", number("Low stock at or below", 0, 100'000)},
      {"freshness_alert_minutes", number("Alert when a source is older than (minutes)", 5, 1'440)},
      {"week_start", one_of("Week starts on", {"monday", "sunday", "saturday"})},
      {"sync_paused", {{"type", "boolean"}, {"title", "Pause timed synchronisation"}}},
      {"retention_days", number("Keep raw deliveries and logs (days)", 30, 3'650)}};
  json required = json::array();
  for (const auto& [key, value] : properties.items())
    required.push_back(key);
  return {{"type", "object"}, {"additionalProperties", false}, {"required", required}, {"properties", properties}};
}

result<std::string> settings(const view_of& x, const view_query& query) {
  if (auto ok = query_reader{query}.done(); !ok)
    return ok.error();
  return to_text({{"version", x.head.settings_version}, {"settings", x.head.settings}, {"schema", settings_schema()}});
}

} // namespace clique::viewing
