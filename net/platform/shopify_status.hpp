#pragma once

// What an HTTP status of Shopify's means to us, and small text pieces that requests share.

#include "core/error.hpp"
#include "net/client.hpp"
#include "net/platform/shopify_auth.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace clique::shopify {

/// `base_url` with the shop put in; no trailing slash.
std::string shop_url(const app_credentials& app, std::string_view shop);

/// At most *length* bytes, control characters as spaces, never half a UTF-8 character.
std::string clipped(std::string_view text, std::size_t length);

/// The error class of an answer whose status is not 200 (apis section 3); says status and, of texts, a short piece.
error status_error(const http::incoming_answer& answer);

/// Retry-After in seconds, also with decimals ("2.0"); 0 when absent or unreadable, at most an hour.
std::chrono::milliseconds retry_after(const http::incoming_answer& answer);

} // namespace clique::shopify
