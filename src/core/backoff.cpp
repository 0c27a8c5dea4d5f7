#include "core/backoff.hpp"

#include <algorithm>

namespace clique {

namespace {

/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): spreads consecutive seeds.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

} // namespace

std::chrono::milliseconds backoff(std::chrono::milliseconds base, std::chrono::milliseconds cap, int failures,
                                  std::uint64_t seed) {
  using std::chrono::milliseconds;
  if (failures <= 0 || base <= milliseconds{0} || cap <= milliseconds{0})
    return milliseconds{0};
  auto longest = std::min(base, cap);
  for (auto i = 1; i < failures && longest < cap; ++i)
    longest = longest > cap / 2 ? cap : longest * 2;
  auto half = longest / 2;
  auto spread = static_cast<std::uint64_t>((longest - half).count()) + 1;
  return half + milliseconds{static_cast<std::int64_t>(mix(seed + static_cast<std::uint64_t>(failures)) % spread)};
}

} // namespace clique
