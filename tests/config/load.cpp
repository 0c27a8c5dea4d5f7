#define CAF_SUITE load

#include "config/load.hpp"

#include "config/settings.hpp"

#include <caf/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using namespace clique;

namespace {

constexpr std::string_view features[] = {"order_sync", "reconciliation"};

/// A file that exists as long as the object.
struct toml_file {
  std::filesystem::path path;
  explicit toml_file(const std::string& text) {
    path = std::filesystem::temp_directory_path() / ("clique-config-" + std::to_string(::getpid()) + ".toml");
    std::ofstream{path} << text;
  }
  ~toml_file() {
    std::filesystem::remove(path);
  }
};

loaded_config from_file(const std::string& text) {
  toml_file file{text};
  return load_config(file.path, {}, {}, features);
}

bool has_fault(const loaded_config& x, std::string_view place, std::string_view what) {
  for (const auto& fault : x.faults)
    if (fault.place.find(place) != std::string::npos && fault.what.find(what) != std::string::npos)
      return true;
  return false;
}

} // namespace

CAF_TEST(nothing given means defaults and no fault) {
  auto got = load_config({}, {}, {}, features);
  CAF_CHECK(got.faults.empty());
  CAF_CHECK_EQUAL(got.value.server.port, 8080);
}

CAF_TEST(a later source wins over an earlier one) {
  toml_file file{"[server]\nport = 1001\nthreads = 3\n"};
  auto got = load_config(file.path, {{"CLIQUE_SERVER__PORT", "1002"}}, {{"server.threads", "4"}}, features);
  CAF_CHECK(got.faults.empty());
  CAF_CHECK_EQUAL(got.value.server.port, 1002);
  CAF_CHECK_EQUAL(got.value.server.threads, 4);
}

CAF_TEST(all faults are told at once with file line and column) {
  auto got = from_file("[server]\nprot = 1\nport = 99999\n[logs]\nlevel = \"loud\"\n[features.nope]\nenabled = true\n");
  CAF_CHECK_EQUAL(got.faults.size(), 4u);
  CAF_CHECK(has_fault(got, ".toml:2:", "did you mean 'server.port'"));
  CAF_CHECK(has_fault(got, ".toml:3:", "0 to 65535"));
  CAF_CHECK(has_fault(got, ".toml:5:", "debug, info, warn, error"));
  CAF_CHECK(has_fault(got, ".toml:7:", "order_sync, reconciliation"));
}

CAF_TEST(a syntax error names its place) {
  CAF_CHECK(has_fault(from_file("[server\nport = 1\n"), ".toml:1:", ""));
}

CAF_TEST(a secret is read from a file and never printed) {
  toml_file file{"s3cr3t\n"};
  auto got = load_config({}, {{"CLIQUE_SHOPIFY__CLIENT_SECRET_FILE", file.path.string()}}, {{"shopify.client_id", "x"}},
                         features);
  CAF_CHECK(got.faults.empty());
  CAF_CHECK_EQUAL(got.value.shopify.client_secret.value, "s3cr3t");
  CAF_CHECK_EQUAL(print_config(got.value).find("s3cr3t"), std::string::npos);
}

CAF_TEST(a secret file that is missing is a fault) {
  auto got = load_config({}, {{"CLIQUE_KEYS__MASTER_FILE", "/nonexistent/key"}}, {}, features);
  CAF_CHECK(has_fault(got, "CLIQUE_KEYS__MASTER_FILE", "cannot be read"));
}

CAF_TEST(a hosted database needs a key outside of it) {
  auto got = load_config({}, {{"CLIQUE_DATABASE__URL", "postgres://db/clique"}}, {}, features);
  CAF_CHECK(has_fault(got, "", "keys.master"));
}

CAF_TEST(a wrong key is refused without being shown) {
  auto got = load_config({}, {{"CLIQUE_KEYS__MASTER", "abc123"}}, {}, features);
  CAF_CHECK(has_fault(got, "CLIQUE_KEYS__MASTER", "64 hex digits"));
  CAF_CHECK(!has_fault(got, "", "abc123"));
}

CAF_TEST(features are switched and timed by their names) {
  auto got = from_file("[features.reconciliation]\nenabled = false\nperiod_minutes = 5\n");
  CAF_CHECK(got.faults.empty());
  CAF_CHECK(!got.value.features["reconciliation"].enabled);
  CAF_CHECK_EQUAL(got.value.features["reconciliation"].period_minutes, 5);
}

CAF_TEST(the documented file has every key with its default) {
  auto got = load_config(std::filesystem::path{CLIQUE_SOURCE} / "config/clique.toml", {}, {}, features);
  CAF_CHECK(got.faults.empty());
  CAF_CHECK_EQUAL(print_config(got.value), print_config(config{}));
  std::ifstream in{std::filesystem::path{CLIQUE_SOURCE} / "config/clique.toml"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& row : all_settings()) {
    auto name = std::string{row.key.substr(row.key.find('.') + 1)};
    CAF_CHECK_NOT_EQUAL(text.find("\n" + name + " = "), std::string::npos);
  }
}
