#include "actors/webhook_gateway.hpp"

#include "actors/webhook_fit.hpp"
#include "core/schedule.hpp"
#include "net/crypto.hpp"
#include "net/problem.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

namespace clique {

namespace {

constexpr std::size_t longest_id = 128; // ids are UUIDs; longer ones are replaced

/// The headers of a delivery, found in one pass.
struct delivery_headers {
  std::string_view signature, topic, shop, webhook_id, event_id, triggered_at, content_type;
  int signatures = 0, topics = 0, shops = 0;
};

delivery_headers headers_of(const http::request& in) {
  delivery_headers result;
  for (const auto& [name, value] : in.headers) {
    if (name == "content-type")
      result.content_type = value;
    if (!name.starts_with("x-shopify-"))
      continue;
    auto rest = std::string_view{name}.substr(10);
    if (rest == "hmac-sha256") {
      result.signature = value;
      ++result.signatures;
    } else if (rest == "topic") {
      result.topic = value;
      ++result.topics;
    } else if (rest == "shop-domain") {
      result.shop = value;
      ++result.shops;
    } else if (rest == "webhook-id") {
      result.webhook_id = value;
    } else if (rest == "event-id") {
      result.event_id = value;
    } else if (rest == "triggered-at") {
      result.triggered_at = value;
    }
  }
  return result;
}

bool is_json(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("application/json");
}

/// The sender's id, or one that the same delivery would get again.
std::string id_of(const delivery_headers& x, const std::string& body) {
  if (!x.webhook_id.empty() && x.webhook_id.size() <= longest_id)
    return std::string{x.webhook_id};
  return "sha256:" + to_hex(sha256(std::string{x.topic} + '\n' + body));
}

struct gateway {
  explicit gateway(webhook_ports ports) : world(std::move(ports)) {
  }

  void refuse(const http::request& in, const http::responder& out, int status, std::string_view reason,
              std::string_view detail) const {
    world.numbers->count("clique_webhooks_refused_total", {{"reason", std::string{reason}}});
    out(http::problem(status, reason, detail, "", in.id));
  }

  void run(http::request in, const http::responder& out) const {
    auto x = headers_of(in);
    if (x.signatures != 1 || !shopify::webhook_signature_ok(world.app, in.body, x.signature))
      return refuse(in, out, 401, "bad_signature", "The signature does not match the body.");
    if (!is_json(x.content_type))
      return refuse(in, out, 400, "not_json", "Deliveries are application/json.");
    if (x.topics != 1 || !is_topic(x.topic))
      return refuse(in, out, 400, "bad_topic", "X-Shopify-Topic is missing or no topic.");
    auto shop = x.shops == 1 ? shopify::shop_domain(x.shop) : std::nullopt;
    auto store = shop ? world.book->find(*shop) : nullptr;
    auto privacy = is_privacy_topic(x.topic);
    if (!store && shop && privacy) {
      // We hold nothing about that shop, so the duty is fulfilled.
      world.numbers->count("clique_webhooks_privacy_unknown_total");
      return out({200, "application/json", {}, "{}", {}});
    }
    auto left = store && store->connection == connection_row::state::uninstalled;
    if (!store || (left && !privacy && x.topic != "app/uninstalled")) {
      spdlog::info("webhook {} for a shop that is not connected", x.topic);
      return refuse(in, out, 404, "unknown_shop", "No connected store has that shop domain.");
    }
    if (!fits_topic(x.topic, store->shop, in.body))
      return refuse(in, out, 400, "wrong_topic", "The body is not one of that topic and shop.");
    accept(in, out, x, *store);
  }

  void accept(http::request& in, const http::responder& out, const delivery_headers& x,
              const store_entry& store) const {
    auto ticket = world.acks->add(out, in.body.size(), waiting_acks::clock::now());
    if (!ticket) {
      world.numbers->count("clique_webhooks_refused_total", {{"reason", "overload"}});
      return out(busy_answer("Too many deliveries wait for the database."));
    }
    incoming what;
    what.store = store.id;
    what.part = store.part;
    what.topic = x.topic;
    what.webhook_id = id_of(x, in.body);
    what.event_id = x.event_id.substr(0, longest_id);
    if (auto at = parse_time(x.triggered_at))
      what.triggered_at = *at;
    what.received_at = world.now();
    what.body = std::move(in.body);
    world.accept({std::move(what), std::move(ticket)});
  }

  webhook_ports world;
};

} // namespace

http::handler webhook_gateway(webhook_ports world) {
  return [x = std::make_shared<const gateway>(std::move(world))](http::request in, const http::responder& out) {
    x->run(std::move(in), out);
  };
}

} // namespace clique
