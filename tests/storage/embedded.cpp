#define CAF_SUITE embedded

#include "storage/embedded.hpp"

#include "storage/embedded_process.hpp"
#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

using namespace clique;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// One data folder for the tests that do not need a new one: initdb is slow.
const fs::path& folder() {
  static test::temp_folder one;
  return one.path();
}

embedded_postgres start(const fs::path& data = folder()) {
  return test::must(embedded_postgres::start(data));
}

std::int64_t number(const embedded_postgres& server, std::string_view sql) {
  pg::connection on{server.owner_conninfo()};
  return test::must(on.run({"test.number", sql})).int64(0, 0);
}

std::string text(const embedded_postgres& server, std::string_view sql) {
  pg::connection on{server.owner_conninfo()};
  return std::string{test::must(on.run({"test.text", sql})).text(0, 0)};
}

bool is_running(pid_t pid) {
  return kill(pid, 0) == 0;
}

/// Text between host=' and '.
fs::path socket_folder(const embedded_postgres& server) {
  auto info = server.owner_conninfo();
  return info.substr(6, info.find('\'', 6) - 6);
}

} // namespace

CAF_TEST(what was committed is there after a stop and a start) {
  pid_t pid = 0;
  {
    auto server = start();
    pid = server.postmaster_pid();
    pg::connection on{server.owner_conninfo()};
    test::must(on.script("CREATE TABLE kept(x int); INSERT INTO kept VALUES (42)"));
  }
  CAF_CHECK(!is_running(pid));
  CAF_CHECK(!fs::exists(folder() / "pg" / "postmaster.pid"));
  auto again = start();
  CAF_CHECK_EQUAL(number(again, "SELECT x FROM kept"), 42);
}

CAF_TEST(it is durable and private) {
  auto server = start();
  CAF_CHECK_EQUAL(text(server, "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN "
                               "('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses')"),
                  "on on  on");
  CAF_CHECK_EQUAL(text(server, "SELECT current_user || ' ' || rolsuper FROM pg_roles WHERE rolname = current_user"),
                  "clique false");
  for (const auto& path : {folder() / "pg", socket_folder(server)}) {
    struct stat found {};
    CAF_REQUIRE_EQUAL(stat(path.c_str(), &found), 0);
    CAF_CHECK_EQUAL(found.st_mode & 0777, 0700u);
  }
  struct stat process {};
  CAF_REQUIRE_EQUAL(stat(fmt::format("/proc/{}", server.postmaster_pid()).c_str(), &process), 0);
  CAF_CHECK(process.st_uid != 0);
}

CAF_TEST(a second instance on the folder is refused with the pid of the first) {
  CAF_CHECK(!embedded_postgres::running(folder()));
  auto server = start();
  CAF_CHECK(embedded_postgres::running(folder()) == server.owner_conninfo());
  auto second = embedded_postgres::start(folder());
  CAF_REQUIRE(!second);
  CAF_CHECK(second.error().code == ec::conflict);
  CAF_CHECK(second.error().what.find(std::to_string(getpid())) != std::string::npos);
  CAF_CHECK(second.error().what.find(folder().string()) != std::string::npos);
  CAF_CHECK_EQUAL(number(server, "SELECT 1"), 1); // undisturbed
}

CAF_TEST(A8 after kill - 9 of its process the next start ends what is left and goes on ten times) {
  auto data = folder(); // made here, not in each child
  for (int round = 0; round < 10; ++round) {
    int ready[2];
    CAF_REQUIRE_EQUAL(pipe(ready), 0);
    auto child = fork();
    if (child == 0) {
      auto server = start(data);
      pg::connection on{server.owner_conninfo()};
      test::must(
          on.script(fmt::format("CREATE TABLE IF NOT EXISTS rounds(n int); INSERT INTO rounds VALUES ({})", round)));
      auto pid = server.postmaster_pid();
      auto n = write(ready[1], &pid, sizeof pid);
      pause();
      _exit(n == sizeof pid ? 0 : 1);
    }
    pid_t postmaster = 0;
    CAF_REQUIRE_EQUAL(read(ready[0], &postmaster, sizeof postmaster), static_cast<ssize_t>(sizeof postmaster));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
  }
  auto server = start();
  CAF_CHECK_EQUAL(number(server, "SELECT count(DISTINCT n) FROM rounds"), 10);
}

CAF_TEST(a server that an earlier run left is ended and its folder used) {
  start();
  auto user = test::must(server_user::find());
  auto cluster = folder() / "pg";
  auto left = test::must(start_process(
      {"/usr/lib/postgresql/15/bin/postgres", {"-D", cluster.string()}, folder() / "postgres.log", cluster, false},
      user));
  while (!runs_in(left, cluster) || !fs::exists(cluster / "postmaster.pid"))
    poll(nullptr, 0, 5);
  std::thread reaper{[left] { wait_for_end(left); }};
  auto server = start();
  reaper.join();
  CAF_CHECK(server.postmaster_pid() != left);
  CAF_CHECK_EQUAL(number(server, "SELECT 1"), 1);
}

CAF_TEST(a stale pid file that names another process does not harm it) {
  start();
  std::ofstream{folder() / "pg" / "postmaster.pid"} << getppid() << "\n/nowhere\n0\n5432\n\n\n";
  auto server = start();
  CAF_CHECK(is_running(getppid()));
  CAF_CHECK_EQUAL(number(server, "SELECT 1"), 1);
}

CAF_TEST(B2 a server that dies is started again) {
  auto server = start();
  auto before = server.postmaster_pid();
  for (auto how : {SIGQUIT, SIGINT, SIGKILL}) {
    auto pid = server.postmaster_pid();
    CAF_REQUIRE(pid > 0);
    kill(pid, how);
    while (server.postmaster_pid() == pid)
      poll(nullptr, 0, 5);
    test::until_ready(server.owner_conninfo());
  }
  CAF_CHECK(server.postmaster_pid() != before);
  CAF_CHECK_EQUAL(number(server, "SELECT 1"), 1);
}

CAF_TEST(a folder of any depth works as does one that the server user cannot reach) {
  test::temp_folder outer;
  auto deep = outer.path() / std::string(60, 'a') / std::string(60, 'b') / "it's a \"name\" with blanks";
  fs::create_directories(deep);
  fs::permissions(outer.path(), fs::perms{0700}); // as home folders are
  fs::path socket;
  {
    auto server = start(deep);
    CAF_CHECK_EQUAL(number(server, "SELECT 1"), 1);
    socket = socket_folder(server);
    CAF_CHECK(socket.string().starts_with("/tmp/clique-"));
  }
  CAF_CHECK(!fs::exists(socket));
  CAF_CHECK_EQUAL(number(start(deep), "SELECT 1"), 1);
}

CAF_TEST(a cluster that was half made is made anew) {
  test::temp_folder data;
  fs::create_directories(data.path() / "pg.new" / "base");
  std::ofstream{data.path() / "pg.new" / "PG_VERSION"} << "15\n";
  CAF_CHECK_EQUAL(number(start(data.path()), "SELECT 1"), 1);
}

CAF_TEST(a folder that cannot be is refused by name) {
  test::temp_folder data;
  std::ofstream{data.path() / "file"} << "x";
  auto got = embedded_postgres::start(data.path() / "file");
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().what.find("file") != std::string::npos);
  CAF_CHECK(!got.error().hint.empty());
}

CAF_TEST(a server that cannot start says why) {
  test::temp_folder data;
  start(data.path());
  std::ofstream{data.path() / "pg" / "postgresql.auto.conf"} << "nonsense = 1\n";
  auto got = embedded_postgres::start(data.path());
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::unavailable);
  CAF_CHECK(got.error().hint.find("postgres.log") != std::string::npos);
}
