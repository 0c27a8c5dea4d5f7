#include "actors/throttle_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace clique {

namespace {

constexpr double first_guess = 50; // points

} // namespace

throttle_bucket::throttle_bucket(double speed) : speed_(speed) {
}

double throttle_bucket::points(instant now) const {
  if (as_of_ == instant{})
    return available_;
  auto seconds = std::chrono::duration<double>(now - as_of_).count();
  return std::min(maximum_, available_ + std::max(seconds, 0.0) * rate_ * speed_);
}

void throttle_bucket::told(double maximum, double available, double restore_rate, instant now) {
  if (maximum <= 0 || restore_rate <= 0)
    return;
  maximum_ = maximum;
  rate_ = restore_rate;
  available_ = available;
  as_of_ = now;
}

void throttle_bucket::block_until(instant when) {
  blocked_ = std::max(blocked_, when);
}

std::chrono::milliseconds throttle_bucket::wait(double cost, instant now) const {
  using std::chrono::milliseconds;
  auto blocked = blocked_ > now ? std::chrono::ceil<milliseconds>(blocked_ - now) : milliseconds{0};
  // A call that costs more than the whole bucket goes out when the bucket is full: the platform decides.
  auto missing = std::min(cost, maximum_ - reserved_) - (points(now) - reserved_);
  if (missing <= 0)
    return blocked;
  return std::max(blocked, milliseconds{static_cast<std::int64_t>(std::ceil(missing / (rate_ * speed_) * 1000))});
}

void throttle_bucket::reserve(double cost, instant) {
  reserved_ += cost;
}

void throttle_bucket::settle(double cost) {
  reserved_ = std::max(0.0, reserved_ - cost);
}

double cost_book::estimate(std::size_t kind) const {
  auto known = costs_.at(kind);
  return known > 0 ? known : first_guess;
}

void cost_book::told(std::size_t kind, double requested) {
  if (requested > 0)
    costs_.at(kind) = requested;
}

} // namespace clique
