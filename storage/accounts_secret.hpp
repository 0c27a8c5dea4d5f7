#pragma once

#include <sodium.h>

#include <string>
#include <string_view>

namespace clique::secrets {

/// *n* random bytes as lower-case hex.
inline std::string random_hex(std::size_t n) {
  std::string raw(n, '\0');
  randombytes_buf(raw.data(), n);
  std::string result(2 * n + 1, '\0');
  sodium_bin2hex(result.data(), result.size(), reinterpret_cast<const unsigned char*>(raw.data()), n);
  result.pop_back();
  return result;
}

/// sha256 of a secret: the only form in which sessions and keys are stored. Raw bytes.
inline std::string digest(std::string_view secret) {
  std::string result(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(result.data()),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  return result;
}

inline std::string hex(std::string_view raw) {
  std::string result(2 * raw.size() + 1, '\0');
  sodium_bin2hex(result.data(), result.size(), reinterpret_cast<const unsigned char*>(raw.data()), raw.size());
  result.pop_back();
  return result;
}

} // namespace clique::secrets
