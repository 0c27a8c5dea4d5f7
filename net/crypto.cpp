#include "net/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace clique {

namespace {

constexpr std::size_t digest_size = 32; // SHA-256

/// The library failed at something that only fails for want of memory or a broken installation: our bug.
void must(bool ok) {
  if (!ok)
    std::abort();
}

const unsigned char* bytes(std::string_view x) {
  static constexpr unsigned char nothing = 0; // the library refuses null even for length 0
  return x.data() == nullptr ? &nothing : reinterpret_cast<const unsigned char*>(x.data());
}

unsigned char* bytes(std::string& x) {
  return reinterpret_cast<unsigned char*>(x.data());
}

struct free_mac {
  void operator()(EVP_MAC* x) const {
    EVP_MAC_free(x);
  }
  void operator()(EVP_MAC_CTX* x) const {
    EVP_MAC_CTX_free(x);
  }
  void operator()(EVP_MD_CTX* x) const {
    EVP_MD_CTX_free(x);
  }
};

/// One keyed context; re-initialising it without a key keeps the key schedule.
class keyed_mac {
public:
  explicit keyed_mac(std::string_view key) : key_(key) {
    auto mac = std::unique_ptr<EVP_MAC, free_mac>{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    must(mac != nullptr);
    context_.reset(EVP_MAC_CTX_new(mac.get()));
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
    must(context_ && EVP_MAC_init(context_.get(), bytes(key), key.size(), params) == 1);
  }
  ~keyed_mac() {
    OPENSSL_cleanse(key_.data(), key_.size());
  }
  keyed_mac(const keyed_mac&) = delete;
  keyed_mac& operator=(const keyed_mac&) = delete;

  bool is_for(std::string_view key) const {
    return key_ == key;
  }
  std::string sign(std::string_view message) {
    auto result = std::string(digest_size, '\0');
    auto written = std::size_t{0};
    must(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
    must(EVP_MAC_update(context_.get(), bytes(message), message.size()) == 1);
    must(EVP_MAC_final(context_.get(), bytes(result), &written, result.size()) == 1 && written == digest_size);
    return result;
  }

private:
  std::string key_;
  std::unique_ptr<EVP_MAC_CTX, free_mac> context_;
};

/// A thread sees few keys: the app's current and previous secret, and our own.
struct mac_cache {
  std::array<std::unique_ptr<keyed_mac>, 4> slots;
  std::size_t next = 0;

  keyed_mac& of(std::string_view key) {
    for (auto& x : slots)
      if (x && x->is_for(key))
        return *x;
    auto& slot = slots[next++ % slots.size()];
    slot = std::make_unique<keyed_mac>(key);
    return *slot;
  }
};

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> inverse(std::string_view alphabet) {
  std::array<signed char, 256> result{};
  for (auto& x : result)
    x = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    result[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  return result;
}

/// Groups of 2, 3 or 4 characters without padding; unused bits must be zero, so that one value has one text.
std::optional<std::string> decode(std::string_view text, const std::array<signed char, 256>& table) {
  if (text.size() % 4 == 1)
    return std::nullopt;
  std::string result;
  result.reserve(text.size() * 3 / 4);
  auto buffer = std::uint32_t{0};
  auto bits = 0;
  for (auto c : text) {
    auto value = table[static_cast<unsigned char>(c)];
    if (value < 0)
      return std::nullopt;
    buffer = (buffer << 6 | static_cast<std::uint32_t>(value)) & 0xffffffu;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      result += static_cast<char>(buffer >> bits & 0xffu);
    }
  }
  if ((buffer & ((1u << bits) - 1)) != 0)
    return std::nullopt;
  return result;
}

} // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  thread_local mac_cache cache;
  return cache.of(key).sign(message);
}

std::string sha256(std::string_view message) {
  auto result = std::string(digest_size, '\0');
  auto written = 0u;
  must(EVP_Digest(bytes(message), message.size(), bytes(result), &written, EVP_sha256(), nullptr) == 1);
  return result;
}

bool equal_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(bytes(a), bytes(b), a.size()) == 0;
}

std::string to_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(text.size() * 2);
  for (auto c : text) {
    result += digits[static_cast<unsigned char>(c) >> 4];
    result += digits[static_cast<unsigned char>(c) & 15u];
  }
  return result;
}

std::string to_base64(std::string_view text) {
  std::string result;
  result.reserve((text.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < text.size(); i += 3) {
    auto at = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
    auto group = at(0) << 16 | at(1) << 8 | at(2);
    result += standard[group >> 18 & 63u];
    result += standard[group >> 12 & 63u];
    result += i + 1 < text.size() ? standard[group >> 6 & 63u] : '=';
    result += i + 2 < text.size() ? standard[group & 63u] : '=';
  }
  return result;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr auto table = inverse(standard);
  if (text.size() % 4 != 0)
    return std::nullopt;
  if (text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.ends_with('='))
    text.remove_suffix(1);
  return decode(text, table);
}

std::optional<std::string> from_base64url(std::string_view text) {
  static constexpr auto table = inverse(for_urls);
  return decode(text, table);
}

std::string random_hex(std::size_t count) {
  auto result = std::string(count, '\0');
  must(RAND_bytes(bytes(result), static_cast<int>(count)) == 1);
  return to_hex(result);
}

std::string derive_key(std::string_view master, std::string_view purpose) {
  auto kdf = std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)>{EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free};
  must(kdf != nullptr);
  auto context =
      std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)>{EVP_KDF_CTX_new(kdf.get()), EVP_KDF_CTX_free};
  char digest[] = "SHA256";
  auto key = std::string{master};
  auto info = std::string{purpose};
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                         OSSL_PARAM_construct_octet_string("key", key.data(), key.size()),
                         OSSL_PARAM_construct_octet_string("info", info.data(), info.size()),
                         OSSL_PARAM_construct_end()};
  auto result = std::string(digest_size, '\0');
  must(context && EVP_KDF_derive(context.get(), bytes(result), result.size(), params) == 1);
  OPENSSL_cleanse(key.data(), key.size());
  return result;
}

} // namespace clique
