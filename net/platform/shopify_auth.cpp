#include "net/platform/shopify_auth.hpp"

#include "net/crypto.hpp"
#include "net/platform/shopify_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace clique::shopify {

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Percent-encodes all but letters, digits and *kept*.
std::string encode(std::string_view text, std::string_view kept) {
  std::string result;
  for (auto c : text) {
    if (is_alnum(c) || kept.find(c) != std::string_view::npos)
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

/// Escapes only what would make the joined text ambiguous, as the Python library does.
std::string escape(std::string_view text, std::string_view escaped) {
  std::string result;
  for (auto c : text) {
    if (escaped.find(c) != std::string_view::npos)
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result;
}

template <class Encode>
std::string join(const pairs& sorted, Encode form) {
  std::string result;
  for (auto& [key, value] : sorted) {
    if (!result.empty())
      result += '&';
    result += form(key, true) + "=" + form(value, false);
  }
  return result;
}

/// Whether *signature* is the hex HMAC of *message* under one of the two secrets.
bool signed_by(const app_credentials& app, std::string_view message, std::string_view signature) {
  auto by = [&](std::string_view secret) {
    return !secret.empty() && equal_secret(to_hex(hmac_sha256(secret, message)), signature);
  };
  auto current = by(app.secret);
  auto previous = by(app.previous_secret);
  return current || previous;
}

error refusal(std::string what) {
  return {ec::unauthorized, std::move(what), "open the app again from the Shopify admin"};
}

} // namespace

bool webhook_signature_ok(const app_credentials& app, std::string_view raw_body, std::string_view header) {
  auto given = from_base64(header);
  if (!given || given->size() != 32)
    return false;

  auto by = [&](std::string_view secret) {
    return !secret.empty() && equal_secret(hmac_sha256(secret, raw_body), *given);
  };
  return by(app.secret) || by(app.previous_secret);
}

std::optional<std::string> shop_domain(std::string_view text) {
  constexpr std::string_view suffix = ".myshopify.com";
  constexpr std::size_t max_label = 63; // RFC 1035
  if (text.size() <= suffix.size() || text.size() > max_label + suffix.size())
    return std::nullopt;

  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  if (!result.ends_with(suffix))
    return std::nullopt;

  auto name = std::string_view(result).substr(0, result.size() - suffix.size());
  auto fits = std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-'; });
  if (!fits || name.front() == '-')
    return std::nullopt;
  return result;
}

result<void> check_query(const app_credentials& app, const pairs& decoded, std::string_view raw_query, time_point now) {
  if (raw_query.size() > 8 * 1024)
    return refusal("the query of the Shopify request is longer than 8 KiB");

  std::set<std::string_view> seen;
  std::string_view signature, stamp;
  pairs message;
  for (auto& [key, value] : decoded) {
    if (!seen.insert(key).second || key.find('[') != std::string::npos)
      return refusal(fmt::format("parameter {} of the Shopify request is repeated", escape(key, "\r\n%")));
    if (key.find('\0') != std::string::npos || value.find('\0') != std::string::npos)
      return refusal("a parameter of the Shopify request contains a NUL byte");
    if (key == "hmac")
      signature = value;
    else if (key != "signature")
      message.emplace_back(key, value);
    if (key == "timestamp")
      stamp = value;
  }
  if (signature.empty())
    return refusal("the Shopify request has no hmac");

  std::int64_t seconds = 0;
  auto [end, fault] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
  if (stamp.empty() || fault != std::errc{} || end != stamp.data() + stamp.size() || seconds < 0)
    return refusal("the Shopify request has no readable timestamp");
  constexpr std::int64_t window = 90; // seconds, as Shopify's JS library
  auto now_seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (seconds > now_seconds + window || seconds < now_seconds - window)
    return refusal("the Shopify request is older or newer than 90 seconds");

  // The official libraries disagree on how values are written (2.3): the escaped raw form and the form-encoded one
  // count.
  std::sort(message.begin(), message.end());
  auto raw = join(message, [](std::string_view x, bool key) { return escape(x, key ? "%&=" : "%&"); });
  auto form = join(message, [](std::string_view x, bool) { return encode(x, "*-._"); });
  auto ok = signed_by(app, raw, signature);
  ok |= signed_by(app, form, signature);
  if (!ok)
    return refusal("the hmac of the Shopify request is wrong");
  return {};
}

std::string authorize_url(const app_credentials& app, std::string_view shop, std::string_view redirect_uri,
                          std::string_view state) {
  constexpr std::string_view kept = "-._~";
  return fmt::format("{}/admin/oauth/authorize?client_id={}&scope={}&redirect_uri={}&state={}", shop_url(app, shop),
                     encode(app.client_id, kept), encode(fmt::format("{}", fmt::join(app.scopes, ",")), kept),
                     encode(redirect_uri, kept), encode(state, kept));
}

bool proxy_signature_ok(const app_credentials& app, const pairs& decoded) {
  std::map<std::string, std::string> joined;
  std::string_view signature;
  std::set<std::string_view> once;
  for (auto& [key, value] : decoded) {
    auto single = key == "signature" || key == "hmac" || key == "shop" || key == "timestamp";
    if (single && !once.insert(key).second)
      return false;
    if (key == "signature") {
      signature = value;
      continue;
    }
    auto [at, fresh] = joined.try_emplace(key, value);
    if (!fresh)
      at->second += "," + value;
  }

  std::string message;
  for (auto& [key, value] : joined)
    message += key + "=" + value;
  return signed_by(app, message, signature);
}

} // namespace clique::shopify
