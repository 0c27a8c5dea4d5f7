#include "storage/vault.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <fmt/core.h>

#include <array>
#include <memory>

namespace clique {

namespace {

constexpr char format_version = 1;
constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t header_size = 1 + 4;
constexpr std::size_t wrapped_size = nonce_size + key_size + tag_size;

struct free_cipher {
  void operator()(EVP_CIPHER_CTX* x) const {
    EVP_CIPHER_CTX_free(x);
  }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

const unsigned char* bytes(std::string_view x) {
  return reinterpret_cast<const unsigned char*>(x.data());
}

unsigned char* bytes(std::string& x) {
  return reinterpret_cast<unsigned char*>(x.data());
}

int length(std::string_view x) {
  return static_cast<int>(x.size());
}

std::string header(std::int32_t key) {
  const auto id = static_cast<std::uint32_t>(key);
  std::string result(1, format_version);
  for (const int shift : {24, 16, 8, 0})
    result.push_back(static_cast<char>((id >> shift) & 0xffu));
  return result;
}

result<std::string> random_bytes(std::size_t n) {
  std::string result(n, '\0');
  if (RAND_bytes(bytes(result), static_cast<int>(n)) != 1)
    return error{ec::internal, "vault: the random generator failed", ""};
  return result;
}

/// nonce, ciphertext, tag
result<std::string> encrypt(std::string_view key, std::string_view plain, std::string_view bound_to) {
  auto nonce = random_bytes(nonce_size);
  if (!nonce)
    return nonce.error();
  std::string out(plain.size(), '\0');
  std::string tag(tag_size, '\0');
  const cipher on{EVP_CIPHER_CTX_new()};
  int n = 0;
  const bool ok =
      EVP_EncryptInit_ex(on.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(std::string_view{*nonce})) == 1
      && EVP_EncryptUpdate(on.get(), nullptr, &n, bytes(bound_to), length(bound_to)) == 1
      && EVP_EncryptUpdate(on.get(), bytes(out), &n, bytes(plain), length(plain)) == 1
      && EVP_EncryptFinal_ex(on.get(), bytes(out) + n, &n) == 1
      && EVP_CIPHER_CTX_ctrl(on.get(), EVP_CTRL_GCM_GET_TAG, tag_size, bytes(tag)) == 1;
  if (!ok)
    return error{ec::internal, "vault: encryption failed", ""};
  return *nonce + out + tag;
}

result<std::string> decrypt(std::string_view key, std::string_view sealed, std::string_view bound_to) {
  const auto nonce = sealed.substr(0, nonce_size);
  const auto body = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  std::string tag{sealed.substr(sealed.size() - tag_size)};
  std::string out(body.size(), '\0');
  const cipher on{EVP_CIPHER_CTX_new()};
  int n = 0;
  const bool ok = EVP_DecryptInit_ex(on.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1
                  && EVP_DecryptUpdate(on.get(), nullptr, &n, bytes(bound_to), length(bound_to)) == 1
                  && EVP_DecryptUpdate(on.get(), bytes(out), &n, bytes(body), length(body)) == 1
                  && EVP_CIPHER_CTX_ctrl(on.get(), EVP_CTRL_GCM_SET_TAG, tag_size, bytes(tag)) == 1
                  && EVP_DecryptFinal_ex(on.get(), bytes(out) + n, &n) == 1;
  if (!ok)
    return error{ec::internal, "a stored secret is damaged or belongs to another place",
                 "reconnect the store to get fresh secrets"};
  return out;
}

} // namespace

vault::vault(std::map<std::int32_t, std::string> keys, std::int32_t current)
    : keys_{std::move(keys)}, current_{current} {
}

result<std::string> vault::seal(std::string_view secret, std::string_view context) const {
  const auto outer = keys_.find(current_);
  if (outer == keys_.end() || outer->second.size() != key_size)
    return error{ec::internal, fmt::format("vault: key {} is missing or is not {} bytes", current_, key_size),
                 "check the configured vault keys"};
  const auto start = header(current_);
  const auto bound_to = start + std::string{context};
  auto inner = random_bytes(key_size);
  if (!inner)
    return inner.error();
  auto wrapped = encrypt(outer->second, *inner, bound_to);
  auto body = encrypt(*inner, secret, bound_to);
  OPENSSL_cleanse(inner->data(), inner->size());
  if (!wrapped)
    return wrapped.error();
  if (!body)
    return body.error();
  return start + *wrapped + *body;
}

result<std::string> vault::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < header_size + wrapped_size + nonce_size + tag_size || sealed[0] != format_version)
    return error{ec::internal, "a stored secret is damaged: wrong size or version",
                 "reconnect the store to get fresh secrets"};
  const auto outer = keys_.find(key_id_of(sealed));
  if (outer == keys_.end() || outer->second.size() != key_size)
    return error{ec::not_found, fmt::format("vault: key {} is not configured", key_id_of(sealed)),
                 "add the old key to the configured vault keys until rotation has finished"};
  const auto bound_to = std::string{sealed.substr(0, header_size)} + std::string{context};
  auto inner = decrypt(outer->second, sealed.substr(header_size, wrapped_size), bound_to);
  if (!inner)
    return inner.error();
  auto result = decrypt(*inner, sealed.substr(header_size + wrapped_size), bound_to);
  OPENSSL_cleanse(inner->data(), inner->size());
  return result;
}

std::int32_t vault::key_id_of(std::string_view sealed) {
  if (sealed.size() < header_size)
    return 0;
  std::uint32_t result = 0;
  for (const char c : sealed.substr(1, 4))
    result = (result << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(result);
}

} // namespace clique
