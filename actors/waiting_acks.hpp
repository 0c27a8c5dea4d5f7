#pragma once

#include "net/http.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace clique {

/// One session that waits until its delivery is durable.
struct ack {
  http::responder session;
  std::chrono::steady_clock::time_point arrived;
  std::size_t bytes = 0;
  std::atomic<bool> answered{false};

  /// Whoever gets true may answer; nobody else does.
  bool claim() {
    return !answered.exchange(true);
  }
};
using ack_ptr = std::shared_ptr<ack>;

/// Sends answers to sessions; http::respond_all outside tests.
using respond_fn = std::function<void(std::vector<std::pair<http::responder, http::response>>)>;

/// 503 with Retry-After and a problem document.
http::response busy_answer(std::string_view why);

/// Everybody who waits for a commit: bounded in count and bytes, and nobody waits past the sender's patience.
/// The bound covers what lies in the log's mailbox, which cannot be seen while the log waits for the database.
/// Thread-safe.
class waiting_acks {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t count = 20'000;
    std::size_t bytes = 256u << 20;
    /// Shopify gives up after 5 s in total (faults section 2); one second is left for the way back.
    std::chrono::milliseconds patience{4'000};
  };

  waiting_acks(limits bounds, respond_fn respond);

  /// @returns nullptr when too many wait already: answer 503 at once.
  ack_ptr add(http::responder session, std::size_t bytes, clock::time_point now);
  /// The log is done with the delivery (written or refused): its room is free again.
  void release(const ack& x);
  /// Answers 503 to everybody who has waited too long. @returns how many.
  std::size_t expire(clock::time_point now);
  /// Answers 503 to everybody: the process stops.
  std::size_t refuse_all();
  std::size_t waiting() const {
    return count_.load(std::memory_order_relaxed);
  }

private:
  std::size_t refuse_before(clock::time_point instant);

  limits bounds_;
  respond_fn respond_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> bytes_{0};
  std::mutex mutex_;
  std::deque<ack_ptr> line_; // in order of arrival
};

} // namespace clique
