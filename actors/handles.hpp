#pragma once

// Every typed interface of the tree, one screen per actor. The way of an event runs from top to bottom.

#include "actors/messages.hpp"
#include "net/ws.hpp"
#include "storage/accounts.hpp"
#include "storage/views.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace clique::atom {

// Verbs; CAF allows ten characters.
#define CLIQUE_ATOM(name)                                                                                              \
  using name = caf::atom_constant<caf::atom(#name)>;                                                                   \
  inline constexpr name name##_v {                                                                                     \
  }

CLIQUE_ATOM(again);
CLIQUE_ATOM(check);
CLIQUE_ATOM(close);
CLIQUE_ATOM(confirm);
CLIQUE_ATOM(connect);
CLIQUE_ATOM(drain);
CLIQUE_ATOM(flush);
CLIQUE_ATOM(lost);
CLIQUE_ATOM(open);
CLIQUE_ATOM(page);
CLIQUE_ATOM(ok);
CLIQUE_ATOM(pump);
CLIQUE_ATOM(refresh);
CLIQUE_ATOM(renew);
CLIQUE_ATOM(run);
CLIQUE_ATOM(settle);
CLIQUE_ATOM(sleep);
CLIQUE_ATOM(start);
CLIQUE_ATOM(status);
CLIQUE_ATOM(stop);
CLIQUE_ATOM(tick);
CLIQUE_ATOM(token);

#undef CLIQUE_ATOM

} // namespace clique::atom

namespace clique {

/// The DELIVERY LOG: deliveries become durable, are acked, routed, and closed.
using delivery_log_actor = caf::typed_actor<
    // A verified delivery; its session is answered once the commit is done.
    caf::reacts_to<arrival>,
    // Children have finished deliveries; the partition's cursor may follow.
    caf::reacts_to<closed_note>,
    // A tree ended with deliveries in memory: read this store's open ones again.
    caf::reacts_to<atom::lost, store_id>,
    // Somebody else has put deliveries into this partition (a replayed dead letter): read on.
    caf::reacts_to<atom::check, std::int32_t>,
    // INTERNAL: write what has been collected.
    caf::reacts_to<atom::flush>,
    // INTERNAL: read open deliveries that are only in the database.
    caf::reacts_to<atom::page>,
    // INTERNAL: once a second, move cursors and look after suspects.
    caf::reacts_to<atom::tick>, caf::replies_to<atom::status>::with<log_status>,
    // Writes the cursors and ends; answered when that is done.
    caf::replies_to<atom::stop>::with<atom::ok>>;

/// The DIRECTORY: finds or wakes the tree of a store.
using directory_actor = caf::typed_actor<
    // Once, before everything else: where closed deliveries are reported.
    caf::reacts_to<atom::start, delivery_log_actor>,
    // From the log, several stores at once.
    caf::reacts_to<deliveries>,
    // A timer came due.
    caf::reacts_to<atom::tick, store_id, std::string>,
    // A user, the operator or a worker wants something of a feature.
    caf::reacts_to<store_id, user_command>,
    // A fact from outside the tree, e.g. the store was connected.
    caf::reacts_to<store_id, event_note>,
    // A supervisor has been idle and has seen this many messages of ours.
    caf::reacts_to<atom::sleep, store_id, std::uint64_t>, caf::replies_to<atom::status>::with<directory_status>,
    // Ends every tree; answered when all are gone.
    caf::replies_to<atom::stop>::with<atom::ok>>;

/// What a child tells whoever owns it.
using parent_actor = caf::typed_actor<
    // The child's cursor has moved, in the database.
    caf::reacts_to<closed_note>,
    // A delivery made the child fail.
    caf::reacts_to<crash_note>,
    // A committed fact for siblings.
    caf::reacts_to<event_note>,
    // The store's own row has changed (name, currency, connection).
    caf::reacts_to<atom::refresh>>;

/// The STORE SUPERVISOR: owns the six children of one store.
using store_supervisor_actor = parent_actor::extend<
    // Deliveries of this store in log order.
    caf::reacts_to<deliveries>,
    // A timer came due.
    caf::reacts_to<atom::tick, feature_ref>,
    // A command for one feature.
    caf::reacts_to<command_request>,
    // A fact from outside, for every feature that hears facts.
    caf::reacts_to<atom::connect, event_note>,
    // INTERNAL: a restart's delay is over.
    caf::reacts_to<atom::start, std::uint8_t>,
    // INTERNAL: is the tree idle?
    caf::reacts_to<atom::check>, caf::replies_to<atom::status>::with<store_status>>;

/// A CHILD: runs the features of its kind for one store, one decision at a time.
using child_actor = caf::typed_actor<
    // Deliveries in log order; those at or below the cursor are dropped.
    caf::reacts_to<deliveries>,
    // A timer came due.
    caf::reacts_to<atom::tick, feature_ref>,
    // A command for one feature; the user is answered after the commit.
    caf::reacts_to<command_request>,
    // A sibling said something.
    caf::reacts_to<event_note>,
    // INTERNAL: try the load or the save again.
    caf::reacts_to<atom::again>, caf::replies_to<atom::status>::with<child_status>>;

/// The READER: loads what a feature asked to see. Detached, a pool sharded by store.
using reader_actor = caf::typed_actor<caf::replies_to<load_request>::with<loaded>,
                                      // What a child needs to know once, when it starts.
                                      caf::replies_to<start_request>::with<started>>;

/// PERSISTENCE: collects batches of many stores into one transaction. Detached, a pool sharded by store.
using persistence_actor = caf::typed_actor<
    // Answered after the commit.
    caf::replies_to<write_request>::with<write_answer>,
    // INTERNAL: write what has been collected.
    caf::reacts_to<atom::flush>>;

struct http_done; // platform_caller.cpp

/// The PLATFORM: one call to an outside service, throttled per store, retried within a budget.
using platform_actor = caf::typed_actor<caf::replies_to<platform_call>::with<platform_answer>>;

/// The TOKEN KEEPER: one refresher per store.
using token_keeper_actor = caf::typed_actor<
    // A token to use now; refreshed first when its life is nearly over.
    caf::replies_to<atom::token, store_id>::with<token_reply>,
    // This token was refused: a newer one, or token_rejected.
    caf::replies_to<atom::renew, store_id, std::string>::with<token_reply>,
    // The token worked: the previous refresh token may be forgotten.
    caf::reacts_to<atom::confirm, store_id, std::string>,
    // The store's row has changed (connected again, uninstalled, gone): read it again.
    caf::reacts_to<atom::refresh, store_id>>;

/// The IMPORTER: streams a bulk file into rows.
using import_actor = caf::typed_actor<
    // One file; the result comes back as a command to the feature that asked.
    caf::reacts_to<import_request>>;

/// The SCHEDULER: due timers of the job log become ticks.
using scheduler_actor = caf::typed_actor<
    // INTERNAL: claim what is due.
    caf::reacts_to<atom::tick>,
    // A store was connected: it needs a row for each timer.
    caf::reacts_to<atom::connect, store_id>, caf::replies_to<atom::stop>::with<atom::ok>>;

/// The LEASE: keeps our ownership of the partitions.
using lease_actor = caf::typed_actor<
    // INTERNAL: renew.
    caf::reacts_to<atom::tick>,
    // Gives the partitions back and ends.
    caf::replies_to<atom::stop>::with<atom::ok>>;

/// What the tree knows of the push hub.
using listener_actor = caf::typed_actor<
    // The named channel of the store has changed, in the database.
    caf::reacts_to<store_id, std::string>>;

/// A dashboard's socket, after the gate has let it in; who it is is looked up by the hub.
struct hub_socket {
  ws::socket_ptr socket;
  std::string secret; ///< of its session cookie
};
/// Who a socket belongs to; a failure closes it.
struct hub_identity {
  std::uint64_t socket = 0;
  result<identity> who;
};
/// A channel's state as just read.
struct hub_state {
  store_id store{};
  std::string channel;
  result<channel_state> what;
};

/// The PUSH HUB: tells dashboards what has changed.
using push_hub_actor = caf::typed_actor<
    // The named channel of the store has changed, in the database.
    caf::reacts_to<store_id, std::string>,
    // A socket was opened, spoke, has written all it had, or is gone.
    caf::reacts_to<atom::open, hub_socket>, caf::reacts_to<std::uint64_t, std::string>,
    caf::reacts_to<atom::drain, std::uint64_t>, caf::reacts_to<atom::close, std::uint64_t>,
    // A session ended (its hash): its sockets are closed.
    caf::reacts_to<atom::lost, std::string>,
    // INTERNAL: who a socket is, and what a channel holds, as read on a desk.
    caf::reacts_to<hub_identity>, caf::reacts_to<hub_state>,
    // INTERNAL: send what may go out now; look after quiet sockets.
    caf::reacts_to<atom::tick>, caf::reacts_to<atom::check>,
    // Says good-bye to all sockets.
    caf::replies_to<atom::stop>::with<atom::ok>>;

} // namespace clique

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::arrival)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::deliveries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::closed_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::crash_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::event_note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::user_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::command_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::load_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::start_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::write_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::write_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::platform_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::platform_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::token_reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::import_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::child_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::store_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::directory_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::log_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::hub_socket)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::hub_identity)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::hub_state)
