// Signing in and out, and who am I.

#include "actors/api/gateway.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace clique::api {

namespace {

using nlohmann::json;

void signed_in(const call_ptr& x, desk_storage& storage, const result<accounts::opened>& got) {
  if (!got)
    return refuse(x, got.error());
  http::response result;
  result.headers.emplace_back("Set-Cookie", cookie_header(x->owner->settings, got->secret));
  result.headers.emplace_back("Cache-Control", "no-store");
  result.body = identity_json(got->who, storage);
  x->out(std::move(result));
}

void login(const call_ptr& x, desk_storage& storage) {
  if (auto ok = need_json_object(x->in); !ok)
    return refuse(x, ok.error());
  auto body = json::parse(x->in.body);
  auto email = body.find("email"), password = body.find("password");
  if (email == body.end() || !email->is_string() || password == body.end() || !password->is_string())
    return refuse(x, {ec::bad_input, "email and password are needed, both as text", ""});
  signed_in(x, storage,
            storage.people.login(email->get<std::string>(), password->get<std::string>(), x->in.remote,
                                 x->owner->world.wall()));
}

/// A one-time sign-in link (first run, demo): trades its secret for a session.
void login_once(const call_ptr& x, desk_storage& storage) {
  if (auto ok = need_json_object(x->in); !ok)
    return refuse(x, ok.error());
  auto secret = json::parse(x->in.body).value("secret", json());
  if (!secret.is_string())
    return refuse(x, {ec::bad_input, "secret is needed, as text", "use the link as it was printed"});
  signed_in(x, storage, storage.people.login_once(secret.get<std::string>(), x->owner->world.wall()));
}

void logout(const call_ptr& x, desk_storage& storage) {
  auto secret = x->in.cookie(cookie_name(x->owner->settings));
  if (auto ok = storage.people.logout(secret); !ok)
    return refuse(x, ok.error());
  x->owner->world.session_ended(x->who.session);
  http::response result;
  result.status = 204;
  result.headers.emplace_back("Set-Cookie", cookie_header(x->owner->settings, "", true));
  x->out(std::move(result));
}

void me(const call_ptr& x, desk_storage& storage) {
  answer(x, 200, identity_json(x->who, storage));
}

/// The embedded app: Shopify's session token in place of a password.
void embedded(const call_ptr& x, desk_storage& storage) {
  constexpr std::string_view bearer = "Bearer ";
  auto given = x->in.header("authorization");
  const auto& world = x->owner->world;
  if (!given.starts_with(bearer))
    return refuse(x, {ec::unauthorized, "a Shopify session token is needed", "send it as Authorization: Bearer"});
  auto claims = shopify::check_session_token(x->owner->settings.app, given.substr(bearer.size()), world.wall());
  if (!claims)
    return refuse(x, claims.error());
  auto store = storage.shops.by_shop(claims->shop);
  if (!store)
    return refuse(x, store.error());
  if (!*store)
    return refuse(x, {ec::unauthorized, fmt::format("{} has not installed this app", claims->shop),
                      "install it from the Shopify App Store first"});
  signed_in(x, storage, storage.people.login_embedded(claims->shop, claims->subject, (*store)->id, world.wall()));
}

} // namespace

std::string identity_json(const identity& who, desk_storage& storage) {
  auto stores = json::array();
  for (const auto& mine : who.stores) {
    // The store's own facts stand in its overview; here only what the switcher shows.
    auto facts = storage.sights.view(mine.id, "store", "", {}, {});
    auto item = facts ? json::parse(*facts) : json{{"id", std::to_string(raw(mine.id))}};
    item["role"] = to_string(mine.as);
    stores.push_back(std::move(item));
  }
  return json{{"user", {{"id", std::to_string(raw(who.user))}, {"email", who.email}, {"name", who.name}}},
              {"csrf", who.csrf},
              {"stores", std::move(stores)}}
      .dump();
}

std::vector<api_route> auth_routes() {
  using http::method;
  return {
      {method::post, "/auth/login", access::anyone, login},
      {method::post, "/auth/once", access::anyone, login_once},
      {method::post, "/auth/logout", access::user, logout},
      {method::post, "/auth/shopify/session", access::anyone, embedded},
      {method::get, "/api/v1/me", access::user, me},
  };
}

} // namespace clique::api
