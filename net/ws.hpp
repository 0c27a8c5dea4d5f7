#pragma once

#include "net/http.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace clique::ws {

/// One open WebSocket. Thread-safe; calls after close do nothing.
class socket {
public:
  virtual ~socket() = default;
  /// Sends one text frame. One write is in flight at a time; further frames queue.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
  /// Bytes accepted by send and not yet written to the kernel.
  virtual std::size_t pending() const = 0;
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  virtual std::uint64_t id() const = 0;
};
using socket_ptr = std::shared_ptr<socket>;

/// Called on io threads; must not block.
struct events {
  std::function<void(socket_ptr, const http::request&)> opened;
  std::function<void(const socket_ptr&, std::string)> text;
  std::function<void(const socket_ptr&)> drained; ///< the queue became empty
  std::function<void(std::uint64_t id)> closed;
};

/// Limits of stack 2.5 and faults section 5.
struct limits {
  std::size_t max_message = 4 * 1024;
  int messages_per_second = 20;
  std::chrono::seconds ping_every{15};
  std::chrono::seconds pong_within{10};
  std::chrono::seconds write_stall{20}; ///< then close 4008
};

/// Decides on the upgrade before the handshake: an empty optional lets it pass, else the answer is sent.
using gate = std::function<std::optional<http::response>(const http::request&)>;

} // namespace clique::ws
