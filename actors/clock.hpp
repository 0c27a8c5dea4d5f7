#pragma once

#include "core/time.hpp"

#include <chrono>

namespace clique {

/// The time everything runs on: the wall clock, or a simulated one that starts at an origin and runs at a speed.
/// Copies agree with each other. Thread-safe.
class clock_port {
public:
  clock_port() = default; ///< the wall clock

  /// @pre speed > 0: simulated seconds per real second.
  clock_port(time_point origin, double speed);

  time_point now() const;
  bool simulated() const {
    return simulated_;
  }
  double speed() const {
    return speed_;
  }
  /// How long *simulated* lasts for a real timer; never below *least*.
  std::chrono::milliseconds real(std::chrono::milliseconds simulated,
                                 std::chrono::milliseconds least = std::chrono::milliseconds{10}) const;

private:
  bool simulated_ = false;
  double speed_ = 1;
  time_point origin_;
  std::chrono::steady_clock::time_point started_;
};

} // namespace clique
