#include "cli/cli.hpp"

#include "features/features.hpp"
#include "storage/migrate.hpp"
#include "storage/pg.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace clique::cli {

namespace {

std::vector<std::string_view> feature_names() {
  std::vector<std::string_view> result;
  for (const auto& x : all_features())
    result.push_back(x.name);
  return result;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string result(text.size() / 2, '\0');
  std::size_t length = 0;
  auto bad = sodium_hex2bin(reinterpret_cast<unsigned char*>(result.data()), result.size(), text.data(), text.size(),
                            nullptr, &length, nullptr);
  if (bad != 0 || length != 32)
    return {};
  return result;
}

/// The key of the private database: made at the first start, readable for us alone.
result<std::string> own_master_key(const std::filesystem::path& folder) {
  auto path = folder / "master.key";
  if (std::ifstream in{path}; in) {
    std::string line;
    std::getline(in, line);
    if (auto key = from_hex(line))
      return *key;
    return error{ec::bad_input, fmt::format("{} does not hold 64 hex digits", path.string()),
                 "restore it from a backup"};
  }
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  std::string key(32, '\0');
  randombytes_buf(key.data(), key.size());
  std::string hex(65, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(key.data()), key.size());
  hex.back() = '\n';
  auto file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  auto written =
      file >= 0 && write(file, hex.data(), hex.size()) == static_cast<ssize_t>(hex.size()) && fsync(file) == 0;
  if (file >= 0)
    close(file);
  if (!written)
    return error{ec::unavailable, fmt::format("cannot write {}", path.string()),
                 "is the folder writable and the disk not full?"};
  return key;
}

} // namespace

void add_common(CLI::App& command, common& into) {
  command.add_option("--config", into.config_file, "configuration file (see config/clique.toml)");
  command.add_option("--set", into.sets, "one setting, e.g. --set server.port=8081")->allow_extra_args(false);
  command.add_flag("--json", into.json, "print JSON");
}

std::optional<config> read_config(const common& from) {
  flag_values flags;
  std::vector<config_fault> faults;
  for (const auto& x : from.sets) {
    auto equals = x.find('=');
    if (equals == std::string::npos)
      faults.push_back({"--set", fmt::format("'{}' is not of the form section.key=value", x)});
    else
      flags.emplace_back(x.substr(0, equals), x.substr(equals + 1));
  }
  auto file = from.config_file.empty() ? std::nullopt : std::optional<std::filesystem::path>{from.config_file};
  auto names = feature_names();
  auto loaded = load_config(file, clique_environment(), flags, names);
  faults.insert(faults.end(), loaded.faults.begin(), loaded.faults.end());
  for (const auto& x : faults)
    fmt::print(stderr, "{}: {}\n", x.place, x.what);
  if (!faults.empty()) {
    fmt::print(stderr, "clique: {} fault{} in the configuration\n", faults.size(), faults.size() == 1 ? "" : "s");
    return {};
  }
  return std::move(loaded.value);
}

result<database> open_database(const config& x) {
  database result;
  if (!x.database.url.value.empty()) {
    result.conninfo = x.database.url.value;
  } else if (auto running = embedded_postgres::running(x.database.data_dir)) {
    result.conninfo = *running;
  } else {
    auto started = embedded_postgres::start(x.database.data_dir);
    if (!started)
      return started.error();
    result.conninfo = started->owner_conninfo();
    result.own.emplace(std::move(*started));
  }
  pg::connection owner{result.conninfo};
  if (auto ok = migrate(owner); !ok)
    return ok.error();
  return result;
}

result<vault> open_vault(const config& x) {
  if (sodium_init() < 0)
    return error{ec::internal, "the random generator does not start", ""};
  std::map<std::int32_t, std::string> keys;
  if (x.keys.master.value.empty()) {
    auto own = own_master_key(x.database.data_dir);
    if (!own)
      return own.error();
    keys[x.keys.key_id] = *own;
  } else {
    keys[x.keys.key_id] = *from_hex(x.keys.master.value);
  }
  for (const auto& entry : x.keys.old) {
    auto colon = entry.find(':');
    if (auto key = from_hex(std::string_view{entry}.substr(colon + 1)))
      keys.emplace(std::atoi(entry.c_str()), *key);
  }
  return vault{std::move(keys), x.keys.key_id};
}

int fail(const error& x) {
  fmt::print(stderr, "clique: {}{}\n", x.what, x.hint.empty() ? "" : fmt::format(" ({})", x.hint));
  return 1;
}

} // namespace clique::cli
