#define CAF_SUITE time

#include "core/time.hpp"

#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::build;
using namespace std::chrono_literals;

CAF_TEST(instants are read with their offset and written in UTC) {
  struct {
    const char* text;
    const char* expected; ///< empty: refused
  } table[] = {
      {"2024-08-07T22:57:57.290670248Z", "2024-08-07T22:57:57.290670Z"},
      {"2023-02-20T20:50:03-05:00", "2023-02-21T01:50:03Z"},
      {"2023-02-20T20:50:03+05:30", "2023-02-20T15:20:03Z"},
      {"2023-02-20t20:50:03z", "2023-02-20T20:50:03Z"},
      {"2023-02-20 20:50:03Z", "2023-02-20T20:50:03Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
      {"2024-02-29T00:00:00.5Z", "2024-02-29T00:00:00.500000Z"},
      {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
      {"2023-02-29T00:00:00Z", ""},
      {"2023-02-20T24:00:00Z", ""},
      {"2023-02-20T20:60:00Z", ""},
      {"2023-02-20T20:50:03", ""},
      {"2023-02-20T20:50:03.Z", ""},
      {"2023-02-20T20:50:03+0500", ""},
      {"2023-02-20", ""},
      {"2023-2-20T20:50:03Z", ""},
      {"2023-02-20T20:50:03Z ", ""},
      {"", ""},
      {"null", ""},
  };
  for (const auto& x : table) {
    auto got = parse_time(x.text);
    CAF_MESSAGE(x.text);
    CAF_CHECK_EQUAL(got ? format_time(*got) : std::string{}, x.expected);
  }
}

CAF_TEST(days are read strictly) {
  CAF_CHECK_EQUAL(format_day(on("2024-02-29")), "2024-02-29");
  for (auto text : {"2023-02-29", "2023-13-01", "2023-00-01", "2023-1-1", "2023-01-01T", "23-01-01", ""})
    CAF_CHECK(!parse_day(text));
}

CAF_TEST(an unknown zone is an error with advice) {
  auto got = calendar::of("Europe/Atlantis");
  CAF_REQUIRE(!got);
  CAF_CHECK_EQUAL(to_string(got.error().code), "bad_input");
  CAF_CHECK(!got.error().hint.empty());
}

CAF_TEST(a local day begins where its zone says) {
  struct {
    const char* zone;
    const char* day;
    const char* start;
  } table[] = {
      {"Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"},
      {"Europe/Berlin", "2026-12-01", "2026-11-30T23:00:00Z"},
      {"America/New_York", "2026-11-01", "2026-11-01T04:00:00Z"},
      {"America/New_York", "2026-11-02", "2026-11-02T05:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // midnight was skipped
      {"Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z"},
      {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"}, // the 30th did not exist
      {"UTC", "2026-01-01", "2026-01-01T00:00:00Z"},
  };
  for (const auto& x : table) {
    auto zone = calendar::of(x.zone).value();
    CAF_MESSAGE(x.zone << " " << x.day);
    CAF_CHECK_EQUAL(format_time(zone.start_of(on(x.day))), x.start);
    CAF_CHECK_EQUAL(format_day(zone.day_of(zone.start_of(on(x.day)))), x.day);
  }
}

CAF_TEST(every instant lies in the day that its zone names for it) {
  for (auto name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"}) {
    auto zone = calendar::of(name).value();
    for (auto t = at("2025-12-30T23:59:59Z"); t < at("2027-01-02T00:00:00Z"); t += 6h + 7min + 1s) {
      auto local = zone.day_of(t);
      CAF_REQUIRE(zone.start_of(local) <= t);
      CAF_REQUIRE(t < zone.start_of(local + std::chrono::days{1}));
      CAF_REQUIRE(zone.hour_of(t) >= 0 && zone.hour_of(t) < 24);
    }
  }
}
