#include "storage/embedded_process.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace clique {

namespace {

namespace fs = std::filesystem;

error failed(std::string_view what) {
  return {ec::unavailable, fmt::format("{}: {}", what, std::strerror(errno)), ""};
}

bool become(const server_user& who) {
  return !who.is_other
         || (setgroups(who.groups.size(), who.groups.data()) == 0 && setgid(who.gid) == 0 && setuid(who.uid) == 0);
}

/// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void become_server(char* const* arguments, const server_user& as, int log, int folder, pid_t parent,
                                bool ends_with_us) {
  constexpr int failed_to_start = 127;
  setsid(); // Ctrl-C in the terminal is ours to handle
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (auto x : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2, SIGQUIT})
    signal(x, SIG_DFL);
  if (!become(as))
    _exit(failed_to_start);
  // After the change of user, which clears it. The parent may have ended before.
  if (ends_with_us && (prctl(PR_SET_PDEATHSIG, SIGINT) != 0 || getppid() != parent))
    _exit(failed_to_start);
  auto none_in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  // Away from 0..3 first, so that no dup2 closes what another one needs.
  log = fcntl(log, F_DUPFD_CLOEXEC, 10);
  folder = fcntl(folder, F_DUPFD_CLOEXEC, 10);
  if (dup2(none_in, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || dup2(folder, 3) < 0)
    _exit(failed_to_start);
  close_range(4, ~0u, 0);
  umask(077);
  if (chdir("/") != 0) // ours may be closed to this user
    _exit(failed_to_start);
  execv(arguments[0], arguments);
  _exit(failed_to_start);
}

} // namespace

result<server_user> server_user::find() {
  if (geteuid() != 0)
    return server_user{};
  auto* found = getpwnam("postgres");
  if (found == nullptr)
    return error{ec::refused, "Postgres does not run as root and there is no user `postgres`",
                 "install the package postgresql-15, or start as another user"};
  auto result = server_user{true, found->pw_uid, found->pw_gid, {}};
  auto count = 64;
  result.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist("postgres", result.gid, result.groups.data(), &count) < 0)
    count = 0;
  result.groups.resize(static_cast<std::size_t>(count));
  return result;
}

result<void> server_user::make_folder(const fs::path& folder) const {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failed(fmt::format("cannot make folder {}", folder.string()));
  if (chmod(folder.c_str(), 0700) != 0 || (is_other && lchown(folder.c_str(), uid, gid) != 0))
    return failed(fmt::format("cannot hand folder {} to the database", folder.string()));
  return {};
}

bool server_user::can_enter(const fs::path& folder) const {
  if (!is_other)
    return true;
  auto child = fork();
  if (child == 0)
    _exit(become(*this) && access(folder.c_str(), X_OK) == 0 ? 0 : 1);
  return child > 0 && wait_for_end(child) == 0;
}

result<pid_t> start_process(const server_command& what, const server_user& as) {
  auto log = open(what.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  auto folder = open(what.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (log < 0 || folder < 0) {
    auto failure = failed(fmt::format("cannot open {}", log < 0 ? what.log.string() : what.folder.string()));
    close(log);
    close(folder);
    return failure;
  }
  auto texts = what.arguments;
  texts.insert(texts.begin(), what.program.string());
  std::vector<char*> arguments;
  for (auto& x : texts)
    arguments.push_back(x.data());
  arguments.push_back(nullptr);
  auto parent = getpid();
  auto child = fork();
  if (child == 0)
    become_server(arguments.data(), as, log, folder, parent, what.ends_with_us);
  auto failure = failed(fmt::format("cannot start {}", what.program.string()));
  close(log);
  close(folder);
  if (child < 0)
    return failure;
  return child;
}

int wait_for_end(pid_t child) {
  auto status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return status;
}

bool runs_in(pid_t pid, const fs::path& folder) {
  std::error_code ignored;
  auto at = fs::read_symlink(fmt::format("/proc/{}/cwd", pid), ignored);
  return !ignored && at == fs::canonical(folder, ignored);
}

result<void> end_leftover(pid_t pid, const fs::path& folder, std::chrono::seconds patience) {
  for (auto signal : {SIGINT, SIGQUIT}) {
    auto until = std::chrono::steady_clock::now() + patience;
    while (runs_in(pid, folder)) {
      if (std::chrono::steady_clock::now() > until)
        break;
      kill(pid, signal);
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }
  if (runs_in(pid, folder))
    return error{ec::timed_out, fmt::format("a database server left by an earlier run (pid {}) does not end", pid),
                 fmt::format("end it, then start again: kill -QUIT {}", pid)};
  return {};
}

} // namespace clique
