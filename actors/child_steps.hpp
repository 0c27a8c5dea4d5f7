#pragma once

// The steps of a child, shared by its two source files.

#include "actors/child.hpp"

namespace clique::child_steps {

using self_ptr = child_actor::stateful_pointer<child_state>;

/// Takes up the next piece of work, if none is in hand.
void next(self_ptr self);

/// Runs *what*: load, decide, save, then tell, push, call, answer; then `next`.
void carry_out(self_ptr self, decision what);

/// Sends a call whose outbox row exists; its answer becomes an errand.
void send_call(self_ptr self, std::int64_t id, feature_ref feature, call what);

/// Calls *what* after a back-off.
void again_later(self_ptr self, int failures, std::function<void()> what);

/// The piece of work in hand cannot be done, for a reason that does not pass.
void failed(self_ptr self, const error& why);

/// The store's row does not exist any more.
void store_is_gone(self_ptr self);

} // namespace clique::child_steps
