#pragma once

namespace clique {

/// Retries may add a fifth to the calls, and no more: an outage is not met with a storm (faults C2). Pure logic.
class retry_budget {
public:
  /// @param ratio retries per first attempt. @param reserve retries that a quiet time may save up.
  explicit retry_budget(double ratio = 0.2, double reserve = 10);

  /// A call goes out for the first time.
  void first_attempt();
  /// @returns whether one more retry is allowed, and counts it.
  bool take();

private:
  double ratio_;
  double reserve_;
  double saved_;
};

} // namespace clique
