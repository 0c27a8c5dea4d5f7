#include "core/schedule.hpp"

#include <string>

namespace clique {

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t result = 0xcbf29ce484222325u;
  for (auto x : text) {
    result ^= static_cast<unsigned char>(x);
    result *= 0x100000001b3u;
  }
  return result;
}

time_point next_due(store_id store, std::string_view feature, std::chrono::minutes period, time_point now) {
  using std::chrono::microseconds;
  if (period <= std::chrono::minutes{0})
    return time_point::max();
  auto step = std::chrono::duration_cast<microseconds>(period);
  auto hash = stable_hash(std::to_string(raw(store)) + "/" + std::string{feature});
  // Minutes are too coarse for many stores: the phase is a millisecond of the period.
  auto slots = static_cast<std::uint64_t>(step.count() / 1000);
  auto phase = microseconds{static_cast<std::int64_t>(hash % slots) * 1000};
  auto since = (now.time_since_epoch() - phase) % step;
  if (since < microseconds{0})
    since += step;
  return now - since + step;
}

int partition_of(store_id store) {
  return static_cast<int>(stable_hash(std::to_string(raw(store))) % num_partitions);
}

} // namespace clique
