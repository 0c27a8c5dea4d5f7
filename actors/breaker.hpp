#pragma once

#include <chrono>

namespace clique {

/// A circuit breaker: after several failures in a row nothing is sent for a while, then one probe decides. Pure logic:
/// the instant is an argument.
class breaker {
public:
  using instant = std::chrono::steady_clock::time_point;

  struct limits {
    int failures = 5;
    std::chrono::milliseconds first{1'000};
    std::chrono::milliseconds longest{60'000};
  };

  breaker();
  explicit breaker(limits bounds);

  /// How long nothing may be sent; zero: something may be sent now (one probe only while half open).
  std::chrono::milliseconds wait(instant now) const;
  /// Something is sent.
  void sent(instant now);
  void success();
  void failure(instant now);
  bool is_open() const {
    return open_;
  }

private:
  limits bounds_;
  int failures_ = 0;
  int trips_ = 0;
  bool open_ = false;
  bool probing_ = false;
  instant until_{};
};

} // namespace clique
