#pragma once

// The API gateway: dashboard requests -> who is it, may they -> a view, a change or a command -> answer.

#include "actors/api/desk.hpp"
#include "core/trigger.hpp"
#include "net/client.hpp"
#include "net/platform/shopify_auth.hpp"
#include "net/router.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace clique::api {

/// Least right that a route asks for.
enum class access {
  anyone,
  user,    ///< signed in
  viewer,  ///< of the store in the path
  analyst, ///< may run jobs
  owner,   ///< may change settings, connections and keys
};

struct options {
  shopify::app_credentials app;
  std::string public_url; ///< without trailing slash
  bool metrics_public = false;
  std::vector<std::string> feature_names;
};

/// What the gateway needs of the rest of the system.
struct ports {
  std::function<time_point()> now;  ///< the configured clock: stores, jobs, views
  std::function<time_point()> wall; ///< the real one: sessions, links, keys, OAuth's time window
  /// Hands a command to a feature of a store's tree; the answer is its JSON or its failure.
  std::function<void(store_id, std::string feature, command, std::function<void(result<std::string>)>)> run_command;
  /// A store was connected: the tree may start importing, the webhook gateway learns of the shop.
  std::function<void(const store_entry&)> store_connected;
  /// A session ended: its sockets are closed.
  std::function<void(std::string session_hash)> session_ended;
  /// The delivery log has deliveries of this store that its actor has not seen.
  std::function<void(store_id)> deliveries_added;
  std::function<std::int32_t(store_id)> partition_of;
  std::function<std::string()> metrics;
  std::function<std::vector<std::string>()> not_ready; ///< empty: ready
  http::client* web = nullptr;
};

struct gateway;

/// One call on its way: everything a route function needs. Lives until it is answered.
struct call_context {
  const gateway* owner;
  http::request in;
  http::responder out;
  identity who;     ///< empty for `anyone`
  store_id store{}; ///< of the path, 0 when there is none
  role as = role::viewer;
};
using call_ptr = std::shared_ptr<call_context>;

/// One row of the route table. Runs on a desk and answers `out`, at once or later.
struct api_route {
  http::method verb;
  std::string_view pattern;
  access needs;
  void (*run)(const call_ptr&, desk_storage&);
};

/// THE TABLE of API routes, for the router, the access matrix and the contract test.
std::vector<api_route> all_routes();

struct gateway {
  options settings;
  ports world;
  desks* ordinary = nullptr;
  desks* hashing = nullptr; ///< password hashes: few at once, so that spraying slows nobody else

  /// Adds every route to *into*; this object must outlive the router.
  void mount(http::router& into) const;
};

// -- used by the route files ------------------------------------------------------

/// The session cookie's name: __Host- where the site is served over https.
std::string cookie_name(const options& x);
std::string cookie_header(const options& x, std::string_view secret, bool ended = false);
void answer(const call_ptr& to, int status, std::string json);
void refuse(const call_ptr& to, const error& why, const std::map<std::string, std::string>& fields = {});
/// The body as a JSON object's text, checked: bad_input otherwise.
result<void> need_json_object(const http::request& in);
/// Query parameters as a map; bad_input when one is given twice.
result<view_query> query_of(const http::request& in);
/// Who calls, from the API key or the session cookie.
result<identity> authenticate(const options& settings, const http::request& in, accounts& people, time_point now);
/// The body of login and /api/v1/me.
std::string identity_json(const identity& who, desk_storage& storage);

std::vector<api_route> auth_routes();
std::vector<api_route> oauth_routes();
std::vector<api_route> store_routes();
std::vector<api_route> key_routes();
/// Liveness, readiness, metrics, OpenAPI: no desk needed. *x* must outlive the router.
void mount_service(const gateway& x, http::router& into);

} // namespace clique::api
