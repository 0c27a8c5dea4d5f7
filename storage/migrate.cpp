#include "storage/migrate.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

namespace clique {

namespace {

constexpr migration carried[] = {
#include "migrations.inc"
};

/// A file may rewrite a large table.
constexpr auto file_limit = std::chrono::minutes{30};

/// Any number that nobody else uses: "clique" in ASCII.
constexpr pg::statement lock_schema{"migrate.lock", "SELECT pg_advisory_lock(109293143979365)", file_limit};
constexpr pg::statement unlock_schema{"migrate.unlock", "SELECT pg_advisory_unlock(109293143979365)"};
constexpr pg::statement has_table{"migrate.has_table", "SELECT to_regclass('schema_migration') IS NOT NULL"};
constexpr pg::statement read_applied{"migrate.applied",
                                     "SELECT version, name, checksum FROM schema_migration ORDER BY version"};
constexpr pg::statement record{"migrate.record",
                               "INSERT INTO schema_migration(version, name, checksum) VALUES ($1, $2, $3)"};

constexpr auto create_table = R"(CREATE TABLE IF NOT EXISTS schema_migration (
  version int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()))";

int version_of(const migration& x) {
  auto result = 0;
  for (auto c : x.name) {
    if (c < '0' || c > '9')
      break;
    result = result * 10 + (c - '0');
  }
  return result;
}

int last_version(std::span<const migration> files) {
  return files.empty() ? 0 : version_of(files.back());
}

std::string checksum(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

/// Whether what the database has is a beginning of *files*.
result<std::size_t> check_applied(pg::connection& on, std::span<const migration> files) {
  auto applied = on.run(read_applied);
  if (!applied)
    return applied.error();
  for (std::size_t i = 0; i < applied->size(); ++i) {
    if (i >= files.size())
      return error{ec::conflict,
                   fmt::format("the database's schema has version {}, this program knows {}", applied->int64(i, 0),
                               last_version(files)),
                   "start the newer program that wrote it"};
    if (applied->int64(i, 0) != version_of(files[i]) || applied->text(i, 2) != checksum(files[i].sql))
      return error{ec::conflict,
                   fmt::format("migration {} differs from {}, which this database was built with", files[i].name,
                               applied->text(i, 1)),
                   "restore the file as it was and put the change into a new one"};
  }
  return applied->size();
}

result<void> apply(pg::connection& on, const migration& file) {
  if (auto begun = on.script("BEGIN"); !begun)
    return begun;
  auto done = on.script(file.sql, file_limit);
  if (done) {
    auto noted = on.run(record, std::move(pg::params{}.add(version_of(file)).add(file.name).add(checksum(file.sql))));
    if (!noted)
      done = noted.error();
  }
  if (done)
    return on.script("COMMIT", file_limit);
  auto failure = done.error();
  failure.what = fmt::format("migration {}: {}", file.name, failure.what);
  on.close(); // rolls back
  return failure;
}

result<int> apply_missing(pg::connection& on, std::span<const migration> files) {
  if (auto made = on.script(create_table); !made)
    return made.error();
  auto applied = check_applied(on, files);
  if (!applied)
    return applied.error();
  for (const auto& file : files.subspan(*applied))
    if (auto done = apply(on, file); !done)
      return done.error();
  return last_version(files);
}

} // namespace

std::span<const migration> embedded_migrations() {
  return carried;
}

int binary_schema_version() {
  return last_version(embedded_migrations());
}

result<int> schema_version(pg::connection& on) {
  auto has = on.run(has_table);
  if (!has)
    return has.error();
  if (!has->boolean(0, 0))
    return 0;
  auto applied = on.run(read_applied);
  if (!applied)
    return applied.error();
  return applied->empty() ? 0 : static_cast<int>(applied->int64(applied->size() - 1, 0));
}

result<int> migrate(pg::connection& owner) {
  return migrate(owner, embedded_migrations());
}

result<int> migrate(pg::connection& owner, std::span<const migration> files) {
  if (auto locked = owner.run(lock_schema); !locked)
    return locked.error();
  auto result = apply_missing(owner, files);
  // A lost session has lost its lock, too.
  if (owner.connected() && !owner.run(unlock_schema))
    owner.close();
  return result;
}

} // namespace clique
