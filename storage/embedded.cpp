#include "storage/embedded.hpp"

#include "storage/embedded_process.hpp"
#include "storage/pg.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

namespace clique {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t longest_socket_folder = 107 - sizeof "/.s.PGSQL.5432"; // sun_path of Linux, unix(7)
constexpr auto start_limit = 10min;                                          // recovery replays at most max_wal_size
constexpr auto stop_patience = 20s;
constexpr std::uintmax_t longest_log = 10 << 20;

/// Durable, private, for one machine. No detail and no statement in the log: both may hold personal data.
constexpr auto settings = R"(listen_addresses = ''
unix_socket_permissions = 0700
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = lz4
default_toast_compression = lz4
shared_buffers = 256MB
max_wal_size = 2GB
max_connections = 40
autovacuum = on
password_encryption = scram-sha-256
log_error_verbosity = terse
log_min_error_statement = panic
log_line_prefix = '%m [%p] '
)";

fs::path find_program(std::string_view name) {
  auto own = fs::path{"/usr/lib/postgresql/15/bin"} / name;
  if (access(own.c_str(), X_OK) == 0)
    return own;
  const auto* path = std::getenv("PATH");
  auto rest = std::string_view{path == nullptr ? "" : path};
  while (!rest.empty()) {
    auto end = std::min(rest.find(':'), rest.size());
    auto candidate = fs::path{rest.substr(0, end)} / name;
    if (access(candidate.c_str(), X_OK) == 0)
      return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

/// What a running or dead postmaster noted: pid in the first line, folder of its socket in the fifth.
struct pid_file {
  pid_t pid = 0;
  std::string socket_folder;
};

pid_file read_pid_file(const fs::path& cluster) {
  std::ifstream in{cluster / "postmaster.pid"};
  pid_file result;
  std::string line;
  for (int i = 1; i <= 5 && std::getline(in, line); ++i) {
    if (i == 1)
      result.pid = static_cast<pid_t>(std::strtol(line.c_str(), nullptr, 10));
    if (i == 5)
      result.socket_folder = line;
  }
  return result;
}

bool is_own_temporary(const std::string& folder) {
  return folder.starts_with("/tmp/clique-");
}

std::string tail(const fs::path& log) {
  std::ifstream in{log};
  std::string line, result;
  while (std::getline(in, line))
    if (line.find("FATAL") != std::string::npos || line.find("error") != std::string::npos)
      result = line;
  return result;
}

} // namespace

struct embedded_postgres::impl {
  fs::path data, cluster, log, socket_folder;
  fs::path initdb, postgres;
  server_user user;
  bool by_descriptor = false; ///< the server user cannot walk to the cluster: it gets it as an open folder
  int lock = -1;

  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::atomic<pid_t> pid = 0;
  std::atomic<int> ends = 0; ///< how often the server has ended by itself
  std::thread keeper;

  ~impl() {
    stop();
    if (is_own_temporary(socket_folder.string())) {
      std::error_code ignored;
      fs::remove_all(socket_folder, ignored);
    }
    if (lock >= 0)
      close(lock);
  }

  result<void> take_lock() {
    auto path = data / "clique.lock";
    lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
      return error{ec::unavailable, fmt::format("cannot write into the data folder {}", data.string()),
                   "choose another with database.data_dir"};
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
      std::string holder;
      std::ifstream{path} >> holder;
      return error{ec::conflict, fmt::format("process {} already uses the data folder {}", holder, data.string()),
                   "stop it first, or choose another folder with database.data_dir"};
    }
    auto text = fmt::format("{}\n", getpid());
    if (ftruncate(lock, 0) != 0 || pwrite(lock, text.data(), text.size(), 0) < 0)
      return error{ec::unavailable, fmt::format("cannot write {}", path.string()), "is the disk full?"};
    return {};
  }

  /// The cluster's folder as the server processes name it.
  std::string cluster_name() const {
    return by_descriptor ? "/proc/self/fd/3" : cluster.string();
  }

  result<void> create_cluster() {
    std::error_code failure;
    if (fs::exists(cluster / "PG_VERSION", failure))
      return {};
    // A kill in the middle leaves a folder that is never used: only a finished one gets the name.
    auto fresh = data / "pg.new";
    fs::remove_all(fresh, failure);
    if (auto made = user.make_folder(fresh); !made)
      return made;
    server_command make{initdb, {}, log, fresh, false};
    make.arguments = {"-D", by_descriptor ? "/proc/self/fd/3" : fresh.string(), "-U", "postgres", "--auth=trust",
                      // Sorting by code points is what C.UTF-8 does, too, but C does it without the C library.
                      "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C"};
    auto child = start_process(make, user);
    if (!child)
      return child.error();
    if (wait_for_end(*child) != 0)
      return error{ec::unavailable, fmt::format("initdb failed: {}", tail(log)), fmt::format("see {}", log.string())};
    {
      std::ofstream out{fresh / "postgresql.conf", std::ios::app};
      out << "include = 'clique.conf'\n";
    }
    fs::rename(fresh, cluster, failure);
    if (failure)
      return error{ec::unavailable, fmt::format("cannot create {}: {}", cluster.string(), failure.message()), ""};
    return {};
  }

  result<void> write_settings() {
    auto path = cluster / "clique.conf";
    std::ofstream out{path, std::ios::trunc};
    out << "# Written at each start.\n" << settings << "unix_socket_directories = '" << socket_folder.string() << "'\n";
    out.close();
    if (!out)
      return error{ec::unavailable, fmt::format("cannot write {}", path.string()), "is the disk full?"};
    // Readable for the server whoever we are; it holds no secret.
    std::error_code failure;
    fs::permissions(path, fs::perms{0644}, failure);
    return {};
  }

  result<void> choose_socket_folder() {
    socket_folder = data / "run";
    if (!by_descriptor && socket_folder.string().size() <= longest_socket_folder
        && socket_folder.string().find_first_of("',\"") == std::string::npos)
      return user.make_folder(socket_folder);
    auto name = std::string{"/tmp/clique-XXXXXX"};
    if (mkdtemp(name.data()) == nullptr)
      return error{ec::unavailable, "cannot make a folder in /tmp for the database's socket", ""};
    socket_folder = name;
    return user.make_folder(socket_folder);
  }

  result<void> end_earlier_server() {
    auto earlier = read_pid_file(cluster);
    if (earlier.pid > 0 && runs_in(earlier.pid, cluster))
      if (auto ended = end_leftover(earlier.pid, cluster, stop_patience); !ended)
        return ended;
    if (is_own_temporary(earlier.socket_folder)) {
      std::error_code ignored;
      fs::remove_all(earlier.socket_folder, ignored);
    }
    return {};
  }

  /// Starts the server and starts it again whenever it ends, until told to stop. The server gets SIGINT when the
  /// thread that started it ends, so this thread lives as long as the object.
  void keep_running() {
    auto pause = 0ms;
    std::unique_lock guard{mutex};
    while (!changed.wait_for(guard, pause, [this] { return stopping; })) {
      auto began = std::chrono::steady_clock::now();
      if (auto child = start_process({postgres, {"-D", cluster_name()}, log, cluster, true}, user)) {
        pid = *child;
        guard.unlock();
        wait_for_end(*child);
        guard.lock();
        pid = 0;
      }
      ++ends;
      changed.notify_all();
      auto is_short = std::chrono::steady_clock::now() - began < 2s;
      pause = is_short ? std::min<std::chrono::milliseconds>(pause * 2 + 100ms, 1s) : 0ms;
    }
  }

  void stop() {
    if (!keeper.joinable())
      return;
    std::unique_lock guard{mutex};
    stopping = true;
    changed.notify_all();
    for (auto signal : {SIGINT, SIGQUIT}) {
      auto until = std::chrono::steady_clock::now() + stop_patience;
      while (pid != 0 && std::chrono::steady_clock::now() < until) {
        kill(pid, signal);
        changed.wait_for(guard, 50ms);
      }
    }
    guard.unlock();
    keeper.join();
  }

  std::string conninfo(std::string_view user_name, std::string_view database) const {
    return fmt::format("host='{}' port=5432 user={} dbname={}", socket_folder.string(), user_name, database);
  }

  result<void> wait_until_ready() {
    auto until = std::chrono::steady_clock::now() + start_limit;
    auto admin = conninfo("postgres", "postgres");
    std::unique_lock guard{mutex};
    while (PQping(admin.c_str()) != PQPING_OK) {
      if (ends >= 3)
        return error{ec::unavailable, fmt::format("the private database does not start: {}", tail(log)),
                     fmt::format("see {}", log.string())};
      if (std::chrono::steady_clock::now() > until)
        return error{ec::timed_out, "the private database did not become ready", fmt::format("see {}", log.string())};
      changed.wait_for(guard, 20ms);
    }
    return {};
  }

  /// The role that owns the schema, and its database.
  result<void> create_database() {
    constexpr pg::statement has_role{"embedded.has_role", "SELECT FROM pg_roles WHERE rolname = 'clique'"};
    constexpr pg::statement has_database{"embedded.has_database", "SELECT FROM pg_database WHERE datname = 'clique'"};
    pg::connection admin{conninfo("postgres", "postgres")};
    for (const auto& [check, create] : {std::pair{has_role, "CREATE ROLE clique LOGIN CREATEROLE"},
                                        std::pair{has_database, "CREATE DATABASE clique OWNER clique"}}) {
      auto found = admin.run(check);
      if (!found)
        return found.error();
      if (found->empty())
        if (auto made = admin.script(create); !made)
          return made;
    }
    return {};
  }

  result<void> start(const fs::path& data_folder) {
    std::error_code failure;
    fs::create_directories(data_folder, failure);
    data = fs::canonical(data_folder, failure);
    if (failure)
      return error{ec::unavailable, fmt::format("cannot make the data folder {}", data_folder.string()),
                   "choose another with database.data_dir"};
    cluster = data / "pg";
    log = data / "postgres.log";
    if (auto locked = take_lock(); !locked)
      return locked;
    initdb = find_program("initdb");
    postgres = find_program("postgres");
    if (initdb.empty() || postgres.empty())
      return error{ec::unavailable, "no Postgres server programs in /usr/lib/postgresql/15/bin or PATH",
                   "install the package postgresql-15, or set database.url to a server that runs"};
    auto found = server_user::find();
    if (!found)
      return found.error();
    user = *found;
    if (fs::file_size(log, failure) > longest_log && !failure)
      fs::rename(log, data / "postgres.log.1", failure);
    by_descriptor = !user.can_enter(data);
    if (auto made = create_cluster(); !made)
      return made;
    if (auto ended = end_earlier_server(); !ended)
      return ended;
    if (auto chosen = choose_socket_folder(); !chosen)
      return chosen;
    if (auto written = write_settings(); !written)
      return written;
    keeper = std::thread{[this] { keep_running(); }};
    if (auto ready = wait_until_ready(); !ready)
      return ready;
    return create_database();
  }
};

result<embedded_postgres> embedded_postgres::start(const fs::path& data_folder) {
  auto x = std::make_unique<impl>();
  if (auto started = x->start(data_folder); !started)
    return started.error();
  return embedded_postgres{std::move(x)};
}

std::optional<std::string> embedded_postgres::running(const fs::path& data_folder) {
  auto lock = open((data_folder / "clique.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0)
    return {};
  auto is_free = flock(lock, LOCK_SH | LOCK_NB) == 0;
  close(lock);
  auto found = read_pid_file(data_folder / "pg");
  if (is_free || found.socket_folder.empty())
    return {};
  return fmt::format("host='{}' port=5432 user=clique dbname=clique", found.socket_folder);
}

embedded_postgres::embedded_postgres(std::unique_ptr<impl> x) : impl_{std::move(x)} {
}
embedded_postgres::~embedded_postgres() = default;
embedded_postgres::embedded_postgres(embedded_postgres&&) noexcept = default;

std::string embedded_postgres::owner_conninfo() const {
  return impl_->conninfo("clique", "clique");
}

std::string embedded_postgres::admin_conninfo() const {
  return impl_->conninfo("postgres", "postgres");
}

int embedded_postgres::postmaster_pid() const {
  return impl_->pid;
}

} // namespace clique
