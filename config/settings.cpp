#include "config/settings.hpp"

#include "core/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace clique {

namespace {

using refusal = std::optional<std::string>;

template <class T>
refusal read_number(std::string_view text, T low, T high, T& field) {
  T x{};
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (status != std::errc{} || end != text.data() + text.size() || x < low || x > high)
    return fmt::format("'{}' is not a number from {} to {}", text, low, high);
  field = x;
  return {};
}

refusal read_bool(std::string_view text, bool& field) {
  if (text != "true" && text != "false")
    return fmt::format("'{}' is neither true nor false", text);
  field = text == "true";
  return {};
}

refusal read_choice(std::string_view text, std::span<const std::string_view> choices, std::string& field) {
  if (std::find(choices.begin(), choices.end(), text) == choices.end())
    return fmt::format("'{}' is none of {}", text, fmt::join(choices, ", "));
  field = text;
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    auto comma = text.find(',');
    auto piece = text.substr(0, comma);
    while (!piece.empty() && piece.front() == ' ')
      piece.remove_prefix(1);
    if (!piece.empty())
      result.emplace_back(piece);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return result;
}

bool is_key(std::string_view text) {
  return text.size() == 64
         && std::all_of(text.begin(), text.end(), [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); });
}

// Makers of table rows. Each takes a projection from the configuration to the field.

template <class Get>
setting text_key(std::string_view key, std::string_view allowed, Get get) {
  return {key, allowed,
          [get](config& c, std::string_view text) -> refusal {
            get(c) = std::string{text};
            return {};
          },
          [get](const config& c) { return std::string{get(const_cast<config&>(c))}; }};
}

template <class T, class Get>
setting number_key(std::string_view key, T low, T high, Get get) {
  return {key, "",
          [=](config& c, std::string_view text) -> refusal {
            T x{};
            if (auto no = read_number<T>(text, low, high, x))
              return no;
            get(c) = static_cast<std::remove_reference_t<decltype(get(c))>>(x);
            return {};
          },
          [=](const config& c) { return fmt::format("{}", get(const_cast<config&>(c))); }};
}

template <class Get>
setting seconds_key(std::string_view key, std::int64_t low, std::int64_t high, Get get) {
  return {key, "seconds",
          [=](config& c, std::string_view text) -> refusal {
            std::int64_t x{};
            if (auto no = read_number<std::int64_t>(text, low, high, x))
              return no;
            get(c) = std::chrono::seconds{x};
            return {};
          },
          [=](const config& c) { return fmt::format("{}", get(const_cast<config&>(c)).count()); }};
}

template <class Get>
setting bool_key(std::string_view key, Get get) {
  return {key, "true or false", [get](config& c, std::string_view text) { return read_bool(text, get(c)); },
          [get](const config& c) { return get(const_cast<config&>(c)) ? "true" : "false"; }};
}

template <class Get>
setting choice_key(std::string_view key, std::vector<std::string_view> choices, Get get) {
  return {key, "", [=](config& c, std::string_view text) { return read_choice(text, choices, get(c)); },
          [=](const config& c) { return get(const_cast<config&>(c)); }};
}

template <class Get>
setting list_key(std::string_view key, std::string_view allowed, Get get) {
  return {key, allowed,
          [get](config& c, std::string_view text) -> refusal {
            get(c) = split(text);
            return {};
          },
          [get](const config& c) { return fmt::format("{}", fmt::join(get(const_cast<config&>(c)), ",")); }};
}

template <class Get>
setting secret_key(std::string_view key, std::string_view allowed, bool hex, Get get) {
  setting result{key, allowed,
                 [=](config& c, std::string_view text) -> refusal {
                   if (hex && !text.empty() && !is_key(text))
                     return "must be 64 hex digits (the value is not shown)";
                   get(c).value = std::string{text};
                   return {};
                 },
                 [=](const config& c) { return get(const_cast<config&>(c)).value.empty() ? "(empty)" : "(set)"; }};
  result.is_secret = true;
  return result;
}

refusal read_url(std::string_view text, std::string& field) {
  if (!text.empty() && !text.starts_with("http://") && !text.starts_with("https://"))
    return fmt::format("'{}' must start with http:// or https://", text);
  while (text.ends_with('/'))
    text.remove_suffix(1);
  field = text;
  return {};
}

template <class Get>
setting url_key(std::string_view key, Get get) {
  return {key, "http:// or https:// address",
          [get](config& c, std::string_view text) { return read_url(text, get(c)); },
          [get](const config& c) { return get(const_cast<config&>(c)); }};
}

#define FIELD(path)                                                                                                    \
  [](config & c) -> auto& {                                                                                            \
    return c.path;                                                                                                     \
  }

std::vector<setting> make_table() {
  return {
      text_key("server.address", "address to listen on", FIELD(server.address)),
      number_key<int>("server.port", 0, 65535, FIELD(server.port)),
      url_key("server.public_url", FIELD(server.public_url)),
      number_key<int>("server.threads", 1, 64, FIELD(server.threads)),
      text_key("server.tls_certificate", "PEM file", FIELD(server.tls_certificate)),
      text_key("server.tls_key", "PEM file", FIELD(server.tls_key)),
      text_key("server.dashboard", "folder", FIELD(server.dashboard)),
      bool_key("server.metrics_public", FIELD(server.metrics_public)),
      seconds_key("server.drain_limit", 0, 600, FIELD(server.drain_limit)),
      secret_key("database.url", "postgres connection string", false, FIELD(database.url)),
      text_key(
          "database.data_dir", "folder", [](config & c) -> auto& { return c.database.data_dir; }),
      number_key<int>("database.readers", 1, 32, FIELD(database.readers)),
      number_key<int>("database.writers", 1, 16, FIELD(database.writers)),
      number_key<int>("database.views", 1, 32, FIELD(database.views)),
      text_key("shopify.client_id", "of your app", FIELD(shopify.client_id)),
      secret_key("shopify.client_secret", "of your app", false, FIELD(shopify.client_secret)),
      secret_key("shopify.previous_secret", "during a rotation", false, FIELD(shopify.previous_secret)),
      text_key("shopify.api_version", "YYYY-MM", FIELD(shopify.api_version)),
      url_key("shopify.base_url", FIELD(shopify.base_url)),
      list_key("shopify.scopes", "list of scopes", FIELD(shopify.scopes)),
      secret_key("keys.master", "64 hex digits", true, FIELD(keys.master)),
      list_key("keys.old", "list of id:hex", FIELD(keys.old)),
      number_key<int>("keys.key_id", 1, 1'000'000, FIELD(keys.key_id)),
      {"clock.origin", "RFC 3339 instant, or empty for the wall clock",
       [](config& c, std::string_view text) -> refusal {
         if (!text.empty() && !parse_time(text))
           return fmt::format("'{}' is no RFC 3339 instant such as 2026-11-22T10:00:00Z", text);
         c.clock.origin = text;
         return {};
       },
       [](const config& c) { return c.clock.origin; }},
      number_key<double>("clock.speed", 0.001, 1e6, FIELD(clock.speed)),
      choice_key("logs.level", {"debug", "info", "warn", "error"}, FIELD(logs.level)),
      choice_key("logs.format", {"text", "json"}, FIELD(logs.format)),
      seconds_key("tree.idle", 1, 86'400, FIELD(tree.idle)),
      number_key<std::size_t>("tree.waiting_acks", 1, 10'000'000, FIELD(tree.waiting_acks)),
      number_key<std::size_t>("tree.waiting_bytes", 1u << 20, 16ull << 30, FIELD(tree.waiting_bytes)),
  };
}

#undef FIELD

} // namespace

std::span<const setting> all_settings() {
  static const auto table = make_table();
  return table;
}

std::vector<std::pair<std::string_view, std::string>> cross_check(const config& x) {
  std::vector<std::pair<std::string_view, std::string>> result;
  if (x.server.tls_certificate.empty() != x.server.tls_key.empty())
    result.emplace_back("server.tls_key", "server.tls_certificate and server.tls_key go together: set both or none");
  if (!x.database.url.value.empty() && x.keys.master.value.empty())
    result.emplace_back("keys.master", "must be set when database.url is: tokens are encrypted with a key that lives "
                                       "outside the database (make one with `openssl rand -hex 32`)");
  if (x.shopify.client_id.empty() != x.shopify.client_secret.value.empty())
    result.emplace_back("shopify.client_secret", "shopify.client_id and shopify.client_secret go together");
  for (const auto& entry : x.keys.old)
    if (auto colon = entry.find(':'); colon == std::string::npos || !is_key(std::string_view{entry}.substr(colon + 1)))
      result.emplace_back("keys.old", "each entry must be id:hex with 64 hex digits (the values are not shown)");
  return result;
}

} // namespace clique
