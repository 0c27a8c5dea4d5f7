#pragma once

#include "storage/pg.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace clique {

/// A fixed number of connections, handed out one at a time, waiting at most a deadline.
/// Thread-safe. Reconnects are jittered and at most one per second while the server is down.
class pool {
public:
  pool(std::string conninfo, std::size_t size);

  /// Returns the connection to the pool when destroyed.
  class lease {
  public:
    lease(pool* owner, pg::connection* conn);
    ~lease();
    lease(lease&&) noexcept;
    lease& operator=(lease&&) = delete;
    pg::connection& operator*() const {
      return *conn_;
    }
    pg::connection* operator->() const {
      return conn_;
    }

  private:
    pool* owner_;
    pg::connection* conn_;
  };

  /// @returns unavailable when no connection became free in time.
  result<lease> take(std::chrono::milliseconds wait = std::chrono::seconds{2});
  std::size_t size() const;

private:
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<pg::connection>> all_;
  std::vector<pg::connection*> idle_;
};

} // namespace clique
