#pragma once

#include "actors/handles.hpp"
#include "actors/ports.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace clique {

/// A delivery that has made its child fail too often.
struct poisoned {
  std::string reason;
  int attempts = 0;
};

struct child_setup {
  store_id store{};
  child who = child::sync;
  std::map<std::int64_t, poisoned> poison; ///< by sequence number: to be put aside
};

/// One piece of work of one feature: from its trigger to the answer.
struct decision {
  feature_ref feature = no_feature; ///< none: only the batch is written
  trigger why;
  waiting_user user;
  write_batch batch;
  effects after;                  ///< what follows the commit
  std::vector<outbox_item> calls; ///< as in the batch
  bool refresh = false;           ///< the store's own row is among the rows
  int failures = 0;               ///< attempts to load or save that failed for reasons that pass
};

/// Deliveries that are worked on together: every feature sees its share before the cursor moves.
struct window {
  std::vector<delivery_ptr> items;
  std::vector<delivery_fact> facts;  ///< of those that could be read, in order
  std::vector<dead_letter> dead;     ///< of the others
  std::vector<feature_ref> features; ///< still to run, last first
  bool shared = false;               ///< several features want them
};

struct child_state {
  child_state() = default;

  struct due {
    feature_ref feature;
  };
  struct answered {
    feature_ref feature;
    std::int64_t call_id;
    reply what;
  };
  struct fact {
    feature_ref feature;
    event what;
  };
  using errand = std::variant<due, command_request, answered, fact>;

  child_setup setup;
  tree_settings settings;
  ports world;
  parent_actor parent;
  store_facts store; ///< as last loaded
  std::int64_t cursor = 0;
  bool ready = false; ///< cursor and store facts are known
  bool gone = false;  ///< the store's row is gone: everything is closed without effect
  bool busy = false;
  std::size_t careful = 0;        ///< so many deliveries are taken one by one, to find the one that fails
  std::deque<delivery_ptr> inbox; ///< in log order
  std::deque<errand> errands;     ///< go before the next window: people and answers do not wait behind a backlog
  std::optional<window> open;
  std::optional<decision> now;
  std::function<void()> retry; ///< what `again` does
  int start_failures = 0;
  std::set<std::int64_t> calls;      ///< outbox ids at the platform
  std::vector<std::int64_t> orphans; ///< open calls of features that no longer exist
  std::uint64_t decisions = 0;
  const char* name = "child";
};

child_actor::behavior_type feature_child(child_actor::stateful_pointer<child_state> self, child_setup setup,
                                         tree_settings settings, ports world, parent_actor parent);

} // namespace clique
