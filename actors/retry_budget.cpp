#include "actors/retry_budget.hpp"

#include <algorithm>

namespace clique {

retry_budget::retry_budget(double ratio, double reserve) : ratio_(ratio), reserve_(reserve), saved_(reserve) {
}

void retry_budget::first_attempt() {
  saved_ = std::min(reserve_, saved_ + ratio_);
}

bool retry_budget::take() {
  if (saved_ < 1)
    return false;
  saved_ -= 1;
  return true;
}

} // namespace clique
