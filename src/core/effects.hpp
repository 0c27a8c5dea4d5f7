#pragma once

#include "core/calls.hpp"
#include "core/error.hpp"
#include "core/events.hpp"
#include "core/rows.hpp"

#include <string>
#include <variant>
#include <vector>

namespace clique {

/// A row to write. All saves of one decision share one transaction, and nobody
/// hears of anything before it is committed.
struct save {
  row what;
};
/// Ask a platform; the answer comes back as a `reply`. It survives a crash: the
/// call is an outbox row in the same transaction as the saves.
struct ask {
  call what;
};
/// Tell the siblings.
struct tell {
  event what;
};
/// The named channel of the store's dashboards has changed.
struct push {
  std::string channel; ///< overview, orders.live, products, jobs, ops
};
/// To the waiting user of a command. Carries JSON, or a failure.
struct respond {
  result<std::string> what;
};
/// Hand bulk work to a worker: stream a finished bulk file into rows.
struct start_import {
  std::string url;   ///< of the JSONL file
  std::string month; ///< "2026-03"
};

using effect = std::variant<save, ask, tell, push, respond, start_import>;
using effects = std::vector<effect>;

/// Moves all effects of one kind out of *xs*, in order.
template <class T>
std::vector<T> take(effects& xs) {
  std::vector<T> result;
  for (auto& x : xs)
    if (auto* y = std::get_if<T>(&x))
      result.push_back(std::move(*y));
  return result;
}

} // namespace clique
