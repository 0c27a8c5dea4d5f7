#pragma once

#include <algorithm>
#include <chrono>

namespace clique::live {

/// How often one subscription may be written to: a bucket of *burst* tokens filled at *per_second*. Changes that
/// find it empty are merged until it has one again.
class pace {
public:
  using instant = std::chrono::steady_clock::time_point;

  pace(double per_second, double burst) : rate_(per_second), burst_(burst), tokens_(burst) {
  }

  void set_rate(double per_second) {
    rate_ = per_second;
  }

  bool take(instant now) {
    if (last_ != instant{})
      tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - last_).count());
    last_ = now;
    if (tokens_ < 1)
      return false;
    tokens_ -= 1;
    return true;
  }

private:
  double rate_, burst_, tokens_;
  instant last_{};
};

} // namespace clique::live
