#pragma once

#include <cstdint>
#include <string>

namespace clique {

/// A connected store, by its row in `shopify_stores`.
enum class store_id : std::int64_t {};

/// A person who may sign in, by its row in `users`.
enum class user_id : std::int64_t {};

/// A resource's number at Shopify (REST id, legacyResourceId). May exceed 2^53.
using shopify_id = std::int64_t;

constexpr std::int64_t raw(store_id x) {
  return static_cast<std::int64_t>(x);
}
constexpr std::int64_t raw(user_id x) {
  return static_cast<std::int64_t>(x);
}

/// Number of partitions of the delivery log; fixed at installation.
constexpr int num_partitions = 64;

/// Place of a delivery in its partition's log.
struct delivery_place {
  std::int32_t part = 0;
  std::int64_t seq = 0;

  friend auto operator<=>(const delivery_place&, const delivery_place&) = default;
};

} // namespace clique
