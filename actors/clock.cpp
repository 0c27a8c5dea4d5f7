#include "actors/clock.hpp"

#include <algorithm>

namespace clique {

using namespace std::chrono;

clock_port::clock_port(time_point origin, double speed)
    : simulated_(true), speed_(speed), origin_(origin), started_(steady_clock::now()) {
}

time_point clock_port::now() const {
  if (!simulated_)
    return time_point_cast<microseconds>(system_clock::now());
  auto passed = duration_cast<duration<double, std::micro>>(steady_clock::now() - started_);
  return origin_ + microseconds{static_cast<std::int64_t>(passed.count() * speed_)};
}

milliseconds clock_port::real(milliseconds simulated, milliseconds least) const {
  auto result = milliseconds{static_cast<std::int64_t>(static_cast<double>(simulated.count()) / speed_)};
  return std::max(result, least);
}

} // namespace clique
