#include "net/platform/shopify_auth.hpp"

#include <fmt/format.h>
#include <jwt.h>

#include <cerrno>
#include <memory>

namespace clique::shopify {

namespace {

using jwt_ptr = std::unique_ptr<jwt_t, decltype([](jwt_t* x) { jwt_free(x); })>;

constexpr std::int64_t leeway = 10; // seconds, the most that Shopify's libraries allow

/// The token's content when one of the secrets signed it by HS256; libjwt takes the algorithm from the token, so that
/// it is compared afterwards: nothing else passes.
jwt_ptr decode(std::string_view secret, const std::string& token) {
  jwt_t* raw = nullptr;
  if (secret.empty())
    return nullptr;
  if (jwt_decode(&raw, token.c_str(), reinterpret_cast<const unsigned char*>(secret.data()),
                 static_cast<int>(secret.size()))
      != 0)
    return nullptr;
  jwt_ptr result(raw);
  return jwt_get_alg(raw) == JWT_ALG_HS256 ? std::move(result) : nullptr;
}

std::string_view text(jwt_t* token, const char* claim) {
  auto value = jwt_get_grant(token, claim);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Seconds since 1970; nothing when absent or no integer.
std::optional<std::int64_t> seconds(jwt_t* token, const char* claim) {
  errno = 0;
  auto value = jwt_get_grant_int(token, claim);
  if (errno != 0)
    return std::nullopt;
  return value;
}

/// Host of `https://host{path}`, nothing for other shapes.
std::optional<std::string> host_of(std::string_view url, std::string_view path) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme) || !url.ends_with(path) || url.size() < scheme.size() + path.size())
    return std::nullopt;
  url.remove_prefix(scheme.size());
  url.remove_suffix(path.size());
  return shop_domain(url);
}

error refusal(std::string_view why) {
  return {ec::unauthorized, fmt::format("the session token is refused: {}", why),
          "reload the app in the Shopify admin"};
}

} // namespace

result<session_claims> check_session_token(const app_credentials& app, std::string_view jwt, time_point now) {
  constexpr std::size_t max_token = 8 * 1024;
  if (jwt.size() > max_token || jwt.find('\0') != std::string_view::npos)
    return refusal("it is no token");

  std::string token_text(jwt);
  auto token = decode(app.secret, token_text);
  if (!token)
    token = decode(app.previous_secret, token_text);
  if (!token)
    return refusal("its signature does not fit");

  if (app.client_id.empty() || text(token.get(), "aud") != app.client_id)
    return refusal("it is meant for another app");

  auto now_seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  auto exp = seconds(token.get(), "exp");
  auto nbf = seconds(token.get(), "nbf");
  constexpr std::int64_t latest = 253'402'300'799; // end of the year 9999
  if (!exp || !nbf || *exp < 0 || *exp > latest || *nbf < 0 || *nbf > latest)
    return refusal("it has no validity");
  if (now_seconds > *exp + leeway)
    return refusal("it has expired");
  if (now_seconds < *nbf - leeway)
    return refusal("it is not valid yet");

  auto issuer = host_of(text(token.get(), "iss"), "/admin");
  auto destination = host_of(text(token.get(), "dest"), "");
  if (!issuer || !destination || *issuer != *destination)
    return refusal("issuer and shop differ");
  auto subject = text(token.get(), "sub");
  if (subject.empty())
    return refusal("it names no user");
  return session_claims{*issuer, std::string(subject), time_point(std::chrono::seconds(*exp))};
}

} // namespace clique::shopify
