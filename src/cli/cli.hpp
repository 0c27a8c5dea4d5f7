#pragma once

// The command line: what every command shares.

#include "config/load.hpp"
#include "core/error.hpp"
#include "storage/embedded.hpp"
#include "storage/vault.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace clique::cli {

/// Options that every command takes.
struct common {
  std::string config_file;
  std::vector<std::string> sets; ///< "key=value"
  bool json = false;
};

/// Adds --config, --set and --json to *command*.
void add_common(CLI::App& command, common& into);

/// The configuration, or nothing after all its faults have been printed to stderr.
std::optional<config> read_config(const common& from);

/// The database of a configuration: the hosted one, or the private one. When a server runs on the data folder its
/// private database is joined; otherwise one is started for as long as this object lives.
struct database {
  std::optional<embedded_postgres> own;
  std::string conninfo; ///< of the owner; migrated
};
result<database> open_database(const config& x);

/// The key-encryption keys: configured ones, or those made once in the data folder of the private database.
result<vault> open_vault(const config& x);

/// Prints "clique: what (hint)" to stderr. @returns the exit status 1.
int fail(const error& x);

// One function per command group; each adds itself to *app* and sets *status* when it ran.
void add_serve(CLI::App& app, int& status);
void add_demo(CLI::App& app, int& status);
void add_config(CLI::App& app, int& status);
void add_people(CLI::App& app, int& status);
void add_stores(CLI::App& app, int& status);
void add_deliveries(CLI::App& app, int& status);

} // namespace clique::cli
