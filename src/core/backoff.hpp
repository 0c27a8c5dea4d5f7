#pragma once

#include <chrono>
#include <cstdint>

namespace clique {

/// Delay before attempt *failures* + 1: base doubling up to cap, with "full jitter" in
/// its upper half decided by *seed* (deterministic: same seed, same delay).
std::chrono::milliseconds backoff(std::chrono::milliseconds base, std::chrono::milliseconds cap, int failures,
                                  std::uint64_t seed);

} // namespace clique
