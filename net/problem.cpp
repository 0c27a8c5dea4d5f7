#include "net/problem.hpp"

#include <nlohmann/json.hpp>

namespace clique::http {

namespace {

/// RFC 9110 section 15 names of the statuses that we send.
std::string_view title_of(int status) {
  switch (status) {
  case 400:
    return "Bad request";
  case 401:
    return "Sign-in needed";
  case 403:
    return "Not allowed";
  case 404:
    return "Not found";
  case 405:
    return "Method not allowed";
  case 408:
    return "Request too slow";
  case 409:
    return "Conflict";
  case 413:
    return "Body too large";
  case 414:
    return "Address too long";
  case 415:
    return "Unsupported content";
  case 417:
    return "Expectation failed";
  case 422:
    return "Refused";
  case 424:
    return "Reconnect needed";
  case 426:
    return "Upgrade needed";
  case 428:
    return "Precondition needed";
  case 429:
    return "Too many requests";
  case 431:
    return "Header too large";
  case 501:
    return "Not implemented";
  case 503:
    return "Unavailable";
  case 504:
    return "Outcome unknown";
  case 505:
    return "HTTP version not supported";
  default:
    return status < 500 ? "Request failed" : "Internal error";
  }
}

constexpr auto retry_after = "5"; // seconds; callers that know better replace the header

response render(int status, std::string_view code, std::string_view detail, std::string_view hint,
                std::string_view request_id, const std::map<std::string, std::string>& fields) {
  auto document = nlohmann::ordered_json{{"type", "urn:clique:problem:" + std::string{code}},
                                         {"title", title_of(status)},
                                         {"status", status},
                                         {"detail", detail},
                                         {"instance", request_id},
                                         {"code", code},
                                         {"hint", hint}};
  if (!fields.empty())
    document["errors"] = fields;
  response result;
  result.status = status;
  result.content_type = "application/problem+json";
  result.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (status == 429 || status == 503)
    result.headers.emplace_back("Retry-After", retry_after);
  return result;
}

} // namespace

int status_of(ec code) {
  switch (code) {
  case ec::bad_input:
    return 400;
  case ec::unauthorized:
    return 401;
  case ec::forbidden:
    return 403;
  case ec::not_found:
    return 404;
  case ec::conflict:
    return 409;
  case ec::too_large:
    return 413;
  case ec::unsupported:
    return 415;
  case ec::refused:
    return 422;
  case ec::token_rejected:
    return 424;
  case ec::throttled:
    return 429;
  case ec::unavailable:
  case ec::fenced:
    return 503;
  case ec::timed_out:
    return 504;
  case ec::internal:
    return 500;
  }
  return 500;
}

response problem(const error& what, std::string_view request_id, const std::map<std::string, std::string>& fields) {
  return render(status_of(what.code), to_string(what.code), what.what, what.hint, request_id, fields);
}

response problem(int status, std::string_view code, std::string_view detail, std::string_view hint,
                 std::string_view request_id) {
  return render(status, code, detail, hint, request_id, {});
}

} // namespace clique::http
