#define CAF_SUITE settings_management

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <nlohmann/json.hpp>

using namespace clique;
using namespace clique::build;
using features::settings_management;
using nlohmann::json;

namespace {

snapshot at_version(std::int64_t version, json settings = json::object()) {
  auto result = shop();
  result.settings_version = version;
  result.settings = settings.dump();
  return result;
}

effects save_settings(const snapshot& seen, std::int64_t expected, json settings) {
  return settings_management(seen, command_of("save", json{{"expected", expected}, {"settings", settings}}.dump()));
}

/// Faults by field; empty when saved.
json faults(json settings) {
  auto got = *response(save_settings(at_version(0), 0, settings));
  return got ? json::object() : json::parse(got.error().hint);
}

} // namespace

CAF_TEST(each field has its limits) {
  struct {
    const char* field;
    json value;
    bool allowed;
  } table[] = {
      {"display_name", "Tea House", true},
      {"display_name", "", false},
      {"display_name", "   ", false},
      {"display_name", std::string(80, 'x'), true},
      {"display_name", std::string(81, 'x'), false},
      {"display_name", 5, false},
      {"comparison_default", "previous_year", true},
      {"comparison_default", "previous_month", false},
      {"comparison_default", nullptr, false},
      {"low_stock_threshold", 0, true},
      {"low_stock_threshold", 100'000, true},
      {"low_stock_threshold", 100'001, false},
      {"low_stock_threshold", -1, false},
      {"low_stock_threshold", 1.5, false},
      {"low_stock_threshold", "5", false},
      {"low_stock_threshold", 18446744073709551615u, false},
      {"freshness_alert_minutes", 5, true},
      {"freshness_alert_minutes", 4, false},
      {"freshness_alert_minutes", 1441, false},
      {"week_start", "saturday", true},
      {"week_start", "tuesday", false},
      {"sync_paused", true, true},
      {"sync_paused", "true", false},
      {"retention_days", 30, true},
      {"retention_days", 3651, false},
      {"colour", "red", false},
  };
  for (const auto& x : table) {
    CAF_MESSAGE(x.field << " = " << x.value.dump());
    CAF_CHECK_EQUAL(!faults({{x.field, x.value}}).contains(x.field), x.allowed);
  }
}

CAF_TEST(a name counts characters and not bytes) {
  std::string eighty;
  for (auto i = 0; i < 80; ++i)
    eighty += "\xc3\xa4";
  CAF_CHECK(faults({{"display_name", eighty}}).empty());
}

CAF_TEST(all faults are named at once) {
  auto got = faults({{"week_start", "x"}, {"retention_days", 1}, {"colour", "red"}, {"sync_paused", false}});
  CAF_CHECK_EQUAL(got.size(), 3u);
}

CAF_TEST(a partial change keeps the rest and answers with everything) {
  auto got = save_settings(at_version(3, {{"week_start", "sunday"}}), 3, {{"low_stock_threshold", 9}});
  auto row = only(saved<settings_row>(got));
  CAF_CHECK_EQUAL(row.expected, 3);
  auto stored = json::parse(row.settings);
  CAF_CHECK_EQUAL(stored["week_start"].get<std::string>(), "sunday");
  CAF_CHECK_EQUAL(stored["low_stock_threshold"].get<int>(), 9);
  CAF_CHECK_EQUAL(stored.size(), 7u);
  auto told_back = json::parse(**response(got));
  CAF_CHECK_EQUAL(told_back["version"].get<int>(), 4);
  CAF_CHECK(told_back["settings"] == stored);
}

CAF_TEST(of two editors the second is shown what the first has changed) {
  auto seen = at_version(4, {{"week_start", "sunday"}, {"low_stock_threshold", 7}});
  auto got = save_settings(seen, 3, {{"week_start", "monday"}, {"low_stock_threshold", 7}});
  CAF_CHECK(saved<settings_row>(got).empty());
  auto why = response(got)->error();
  CAF_CHECK_EQUAL(to_string(why.code), "conflict");
  auto hint = json::parse(why.hint);
  CAF_CHECK_EQUAL(hint["version"].get<int>(), 4);
  CAF_CHECK_EQUAL(hint["changed"].dump(), R"({"week_start":"sunday"})");
}

CAF_TEST(saving what stands already makes no new version) {
  auto first = save_settings(at_version(0), 0, {{"week_start", "sunday"}});
  auto stored = json::parse(only(saved<settings_row>(first)).settings);
  auto again = save_settings(at_version(1, stored), 1, stored);
  CAF_CHECK(saved<settings_row>(again).empty());
  CAF_CHECK_EQUAL(json::parse(**response(again))["version"].get<int>(), 1);
}

CAF_TEST(unreadable arguments are refused with advice) {
  for (auto args :
       {"", "[]", "{}", R"({"expected":1})", R"({"expected":"1","settings":{}})", R"({"expected":1,"settings":[]})"}) {
    auto got = response(settings_management(shop(), command_of("save", args)));
    CAF_REQUIRE(got && !*got);
    CAF_CHECK_EQUAL(to_string(got->error().code), "bad_input");
  }
}
