#pragma once

#include "storage/pg.hpp"

namespace clique {

/// Brings the schema to this binary's version under an advisory lock, each numbered file of
/// storage/migrations (embedded at build time) in its own transaction with its checksum recorded
/// in `schema_migration`. Safe to kill at any point and to run twice at once.
/// @returns conflict when the schema is newer than the binary or an applied file has changed.
result<int> migrate(pg::connection& owner);

/// Schema version of the database, 0 when empty.
result<int> schema_version(pg::connection& on);
/// Version that this binary needs.
int binary_schema_version();

} // namespace clique
