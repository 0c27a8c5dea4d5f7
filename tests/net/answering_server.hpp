#pragma once

// A server with a route for each way to be answered.

#include "support/raw_http.hpp"

#include <atomic>
#include <fmt/format.h>
#include <mutex>

namespace clique::testing {

constexpr auto get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

inline std::string get(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path);
}

struct answering_server : live_server {
  std::atomic<int> called{0};
  std::mutex mutex;
  std::vector<http::responder> waiting; ///< requests to /wait, in order

  answering_server() {
    options.threads = 2;
    add(http::method::get, "/", [this](http::request, http::responder out) {
      ++called;
      out(text("root"));
    });
    add(
        http::method::post, "/echo",
        [this](http::request in, http::responder out) {
          ++called;
          out(text(std::move(in.body)));
        },
        100'000);
    add(http::method::get, "/wait", [this](http::request, http::responder out) {
      auto guard = std::lock_guard{mutex};
      waiting.push_back(std::move(out));
    });
  }

  ~answering_server() {
    server.reset(); // before what its handlers touch
  }

  std::size_t num_waiting() {
    auto guard = std::lock_guard{mutex};
    return waiting.size();
  }
  std::vector<http::responder> take_waiting() {
    auto guard = std::lock_guard{mutex};
    return std::exchange(waiting, {});
  }
};

} // namespace clique::testing
