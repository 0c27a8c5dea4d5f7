#pragma once

// What actors send each other. Everything stays inside one process, so big things
// travel as shared pointers to const and nothing here is serialised.

#include "actors/waiting_acks.hpp"
#include "actors/waiting_user.hpp"
#include "core/feature.hpp"
#include "core/snapshot.hpp"
#include "core/trigger.hpp"
#include "storage/delivery_log.hpp"
#include "storage/reader.hpp"
#include "storage/writer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace clique {

/// Row of the feature table by its index.
enum class feature_ref : std::uint32_t {};
constexpr auto no_feature = static_cast<feature_ref>(0xffffffffu);

/// A set of children, one bit each.
using children_mask = std::uint8_t;
constexpr children_mask bit_of(child x) {
  return static_cast<children_mask>(1u << static_cast<unsigned>(x));
}
constexpr children_mask all_children = (1u << num_children) - 1u;

using delivery_ptr = std::shared_ptr<const stored_delivery>;
using snapshot_ptr = std::shared_ptr<const snapshot>;

/// A verified delivery and the session that waits for its ack.
struct arrival {
  incoming what;
  ack_ptr ack;
};

/// A durable delivery and the children whose features want its topic.
struct routed {
  delivery_ptr what;
  children_mask who = 0;
};
struct deliveries {
  std::vector<routed> items; ///< per store in log order
};

/// These children have done everything of this store up to the sequence number.
struct closed_note {
  store_id store{};
  children_mask who = 0;
  std::int64_t up_to = 0;
};

/// A delivery made its child fail; the child ends after sending this.
struct crash_note {
  child who = child::sync;
  std::int64_t seq = 0;
  std::string reason;
};

/// A fact for siblings.
struct event_note {
  feature_ref from = no_feature; ///< who said it; does not hear itself
  event what;
};

/// A command by name, as the gateways and workers send it.
struct user_command {
  std::string feature;
  command what;
  waiting_user user; ///< may be empty: nobody waits
};
/// The same after the name was looked up.
struct command_request {
  feature_ref feature = no_feature;
  command what;
  waiting_user user;
};

struct load_request {
  store_id store{};
  std::string feature;
  reads needs = reads::nothing;
  std::vector<std::int64_t> about;
};
struct loaded {
  result<snapshot_ptr> what;
};
struct start_request {
  store_id store{};
  child who = child::sync;
  std::vector<std::string> features;
};
struct started {
  result<child_start> what;
};

struct write_request {
  write_batch what;
};
struct write_answer {
  result<written> what;
  write_batch back; ///< the batch again when it was not written, so that it can be tried once more
};

struct platform_call {
  store_id store{};
  std::string feature;
  call what;
};
struct platform_answer {
  result<answer> got;
};

/// An access token, or why there is none.
struct token_reply {
  result<std::string> token;
};

struct import_request {
  store_facts store;
  std::string feature; ///< gets the commands "imported", "failed" (and "progress" when its row lists it)
  start_import what;
};

struct child_status {
  bool busy = false;       ///< a decision is in flight
  std::size_t waiting = 0; ///< queued work
  std::size_t calls = 0;   ///< platform calls without an answer yet
  std::uint64_t decisions = 0;
  std::int64_t cursor = 0;

  bool idle() const {
    return !busy && waiting == 0 && calls == 0;
  }
};

struct store_status {
  store_id store{};
  std::size_t open = 0; ///< deliveries in memory
  children_mask alive = 0;
  std::uint64_t restarts = 0;
};

struct directory_status {
  std::size_t trees = 0;
  std::uint64_t activated = 0;
  std::uint64_t passivated = 0;
};

struct log_status {
  std::size_t waiting = 0; ///< arrivals not yet written
  std::size_t open = 0;    ///< deliveries in memory
  bool behind = false;     ///< the database holds accepted deliveries that are not in memory
};

} // namespace clique
