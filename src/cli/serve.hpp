#pragma once

#include "config/config.hpp"

#include <functional>
#include <string>

namespace clique::cli {

/// What a caller may know of the server that now runs.
struct running_server {
  std::string url;
  std::string conninfo; ///< of the database's owner
};

/// Runs the server until SIGTERM or SIGINT; a second signal ends it at once. *ready* is called once it listens.
/// @returns the exit status.
int serve(const config& settings, const std::function<void(const running_server&)>& ready);

} // namespace clique::cli
