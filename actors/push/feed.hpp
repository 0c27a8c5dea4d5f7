#pragma once

// One channel of one store as dashboards see it: a flat map of values, numbered changes, a short memory.

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace clique::live {

/// Key -> JSON text of its value.
using flat_state = std::map<std::string, std::string>;

/// What changed: last value wins, so that changes can be merged.
struct change {
  flat_state set;
  std::set<std::string> gone;
};

/// Numbers every change of the state and remembers the newest: at most 512 changes, 120 s, 256 KiB (the ring of
/// the push protocol).
class feed {
public:
  /// *epoch*: differs for each life of the feed, so that numbers of an earlier one are never believed.
  explicit feed(std::uint64_t epoch) : epoch_(epoch) {
  }

  /// Takes the state as it is now. @returns whether anything changed (then `seq` has grown by one).
  bool update(flat_state fresh, std::chrono::steady_clock::time_point now);

  /// All changes after *seq* as one, or nothing when the ring does not reach back that far.
  std::optional<change> since(std::int64_t seq) const;

  const flat_state& state() const {
    return state_;
  }
  std::int64_t seq() const {
    return seq_;
  }
  std::uint64_t epoch() const {
    return epoch_;
  }
  /// False until the first update: there is nothing to show yet.
  bool known() const {
    return known_;
  }

private:
  struct entry {
    std::int64_t seq;
    std::chrono::steady_clock::time_point at;
    std::size_t bytes;
    change what;
  };

  std::uint64_t epoch_;
  std::int64_t seq_ = 0;
  bool known_ = false;
  flat_state state_;
  std::deque<entry> ring_;
  std::size_t bytes_ = 0;
};

} // namespace clique::live
