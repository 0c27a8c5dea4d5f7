#include "storage/pool.hpp"

#include <fmt/format.h>

#include <utility>

namespace clique {

pool::pool(std::string conninfo, std::size_t size) {
  auto pace = pg::make_pace();
  for (std::size_t i = 0; i < size; ++i) {
    all_.push_back(std::make_unique<pg::connection>(conninfo, pace));
    idle_.push_back(all_.back().get());
  }
}

result<pool::lease> pool::take(std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  if (!free_.wait_for(lock, wait, [this] { return !idle_.empty(); }))
    return error{ec::unavailable, fmt::format("no database connection became free within {} ms", wait.count()),
                 "the server is busy: try again"};
  // The one that was used last: its statements are prepared and its caches warm.
  auto* conn = idle_.back();
  idle_.pop_back();
  return lease{this, conn};
}

std::size_t pool::size() const {
  return all_.size();
}

pool::lease::lease(pool* owner, pg::connection* conn) : owner_{owner}, conn_{conn} {
}

pool::lease::lease(lease&& other) noexcept : owner_{std::exchange(other.owner_, nullptr)}, conn_{other.conn_} {
}

pool::lease::~lease() {
  if (owner_ == nullptr)
    return;
  // What its last user left open, with its tenants, is nobody else's.
  if (conn_->in_transaction())
    conn_->close();
  {
    std::lock_guard lock{owner_->mutex_};
    owner_->idle_.push_back(conn_);
  }
  owner_->free_.notify_one();
}

} // namespace clique
