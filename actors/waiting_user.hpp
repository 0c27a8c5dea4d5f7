#pragma once

#include "core/error.hpp"

#include <functional>
#include <memory>
#include <string>

namespace clique {

/// Somebody who waits for a command's answer. Copies share the one shot; when the last copy goes
/// without an answer (its actor crashed), the user hears `unavailable` instead of silence.
class waiting_user {
public:
  using callback = std::function<void(result<std::string>)>;

  waiting_user() = default; ///< nobody waits

  /// @param tell is called once, from any thread, and must not block.
  explicit waiting_user(callback tell) : shot_(std::make_shared<shot>(std::move(tell))) {
  }

  void answer(result<std::string> what) const {
    if (shot_)
      shot_->fire(std::move(what));
  }

private:
  struct shot {
    explicit shot(callback x) : tell(std::move(x)) {
    }
    shot(const shot&) = delete;
    shot& operator=(const shot&) = delete;
    ~shot() {
      fire(error{ec::unavailable, "The work was interrupted before it could answer.", "Try again in a moment."});
    }
    void fire(result<std::string> what) {
      if (auto f = std::exchange(tell, nullptr))
        f(std::move(what));
    }
    callback tell; // only the child that runs the command touches it
  };
  std::shared_ptr<shot> shot_;
};

} // namespace clique
