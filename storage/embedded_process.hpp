#pragma once

// Server processes of the embedded cluster: who they run as, starting, ending.

#include "core/error.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace clique {

/// The user that server processes run as: ourselves, or `postgres` when we are root.
struct server_user {
  bool is_other = false; ///< whether to switch
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;

  /// @returns refused when we are root and there is no user `postgres`.
  static result<server_user> find();
  /// Makes *folder* with mode 0700, owned by this user.
  result<void> make_folder(const std::filesystem::path& folder) const;
  /// Whether this user can enter *folder* by its path (as root we can, `postgres` may not).
  bool can_enter(const std::filesystem::path& folder) const;
};

struct server_command {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::filesystem::path log;    ///< takes its output
  std::filesystem::path folder; ///< open for the process as descriptor 3
  bool ends_with_us = false;    ///< fast stop when the thread that started it ends, however it ends
};

/// Starts *what*. @returns its process id.
result<pid_t> start_process(const server_command& what, const server_user& as);

/// Waits until our child has ended. @returns its wait status.
int wait_for_end(pid_t child);

/// Whether *pid* runs with *folder* as its current folder (what a postmaster does).
bool runs_in(pid_t pid, const std::filesystem::path& folder);

/// Ends a postmaster that is not our child: fast stop, then immediate. @returns timed_out when it survives both.
result<void> end_leftover(pid_t pid, const std::filesystem::path& folder, std::chrono::seconds patience);

} // namespace clique
