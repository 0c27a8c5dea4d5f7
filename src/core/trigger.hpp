#pragma once

#include "core/calls.hpp"
#include "core/events.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <string>
#include <variant>
#include <vector>

namespace clique {

/// A verified delivery's content, typed.
using webhook_fact = std::variant<ignored_topic, order, order_deleted, order_edited, refund_created, product,
                                  product_deleted, stock_level, stock_disconnected, inventory_item, shop_facts,
                                  app_uninstalled, scopes_updated, bulk_finished, privacy_request>;

struct delivery_fact {
  std::string topic;
  std::optional<time_point> triggered_at; ///< the sender's clock, when it says
  time_point received_at;
  webhook_fact what;
};

/// A feature's timer came due.
struct tick {};

/// Verified deliveries of the feature's topics, in log order; one span is one load and one save.
struct webhooks {
  std::vector<delivery_fact> items;
};

/// A user (or the operator) asked. `args` is a JSON object, validated at the border.
struct command {
  std::string name; ///< "run", "cancel", "save", ...
  std::string args;
  user_id by{};
};

/// An earlier call was answered.
struct reply {
  call asked;
  result<answer> got;
};

/// A sibling feature said something.
struct heard {
  event what;
};

/// Why a feature runs, and when that is: `decide` has no other clock.
struct trigger {
  time_point now;
  std::variant<tick, webhooks, command, reply, heard> why;
};

} // namespace clique
