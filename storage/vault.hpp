#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace clique {

/// Envelope encryption with AES-256-GCM (OpenSSL EVP): a fresh data key per secret, wrapped by a key-encryption
/// key that lives outside the database. Associated data binds tenant, column and key id, so that swapped rows fail.
class vault {
public:
  /// *keys*: id -> 32 bytes; *current*: the id for new secrets.
  vault(std::map<std::int32_t, std::string> keys, std::int32_t current);

  /// @param context e.g. "store:17/access_token". @returns bytes: version, key id, nonces, wrapped key, tag,
  /// ciphertext, tag.
  result<std::string> seal(std::string_view secret, std::string_view context) const;
  /// @returns internal with a sentence (never the bytes) when the tag does not match, not_found for an unknown key id.
  result<std::string> open(std::string_view sealed, std::string_view context) const;
  static std::int32_t key_id_of(std::string_view sealed);
  std::int32_t current() const {
    return current_;
  }

private:
  std::map<std::int32_t, std::string> keys_;
  std::int32_t current_;
};

} // namespace clique
