#define CAF_SUITE problem

#include "net/problem.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace clique;

namespace {

std::string header(const http::response& x, std::string_view name) {
  for (const auto& [key, value] : x.headers)
    if (key == name)
      return value;
  return "";
}

} // namespace

CAF_TEST(each code has its status) {
  const std::pair<ec, int> table[] = {
      {ec::bad_input, 400}, {ec::unauthorized, 401}, {ec::forbidden, 403},      {ec::not_found, 404},
      {ec::conflict, 409},  {ec::too_large, 413},    {ec::unsupported, 415},    {ec::refused, 422},
      {ec::throttled, 429}, {ec::unavailable, 503},  {ec::token_rejected, 424}, {ec::timed_out, 504},
      {ec::fenced, 503},    {ec::internal, 500},
  };
  for (const auto& [code, status] : table)
    CAF_CHECK_EQUAL(http::status_of(code), status);
}

CAF_TEST(a problem says what where and what to do) { // RFC 9457
  auto answer = http::problem({ec::bad_input, "a field is wrong", "correct it"}, "r1", {{"goal", "must be positive"}});
  CAF_CHECK_EQUAL(answer.status, 400);
  CAF_CHECK_EQUAL(answer.content_type, "application/problem+json");
  auto document = nlohmann::json::parse(answer.body);
  CAF_CHECK_EQUAL(document["type"], "urn:clique:problem:bad_input");
  CAF_CHECK_EQUAL(document["title"], "Bad request");
  CAF_CHECK_EQUAL(document["status"], 400);
  CAF_CHECK_EQUAL(document["detail"], "a field is wrong");
  CAF_CHECK_EQUAL(document["instance"], "r1");
  CAF_CHECK_EQUAL(document["code"], "bad_input");
  CAF_CHECK_EQUAL(document["hint"], "correct it");
  CAF_CHECK_EQUAL(document["errors"]["goal"], "must be positive");
}

CAF_TEST(who may come again is told when) {
  for (auto status : {429, 503})
    CAF_CHECK_EQUAL(header(http::problem(status, "x", "", "", ""), "Retry-After"), "5");
  for (auto status : {400, 401, 404, 500})
    CAF_CHECK_EQUAL(header(http::problem(status, "x", "", "", ""), "Retry-After"), "");
}

CAF_TEST(texts that are not UTF - 8 or carry quotes and line breaks stay one valid document) { // G14
  auto answer = http::problem({ec::bad_input, "a\xff\"\r\n\x1b[31m%n", ""}, "r");
  auto document = nlohmann::json::parse(answer.body);
  CAF_CHECK(document["detail"].get<std::string>().find("\"\r\n") != std::string::npos);
  CAF_CHECK(answer.body.find('\n') == std::string::npos);
  CAF_CHECK(!document.contains("errors"));
}
