#include "actors/front.hpp"

#include "actors/api/gateway.hpp"
#include "actors/push/hub.hpp"
#include "actors/webhook_gateway.hpp"
#include "net/problem.hpp"
#include "net/router.hpp"
#include "net/static_files.hpp"

#include <caf/all.hpp>
#include <fmt/format.h>

namespace clique {

namespace {

/// Password hashes at once: more would starve everything else (faults section 5).
constexpr int hashing_desks = 2;
constexpr std::size_t max_waiting_logins = 200;

time_point wall_now() {
  return clock_port{}.now();
}

bool is_ours(std::string_view origin, std::string_view host, const std::string& public_url) {
  return !origin.empty()
         && (origin == public_url || origin == fmt::format("http://{}", host)
             || origin == fmt::format("https://{}", host));
}

} // namespace

struct front::parts {
  front_options options;
  std::string url;
  std::shared_ptr<http::router> routes = std::make_shared<http::router>();
  std::unique_ptr<http::server> server;
  api::gateway gateway;
  // Desks live in the actor system: they end before it does.
  std::unique_ptr<running_system> system;
  std::unique_ptr<api::desks> ordinary, hashing, sights;
  bool stopped = false;

  push_hub_actor spawn_hub(caf::actor_system& sys, const system_options& x);
  void fill_gateway(const system_options& x);
  void mount();
  void serve_sockets();
};

/// Desks come first: the hub needs them to look up sessions and to read channels.
push_hub_actor front::parts::spawn_hub(caf::actor_system& sys, const system_options& x) {
  auto open = [conninfo = x.conninfo, keys = x.keys]() -> api::desk_storage {
    auto app = pg::as_role(conninfo, pg::app_role).value();
    auto own = pg::as_role(conninfo, pg::system_role).value();
    return {accounts{pg::connection{own}}, views{pg::connection{app}}, stores{pg::connection{own}, keys},
            dead_letters{pg::connection{app}, delivery_log{pg::connection{own}}}};
  };
  ordinary = std::make_unique<api::desks>(sys, options.desks, open);
  sights = std::make_unique<api::desks>(sys, 1, open);
  hashing = std::make_unique<api::desks>(sys, hashing_desks, open, max_waiting_logins);
  live::hub_ports world;
  auto busy = [] { return error{ec::unavailable, "too many requests are waiting", "try again in a few seconds"}; };
  world.authenticate = [this, busy](std::string secret, std::function<void(result<identity>)> then) {
    if (!ordinary->post([secret, then](api::desk_storage& desk) { then(desk.people.session(secret, wall_now())); }))
      then(busy());
  };
  auto now = [clock = x.clock] { return clock.now(); };
  world.load = [this, busy, now](store_id store, std::string channel, std::function<void(result<channel_state>)> then) {
    auto task = [=](api::desk_storage& desk) { then(desk.sights.channel(store, channel, now())); };
    if (!sights->post(task))
      then(busy());
  };
  live::hub_options settings;
  settings.first_epoch = static_cast<std::uint64_t>(wall_now().time_since_epoch().count());
  return sys.spawn(live::push_hub, settings, std::move(world));
}

void front::parts::fill_gateway(const system_options& x) {
  gateway.settings = {x.app, url, options.metrics_public, {}};
  for (const auto& feature : x.table)
    gateway.settings.feature_names.emplace_back(feature.name);
  gateway.ordinary = ordinary.get();
  gateway.hashing = hashing.get();
  auto* tree = system.get();
  auto& world = gateway.world;
  world.now = [clock = x.clock] { return clock.now(); };
  world.wall = wall_now;
  world.run_command = [tree](store_id store, std::string feature, command what,
                             std::function<void(result<std::string>)> then) {
    tree->run_command(store, std::move(feature), std::move(what), std::move(then));
  };
  world.store_connected = [tree](const store_entry& store) { tree->store_connected(store); };
  world.session_ended = [hub = tree->hub()](std::string session) {
    caf::anon_send(hub, atom::lost_v, std::move(session));
  };
  world.deliveries_added = [log = tree->log(), book = tree->book()](store_id store) {
    if (auto entry = book->find(store))
      caf::anon_send(log, atom::check_v, entry->part);
  };
  world.partition_of = [book = tree->book()](store_id store) {
    auto entry = book->find(store);
    return entry ? entry->part : 0;
  };
  world.metrics = [tree] { return tree->numbers()->text(); };
  world.not_ready = [tree] { return tree->not_ready(); };
  world.web = tree->web().get();
}

void front::parts::mount() {
  routes->add({http::method::post, "/webhooks/shopify", {max_webhook_body}, system->webhooks()});
  gateway.mount(*routes);
  auto files = std::make_shared<http::static_files>(options.dashboard);
  routes->fallback([files](http::request in, http::responder out) {
    if (files->empty() || in.path.starts_with("/api/") || in.path.starts_with("/auth/"))
      return out(http::problem({ec::not_found, "there is nothing at this path", "see /api/v1/openapi.json"}, in.id));
    out(files->serve(in));
  });
}

void front::parts::serve_sockets() {
  auto cookie = api::cookie_name(gateway.settings);
  auto gate = [this, cookie](const http::request& in) -> std::optional<http::response> {
    if (!is_ours(in.header("origin"), in.header("host"), url))
      return http::problem({ec::forbidden, "sockets are for this server's own pages", "open the dashboard here"},
                           in.id);
    if (in.cookie(cookie).empty())
      return http::problem({ec::unauthorized, "you are not signed in", "sign in at /"}, in.id);
    return {};
  };
  ws::events events;
  auto hub = system->hub();
  events.opened = [hub, cookie](ws::socket_ptr socket, const http::request& in) {
    caf::anon_send(hub, atom::open_v, hub_socket{std::move(socket), std::string{in.cookie(cookie)}});
  };
  events.text = [hub](const ws::socket_ptr& from, std::string text) {
    caf::anon_send(hub, from->id(), std::move(text));
  };
  events.drained = [hub](const ws::socket_ptr& from) { caf::anon_send(hub, atom::drain_v, from->id()); };
  events.closed = [hub](std::uint64_t id) { caf::anon_send(hub, atom::close_v, id); };
  server->serve_sockets("/ws/v1", gate, events);
}

result<std::unique_ptr<front>> front::start(front_options options, system_options system) {
  auto made = std::make_unique<parts>();
  auto& x = *made;
  auto result = std::unique_ptr<front>{new front{std::move(made)}};
  x.options = std::move(options);
  x.server = std::make_unique<http::server>(x.options.server, x.routes);
  auto port = x.server->bind();
  if (!port)
    return port.error();
  x.url = x.options.public_url.empty() ? fmt::format("http://{}:{}", x.options.server.address, *port)
                                       : x.options.public_url;
  system.webhook_address = x.url + "/webhooks/shopify";
  system.spawn_hub = [&x, system](caf::actor_system& sys) { return x.spawn_hub(sys, system); };
  auto running = running_system::start(system);
  if (!running)
    return running.error();
  x.system = std::move(*running);
  x.fill_gateway(system);
  x.mount();
  x.serve_sockets();
  const auto& numbers = x.system->numbers();
  const auto& counters = x.server->counters();
  auto watch = [&](const char* name, const std::atomic<std::int64_t>& value) {
    numbers->watch(name, {}, [&value] { return static_cast<double>(value.load()); });
  };
  watch("clique_http_connections", counters.connections);
  watch("clique_http_requests", counters.requests);
  watch("clique_http_refused_connections", counters.refused);
  watch("clique_http_bad_framing", counters.bad_framing);
  watch("clique_http_timeouts", counters.timeouts);
  watch("clique_sockets", counters.sockets);
  if (auto ok = x.server->start(); !ok)
    return ok.error();
  return result;
}

front::front(std::unique_ptr<parts> x) : parts_(std::move(x)) {
}

front::~front() {
  stop();
}

const std::string& front::url() const {
  return parts_->url;
}

void front::stop() {
  auto& x = *parts_;
  if (std::exchange(x.stopped, true))
    return;
  if (x.server)
    x.server->drain(x.options.drain_limit);
  if (x.system)
    x.system->stop();
  x.ordinary.reset();
  x.hashing.reset();
  x.sights.reset();
  // Handlers hold handles of detached actors, and the actor system waits for its last one: they go first.
  x.server.reset();
  x.routes.reset();
  x.gateway.world = {};
  x.system.reset();
}

} // namespace clique
