#include "actors/breaker.hpp"

#include "core/backoff.hpp"

namespace clique {

namespace {

constexpr auto probe_time = std::chrono::milliseconds{1'000}; // look again whether the probe has come back

} // namespace

breaker::breaker() : breaker(limits{}) {
}

breaker::breaker(limits bounds) : bounds_(bounds) {
}

std::chrono::milliseconds breaker::wait(instant now) const {
  if (!open_)
    return std::chrono::milliseconds{0};
  if (now < until_)
    return std::chrono::ceil<std::chrono::milliseconds>(until_ - now);
  return probing_ ? probe_time : std::chrono::milliseconds{0};
}

void breaker::sent(instant now) {
  if (open_ && now >= until_)
    probing_ = true;
}

void breaker::success() {
  failures_ = 0;
  trips_ = 0;
  open_ = false;
  probing_ = false;
}

void breaker::failure(instant now) {
  probing_ = false;
  ++failures_;
  if (!open_ && failures_ < bounds_.failures)
    return;
  open_ = true;
  // Jitter comes from the instant: breakers that opened together do not probe together.
  auto seed = static_cast<std::uint64_t>(now.time_since_epoch().count());
  until_ = now + backoff(bounds_.first, bounds_.longest, ++trips_, seed);
}

} // namespace clique
