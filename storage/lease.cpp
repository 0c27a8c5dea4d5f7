#include "storage/lease.hpp"

#include <fmt/format.h>

namespace clique {

namespace {

constexpr pg::statement session_of{"lease.session", "SELECT pg_backend_pid()"};
/// A predecessor that was killed may need a moment until the server notices.
constexpr pg::statement wait_briefly{"lease.wait", "SELECT set_config('lock_timeout', '3s', false)"};
constexpr pg::statement lock_node{"lease.lock", "SELECT pg_advisory_lock(hashtextextended('clique.node:' || $1, 0))"};
constexpr pg::statement note_node{
    "lease.note", "INSERT INTO cluster_node(name, lock_key, seen) "
                  "VALUES ($1, hashtextextended('clique.node:' || $1, 0), clock_timestamp()) "
                  "ON CONFLICT (name) DO UPDATE SET lock_key = excluded.lock_key, seen = excluded.seen"};
constexpr pg::statement take{"lease.acquire", "SELECT epoch, parts FROM clique_acquire_partitions($1, $2, $3)"};
constexpr pg::statement prolong{
    "lease.renew", "WITH seen AS (UPDATE cluster_node SET seen = clock_timestamp() WHERE name = $1), "
                   "mine AS (UPDATE partition_owner SET expires_at = clock_timestamp() + $3 * interval '1 second' "
                   "WHERE owner = $1 AND epoch = $2 RETURNING part) "
                   "SELECT count(*), pg_backend_pid() FROM mine"};
constexpr pg::statement give_back{
    "lease.release", "UPDATE partition_owner SET owner = NULL, expires_at = NULL WHERE owner = $1 AND epoch = $2"};
constexpr pg::statement leave{"lease.leave", "DELETE FROM cluster_node WHERE name = $1"};
constexpr pg::statement unlock_node{"lease.unlock", "SELECT pg_advisory_unlock_all()"};
constexpr pg::statement check{"check_epoch", "SELECT clique_check_epoch($1, $2)"};

pg::params named(const std::string& node) {
  pg::params result;
  result.add(node);
  return result;
}

} // namespace

lease_keeper::lease_keeper(pg::connection conn, std::string node, std::chrono::seconds ttl)
    : conn_{std::move(conn)}, node_{std::move(node)}, ttl_{ttl} {
}

result<void> lease_keeper::hold_node() {
  auto session = conn_.run(session_of);
  if (!session)
    return session.error();
  if (session->int64(0, 0) == session_)
    return {};
  if (auto set = conn_.run(wait_briefly); !set)
    return set.error();
  auto locked = conn_.run(lock_node, named(node_));
  if (!locked && locked.error().what.ends_with("(SQLSTATE 55P03)"))
    return error{ec::conflict, fmt::format("another process runs as node {} on this database", node_),
                 "stop it, or give this one a data folder or a database of its own"};
  if (!locked)
    return locked.error();
  if (auto noted = conn_.run(note_node, named(node_)); !noted)
    return noted.error();
  session_ = session->int64(0, 0);
  return {};
}

result<int> lease_keeper::acquire() {
  if (auto held = hold_node(); !held)
    return held.error();
  auto with = named(node_);
  with.add(epoch_).add(static_cast<double>(ttl_.count()));
  auto got = conn_.run(take, with);
  if (!got)
    return got.error();
  epoch_ = got->int64(0, 0);
  held_ = got->int64(0, 1);
  return static_cast<int>(held_);
}

result<void> lease_keeper::renew() {
  auto with = named(node_);
  with.add(epoch_).add(static_cast<double>(ttl_.count()));
  auto got = conn_.run(prolong, with);
  if (!got)
    return got.error();
  if (got->int64(0, 0) < held_) {
    auto lost = held_ - got->int64(0, 0);
    auto was = std::exchange(epoch_, 0);
    held_ = 0;
    return error{ec::fenced, fmt::format("{} partitions of epoch {} belong to another owner", lost, was), ""};
  }
  // A new session has to take the lock again before somebody thinks that we are gone.
  return got->int64(0, 1) == session_ ? result<void>{} : hold_node();
}

result<void> lease_keeper::release() {
  auto with = named(node_);
  with.add(std::exchange(epoch_, 0));
  held_ = 0;
  session_ = 0;
  if (auto given = conn_.run(give_back, with); !given)
    return given.error();
  if (auto left = conn_.run(leave, named(node_)); !left)
    return left.error();
  if (auto unlocked = conn_.run(unlock_node); !unlocked)
    return unlocked.error();
  return {};
}

std::int64_t lease_keeper::epoch() const {
  return epoch_;
}

pg::work_item check_epoch(std::int64_t epoch, std::span<const std::int32_t> parts) {
  pg::params with;
  with.add(epoch).add_array(parts);
  return {check, std::move(with)};
}

} // namespace clique
