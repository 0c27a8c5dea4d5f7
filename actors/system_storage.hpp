#pragma once

// The blocking neighbours of the tree on a real database: one object, one connection per function below.

#include "actors/delivery_log_actor.hpp"
#include "actors/lease_actor.hpp"
#include "actors/persistence.hpp"
#include "actors/reader_actor.hpp"
#include "actors/scheduler.hpp"
#include "actors/token_keeper.hpp"
#include "storage/vault.hpp"

#include <string>

namespace clique {

log_store log_on(const std::string& conninfo);
reader_store reader_on(const std::string& conninfo, const std::string& webhook_address);
/// Writes under whatever *epoch* is at that moment.
write_fn writer_on(const std::string& conninfo, const shared_epoch& epoch);
token_store tokens_on(const std::string& conninfo, const vault& keys);
/// Timers of the table in *features*.
job_store jobs_on(const std::string& conninfo, const feature_index_ptr& features);

} // namespace clique
