#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clique {

/// HMAC-SHA256, 32 raw bytes. One EVP_MAC_CTX per thread and key is reused (engine measurements).
std::string hmac_sha256(std::string_view key, std::string_view message);
std::string sha256(std::string_view message);
/// Constant time; unequal lengths are unequal.
bool equal_secret(std::string_view a, std::string_view b);

std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
/// Strict standard base64 with padding; nullopt for anything else.
std::optional<std::string> from_base64(std::string_view text);
/// Strict URL-safe base64 without padding; nullopt for anything else.
std::optional<std::string> from_base64url(std::string_view text);

/// Cryptographic randomness as lower-case hex, 2 characters per byte.
std::string random_hex(std::size_t bytes);

/// A key for one purpose, derived from a master secret (HKDF-SHA256, RFC 5869): our own artefacts are never
/// signed with a platform's secret.
std::string derive_key(std::string_view master, std::string_view purpose);

} // namespace clique
