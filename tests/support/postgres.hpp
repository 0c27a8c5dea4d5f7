#pragma once

// One private Postgres cluster per test process, started at first use on a temp folder and ended with the process;
// a fresh database per test.

#include "storage/embedded.hpp"
#include "storage/migrate.hpp"
#include "storage/pg.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace clique::test {

/// Ends the test process with the sentence of a failed step that is no test's subject.
template <class T>
T must(result<T> x) {
  if (!x) {
    std::fprintf(stderr, "%s %s\n", x.error().what.c_str(), x.error().hint.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>)
    return std::move(*x);
}

/// A folder that goes away with its object.
class temp_folder {
public:
  temp_folder() {
    auto name = (std::filesystem::temp_directory_path() / "clique-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr)
      std::abort();
    std::filesystem::permissions(name, std::filesystem::perms{0755}); // the server's user must get through
    path_ = name;
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const {
    return path_;
  }

private:
  std::filesystem::path path_;
};

class cluster {
public:
  /// The process's cluster.
  static cluster& get() {
    static cluster one;
    return one;
  }
  embedded_postgres& server() {
    return server_;
  }
  /// Superuser's connection string for *database*.
  std::string admin(std::string_view database = "postgres") const {
    return replaced(server_.admin_conninfo(), "dbname=postgres", database);
  }
  std::string owner(std::string_view database) const {
    return replaced(server_.owner_conninfo(), "dbname=clique", database);
  }
  /// Creates a database; *from*: template.
  std::string create(std::string_view from) {
    auto name = fmt::format("test_{}", ++count_);
    pg::connection on{admin()};
    must(on.script(fmt::format("CREATE DATABASE {} OWNER clique TEMPLATE {}", name, from)));
    return name;
  }
  /// Name of a database that holds the whole schema and no rows; made once.
  const std::string& migrated() {
    if (migrated_.empty()) {
      auto name = create("template0");
      pg::connection on{owner(name)};
      must(migrate(on));
      migrated_ = name;
    }
    return migrated_;
  }

private:
  cluster() : server_{must(embedded_postgres::start(folder_.path()))} {
  }
  static std::string replaced(std::string text, std::string_view what, std::string_view database) {
    return text.replace(text.find(what), what.size(), fmt::format("dbname={}", database));
  }

  temp_folder folder_;
  embedded_postgres server_;
  int count_ = 0;
  std::string migrated_;
};

/// Waits until the server at *conninfo* answers, with fresh connections: those have no pause after a failure.
inline void until_ready(const std::string& conninfo) {
  for (auto until = std::chrono::steady_clock::now() + std::chrono::minutes{2};;) {
    auto got = pg::connection{conninfo}.ensure();
    if (got)
      return;
    if (std::chrono::steady_clock::now() > until)
      must(std::move(got));
    poll(nullptr, 0, 5); // recovery takes what it takes: look again in 5 ms
  }
}

/// A database of its own. It goes away with the cluster: DROP DATABASE would wait for a checkpoint each time.
class database {
public:
  /// With the whole schema, no rows.
  database() : database{cluster::get().migrated()} {
  }
  /// Without a schema.
  static database empty() {
    return database{"template0"};
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  std::string admin() const {
    return cluster::get().admin(name_);
  }
  std::string owner() const {
    return cluster::get().owner(name_);
  }
  /// As the tenants' role, behind row-level security.
  std::string app() const {
    return must(pg::as_role(owner(), pg::app_role));
  }
  /// As the role of cross-tenant system work.
  std::string system() const {
    return must(pg::as_role(owner(), pg::system_role));
  }
  const std::string& name() const {
    return name_;
  }

private:
  explicit database(std::string_view from) : name_{cluster::get().create(from)} {
  }
  std::string name_;
};

} // namespace clique::test
