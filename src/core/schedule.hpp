#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <string_view>

namespace clique {

/// The next time a timer of *period* fires for this store after *now*: stores are spread
/// evenly over the period by a hash of store and feature, so that a restart with every
/// timer due does not fire them at once.
time_point next_due(store_id store, std::string_view feature, std::chrono::minutes period, time_point now);

/// Stable partition of a store in the delivery log, 0..63.
int partition_of(store_id store);

/// FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv/): stable over builds.
std::uint64_t stable_hash(std::string_view text);

} // namespace clique
