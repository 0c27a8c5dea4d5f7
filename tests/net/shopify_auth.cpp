#define CAF_SUITE shopify_auth

#include "net/platform/shopify_auth.hpp"

#include "net/crypto.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/shopify_facts.hpp"

using namespace clique;
using namespace clique::shopify;
using shopify_test::answer_of;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

const time_point now{std::chrono::seconds(1'790'000'000)};

app_credentials app() {
  app_credentials result;
  result.client_id = "client";
  result.secret = "current secret";
  result.previous_secret = "previous secret";
  result.scopes = {"read_orders", "read_products"};
  return result;
}

std::string base64_of(std::string_view secret, std::string_view body) {
  return to_base64(hmac_sha256(secret, body));
}

/// Adds the hex HMAC of *message* to *query*.
pairs signed_query(pairs query, std::string_view message, std::string_view secret = "current secret") {
  query.emplace_back("hmac", to_hex(hmac_sha256(secret, message)));
  return query;
}

std::string at(int seconds) {
  return std::to_string(1'790'000'000 + seconds);
}

pairs callback(int seconds = 0) {
  return {{"code", "c0de"}, {"shop", "a.myshopify.com"}, {"state", "f00d"}, {"timestamp", at(seconds)}};
}

std::string callback_message(int seconds = 0) {
  return "code=c0de&shop=a.myshopify.com&state=f00d&timestamp=" + at(seconds);
}

bool passes(const pairs& query) {
  return check_query(app(), query, "", now).has_value();
}

} // namespace

CAF_TEST(D6 only the base64 HMAC of the raw body under one of our secrets passes) {
  std::string body = R"({"id": 1,"note":"a\/b"})";
  auto good = base64_of("current secret", body);
  auto raw = hmac_sha256("current secret", body);
  std::string url_safe = good;
  for (auto& c : url_safe)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  struct row {
    const char* name;
    std::string header;
    bool ok;
  };
  std::vector<row> rows = {
      {"current secret", good, true},
      {"previous secret", base64_of("previous secret", body), true},
      {"missing or empty", "", false},
      {"hex instead of base64", to_hex(raw), false},
      {"raw bytes", raw, false},
      {"truncated text", good.substr(0, 40), false},
      {"without padding", good.substr(0, 43), false},
      {"padded once more", good + "=", false},
      {"space before", " " + good, false},
      {"space behind", good + " ", false},
      {"line end behind", good + "\n", false},
      {"two values joined", good + ", " + good, false},
      {"quoted", "\"" + good + "\"", false},
      {"named algorithm", "sha256=" + good, false},
      {"base64 of hex", to_base64(to_hex(raw)), false},
      {"base64 of 31 bytes", to_base64(raw.substr(0, 31)), false},
      {"base64 of 33 bytes", to_base64(raw + "x"), false},
      {"re-serialised body", base64_of("current secret", R"({"id":1,"note":"a/b"})"), false},
      {"other secret", base64_of("other secret", body), false},
      {"empty secret", base64_of("", body), false},
      {"one bit off", (good[0] == 'A' ? "B" : "A") + good.substr(1), false},
      {"plain hash without key", to_base64(sha256(body)), false},
  };
  for (auto& x : rows)
    CAF_CHECK_EQUAL(std::make_pair(std::string(x.name), webhook_signature_ok(app(), body, x.header)),
                    std::make_pair(std::string(x.name), x.ok));
  CAF_CHECK(!webhook_signature_ok(app_credentials{}, body, base64_of("", body)));
}

CAF_TEST(a shop is a name under myshopify.com and nothing else) {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"a.myshopify.com", "a.myshopify.com"},
      {"MY-Shop.MyShopify.com", "my-shop.myshopify.com"},
      {"0-9.myshopify.com", "0-9.myshopify.com"},
      {std::string(63, 'a') + ".myshopify.com", std::string(63, 'a') + ".myshopify.com"},
      {std::string(64, 'a') + ".myshopify.com", ""},
      {"", ""},
      {".myshopify.com", ""},
      {"myshopify.com", ""},
      {"-a.myshopify.com", ""},
      {"a.b.myshopify.com", ""},
      {"evil.com", ""},
      {"a.myshopify.com.evil.com", ""},
      {"a.myshopify.com/", ""},
      {"a.myshopify.com/path", ""},
      {"a.myshopify.com:443", ""},
      {"a.myshopify.com.", ""},
      {"a.myshopify.com\n", ""},
      {"a\n.myshopify.com", ""},
      {std::string("a.myshopify.com\0", 16), ""},
      {std::string("a\0.myshopify.com", 16), ""},
      {"%00.myshopify.com", ""},
      {"%0a123.myshopify.com", ""},
      {"user@a.myshopify.com", ""},
      {"https://a.myshopify.com", ""},
      {"admin.shopify.com/store/a", ""},
      {"a.myshopify.io", ""},
      {"a_b.myshopify.com", ""},
      {"sh\xc3\xb6p.myshopify.com", ""},
      {"a.myshop\xc4\xb1\x66y.com", ""},
      {"a myshopify.com", ""},
      {"evilmyshopify.com", ""},
  };
  for (auto& [text, expected] : rows)
    CAF_CHECK_EQUAL(shop_domain(text).value_or(""), expected);
}

CAF_TEST(G5 a callback passes only with one fresh timestamp and the right hmac over sorted parameters) {
  CAF_CHECK(passes(signed_query(callback(), callback_message())));
  CAF_CHECK(passes(signed_query(callback(), callback_message(), "previous secret")));
  CAF_CHECK(passes(signed_query(callback(90), callback_message(90))));
  CAF_CHECK(passes(signed_query(callback(-90), callback_message(-90))));
  CAF_CHECK(!passes(signed_query(callback(91), callback_message(91))));
  CAF_CHECK(!passes(signed_query(callback(-91), callback_message(-91))));

  auto reordered = callback();
  std::swap(reordered[0], reordered[2]);
  CAF_CHECK(passes(signed_query(reordered, callback_message())));
  CAF_CHECK(!passes(signed_query(callback(), "shop=a.myshopify.com&code=c0de&state=f00d&timestamp=" + at(0))));

  CAF_CHECK(!passes(callback()));
  CAF_CHECK(!passes(signed_query(callback(), callback_message(), "other secret")));
  CAF_CHECK(!passes(signed_query(callback(), callback_message(), "")));
  auto upper = signed_query(callback(), callback_message());
  for (auto& c : upper.back().second)
    c = static_cast<char>(std::toupper(c));
  CAF_CHECK(!passes(upper));
  auto cut = signed_query(callback(), callback_message());
  cut.back().second.pop_back();
  CAF_CHECK(!passes(cut));
}

CAF_TEST(G5 what was changed added or repeated after signing is refused) {
  auto good = signed_query(callback(), callback_message());
  auto with = [&](std::string key, std::string value) {
    auto result = good;
    result.emplace_back(std::move(key), std::move(value));
    return result;
  };
  CAF_CHECK(!passes(with("extra", "1")));
  CAF_CHECK(!passes(with("shop", "evil.myshopify.com")));
  CAF_CHECK(!passes(with("shop", "a.myshopify.com")));
  CAF_CHECK(!passes(with("timestamp", at(0))));
  CAF_CHECK(!passes(with("timestamp[]", at(0))));
  CAF_CHECK(!passes(with("hmac", good.back().second)));
  CAF_CHECK(!passes(with("ids[]", "1")));
  CAF_CHECK(!passes(with(std::string("a\0b", 3), "1")));
  CAF_CHECK(passes(with("signature", "of the old kind is left out")));
  for (std::size_t i = 0; i < 4; ++i) {
    auto changed = good;
    changed[i].second += "x";
    CAF_CHECK(!passes(changed));
    auto removed = good;
    removed.erase(removed.begin() + static_cast<std::ptrdiff_t>(i));
    CAF_CHECK(!passes(removed));
  }
  for (auto stamp : {"", " ", "-1", "1e9", "1790000000.0", "99999999999999999999", "0x6AB13B80"})
    CAF_CHECK(!passes(signed_query({{"timestamp", stamp}}, std::string("timestamp=") + stamp)));
}

CAF_TEST(values are accepted as the libraries sign them and never ambiguously) {
  pairs query = {{"host", "YWRtaW4="}, {"name", "a b+c~"}, {"timestamp", at(0)}};
  CAF_CHECK(passes(signed_query(query, "host=YWRtaW4=&name=a b+c~&timestamp=" + at(0))));
  CAF_CHECK(passes(signed_query(query, "host=YWRtaW4%3D&name=a%20b%2Bc%7E&timestamp=" + at(0))));
  CAF_CHECK(!passes(signed_query(query, "host=YWRtaW4%3d&name=a%20b%2bc%7e&timestamp=" + at(0))));

  // One signature must not fit two ways of cutting the text into parameters.
  pairs split = {{"a", "1"}, {"b", "2"}, {"timestamp", at(0)}};
  pairs joined = {{"a", "1&b=2"}, {"timestamp", at(0)}};
  auto message = "a=1&b=2&timestamp=" + at(0);
  CAF_CHECK(passes(signed_query(split, message)));
  CAF_CHECK(!passes(signed_query(joined, message)));
}

CAF_TEST(the merchant is sent to the own shop with scopes and state encoded) {
  auto url = authorize_url(app(), "a.myshopify.com", "https://host/auth/shopify/callback?x=1", "f00d");
  CAF_CHECK_EQUAL(url,
                  "https://a.myshopify.com/admin/oauth/authorize?client_id=client&scope=read_orders%2Cread_products&"
                  "redirect_uri=https%3A%2F%2Fhost%2Fauth%2Fshopify%2Fcallback%3Fx%3D1&state=f00d");
}

CAF_TEST(token requests name the app and what is exchanged) {
  auto code = exchange_code(app(), "a.myshopify.com", "c\"0de");
  CAF_CHECK_EQUAL(code.url, "https://a.myshopify.com/admin/oauth/access_token");
  auto body = nlohmann::json::parse(code.body);
  CAF_CHECK(body
            == nlohmann::json(
                {{"client_id", "client"}, {"client_secret", "current secret"}, {"code", "c\"0de"}, {"expiring", "1"}}));

  auto refresh = nlohmann::json::parse(refresh_token(app(), "a.myshopify.com", "shprt_1").body);
  CAF_CHECK_EQUAL(refresh["grant_type"].get<std::string>(), "refresh_token");
  CAF_CHECK_EQUAL(refresh["refresh_token"].get<std::string>(), "shprt_1");
  auto session = nlohmann::json::parse(exchange_session_token(app(), "a.myshopify.com", "x.y.z").body);
  CAF_CHECK_EQUAL(session["subject_token"].get<std::string>(), "x.y.z");
  CAF_CHECK_EQUAL(session["expiring"].get<std::string>(), "1");
}

CAF_TEST(a token answer is a pair or says who can repair it) {
  auto pair = read_token_answer(
      answer_of(200, R"({"access_token":"shpat_1","scope":"read_orders, write_products","expires_in":3600,
    "refresh_token":"shprt_1","refresh_token_expires_in":7776000})"));
  CAF_REQUIRE(pair.has_value());
  CAF_CHECK_EQUAL(pair->access, "shpat_1");
  CAF_CHECK_EQUAL(pair->refresh, "shprt_1");
  CAF_CHECK(pair->scopes == std::vector<std::string>({"read_orders", "write_products"}));
  CAF_CHECK_EQUAL(pair->expires_in, 3600);
  CAF_CHECK_EQUAL(pair->refresh_expires_in, 7'776'000);
  auto endless = read_token_answer(answer_of(200, R"({"access_token":"shpat_1","scope":"read_orders"})"));
  CAF_CHECK_EQUAL(endless->expires_in, 0);

  struct row {
    int status;
    const char* body;
    ec code;
  };
  std::vector<row> rows = {
      {400, R"({"error":"invalid_grant"})", ec::token_rejected},
      {400, R"({"error":"invalid_request","error_description":"was already used"})", ec::token_rejected},
      {400, R"({"error":"invalid_client"})", ec::refused},
      {401, R"({"error":"invalid_request","error_description":"This request requires an active refresh_token"})",
       ec::token_rejected},
      {401, "", ec::token_rejected},
      {403, "Non-expiring access tokens are no longer accepted", ec::token_rejected},
      {404, "", ec::not_found},
      {429, "", ec::throttled},
      {500, "<html>", ec::unavailable},
      {503, "", ec::unavailable},
      {200, "", ec::unavailable},
      {200, "<html></html>", ec::unavailable},
      {200, R"({"access_token":"shpat)", ec::unavailable},
      {200, R"({"scope":"read_orders"})", ec::unavailable},
      {200, R"({"access_token":null})", ec::unavailable},
      {200, R"({"access_token":"a","expires_in":"soon"})", ec::unavailable},
      {200, R"([])", ec::unavailable},
  };
  for (auto& x : rows) {
    auto got = read_token_answer(answer_of(x.status, x.body));
    CAF_REQUIRE(got.has_error());
    CAF_CHECK_EQUAL(to_string(got.error().code), to_string(x.code));
    CAF_CHECK(got.error().what.find("shpat") == std::string::npos);
  }
}
