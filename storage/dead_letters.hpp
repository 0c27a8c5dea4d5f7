#pragma once

// Deliveries that could not be digested, waiting for a person.

#include "core/ids.hpp"
#include "storage/delivery_log.hpp"
#include "storage/pg.hpp"

#include <string>
#include <string_view>

namespace clique {

/// Blocking; one object per thread. *app* runs as clique_app, *log* on a connection of clique_system.
class dead_letters {
public:
  dead_letters(pg::connection app, delivery_log log);

  /// Appends the letter to the delivery log again, as a new delivery, then marks it replayed; a kill in between leaves
  /// it open, and replaying twice is harmless. not_found when there is no such open letter.
  result<delivery_place> replay(store_id store, std::int32_t part, std::string_view id, time_point now);
  /// Puts it aside for good. not_found when there is no such open letter.
  result<void> discard(store_id store, std::string_view id);

private:
  result<void> settle(store_id store, std::int64_t id, std::string_view state);

  pg::connection app_;
  delivery_log log_;
};

} // namespace clique
