#pragma once

#include "core/error.hpp"
#include "net/router.hpp"
#include "net/ws.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace clique::http {

/// Numbers from faults section 5.
struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: any free port
  int threads = 2;
  std::size_t max_header = 16 * 1024;
  std::size_t max_target = 8 * 1024;
  std::size_t max_headers = 100;
  std::chrono::seconds header_timeout{10};
  std::chrono::seconds body_timeout{30};
  std::chrono::seconds idle_timeout{60};
  std::chrono::seconds write_timeout{30};
  std::size_t max_connections = 20'000;
  std::size_t max_connections_per_address = 10'000;
  std::string tls_certificate; ///< PEM file; empty: no TLS
  std::string tls_key;
  bool hsts = false;
};

struct server_counters {
  std::atomic<std::int64_t> connections{0}, accepted{0}, refused{0}, requests{0}, bad_framing{0}, timeouts{0},
      sockets{0};
};

/// Asio and Beast's parser on own io threads: keep-alive, strict framing (a scan of the raw head before the parser),
/// limits, time-outs, security headers on every answer, optional TLS, WebSocket upgrade.
class server {
public:
  server(server_options options, std::shared_ptr<const router> routes);
  ~server();

  /// Serves upgrades at *path*.
  void serve_sockets(std::string path, ws::gate gate, ws::events events, ws::limits limits = {});
  /// Binds and listens: connections wait in the kernel until `start`, so that the port is known before anything that
  /// needs it is made. @returns unavailable when the port is taken (names address and port).
  result<std::uint16_t> bind();
  /// Binds unless that is done, then serves the routes that the router has now.
  result<std::uint16_t> start();
  /// Stops accepting after emptying the accept queue, closes idle connections, lets requests in flight finish
  /// until *limit*, then cuts. Sockets get close 1012.
  void drain(std::chrono::milliseconds limit);
  const server_counters& counters() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace clique::http
