#pragma once

// TCP neighbours that misbehave on request: one that forwards until told to swallow, one that hangs up at once.

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace clique::test {

/// A listening socket on a free loopback port and a thread that serves it until the object ends.
class loopback_server {
public:
  explicit loopback_server(std::function<void(loopback_server&)> serve) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(listener_, 64) != 0
        || getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0 || pipe(wake_) != 0)
      std::abort();
    port_ = ntohs(at.sin_port);
    thread_ = std::thread{[this, serve = std::move(serve)] { serve(*this); }};
  }
  loopback_server(const loopback_server&) = delete;
  loopback_server& operator=(const loopback_server&) = delete;
  ~loopback_server() {
    stop();
  }
  void stop() {
    if (!thread_.joinable())
      return;
    close(wake_[1]);
    thread_.join();
    close(wake_[0]);
    close(listener_);
  }
  int port() const {
    return port_;
  }
  int listener() const {
    return listener_;
  }
  /// Readable once the server is to stop.
  int stopping() const {
    return wake_[0];
  }

private:
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  int port_ = 0;
  std::thread thread_;
};

/// Accepts and hangs up; tells of each.
class refusing_server {
public:
  explicit refusing_server(std::function<void()> on_client)
      : server_{[on_client = std::move(on_client)](loopback_server& self) {
          for (;;) {
            pollfd xs[] = {{self.stopping(), POLLIN, 0}, {self.listener(), POLLIN, 0}};
            poll(xs, 2, -1);
            if (xs[0].revents != 0)
              return;
            on_client();
            close(accept(self.listener(), nullptr, nullptr));
          }
        }} {
  }
  int port() const {
    return server_.port();
  }
  void stop() {
    server_.stop();
  }

private:
  loopback_server server_;
};

/// Forwards TCP clients to the unix socket of a Postgres connection string ("host='folder' ...").
class proxy {
public:
  explicit proxy(const std::string& conninfo)
      : target_{conninfo.substr(6, conninfo.find('\'', 6) - 6) + "/.s.PGSQL.5432"}, server_{
                                                                                        [this](loopback_server& self) {
                                                                                          serve(self);
                                                                                        }} {
  }
  /// From now on what arrives disappears; connections stay open.
  void swallow() {
    swallows_ = true;
  }
  /// New connections work again.
  void forward() {
    swallows_ = false;
  }
  std::string conninfo(std::string_view database) const {
    return fmt::format("host=127.0.0.1 port={} user=clique dbname={} sslmode=disable gssencmode=disable",
                       server_.port(), database);
  }

private:
  void serve(loopback_server& self) {
    std::vector<std::pair<int, int>> pairs;
    for (;;) {
      std::vector<pollfd> xs{{self.stopping(), POLLIN, 0}, {self.listener(), POLLIN, 0}};
      for (auto [a, b] : pairs) {
        xs.push_back({a, POLLIN, 0});
        xs.push_back({b, POLLIN, 0});
      }
      poll(xs.data(), xs.size(), -1);
      if (xs[0].revents != 0)
        break;
      auto count = pairs.size();
      for (std::size_t i = 0; i < count; ++i) {
        auto& [a, b] = pairs[i];
        if ((xs[2 + 2 * i].revents != 0 && !pass(a, b)) || (xs[3 + 2 * i].revents != 0 && !pass(b, a))) {
          close(std::exchange(a, -1));
          close(std::exchange(b, -1));
        }
      }
      std::erase_if(pairs, [](const auto& x) { return x.first < 0; });
      if (xs[1].revents != 0)
        pairs.emplace_back(accept(self.listener(), nullptr, nullptr), connect_target());
    }
    for (auto [a, b] : pairs) {
      close(a);
      close(b);
    }
  }
  bool pass(int from, int to) const {
    char buffer[65536];
    auto n = read(from, buffer, sizeof buffer);
    return n > 0 && (swallows_ || write(to, buffer, static_cast<std::size_t>(n)) == n);
  }
  int connect_target() const {
    auto result = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::strncpy(at.sun_path, target_.c_str(), sizeof at.sun_path - 1);
    if (connect(result, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
      std::abort();
    return result;
  }

  std::atomic<bool> swallows_ = false;
  std::string target_;
  loopback_server server_;
};

} // namespace clique::test
