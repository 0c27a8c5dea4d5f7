#pragma once

#include "actors/child.hpp"
#include "actors/clock.hpp"
#include "actors/delivery_log_actor.hpp"
#include "actors/handles.hpp"
#include "actors/metrics.hpp"
#include "actors/ports.hpp"
#include "actors/store_book.hpp"
#include "net/client.hpp"
#include "net/http.hpp"
#include "net/platform/shopify_auth.hpp"
#include "storage/vault.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace clique {

struct system_options {
  std::string conninfo; ///< login role of the database; sessions switch to clique_app or clique_system themselves
  vault keys{{}, 0};
  shopify::app_credentials app;
  std::string webhook_address; ///< where this server wants deliveries
  std::string node = "clique"; ///< name of this process among those that share the database
  feature_table table;
  clock_port clock;
  int readers = 3;
  int writers = 2;
  int importers = 1;
  int workers = 2; ///< threads of the actors that do not block
  waiting_acks::limits acks;
  tree_settings tree;
  log_settings log;
  /// Spawns the hub; empty: nobody listens.
  std::function<push_hub_actor(caf::actor_system&)> spawn_hub;
  /// Another process has taken the data over: end. Called from an actor's thread.
  std::function<void()> on_lost = [] {};
};

/// The actor tree with its connections: the only composition root below main.
class running_system {
public:
  /// Starts everything, in the order that system.cpp explains. Errors: unavailable, refused (the database is not
  /// durable), conflict (another process owns the data).
  static result<std::unique_ptr<running_system>> start(system_options options);
  ~running_system(); ///< stops
  running_system(const running_system&) = delete;
  running_system& operator=(const running_system&) = delete;

  /// Handler of POST /webhooks/shopify.
  http::handler webhooks() const;
  /// Hands a command to a feature of a store's tree. *then* may be empty; it is called once, from any thread.
  void run_command(store_id store, std::string feature, command what, waiting_user::callback then) const;
  /// A store was connected (again): the gateways learn of it, its timers and imports begin.
  void store_connected(const store_entry& store) const;
  /// What is not ready, by name; empty: ready.
  std::vector<std::string> not_ready() const;

  /// Stops in the reverse order; the HTTP server has been drained before. Harmless when called twice.
  void stop();

  caf::actor_system& actors();
  const metrics_ptr& numbers() const;
  const std::shared_ptr<store_book>& book() const;
  const std::shared_ptr<http::client>& web() const;
  const directory_actor& directory() const;
  const delivery_log_actor& log() const;
  const push_hub_actor& hub() const;

private:
  struct parts;
  explicit running_system(std::unique_ptr<parts> x);
  std::unique_ptr<parts> parts_;
};

} // namespace clique
