#include "net/platform/shopify_json_wire.hpp"
#include "net/platform/shopify_status.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace clique::shopify {

namespace {

constexpr auto token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr auto id_token = "urn:ietf:params:oauth:token-type:id_token";
constexpr auto offline_token = "urn:shopify:params:oauth:token-type:offline-access-token";

http::outgoing token_request(const app_credentials& app, std::string_view shop, nlohmann::json body) {
  body["client_id"] = app.client_id;
  body["client_secret"] = app.secret;
  http::outgoing result;
  result.verb = http::method::post;
  result.url = shop_url(app, shop) + "/admin/oauth/access_token";
  result.headers = {{"content-type", "application/json"}, {"accept", "application/json"}};
  result.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  result.max_answer = 256 * 1024;
  return result;
}

token_answer read_tokens(const node& x) {
  token_answer result;
  result.access = x["access_token"].text();
  result.refresh = x["refresh_token"].text();
  auto scopes = x["scope"].text();
  for (std::string_view rest = scopes; !rest.empty();) {
    auto end = std::min(rest.find(','), rest.size());
    auto one = rest.substr(0, end);
    while (one.starts_with(' '))
      one.remove_prefix(1);
    while (one.ends_with(' '))
      one.remove_suffix(1);
    if (!one.empty())
      result.scopes.emplace_back(one);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  result.expires_in = x["expires_in"].maybe_integer().value_or(0);
  result.refresh_expires_in = x["refresh_token_expires_in"].maybe_integer().value_or(0);
  if (result.access.empty())
    x["access_token"].fail("is missing");
  if (result.expires_in < 0 || result.refresh_expires_in < 0)
    x["expires_in"].fail("is negative");
  return result;
}

struct refusal {
  std::string code, description;
};

refusal read_refusal(std::string_view body) {
  auto got = read_document(body, [](const node& x) {
    return refusal{x["error"].text(), x["error_description"].text()};
  });
  return got ? *got : refusal{};
}

} // namespace

http::outgoing exchange_code(const app_credentials& app, std::string_view shop, std::string_view code) {
  return token_request(app, shop, {{"code", code}, {"expiring", "1"}});
}

http::outgoing exchange_session_token(const app_credentials& app, std::string_view shop, std::string_view jwt) {
  return token_request(app, shop,
                       {{"grant_type", token_exchange},
                        {"subject_token", jwt},
                        {"subject_token_type", id_token},
                        {"requested_token_type", offline_token},
                        {"expiring", "1"}});
}

http::outgoing refresh_token(const app_credentials& app, std::string_view shop, std::string_view refresh) {
  return token_request(app, shop, {{"grant_type", "refresh_token"}, {"refresh_token", refresh}});
}

result<token_answer> read_token_answer(const http::incoming_answer& answer) {
  constexpr auto reopen = "the merchant must open the app again from the Shopify admin";
  if (answer.status == 200) {
    auto got = read_document(answer.body, read_tokens);
    if (got)
      return got;
    return error{ec::unavailable, "Shopify's token answer is unreadable: " + got.error().what, "retried by itself"};
  }

  auto why = read_refusal(answer.body);
  auto named = why.code == "invalid_grant" || why.code == "invalid_request" || why.code == "invalid_subject_token";
  if (answer.status == 401 || (answer.status == 400 && named))
    return error{ec::token_rejected,
                 fmt::format("Shopify refuses the token: {} {}", why.code, clipped(why.description, 200)), reopen};
  auto result = status_error(answer);
  if (!why.code.empty())
    result.what += fmt::format(": {} {}", clipped(why.code, 60), clipped(why.description, 200));
  return result;
}

} // namespace clique::shopify
