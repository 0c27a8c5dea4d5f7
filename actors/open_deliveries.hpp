#pragma once

#include "actors/messages.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace clique {

/// Which accepted deliveries are open, which of them are in memory, and how far each partition's cursor may go.
/// A store that is far behind keeps only its oldest deliveries in memory; the others stay in the database
/// ("spilled") until there is room. Pure logic: no actor, no database, no clock.
class open_deliveries {
public:
  struct limits {
    std::size_t per_store = 1'000;  ///< deliveries in memory of one store
    std::size_t total = 50'000;     ///< deliveries in memory
    std::size_t bytes = 256u << 20; ///< bodies in memory
  };
  struct row {
    store_id store{};
    delivery_place place;
    children_mask who = 0;
    std::size_t bytes = 0;
  };
  /// A stretch of the log to be read, in order.
  struct page {
    std::int32_t part = 0;
    std::int64_t after = 0;
    std::optional<store_id> only; ///< empty: everything that we do not know yet
  };

  explicit open_deliveries(limits bounds);

  /// Where the partitions' cursors stand when the process begins: what comes after is open.
  void start(std::span<const std::int64_t> cursors);

  /// A delivery that we have just committed. @returns whether it goes to its tree now; if not it is closed
  /// already or will be read from the database in its turn.
  bool accept(const row& x);

  /// The partition may hold deliveries that we do not know (a commit whose outcome was unknown).
  void suspect(std::int32_t part);
  /// The same, when we have seen proof: a place beyond what we know.
  void seen(delivery_place place);

  /// What to read next, if there is something and room for it.
  std::optional<page> next_page();

  /// The rows of a page, in log order; *last* when the log had no more.
  /// @returns the positions in *rows* that go to their trees now.
  std::vector<std::size_t> arrived(const page& asked, std::span<const row> rows, bool last);

  /// These children have finished everything of the store up to the sequence number.
  void closed(store_id store, children_mask who, std::int64_t up_to);

  /// The store's tree is gone and with it the deliveries in memory: they will be read again.
  void lost(store_id store);

  /// Partitions whose cursor may move, with the new mark; each mark is told once.
  std::vector<delivery_place> low_water();
  /// Marks from `low_water` could not be written: tell them again.
  void forget_marks();

  std::size_t in_memory() const {
    return count_;
  }
  std::size_t bytes_in_memory() const {
    return bytes_;
  }
  /// Whether the database holds open deliveries that are not in memory.
  bool behind() const;

private:
  struct entry {
    std::int64_t seq;
    children_mask who;
    std::size_t bytes;
  };
  struct store_state {
    std::int32_t part = 0;
    std::deque<entry> open;
    std::array<std::int64_t, num_children> closed{};
    std::int64_t spilled_from = 0; ///< 0: all of it is in memory
  };
  struct partition {
    std::int64_t head = 0;     ///< everything up to here is known
    std::int64_t reported = 0; ///< last mark told by low_water
    bool behind = false;       ///< there may be more in the database
  };

  bool admit(const row& x, bool paged);
  bool full() const {
    return count_ >= bounds_.total || bytes_ >= bounds_.bytes;
  }
  static bool done(const store_state& s, const entry& e);
  void drop_closed(store_id id, store_state& s);

  limits bounds_;
  std::array<partition, num_partitions> parts_;
  std::unordered_map<store_id, store_state> stores_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t spilled_ = 0;
  std::int32_t next_part_ = 0;  // round robin, so that one long backlog does not starve the others
  std::deque<store_id> paging_; // spilled stores in the order of their turns
};

} // namespace clique
