// A store's views, jobs, settings and dead letters.

#include "actors/api/gateway.hpp"
#include "net/problem.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace clique::api {

namespace {

using nlohmann::json;

void show(const call_ptr& x, desk_storage& storage, std::string_view view, std::string_view id = "") {
  auto query = query_of(x->in);
  if (!query)
    return refuse(x, query.error());
  auto got = storage.sights.view(x->store, view, id, *query, x->owner->world.now());
  if (!got)
    return refuse(x, got.error());
  answer(x, 200, std::move(*got));
}

template <const char* view>
void show_view(const call_ptr& x, desk_storage& storage) {
  show(x, storage, view);
}

constexpr char overview[] = "overview", orders[] = "orders", products[] = "products", sync_view[] = "sync",
               dead_letters[] = "dead_letters", reconciliation[] = "reconciliation";

/// Where this server wants deliveries is not in the database.
void show_webhooks(const call_ptr& x, desk_storage& storage) {
  auto got = storage.sights.view(x->store, "webhooks", "", {}, x->owner->world.now());
  if (!got)
    return refuse(x, got.error());
  auto view = json::parse(*got);
  view["address"] = x->owner->settings.public_url + "/webhooks/shopify";
  answer(x, 200, view.dump());
}

void show_order(const call_ptr& x, desk_storage& storage) {
  show(x, storage, "order", x->in.params.at("order_id"));
}

void list_stores(const call_ptr& x, desk_storage& storage) {
  auto mine = json::parse(identity_json(x->who, storage));
  answer(x, 200, json{{"items", mine["stores"]}}.dump());
}

/// Settings carry their version as ETag, so that two people cannot overwrite each other unseen.
void show_settings(const call_ptr& x, desk_storage& storage) {
  auto got = storage.sights.view(x->store, "settings", "", {}, x->owner->world.now());
  if (!got)
    return refuse(x, got.error());
  http::response result;
  result.headers.emplace_back("Cache-Control", "no-store");
  result.headers.emplace_back("ETag", fmt::format("\"{}\"", json::parse(*got).at("version").dump()));
  result.body = std::move(*got);
  x->out(std::move(result));
}

/// Refuses a change of settings as the contract says: 422 with the fields, 412 with the present version and what
/// differs. The feature puts either into the hint, as JSON.
void refuse_change(const call_ptr& x, const error& why) {
  auto details = json::parse(why.hint, nullptr, false);
  if (!details.is_object())
    return refuse(x, why);
  auto conflict = why.code == ec::conflict;
  std::map<std::string, std::string> fields;
  if (!conflict)
    for (const auto& [field, sentence] : details.items())
      fields[field] = sentence.is_string() ? sentence.get<std::string>() : sentence.dump();
  auto hint = conflict ? "read the settings again and repeat your change" : "correct the named fields";
  auto result = http::problem({why.code, why.what, hint}, x->in.id, fields);
  result.status = conflict ? 412 : 422;
  auto body = json::parse(result.body);
  body["status"] = result.status;
  if (conflict) {
    body["version"] = details.value("version", json());
    body["changed"] = json::array();
    const auto changed = details.value("changed", json::object());
    for (const auto& [field, theirs] : changed.items())
      body["changed"].push_back(field);
  }
  result.body = body.dump();
  x->out(std::move(result));
}

/// Runs a command in the store's tree and, when it succeeded, answers by *then* on a desk.
void run(const call_ptr& x, std::string feature, command asked, void (*then)(const call_ptr&, desk_storage&)) {
  auto finish = [x, then](const result<std::string>& got) {
    if (!got)
      return refuse_change(x, got.error());
    if (!x->owner->ordinary->post([x, then](desk_storage& storage) { then(x, storage); }))
      refuse(x, {ec::unavailable, "it was done, but too many requests are waiting to show it", "reload the page"});
  };
  x->owner->world.run_command(x->store, std::move(feature), std::move(asked), std::move(finish));
}

/// The job as the sync view shows it.
void show_job(const call_ptr& x, desk_storage& storage) {
  auto got = storage.sights.view(x->store, "sync", "", {}, x->owner->world.now());
  if (!got)
    return refuse(x, got.error());
  auto view = json::parse(*got);
  for (auto& job : view["jobs"])
    if (job["feature"] == x->in.params.at("feature"))
      return answer(x, 202, json{{"job", std::move(job)}}.dump());
  refuse(x, {ec::not_found, "this job keeps no progress", "see the jobs of the sync view"});
}

void save_settings(const call_ptr& x, desk_storage&) {
  if (auto ok = need_json_object(x->in); !ok)
    return refuse(x, ok.error());
  auto tag = x->in.header("if-match");
  std::int64_t expected = 0;
  auto digits = tag.size() > 2 ? tag.substr(1, tag.size() - 2) : std::string_view{};
  auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), expected);
  if (status != std::errc{} || end != digits.data() + digits.size())
    return refuse(x, {ec::bad_input, "If-Match must carry the version that you changed",
                      "send the ETag of GET settings, e.g. If-Match: \"3\""});
  auto body = json::parse(x->in.body);
  auto settings = body.contains("settings") ? body["settings"] : body;
  auto args = json{{"expected", expected}, {"settings", std::move(settings)}}.dump();
  run(x, "settings_management", {"save", std::move(args), x->who.user}, show_settings);
}

/// The feature of the path, when it is one that people may run.
std::optional<std::string> feature_of(const call_ptr& x) {
  const auto& name = x->in.params.at("feature");
  const auto& known = x->owner->settings.feature_names;
  if (std::find(known.begin(), known.end(), name) != known.end())
    return name;
  refuse(x, {ec::not_found, "there is no such job", "see the jobs of the sync view"});
  return {};
}

void run_job(const call_ptr& x, desk_storage&) {
  auto args = std::string{"{}"};
  auto name = std::string{"run"};
  if (!x->in.body.empty()) {
    if (auto ok = need_json_object(x->in); !ok)
      return refuse(x, ok.error());
    auto body = json::parse(x->in.body);
    if (body.contains("command") && body["command"].is_string())
      name = body["command"].get<std::string>();
    args = body.dump();
  }
  if (auto feature = feature_of(x))
    run(x, *feature, {name, args, x->who.user}, show_job);
}

void cancel_job(const call_ptr& x, desk_storage&) {
  if (auto feature = feature_of(x))
    run(x, *feature, {"cancel", "{}", x->who.user}, show_job);
}

void replay_letter(const call_ptr& x, desk_storage& storage) {
  const auto& world = x->owner->world;
  const auto& id = x->in.params.at("letter_id");
  auto placed = storage.letters.replay(x->store, world.partition_of(x->store), id, world.wall());
  if (!placed)
    return refuse(x, placed.error());
  (void)storage.people.audit(x->store, x->who.email, "dead letter replayed", id, "", x->in.id, world.wall());
  world.deliveries_added(x->store);
  answer(x, 202, R"({"state":"replayed"})");
}

void discard_letter(const call_ptr& x, desk_storage& storage) {
  const auto& id = x->in.params.at("letter_id");
  if (auto ok = storage.letters.discard(x->store, id); !ok)
    return refuse(x, ok.error());
  (void)storage.people.audit(x->store, x->who.email, "dead letter discarded", id, "", x->in.id, x->owner->world.wall());
  answer(x, 204, "");
}

} // namespace

std::vector<api_route> store_routes() {
  using http::method;
  return {
      {method::get, "/api/v1/stores", access::user, list_stores},
      {method::get, "/api/v1/stores/{id}/overview", access::viewer, show_view<overview>},
      {method::get, "/api/v1/stores/{id}/orders", access::viewer, show_view<orders>},
      {method::get, "/api/v1/stores/{id}/orders/{order_id}", access::viewer, show_order},
      {method::get, "/api/v1/stores/{id}/products", access::viewer, show_view<products>},
      {method::get, "/api/v1/stores/{id}/sync", access::viewer, show_view<sync_view>},
      {method::get, "/api/v1/stores/{id}/webhooks", access::viewer, show_webhooks},
      {method::get, "/api/v1/stores/{id}/reconciliation", access::viewer, show_view<reconciliation>},
      {method::get, "/api/v1/stores/{id}/dead-letters", access::analyst, show_view<dead_letters>},
      {method::post, "/api/v1/stores/{id}/dead-letters/{letter_id}/replay", access::analyst, replay_letter},
      {method::del, "/api/v1/stores/{id}/dead-letters/{letter_id}", access::owner, discard_letter},
      {method::get, "/api/v1/stores/{id}/settings", access::viewer, show_settings},
      {method::put, "/api/v1/stores/{id}/settings", access::owner, save_settings},
      {method::post, "/api/v1/stores/{id}/jobs/{feature}", access::analyst, run_job},
      {method::del, "/api/v1/stores/{id}/jobs/{feature}", access::analyst, cancel_job},
  };
}

} // namespace clique::api
