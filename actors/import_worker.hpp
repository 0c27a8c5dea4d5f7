#pragma once

#include "actors/feature_index.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/platform_caller.hpp"
#include "net/platform/shopify_wire.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace clique {

/// A piece of the file that is being streamed.
struct file_piece {
  std::uint64_t file = 0;
  std::string bytes;
};

/// Reads the lines of a bulk file; shopify::bulk_reader outside tests.
struct bulk_parser {
  std::function<result<void>(std::string_view piece)> feed;
  std::function<result<std::vector<order>>()> finish;
  std::function<std::vector<shopify_id>()> to_read_again; ///< after finish: orders whose refunds the file cannot hold
};

struct import_setup {
  http_send send;
  std::function<bulk_parser(currency)> parser;
  std::function<persistence_actor(store_id)> writer;
  directory_actor directory;
  listener_actor hub;
  feature_index_ptr features;
  metrics_ptr numbers;
  std::size_t rows_per_batch = 200;
  std::size_t window = 2;           ///< batches on their way to the database
  std::size_t report_every = 2'000; ///< orders between two progress reports
  std::chrono::milliseconds retry_base{100};
  std::chrono::milliseconds retry_cap{5'000};
};

/// The IMPORTER interface and what the worker sends itself.
using import_worker_actor = import_actor::extend<
    // INTERNAL: the file arrives, and ends.
    caf::reacts_to<file_piece>, caf::reacts_to<http_done>,
    // INTERNAL: write on.
    caf::reacts_to<atom::again>>;

struct import_worker_state {
  import_worker_state() = default;

  /// The file in hand; files wait their turn, so that one worker's memory holds one month of one store.
  struct job {
    import_request what;
    bulk_parser parser;
    std::optional<error> fault; ///< found while streaming
    std::vector<order> orders;
    std::size_t taken = 0;     ///< orders handed to batches
    std::size_t in_flight = 0; ///< batches
    std::size_t written = 0;
    std::size_t reported = 0;
    std::vector<shopify_id> again_ids; ///< orders whose refunds have to be read one by one
    std::vector<write_batch> again;    ///< batches to be tried once more
    int failures = 0;
  };

  import_setup setup;
  std::deque<import_request> waiting;
  std::optional<job> now;
  std::uint64_t file = 0;
  const char* name = "import-worker";
};

/// Bulk work stays out of the children's mailboxes. Rows are guarded by their versions, so a file may be imported
/// twice, and beside live deliveries.
import_worker_actor::behavior_type import_worker(import_worker_actor::stateful_pointer<import_worker_state> self,
                                                 import_setup setup);

} // namespace clique

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::file_piece)
