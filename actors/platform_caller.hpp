#pragma once

#include "actors/breaker.hpp"
#include "actors/clock.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/retry_budget.hpp"
#include "actors/store_book.hpp"
#include "actors/throttle_bucket.hpp"
#include "net/client.hpp"
#include "net/platform/shopify_wire.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>

namespace clique {

/// Sends a request and calls back, from any thread; http::client::send outside tests.
using http_send = std::function<void(http::outgoing, std::function<void(result<http::incoming_answer>)>)>;

/// What came back for a call of the caller's own numbering.
struct http_done {
  std::uint64_t call = 0;
  result<http::incoming_answer> what;
};

/// The PLATFORM interface and what the caller sends itself.
using platform_caller_actor = platform_actor::extend<
    // INTERNAL: the HTTP client has an answer.
    caf::reacts_to<http_done>,
    // INTERNAL: this store may go on.
    caf::reacts_to<atom::pump, store_id>>;

struct caller_setup {
  std::function<std::shared_ptr<const store_entry>(store_id)> store;
  token_keeper_actor tokens;
  http_send send;
  std::function<http::outgoing(std::string_view shop, std::string_view token, const call&)> to_request;
  std::function<shopify::call_outcome(const call&, const http::incoming_answer&, currency)> read_answer;
  /// The same for the parts of an answer that did not fit into it.
  std::function<http::outgoing(std::string_view shop, std::string_view token, const shopify::unfinished&)> more_request;
  std::function<shopify::call_outcome(const shopify::unfinished&, const http::incoming_answer&)> read_more;
  metrics_ptr numbers;
  clock_port clock;                            ///< throttling runs on simulated time
  std::size_t at_once = 2;                     ///< calls in flight per store
  int attempts = 4;                            ///< per call, where retrying is safe
  std::chrono::milliseconds total{5 * 60'000}; ///< per call, waiting included
  std::chrono::milliseconds retry_base{500};
  std::chrono::milliseconds retry_cap{30'000};
};

struct platform_caller_state {
  platform_caller_state() = default;

  using instant = std::chrono::steady_clock::time_point;

  struct job {
    platform_call what;
    caf::typed_response_promise<platform_answer> to;
    instant deadline, not_before;
    std::string token;                               ///< last used
    std::shared_ptr<const shopify::unfinished> more; ///< the answer so far; empty at first
    double reserved = 0;
    int attempts = 0;
    bool renewed = false; ///< the token was renewed for it once
  };
  struct lane {
    std::deque<std::uint64_t> queue;
    throttle_bucket bucket;
    breaker circuit;
    std::size_t in_flight = 0;
    instant armed{}; ///< when a timer will look at the queue again
  };

  caller_setup setup;
  std::unordered_map<store_id, lane> lanes;
  std::unordered_map<std::uint64_t, job> jobs;
  cost_book costs;
  retry_budget budget;
  std::uint64_t next = 1;
  const char* name = "platform-caller";
};

platform_caller_actor::behavior_type
platform_caller(platform_caller_actor::stateful_pointer<platform_caller_state> self, caller_setup setup);

/// Name of a call for metrics and logs.
std::string_view name_of(const call& x);
/// Whether asking twice is harmless when the outcome of the first time is unknown.
bool only_reads(const call& x);

} // namespace clique

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(clique::http_done)
