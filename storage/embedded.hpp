#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace clique {

/// A private Postgres 15 cluster inside a data folder: unix socket only, unprivileged user
/// (when started as root the server processes run as `postgres`), durable settings, ended with us.
/// The folder is locked: a second instance is refused with a sentence that names the holder's pid.
/// After kill -9 of this process the orphaned server is found by its pid file and adopted or ended.
class embedded_postgres {
public:
  /// Creates the cluster when the folder is empty, starts it, waits until it accepts connections.
  /// Creates role `clique` (no superuser) and its database `clique`. @param data_folder created if missing.
  /// A server that ends by itself is started again as long as this object lives.
  static result<embedded_postgres> start(const std::filesystem::path& data_folder);
  /// Owner's connection string of the server that another process runs on *data_folder* now; nothing when none does.
  static std::optional<std::string> running(const std::filesystem::path& data_folder);
  ~embedded_postgres(); ///< fast stop, waits
  embedded_postgres(embedded_postgres&&) noexcept;

  /// Connection string of the owner (migrations).
  std::string owner_conninfo() const;
  /// Connection string of the cluster's superuser `postgres` (backups, tests).
  std::string admin_conninfo() const;
  /// 0 while it is being started again.
  int postmaster_pid() const;

private:
  struct impl;
  explicit embedded_postgres(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

} // namespace clique
