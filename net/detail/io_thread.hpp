#pragma once

// One io thread: an io_context, the connections that live on it, a coarse clock for their deadlines,
// and an inbox through which other threads hand over answers with one wake-up for many.

#include "net/detail/transport.hpp"
#include "net/http.hpp"
#include "net/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace clique::http {

class connection;
using connection_ptr = std::shared_ptr<connection>;
using steady = std::chrono::steady_clock;

/// Deadlines are looked at this often, so they fire up to this much late.
constexpr auto sweep_period = std::chrono::milliseconds{200};

struct socket_endpoint {
  std::string path;
  ws::gate gate;
  ws::events events;
  ws::limits limits;
};

/// What all threads of one server share.
struct server_core {
  server_options options;
  std::shared_ptr<const router> routes;
  std::vector<socket_endpoint> endpoints;
  tls_context tls;
  std::string fixed_headers; ///< the security headers of every answer
  server_counters counters;
  std::atomic<bool> is_draining{false};
  std::atomic<std::uint64_t> next_socket{1};
  std::atomic<int> refusing{0}; ///< connections over the limit that are being told so

  /// Counts one more peer of that address; false when it has too many.
  bool enter(const std::string& address);
  void leave(const std::string& address);
  /// Waits until no connection is left. @returns whether that came true in time.
  bool wait_empty(std::chrono::milliseconds limit);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, std::size_t> by_address_;
  std::size_t open_ = 0;
};

class io_thread : public std::enable_shared_from_this<io_thread> {
public:
  explicit io_thread(std::shared_ptr<server_core> core);

  void start();
  /// Closes everything, runs what is queued to its end and joins.
  void stop();
  /// Any thread; dropped after stop().
  void post(std::function<void()> work);

  struct item {
    connection_ptr to;
    std::optional<response> answer; ///< nothing: a WebSocket has something to write
  };
  /// Any thread.
  void hand_over(item x);
  void hand_over(std::vector<item> all);
  bool is_here() const;

  // From here on: only on this thread.
  void adopt(connection_ptr x);
  void forget(connection& x);
  /// Idle connections close, sockets say good-bye; what works goes on.
  void drain();
  std::string next_request_id();
  /// IMF-fixdate of this second.
  std::string_view date();
  steady::time_point after(std::chrono::milliseconds limit) const {
    return now + limit + sweep_period;
  }

  std::shared_ptr<server_core> core;
  boost::asio::io_context io{1};
  steady::time_point now = steady::now(); ///< as of the last sweep
  std::vector<char> scratch;              ///< one big read at a time
  std::string head;                       ///< answer heads are built here

private:
  void sweep();
  void empty_inbox();

  std::thread thread_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  std::list<connection_ptr> connections_;
  std::mutex mutex_;
  std::vector<item> inbox_;
  bool is_stopped_ = false;
  bool is_woken_ = false;
  std::string id_prefix_;
  std::uint64_t ids_ = 0;
  std::time_t date_second_ = 0;
  std::string date_;
};

} // namespace clique::http
