#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace clique {

/// Our picture of one store's bucket at the platform, fed by the platform's own answers. Before the first
/// answer the smallest known bucket is assumed. Pure logic: the instant is an argument.
class throttle_bucket {
public:
  using instant = std::chrono::steady_clock::time_point;

  /// @param speed simulated seconds per second of *instant*: the bucket refills on simulated time.
  explicit throttle_bucket(double speed = 1);

  /// What the platform just said.
  void told(double maximum, double available, double restore_rate, instant now);
  /// The platform refused: nothing is sent before that instant.
  void block_until(instant when);
  /// How long to wait before *cost* points may be asked for; zero: now.
  std::chrono::milliseconds wait(double cost, instant now) const;
  void reserve(double cost, instant now);
  /// The call that had reserved *cost* is over.
  void settle(double cost);

private:
  double points(instant now) const;

  double speed_;
  double maximum_ = 1'000; // platform facts: older fixtures show 1,000 at 50 points a second
  double rate_ = 50;
  double available_ = 1'000;
  double reserved_ = 0; // of calls on their way
  instant as_of_{};
  instant blocked_{};
};

/// What a kind of call costs, as last told by the platform; a guess before that.
class cost_book {
public:
  double estimate(std::size_t kind) const;
  void told(std::size_t kind, double requested);

private:
  std::array<double, 16> costs_{};
};

} // namespace clique
