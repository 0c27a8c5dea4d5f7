#pragma once

// What stands behind a responder: the connection that waits, or a function in tests.

#include "net/http.hpp"

#include <atomic>

namespace clique::http {

class answer_sink {
public:
  using waiting = std::pair<std::shared_ptr<answer_sink>, response>;

  virtual ~answer_sink() = default;
  /// Any thread; does nothing when the peer is gone.
  virtual void deliver(response answer) = 0;
  /// Sinks of one home are completed together.
  virtual const void* home() const {
    return this;
  }
  /// Delivers to several sinks of this sink's home with one wake-up.
  virtual void deliver_all(std::vector<waiting> all) {
    for (auto& [sink, answer] : all)
      sink->deliver(std::move(answer));
  }
};

struct responder::state {
  state(std::shared_ptr<answer_sink> sink, std::string request) : to(std::move(sink)), id(std::move(request)) {
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  /// Nobody answered: that is our bug, and the peer still gets an answer.
  ~state();
  /// True for the first caller only.
  bool take() {
    return !used.exchange(true);
  }

  std::shared_ptr<answer_sink> to;
  std::string id;
  std::atomic<bool> used{false};
};

} // namespace clique::http
