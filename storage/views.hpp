#pragma once

// What dashboards see: each REST view as JSON text, each push channel as a flat map.
// JSON shapes are those of net/openapi.json.

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/pg.hpp"

#include <map>
#include <string>

namespace clique {

/// Flat channel state: key -> JSON value text (stack: keys listed per channel in the push protocol).
using channel_state = std::map<std::string, std::string>;

/// Query parameters of a view, already decoded; unknown ones are refused with bad_input naming them.
using view_query = std::map<std::string, std::string>;

/// Blocking; one object per thread.
class views {
public:
  /// *webhook_address*: shown in the webhooks view.
  explicit views(pg::connection conn, std::string webhook_address = {});

  /// *name*: overview, orders, order, products, sync, webhooks, dead_letters, settings, reconciliation,
  /// store (the facts of a store in lists, without the role).
  /// *id*: the object of `order`, else empty. JSON text, complete answer body.
  result<std::string> view(store_id store, std::string_view name, std::string_view id, const view_query& query,
                           time_point now);

  /// *channel*: overview, orders.live, products, jobs, ops.
  result<channel_state> channel(store_id store, std::string_view channel, time_point now);

private:
  pg::connection conn_;
  std::string webhook_address_;
};

} // namespace clique
