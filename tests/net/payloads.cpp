#define CAF_SUITE payloads

#include "net/platform/shopify_wire.hpp"

#include "net/crypto.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/payload_compare.hpp"

#include <cstdlib>

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

/// The folder of collected payloads: CLIQUE_PAYLOADS, else beside the source tree. Empty when there is none.
fs::path folder() {
  if (auto given = std::getenv("CLIQUE_PAYLOADS"))
    return given;
  auto beside = fs::path(__FILE__).parent_path() / "../../../shared/data/payloads";
  return fs::exists(beside / "index.json") ? beside : fs::path();
}

constexpr std::int64_t now_seconds = 1'790'000'000;
const time_point now{std::chrono::seconds(now_seconds)};

app_credentials app(const std::string& secret) {
  app_credentials result;
  result.client_id = "API key";
  result.secret = secret;
  return result;
}

/// `{now-60}` -> seconds.
std::string filled(std::string text) {
  for (auto at = text.find("{now"); at != std::string::npos; at = text.find("{now")) {
    auto end = text.find('}', at);
    auto offset = end > at + 4 ? std::stoll(text.substr(at + 4, end - at - 4)) : 0;
    text.replace(at, end - at + 1, std::to_string(now_seconds + offset));
  }
  return text;
}

found webhook(const json& c, const json& file) {
  auto& expect = c["expect"].contains("after_resigning_with_own_secret")
                     ? c["expect"]["after_resigning_with_own_secret"]
                     : c["expect"]["signed_with_own_secret"];
  auto body = file["body"].get<std::string>();
  auto own = app("own secret");
  found wrong;
  if (webhook_signature_ok(own, body, text_of(file["headers"].value("x-shopify-hmac-sha256", json()))))
    wrong.push_back("the original signature passes");
  if (!webhook_signature_ok(own, body, to_base64(hmac_sha256("own secret", body))))
    wrong.push_back("our own signature is refused");

  auto topic = text_of(file["headers"]["x-shopify-topic"]);
  auto unit = currency::parse(expect["parsed"].value("currency", "USD")).value();
  auto got = parse_webhook(topic, body, unit);
  if (!got)
    return {got.error().what};
  auto differences = compare_fact(*got, expect["parsed"]);
  // A topic that the product does not use must not have a fact, all others must.
  auto unused = expect.value("action", "").starts_with("accept and ignore");
  if (std::holds_alternative<ignored_topic>(*got) && !unused)
    wrong.push_back("the topic is ignored");
  wrong.insert(wrong.end(), differences.begin(), differences.end());
  return wrong;
}

found rest(const json& c, const json& file) {
  auto& expect = c["expect"];
  auto& parsed = expect.contains("parsed") ? expect["parsed"] : expect;
  auto first = [&](const char* one, const char* many) { return file.contains(one) ? file[one] : file[many][0]; };
  if (file.contains("webhooks")) {
    found wrong;
    for (std::size_t i = 0; i < file["webhooks"].size(); ++i)
      if (topic_header(topic_enum(text_of(file["webhooks"][i]["topic"]))) != text_of(parsed["topics"][i]))
        wrong.push_back("topic " + std::to_string(i));
    return wrong;
  }
  if (file.contains("variants")) {
    json product = {{"id", 632910392}, {"updated_at", "2025-04-02T11:38:15-05:00"}, {"variants", file["variants"]}};
    auto got = parse_product(product.dump(), currency("USD"));
    if (!got)
      return {got.error().what};
    return got->variants.size() == parsed["variants"].get<std::size_t>() ? found{} : found{"number of variants"};
  }
  if (file.contains("refunds")) {
    auto got = parse_refund(file["refunds"][0].dump(), currency("USD"));
    return got ? compare(*got, parsed) : found{got.error().what};
  }
  if (file.contains("product") || file.contains("products")) {
    auto got = parse_product(first("product", "products").dump(), currency("USD"));
    return got ? compare(*got, parsed) : found{got.error().what};
  }
  auto got = parse_order(first("order", "orders").dump());
  return got ? compare(*got, parsed) : found{got.error().what};
}

/// An order around a fragment, given as text since it may be no JSON.
found fragment(const json& c, const std::string& text, const char* list) {
  auto must_fail = text_of(c["expect"]["parse"]).starts_with("reject");
  auto trimmed = text;
  if (std::string_view(list) == "line_items" && text.find("\"id\"") == std::string::npos)
    trimmed.replace(trimmed.find('{'), 1, R"({"id":1,"quantity":1,"price":"2.00",)");
  auto body =
      fmt::format(R"({{"id":1,"created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","currency":"USD",
    "total_price":"1","subtotal_price":"1","{}":[{}]}})",
                  list, trimmed);
  auto got = parse_order(body);
  if (got.has_value() == must_fail)
    return {must_fail ? "accepted" : got.error().what};
  if (must_fail)
    return {};
  if (std::string_view(list) == "line_items")
    return got->lines.size() == 1 ? found{} : found{"the line is lost"};
  return got->shipping == 400 ? found{} : found{"shipping is " + std::to_string(got->shipping)};
}

const json& named(const json& list, const json& c) {
  for (auto& x : list)
    if (x["name"] == c["select"])
      return x;
  return list;
}

std::vector<std::pair<std::string, std::string>> split(const std::string& message) {
  std::vector<std::pair<std::string, std::string>> result;
  for (std::size_t at = 0; at < message.size();) {
    auto end = std::min(message.find('&', at), message.size());
    auto one = message.substr(at, end - at);
    result.emplace_back(one.substr(0, one.find('=')), one.substr(one.find('=') + 1));
    at = end + 1;
  }
  return result;
}

found is(bool got, bool expected) {
  return got == expected ? found{} : found{got ? "accepted" : "refused"};
}

found query_vector(const json& x, const json& c) {
  auto query = split(text_of(x["canonical_message"]));
  query.emplace_back("hmac", text_of(x["hmac"]));
  auto stamp = std::chrono::seconds(0);
  for (auto& [key, value] : query)
    if (key == "timestamp")
      stamp = std::chrono::seconds(std::stoll(value));
  auto wrong = is(check_query(app(text_of(x["secret"])), query, "", time_point(stamp)).has_value(),
                  c["expect"]["signature_valid"]);
  // However it is signed, what is years old is refused.
  if (check_query(app(text_of(x["secret"])), query, "", now))
    wrong.push_back("an old timestamp passes");
  return wrong;
}

found query_template(const json& x, const json& c) {
  std::vector<std::pair<std::string, std::string>> query;
  for (auto& [key, value] : x["params"].items())
    query.emplace_back(key, filled(text_of(value)));
  if (!x["message_signed"].is_null() && !x["params"].contains("hmac"))
    query.emplace_back("hmac", to_hex(hmac_sha256(text_of(x["secret"]), filled(text_of(x["message_signed"])))));
  return is(check_query(app(text_of(x["secret"])), query, "", now).has_value(), c["expect"]["result"] == "valid");
}

found session_token(const json& file, const json& c) {
  auto& one = named(file["cases"], c);
  json claims = file["base_claims"];
  if (one.contains("change"))
    claims.update(one["change"]);
  for (auto& x : claims)
    if (x.is_string() && text_of(x).starts_with("{now"))
      x = std::stoll(filled(text_of(x)));
  auto base64url = [](std::string_view bytes) {
    auto result = to_base64(bytes);
    while (result.ends_with('='))
      result.pop_back();
    for (auto& ch : result)
      ch = ch == '+' ? '-' : ch == '/' ? '_' : ch;
    return result;
  };
  auto head = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims.dump());
  auto token = head + "." + base64url(hmac_sha256(one.value("sign_with", text_of(file["secret"])), head));
  return is(check_session_token(app(text_of(file["secret"])), token, now).has_value(),
            text_of(c["expect"]["result"]).starts_with("accept"));
}

found domains(const json& file) {
  found wrong;
  for (auto& x : file["accept_as_is"])
    if (shop_domain(text_of(x)).value_or("") != text_of(x))
      wrong.push_back(text_of(x) + " is refused");
  for (auto list : {"library_accepts_project_rejects", "reject"})
    for (auto& x : file[list])
      if (shop_domain(text_of(x)))
        wrong.push_back(text_of(x) + " passes");
  for (auto& [text, outcome] : file["normalise"].items()) {
    auto only_typed = text_of(outcome).find("only if") != std::string::npos;
    if (shop_domain(text).value_or("") != (only_typed ? "" : text_of(outcome)))
      wrong.push_back(text + " is not normalised");
  }
  return wrong;
}

found limits(const json& file) {
  found wrong;
  for (auto& x : file) {
    auto got = rest_call_limit(text_of(x["value"]));
    auto unknown = x["parsed"].contains("unknown");
    if (got.has_value() == unknown
        || (got && (got->used != x["parsed"]["used"].get<int>() || got->limit != x["parsed"]["limit"].get<int>())))
      wrong.push_back(text_of(x["value"]));
  }
  return wrong;
}

found graphql(const json& file, const json& c) {
  auto got = read_answer(read_shop{}, answer_of(file["status"], text_of(file["body"])), currency("USD"));
  if (!got.got.has_error())
    return {"passes for an answer"};
  auto code = got.got.error().code;
  auto wrong = is(is_transient(code), c["expect"]["retry"]);
  if (c["expect"].contains("wait_seconds") && got.wait != std::chrono::seconds(c["expect"]["wait_seconds"].get<int>()))
    wrong.push_back("waits " + std::to_string(got.wait.count()));
  if ((c["expect"]["class"] == "throttled") != (code == ec::throttled))
    wrong.push_back(std::string(to_string(code)));
  return wrong;
}

found check(const fs::path& root, const json& c) {
  auto kind = text_of(c["kind"]);
  auto text = file_text(root / text_of(c["file"]));
  if (kind == "order_line_item_fragment")
    return fragment(c, text, "line_items");
  if (kind == "order_shipping_line_fragment")
    return fragment(c, text, "shipping_lines");

  auto file = json::parse(text);
  if (kind == "webhook_delivery")
    return webhook(c, file);
  if (kind == "rest_response")
    return rest(c, file);
  if (kind == "webhook_hmac_vector") {
    auto& x = named(file, c);
    return is(webhook_signature_ok(app(text_of(x["secret"])), text_of(x["body"]), text_of(x["x_shopify_hmac_sha256"])),
              c["expect"]["valid"]);
  }
  if (kind == "oauth_query_hmac_vector")
    return query_vector(named(file, c), c);
  if (kind == "oauth_query_hmac_template")
    return query_template(named(file, c), c);
  if (kind == "app_proxy_signature_vector") {
    auto& x = named(file, c);
    std::vector<std::pair<std::string, std::string>> query = {{"extra", "1"},
                                                              {"extra", "2"},
                                                              {"shop", "shop-name.myshopify.com"},
                                                              {"path_prefix", "/apps/awesome_reviews"},
                                                              {"timestamp", "1317327555"},
                                                              {"signature", text_of(x["signature"])}};
    return is(proxy_signature_ok(app(text_of(x["secret"])), query), c["expect"]["signature_valid"]);
  }
  if (kind == "shop_domain_list")
    return domains(file);
  if (kind == "session_token_case")
    return session_token(file, c);
  if (kind == "rate_limit_header")
    return limits(file);
  if (kind == "link_header") {
    auto links = rest_links(text_of(named(file, c)["value"]));
    auto next = links.contains("next") ? json(links["next"]) : json();
    return next == c["expect"]["next"] ? found{} : found{next.dump()};
  }
  if (kind == "graphql_response")
    return graphql(file, c);
  return {"no test knows this kind"};
}

} // namespace

CAF_TEST(every published payload of Shopify is understood as its index says) {
  auto root = folder();
  if (root.empty()) {
    CAF_MESSAGE("SKIPPED: no folder of collected payloads (set CLIQUE_PAYLOADS)");
    std::fputs("payloads: SKIPPED - no folder of collected payloads (set CLIQUE_PAYLOADS)\n", stderr);
    return;
  }
  auto index = json::parse(file_text(root / "index.json"));
  int cases = 0;
  for (auto& c : index["cases"]) {
    if (c["platform"] != "shopify")
      continue;
    ++cases;
    auto wrong = check(root, c);
    CAF_CHECK_EQUAL(fmt::format("{} {}", text_of(c["id"]), fmt::join(wrong, "; ")), text_of(c["id"]) + " ");
  }
  CAF_CHECK_GREATER_OR_EQUAL(cases, 66);
}
