// A store's views, jobs, settings and dead letters.

#include "actors/api/gateway.hpp"

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
               webhook_view[] = "webhooks", dead_letters[] = "dead_letters", reconciliation[] = "reconciliation";

void show_order(const call_ptr& x, desk_storage& storage) {
  show(x, storage, "order", x->in.params.at("order"));
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

/// A failed validation carries its fields as JSON in the hint.
std::map<std::string, std::string> fields_of(const error& x) {
  std::map<std::string, std::string> result;
  if (auto parsed = json::parse(x.hint, nullptr, false); parsed.is_object())
    for (const auto& [field, why] : parsed.items())
      result[field] = why.is_string() ? why.get<std::string>() : why.dump();
  return result;
}

void run(const call_ptr& x, std::string feature, std::string name, std::string args, int status) {
  auto asked = command{std::move(name), std::move(args), x->who.user};
  x->owner->world.run_command(x->store, std::move(feature), std::move(asked), [x, status](result<std::string> got) {
    if (got)
      return answer(x, status, std::move(*got));
    auto fields = fields_of(got.error());
    auto why = got.error();
    if (fields.empty())
      return refuse(x, why);
    why.hint = "correct the named fields";
    refuse(x, why, fields);
  });
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
  run(x, "settings_management", "save", json{{"expected", expected}, {"settings", settings}}.dump(), 200);
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
    run(x, *feature, name, args, 202);
}

void cancel_job(const call_ptr& x, desk_storage&) {
  if (auto feature = feature_of(x))
    run(x, *feature, "cancel", "{}", 202);
}

void settle_dead_letter(const call_ptr& x, bool replay) {
  auto then = [x, replay](result<void> ok) {
    if (!ok)
      return refuse(x, ok.error());
    answer(x, replay ? 202 : 204, replay ? R"({"state":"replayed"})" : "");
  };
  const auto& world = x->owner->world;
  (replay ? world.replay_dead_letter : world.discard_dead_letter)(x->store, x->in.params.at("letter"), then);
}

void replay_letter(const call_ptr& x, desk_storage&) {
  settle_dead_letter(x, true);
}

void discard_letter(const call_ptr& x, desk_storage&) {
  settle_dead_letter(x, false);
}

} // namespace

std::vector<api_route> store_routes() {
  using http::method;
  return {
      {method::get, "/api/v1/stores", access::user, list_stores},
      {method::get, "/api/v1/stores/{id}/overview", access::viewer, show_view<overview>},
      {method::get, "/api/v1/stores/{id}/orders", access::viewer, show_view<orders>},
      {method::get, "/api/v1/stores/{id}/orders/{order}", access::viewer, show_order},
      {method::get, "/api/v1/stores/{id}/products", access::viewer, show_view<products>},
      {method::get, "/api/v1/stores/{id}/sync", access::viewer, show_view<sync_view>},
      {method::get, "/api/v1/stores/{id}/webhooks", access::viewer, show_view<webhook_view>},
      {method::get, "/api/v1/stores/{id}/reconciliation", access::viewer, show_view<reconciliation>},
      {method::get, "/api/v1/stores/{id}/dead-letters", access::analyst, show_view<dead_letters>},
      {method::post, "/api/v1/stores/{id}/dead-letters/{letter}/replay", access::analyst, replay_letter},
      {method::del, "/api/v1/stores/{id}/dead-letters/{letter}", access::owner, discard_letter},
      {method::get, "/api/v1/stores/{id}/settings", access::viewer, show_settings},
      {method::put, "/api/v1/stores/{id}/settings", access::owner, save_settings},
      {method::post, "/api/v1/stores/{id}/jobs/{feature}", access::analyst, run_job},
      {method::del, "/api/v1/stores/{id}/jobs/{feature}", access::analyst, cancel_job},
  };
}

} // namespace clique::api
