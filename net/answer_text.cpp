#include "net/detail/answer_text.hpp"

#include "net/detail/head.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>

namespace clique::http {

namespace {

/// Ours to say, whatever a handler thinks.
constexpr std::string_view reserved[] = {"connection", "content-length", "transfer-encoding", "date", "content-type"};

bool is_ours(std::string_view name) {
  return std::any_of(std::begin(reserved), std::end(reserved),
                     [&](std::string_view x) { return equal_ignoring_case(name, x); });
}

bool is_clean(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    auto x = static_cast<unsigned char>(c);
    return (x < 0x20 && x != '\t') || x == 0x7f;
  });
}

/// For pages whose handler names no policy of its own.
constexpr std::string_view html_policy =
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

} // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string_view body_of(const response& x) {
  return x.shared_body ? std::string_view{*x.shared_body} : std::string_view{x.body};
}

void write_head(std::string& out, const response& x, const answer_context& around) {
  out.clear();
  auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(x.status));
  auto to = std::back_inserter(out);
  fmt::format_to(to, FMT_COMPILE("HTTP/1.1 {} {}\r\nDate: {}\r\n"), x.status,
                 std::string_view{reason.data(), reason.size()}, around.date);
  if (may_have_body(x.status)) {
    fmt::format_to(to, FMT_COMPILE("Content-Length: {}\r\n"), body_of(x).size());
    if (!x.content_type.empty() && is_clean(x.content_type))
      fmt::format_to(to, FMT_COMPILE("Content-Type: {}\r\n"), x.content_type);
  }
  out += around.fixed_headers;
  auto has_policy = false, has_caching = false;
  for (const auto& [name, value] : x.headers) {
    if (!is_token(name) || !is_clean(value) || is_ours(name))
      continue;
    has_policy = has_policy || equal_ignoring_case(name, "content-security-policy");
    has_caching = has_caching || equal_ignoring_case(name, "cache-control");
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!has_policy && x.content_type.starts_with("text/html"))
    out += html_policy;
  if (!has_caching)
    out += "Cache-Control: no-store\r\n";
  if (!around.request_id.empty())
    out.append("X-Request-Id: ").append(around.request_id).append("\r\n");
  out += around.closes ? "Connection: close\r\n\r\n" : "\r\n";
}

} // namespace clique::http
