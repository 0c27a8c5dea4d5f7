#pragma once

// The front of the house: HTTP server, API gateway, dashboards' sockets and static files on top of a running system.

#include "actors/system.hpp"
#include "core/error.hpp"
#include "net/server.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace clique {

struct front_options {
  http::server_options server;
  std::string public_url; ///< empty: http://address:port once the port is known
  bool metrics_public = false;
  std::filesystem::path dashboard; ///< folder of static files
  int desks = 2;
  std::chrono::milliseconds drain_limit = std::chrono::seconds{15};
};

class front {
public:
  /// Binds the port, starts the system behind it, then serves. *system*: its hub and webhook address are filled in
  /// here.
  static result<std::unique_ptr<front>> start(front_options options, system_options system);
  ~front(); ///< stops

  /// What to open in a browser.
  const std::string& url() const;
  /// Stops accepting, lets requests in flight finish, then stops the system. Harmless when called twice.
  void stop();

private:
  struct parts;
  explicit front(std::unique_ptr<parts> x);
  std::unique_ptr<parts> parts_;
};

} // namespace clique
