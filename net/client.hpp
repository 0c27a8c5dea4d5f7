#pragma once

// Outbound HTTP: libcurl multi on one driver thread. TLS verified, no redirects followed, total deadlines,
// a cap on the decoded answer, environment proxies ignored.

#include "core/error.hpp"
#include "net/http.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clique::http {

struct outgoing {
  method verb = method::get;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds connect_limit{3'000};
  std::chrono::milliseconds total_limit{30'000};
  std::size_t max_answer = 32u * 1024 * 1024; ///< decoded bytes
  /// For requests that must not happen twice: a new connection, because libcurl repeats a request by itself
  /// when a kept one turns out to be dead.
  bool fresh_connection = false;
  /// When set, the body is handed over in pieces as it arrives (on the driver thread) and not collected; return
  /// false to stop, which is no error. `max_answer` counts here too.
  std::function<bool(std::string_view)> on_data;
};

struct incoming_answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers; ///< names lower-case
  std::string body;
  std::string_view header(std::string_view name) const;
};

/// Errors: bad_input (URL or header that cannot be sent), unavailable (no connection, reset, truncated), timed_out
/// (deadline after the request was sent: outcome unknown), too_large.
class client {
public:
  explicit client(int connections_per_host = 4);
  ~client(); ///< cancels what is in flight; callbacks are called with unavailable

  /// Calls back on the driver thread; the callback must not block.
  void send(outgoing what, std::function<void(result<incoming_answer>)> then);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace clique::http
