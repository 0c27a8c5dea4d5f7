#pragma once

// Shopify's signatures and OAuth, pure text and bytes (apis/shopify.md sections 2 and 7).

#include "core/error.hpp"
#include "core/time.hpp"
#include "net/client.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clique::shopify {

/// Current and, during a rotation, previous client secret.
struct app_credentials {
  std::string client_id;
  std::string secret;
  std::string previous_secret; ///< empty: none
  std::string api_version = "2026-10";
  std::string base_url = "https://{shop}"; ///< platform URL; `{shop}` is replaced
  std::vector<std::string> scopes;
};

/// base64 HMAC-SHA256 over the raw body, either secret, constant time.
bool webhook_signature_ok(const app_credentials& app, std::string_view raw_body, std::string_view header);

/// The canonical lower-case domain, or nothing (rule of 2.4).
std::optional<std::string> shop_domain(std::string_view text);

/// HMAC and timestamp (+-90 s) of an install or callback query; duplicated or array-valued parameters refused.
result<void> check_query(const app_credentials& app, const std::vector<std::pair<std::string, std::string>>& decoded,
                         std::string_view raw_query, time_point now);

/// Where the merchant's browser is sent to grant *app*'s scopes; asks for an offline token.
std::string authorize_url(const app_credentials& app, std::string_view shop, std::string_view redirect_uri,
                          std::string_view state);

/// Signature of an app-proxy request (2.3): sorted, no separator, repeated keys joined by commas. Duplicates of
/// signature, hmac, shop or timestamp are refused.
bool proxy_signature_ok(const app_credentials& app, const std::vector<std::pair<std::string, std::string>>& decoded);

/// `Link` header of a REST list (section 3): rel -> URL; what is no link is left out.
std::map<std::string, std::string> rest_links(std::string_view header);

/// `X-Shopify-Shop-Api-Call-Limit: used/limit`; nothing when unreadable, which means unknown, not zero.
struct rest_limit {
  int used = 0, limit = 0;
};
std::optional<rest_limit> rest_call_limit(std::string_view header);

/// A session token (JWT HS256) checked by 2.7.
struct session_claims {
  std::string shop, subject;
  time_point expires;
};
result<session_claims> check_session_token(const app_credentials& app, std::string_view jwt, time_point now);

/// Token requests (2.5, 2.6, 2.7) and their answer.
struct token_answer {
  std::string access, refresh;
  std::vector<std::string> scopes;
  std::int64_t expires_in = 0, refresh_expires_in = 0; ///< seconds; 0: does not expire
};
http::outgoing exchange_code(const app_credentials& app, std::string_view shop, std::string_view code);
http::outgoing exchange_session_token(const app_credentials& app, std::string_view shop, std::string_view jwt);
http::outgoing refresh_token(const app_credentials& app, std::string_view shop, std::string_view refresh);
/// token_rejected when the merchant must re-open the app (invalid_grant, invalid_request, 401), unavailable for 5xx.
result<token_answer> read_token_answer(const http::incoming_answer& answer);

} // namespace clique::shopify
