#pragma once

#include "storage/pg.hpp"

#include <span>
#include <string_view>

namespace clique {

/// One file of storage/migrations: 0001_base.sql is version 1.
struct migration {
  std::string_view name, sql;
};

/// The files that this binary carries, by version.
std::span<const migration> embedded_migrations();

/// Brings the schema to this binary's version under an advisory lock, each numbered file of
/// storage/migrations (embedded at build time) in its own transaction with its checksum recorded
/// in `schema_migration`. Safe to kill at any point and to run twice at once.
/// @returns the version; conflict when the schema is newer than the binary or an applied file has changed.
result<int> migrate(pg::connection& owner);
/// The same with other files.
result<int> migrate(pg::connection& owner, std::span<const migration> files);

/// Schema version of the database, 0 when empty.
result<int> schema_version(pg::connection& on);
/// Version that this binary needs.
int binary_schema_version();

} // namespace clique
