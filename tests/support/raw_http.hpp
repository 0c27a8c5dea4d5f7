#pragma once

// A client that sends exactly the bytes it is told to, and a server on a free port to send them to.

#include "net/router.hpp"
#include "net/server.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace clique::testing {

/// Nothing in a test takes this long; reaching it is a failure, never a wait that a test counts on.
constexpr auto watchdog = std::chrono::seconds{20};

/// Looks again until *holds* or the watchdog barks.
inline bool eventually(const std::function<bool()>& holds) {
  auto until = std::chrono::steady_clock::now() + watchdog;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::yield();
  }
  return true;
}

struct raw_answer {
  int status = 0;
  std::multimap<std::string, std::string> headers; ///< names lower-case
  std::string body;

  std::string header(const std::string& name) const {
    auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// Takes one answer off the front of *bytes*; nothing when it is not there whole.
inline std::optional<raw_answer> take_answer(std::string& bytes, bool has_body = true) {
  auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || bytes.size() < 12)
    return std::nullopt;
  raw_answer result;
  result.status = std::atoi(bytes.c_str() + 9);
  auto at = bytes.find("\r\n") + 2;
  while (at < end + 2) {
    auto line_end = bytes.find("\r\n", at);
    auto colon = bytes.find(':', at);
    auto name = bytes.substr(at, colon - at);
    for (auto& c : name)
      c = static_cast<char>(std::tolower(c));
    result.headers.emplace(name, bytes.substr(colon + 2, line_end - colon - 2));
    at = line_end + 2;
  }
  auto size = std::size_t{0};
  if (has_body && result.status >= 200 && result.status != 304)
    size = static_cast<std::size_t>(std::atoll(result.header("content-length").c_str()));
  if (bytes.size() < end + 4 + size)
    return std::nullopt;
  result.body = bytes.substr(end + 4, size);
  bytes.erase(0, end + 4 + size);
  return result;
}

/// By value, because the checks of CAF keep references to what they compare. Status 0: there was no answer.
inline raw_answer whole(std::optional<raw_answer> x) {
  return x ? std::move(*x) : raw_answer{};
}

class raw_client {
public:
  /// @param receive_buffer Bytes of SO_RCVBUF, 0: the system's default.
  explicit raw_client(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    auto limit = timeval{watchdog.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    auto on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto to = sockaddr_in{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~raw_client() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  bool is_connected() const {
    return is_connected_;
  }
  /// False when the peer has hung up before everything was sent.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  /// What the kernel takes at once, without waiting.
  std::size_t send_some(std::string_view bytes) {
    auto put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return put < 0 ? 0 : static_cast<std::size_t>(put);
  }
  /// Everything until the peer closes. `timed_out` says when it never did.
  std::string read_all() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
  }
  /// The next answer; nothing when the peer closed before.
  std::optional<raw_answer> read_answer(bool has_body = true) {
    while (true) {
      if (auto result = take_answer(buffer_, has_body))
        return result;
      if (!read_more())
        return std::nullopt;
    }
  }
  /// At least *size* bytes, or what came before the end.
  std::string read_bytes(std::size_t size) {
    while (buffer_.size() < size && read_more()) {
    }
    auto result = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return result;
  }
  std::optional<raw_answer> ask(std::string_view bytes, bool has_body = true) {
    send(bytes);
    return read_answer(has_body);
  }
  /// No more from us; the peer may go on.
  void finish() {
    ::shutdown(fd_, SHUT_WR);
  }
  /// Ends with a reset instead of a close.
  void reset() {
    auto now = linger{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

  bool timed_out = false;

private:
  bool read_more() {
    char piece[16 * 1024];
    auto got = ::recv(fd_, piece, sizeof piece, 0);
    if (got > 0)
      buffer_.append(piece, static_cast<std::size_t>(got));
    timed_out = timed_out || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    return got > 0;
  }

  int fd_;
  bool is_connected_ = false;
  std::string buffer_;
};

/// How many whole answers *bytes* holds, and their statuses.
inline std::vector<int> statuses(std::string bytes) {
  std::vector<int> result;
  while (auto answer = take_answer(bytes))
    result.push_back(answer->status);
  return result;
}

/// A server with its routes; stops when it goes out of scope.
struct live_server {
  std::shared_ptr<http::router> routes = std::make_shared<http::router>();
  http::server_options options;
  std::unique_ptr<http::server> server;
  std::uint16_t port = 0;

  void prepare() {
    server = std::make_unique<http::server>(options, routes);
  }
  void start() {
    if (!server)
      prepare();
    auto started = server->start();
    if (!started)
      throw std::runtime_error{started.error().what};
    port = *started;
  }
  void add(http::method verb, std::string pattern, http::handler run, std::size_t max_body = 256 * 1024) {
    routes->add({verb, std::move(pattern), {max_body}, std::move(run)});
  }
};

inline http::response text(std::string body, int status = 200) {
  http::response result;
  result.status = status;
  result.content_type = "text/plain";
  result.body = std::move(body);
  return result;
}

} // namespace clique::testing
