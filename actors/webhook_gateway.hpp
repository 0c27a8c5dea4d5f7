#pragma once

#include "actors/messages.hpp"
#include "actors/metrics.hpp"
#include "actors/store_book.hpp"
#include "net/http.hpp"
#include "net/platform/shopify_auth.hpp"

#include <functional>
#include <memory>

namespace clique {

struct webhook_ports {
  shopify::app_credentials app;
  std::shared_ptr<store_book> book;
  std::shared_ptr<waiting_acks> acks;
  std::function<void(arrival)> accept; ///< to the delivery log; must not block
  std::function<time_point()> now;
  metrics_ptr numbers;
};

/// Largest webhook body (faults section 5), for the route's limits.
constexpr std::size_t max_webhook_body = 2u << 20;

/// POST /webhooks/shopify. Runs on io threads and never blocks: signature first, then the shop, then what fits, then
/// off to the log, which answers after its commit. 401 bad signature, 404 unknown shop, 400 no usable delivery, 503
/// when too many wait. Signed bodies that are no JSON are accepted; they become dead letters (faults D11).
http::handler webhook_gateway(webhook_ports world);

} // namespace clique
