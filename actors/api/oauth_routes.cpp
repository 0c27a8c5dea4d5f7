// Installing the app in a shop: Shopify's authorization code grant (apis: begin, callback, token exchange).

#include "actors/api/gateway.hpp"

#include "net/crypto.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace clique::api {

namespace {

/// A nonce lives as long as a person may look at Shopify's consent page.
constexpr auto state_life = std::chrono::minutes{10};

std::string redirect_uri(const options& x) {
  return x.public_url + "/auth/shopify/callback";
}

/// The shop of the query, by the domain rule.
result<std::string> shop_of(const http::request& in) {
  auto [text, given] = in.query_value("shop");
  auto shop = given ? shopify::shop_domain(text) : std::nullopt;
  if (!shop)
    return error{ec::bad_input, "the shop is not a name.myshopify.com address", "open the app from your Shopify admin"};
  return *shop;
}

/// Ties the way back to the browser that began: only that one is signed in at the end.
constexpr std::string_view state_cookie = "clique_state";

void redirect(const call_ptr& x, std::string to, std::string cookie = "") {
  http::response result;
  if (!cookie.empty())
    result.headers.emplace_back("Set-Cookie", std::move(cookie));
  result.status = 302;
  result.content_type = "";
  result.headers.emplace_back("Location", std::move(to));
  result.headers.emplace_back("Cache-Control", "no-store");
  x->out(std::move(result));
}

std::optional<user_id> signed_in_user(const call_ptr& x, desk_storage& storage) {
  auto who = authenticate(x->owner->settings, x->in, storage.people, x->owner->world.wall());
  return who ? std::optional{who->user} : std::nullopt;
}

void begin(const call_ptr& x, desk_storage& storage) {
  const auto& settings = x->owner->settings;
  auto now = x->owner->world.wall();
  auto shop = shop_of(x->in);
  if (!shop)
    return refuse(x, shop.error());
  auto who = signed_in_user(x, storage);
  // Shopify signs the way in; a signed-in user of ours may start it too.
  if (auto ok = shopify::check_query(settings.app, x->in.query, x->in.raw_query, now); !ok && !who)
    return refuse(x, ok.error());
  auto nonce = random_hex(32);
  if (auto ok = storage.shops.remember_state(nonce, *shop, who, now + state_life); !ok)
    return refuse(x, ok.error());
  auto cookie = fmt::format("{}={}; Path=/auth/shopify; HttpOnly; SameSite=Lax; Max-Age={}{}", state_cookie, nonce,
                            std::chrono::seconds{state_life}.count(),
                            settings.public_url.starts_with("https://") ? "; Secure" : "");
  redirect(x, shopify::authorize_url(settings.app, *shop, redirect_uri(settings), nonce), std::move(cookie));
}

token_pair to_pair(const shopify::token_answer& x, time_point now) {
  // A token without expiry is one of an older app: refreshing it is never due.
  constexpr auto never = std::chrono::hours{24 * 365 * 50};
  auto after = [&](std::int64_t seconds) {
    return now + (seconds > 0 ? std::chrono::seconds{seconds} : std::chrono::seconds{never});
  };
  return {x.access, x.refresh, after(x.expires_in), after(x.refresh_expires_in), x.scopes};
}

void connect(const call_ptr& x, const std::string& shop, std::optional<user_id> by, const shopify::token_answer& got,
             desk_storage& storage) {
  auto now = x->owner->world.wall();
  auto store = storage.shops.connect(shop, to_pair(got, now), by, x->owner->world.now());
  if (!store)
    return refuse(x, store.error());
  if (auto ok = storage.people.audit(store->id, by ? fmt::format("user:{}", raw(*by)) : "shopify", "store connected",
                                     "", shop, x->in.id, now);
      !ok)
    spdlog::warn("audit line was not written: {}", ok.error().what);
  x->owner->world.store_connected(*store);
  // Nobody of ours began: whoever proved to Shopify that they may install becomes the store's owner here.
  std::string cookie;
  auto same_browser = equal_secret(x->in.cookie(state_cookie), x->in.query_value("state").first);
  if (!by && same_browser)
    if (auto opened = storage.people.login_embedded(shop, "installer", store->id, now))
      cookie = cookie_header(x->owner->settings, opened->secret);
  redirect(x, x->owner->settings.public_url + "/", std::move(cookie));
}

void callback(const call_ptr& x, desk_storage& storage) {
  const auto& settings = x->owner->settings;
  const auto& world = x->owner->world;
  // In the order of the platform's rules: shop, state, timestamp and signature. Nothing is exchanged before all hold.
  auto shop = shop_of(x->in);
  if (!shop)
    return refuse(x, shop.error());
  auto [state, has_state] = x->in.query_value("state");
  auto [code, has_code] = x->in.query_value("code");
  if (!has_state || !has_code)
    return refuse(x, {ec::bad_input, "code or state is missing", "start again from your Shopify admin"});
  if (auto ok = shopify::check_query(settings.app, x->in.query, x->in.raw_query, world.wall()); !ok)
    return refuse(x, ok.error());
  auto by = storage.shops.consume_state(state, *shop, world.wall());
  if (!by)
    return refuse(x, by.error());
  world.web->send(shopify::exchange_code(settings.app, *shop, code),
                  [x, shop = *shop, by = *by](result<http::incoming_answer> raw) {
                    auto got = raw ? shopify::read_token_answer(*raw) : result<shopify::token_answer>{raw.error()};
                    if (!got)
                      return refuse(x, got.error());
                    auto finish = [x, shop, by, got = *got](desk_storage& desk) { connect(x, shop, by, got, desk); };
                    if (!x->owner->ordinary->post(finish))
                      refuse(x, {ec::unavailable, "too many requests are waiting", "open the app again"});
                  });
}

} // namespace

std::vector<api_route> oauth_routes() {
  using http::method;
  return {
      {method::get, "/auth/shopify", access::anyone, begin},
      {method::get, "/auth/shopify/callback", access::anyone, callback},
  };
}

} // namespace clique::api
