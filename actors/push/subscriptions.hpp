#pragma once

// Who watches what, and what is due to be sent: the push hub without sockets or actors.

#include "actors/push/feed.hpp"
#include "actors/push/frames.hpp"
#include "actors/push/pace.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace clique::live {

using socket_id = std::uint64_t;
using place = std::pair<store_id, std::string>; ///< a channel of a store
using instant = std::chrono::steady_clock::time_point;

/// Limits of the push protocol (per socket and per second).
struct pacing {
  double visible = 4, hidden = 0.2, burst = 4;
  std::size_t max_subscriptions = 64;
  std::size_t congested_bytes = 64 * 1024; ///< more waiting in the socket: nothing further is sent
};

/// A frame for one socket.
struct outbound {
  socket_id to;
  std::shared_ptr<const std::string> text;
};

/// Feeds, subscriptions and pace. A slow socket costs nothing but its place in a table: what it has missed is
/// merged from the feed's ring when it can be written to again, or replaced by a snapshot.
class subscriptions {
public:
  /// *first_epoch*: differs for each run of the server; feeds made later count up from it.
  subscriptions(std::uint64_t first_epoch, pacing limits) : next_epoch_(first_epoch), limits_(limits) {
  }

  void open(socket_id who);
  /// @returns channels that nobody watches any more; their feeds are forgotten.
  void close(socket_id who);
  void set_visible(socket_id who, bool visible);

  /// @returns bad_input when the socket has too many subscriptions; otherwise whether the channel's state must be
  /// loaded first (nobody watched it before).
  result<bool> subscribe(socket_id who, const sub_frame& what);
  void unsubscribe(socket_id who, const unsub_frame& what);

  bool watched(const place& where) const {
    return feeds_.contains(where);
  }
  bool watches(store_id store) const;

  /// Takes a channel's present state. @returns whether it changed or was awaited.
  void update(const place& where, flat_state fresh, instant now);

  /// Frames that may go out now. *waiting*: bytes that a socket has not yet written.
  std::vector<outbound> due(instant now, const std::function<std::size_t(socket_id)>& waiting);
  /// Whether anything is left to send later (a timer is needed).
  bool pending() const {
    return !dirty_.empty();
  }
  /// All subscriptions of a user's lost store are dropped by the caller through this.
  std::vector<place> of(socket_id who) const;
  std::size_t sockets() const {
    return sockets_.size();
  }

private:
  struct subscription {
    std::int64_t sent = -1; ///< last number sent to this client; -1: owes a snapshot
    pace rate;
  };
  struct client {
    bool visible = true;
    std::map<place, subscription> subs;
  };
  struct watched_feed {
    feed state;
    std::set<socket_id> watchers;
  };

  std::uint64_t next_epoch_;
  pacing limits_;
  std::map<socket_id, client> sockets_;
  std::map<place, watched_feed> feeds_;
  std::set<std::pair<socket_id, place>> dirty_;
};

} // namespace clique::live
