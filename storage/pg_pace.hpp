#pragma once

#include "storage/pg.hpp"

#include <mutex>
#include <random>

namespace clique::pg {

class pace {
public:
  /// Held while one connection attempt runs.
  std::unique_lock<std::mutex> begin() {
    return std::unique_lock{mutex_};
  }
  /// Words of the last failure when it is too early for another attempt. Only between begin and its end.
  std::optional<std::string> too_early() const {
    if (std::chrono::steady_clock::now() < next_)
      return last_;
    return std::nullopt;
  }
  void failed(std::string words) {
    last_ = std::move(words);
    next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds{jitter_(random_)};
  }

private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_;
  std::string last_;
  std::minstd_rand random_{std::random_device{}()};
  std::uniform_int_distribution<int> jitter_{1000, 1500};
};

} // namespace clique::pg
