#define CAF_SUITE shopify_session

#include "net/platform/shopify_auth.hpp"

#include "net/crypto.hpp"

#include <caf/test/unit_test.hpp>
#include <jwt.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace clique;
using namespace clique::shopify;
using nlohmann::json;

namespace {

constexpr std::int64_t now_seconds = 1'790'000'000;

app_credentials app() {
  app_credentials result;
  result.client_id = "client";
  result.secret = "current secret";
  result.previous_secret = "previous secret";
  return result;
}

std::string base64url(std::string_view bytes) {
  auto result = to_base64(bytes);
  while (result.ends_with('='))
    result.pop_back();
  for (auto& c : result)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  return result;
}

json claims() {
  return {{"iss", "https://a.myshopify.com/admin"},
          {"dest", "https://a.myshopify.com"},
          {"aud", "client"},
          {"sub", "42"},
          {"exp", now_seconds + 60},
          {"nbf", now_seconds},
          {"iat", now_seconds},
          {"jti", "1"},
          {"sid", "2"}};
}

json claims(const char* name, json value) {
  auto result = claims();
  result[name] = std::move(value);
  return result;
}

std::string token(const json& body, std::string_view secret = "current secret",
                  json header = {{"alg", "HS256"}, {"typ", "JWT"}}) {
  auto head = base64url(header.dump()) + "." + base64url(body.dump());
  return head + "." + base64url(hmac_sha256(secret, head));
}

std::string said(const std::string& text) {
  auto got = check_session_token(app(), text, time_point(std::chrono::seconds(now_seconds)));
  return got ? "user " + got->subject + " of " + got->shop : std::string(to_string(got.error().code));
}

} // namespace

CAF_TEST(G5 a session token is good only when every claim fits) {
  const std::string good = "user 42 of a.myshopify.com";
  auto without = [](const char* name) {
    auto result = claims();
    result.erase(name);
    return result;
  };
  std::vector<std::tuple<std::string, std::string, std::string>> rows = {
      {"as Shopify makes it", token(claims()), good},
      {"previous secret", token(claims(), "previous secret"), good},
      {"other secret", token(claims(), "other"), "unauthorized"},
      {"empty secret", token(claims(), ""), "unauthorized"},
      {"expired within leeway", token(claims("exp", now_seconds - 10)), good},
      {"expired", token(claims("exp", now_seconds - 11)), "unauthorized"},
      {"early within leeway", token(claims("nbf", now_seconds + 10)), good},
      {"early", token(claims("nbf", now_seconds + 11)), "unauthorized"},
      {"no exp", token(without("exp")), "unauthorized"},
      {"no nbf", token(without("nbf")), "unauthorized"},
      {"exp as text", token(claims("exp", "1790000060")), "unauthorized"},
      {"exp beyond time", token(claims("exp", INT64_MAX)), "unauthorized"},
      {"nbf beyond time", token(claims("nbf", INT64_MAX)), "unauthorized"},
      {"nbf before time", token(claims("nbf", INT64_MIN)), "unauthorized"},
      {"other audience", token(claims("aud", "other")), "unauthorized"},
      {"audience as list", token(claims("aud", json::array({"client"}))), "unauthorized"},
      {"no audience", token(without("aud")), "unauthorized"},
      {"no subject", token(without("sub")), "unauthorized"},
      {"issuer of another shop", token(claims("iss", "https://b.myshopify.com/admin")), "unauthorized"},
      {"issuer without path", token(claims("iss", "https://a.myshopify.com")), "unauthorized"},
      {"destination of another shop", token(claims("dest", "https://b.myshopify.com")), "unauthorized"},
      {"destination without scheme", token(claims("dest", "a.myshopify.com")), "unauthorized"},
      {"destination with path", token(claims("dest", "https://a.myshopify.com/x")), "unauthorized"},
      {"no destination", token(without("dest")), "unauthorized"},
      {"upper-case host", token(claims("dest", "https://A.myshopify.com")), good},
      {"not JSON", base64url("{\"alg\":\"HS256\"}") + ".e30x." + base64url("x"), "unauthorized"},
      {"empty", "", "unauthorized"},
      {"two parts", token(claims()).substr(0, token(claims()).rfind('.')), "unauthorized"},
      {"empty signature", token(claims()).substr(0, token(claims()).rfind('.') + 1), "unauthorized"},
      {"with Bearer", "Bearer " + token(claims()), "unauthorized"},
      {"NUL inside", token(claims()) + std::string(1, '\0') + "x", "unauthorized"},
      {"endless", std::string(100'000, 'a'), "unauthorized"},
  };
  for (auto& [name, text, expected] : rows)
    CAF_CHECK_EQUAL(name + ": " + said(text), name + ": " + expected);
}

CAF_TEST(G5 no algorithm but HS256 passes however it is signed) {
  for (auto alg : {"none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "hs256x", ""}) {
    json header = {{"alg", alg}, {"typ", "JWT"}};
    CAF_CHECK_EQUAL(std::string(alg) + said(token(claims(), "current secret", header)),
                    std::string(alg) + "unauthorized");
    auto unsigned_token = base64url(header.dump()) + "." + base64url(claims().dump()) + ".";
    CAF_CHECK_EQUAL(std::string(alg) + said(unsigned_token), std::string(alg) + "unauthorized");
  }
  CAF_CHECK_EQUAL(said(token(claims(), "current secret", {{"typ", "JWT"}})), "unauthorized");
}

CAF_TEST(G5 a token that is rightly signed by another algorithm is refused) {
  std::string_view secret = "current secret";
  auto signed_by = [&](jwt_alg_t alg) {
    jwt_t* made = nullptr;
    jwt_new(&made);
    jwt_add_grants_json(made, claims().dump().c_str());
    jwt_set_alg(made, alg, reinterpret_cast<const unsigned char*>(secret.data()), static_cast<int>(secret.size()));
    auto text = jwt_encode_str(made);
    std::string result = text;
    std::free(text);
    jwt_free(made);
    return result;
  };
  CAF_CHECK_EQUAL(said(signed_by(JWT_ALG_HS256)), "user 42 of a.myshopify.com");
  CAF_CHECK_EQUAL(said(signed_by(JWT_ALG_HS384)), "unauthorized");
  CAF_CHECK_EQUAL(said(signed_by(JWT_ALG_HS512)), "unauthorized");
}

CAF_TEST(without a client id or a secret nothing passes) {
  app_credentials none;
  auto text = token(claims("aud", ""), "");
  CAF_CHECK(check_session_token(none, text, time_point(std::chrono::seconds(now_seconds))).has_error());
}
