#include "net/platform/shopify_status.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace clique::shopify {

std::string shop_url(const app_credentials& app, std::string_view shop) {
  auto result = app.base_url;
  if (auto at = result.find("{shop}"); at != std::string::npos)
    result.replace(at, 6, shop);
  while (result.ends_with('/'))
    result.pop_back();
  return result;
}

std::string clipped(std::string_view text, std::size_t length) {
  auto end = std::min(text.size(), length);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  std::string result(text.substr(0, end));
  for (auto& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      c = ' ';
  return result;
}

error status_error(const http::incoming_answer& answer) {
  auto say = [&](ec code, std::string_view what, std::string_view hint) {
    return error{code, fmt::format("Shopify answers {}: {}", answer.status, what), std::string(hint)};
  };
  constexpr auto later = "retried by itself";
  switch (answer.status) {
  case 401:
    return say(ec::token_rejected, "the access token is not accepted", "connect the store again");
  case 402:
    return say(ec::forbidden, "the shop is frozen because a bill is unpaid", "settle the bill at Shopify");
  case 403:
    // The text of the rule that retires non-expiring tokens: only a new token helps.
    if (answer.body.find("Non-expiring access tokens") != std::string::npos)
      return say(ec::token_rejected, "tokens that never expire are no longer accepted", "connect the store again");
    return say(ec::forbidden, "a scope is missing or the app is blocked",
               "check the app's permissions, then connect again");
  case 404:
    return say(ec::not_found, "no such shop or API version", "check the shop's address and shopify.api_version");
  case 423:
    return say(ec::forbidden, "the shop is locked", "ask Shopify's support");
  case 429:
    return say(ec::throttled, "too many requests", later);
  case 430:
    return say(ec::refused, "the request was rejected as a security risk", "check the server's address with Shopify");
  default:
    if (answer.status >= 500)
      return say(ec::unavailable, "the platform has a fault", later);
    if (answer.status >= 400)
      return say(ec::refused, clipped(answer.body, 200), "");
    return say(ec::unavailable, "an answer that is no answer to an API call", later);
  }
}

std::chrono::milliseconds retry_after(const http::incoming_answer& answer) {
  auto text = answer.header("retry-after");
  double seconds = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc{} || end != text.data() + text.size() || !(seconds > 0))
    return std::chrono::milliseconds(0);
  constexpr double hour = 3600;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(std::min(seconds, hour) * 1000)));
}

} // namespace clique::shopify
