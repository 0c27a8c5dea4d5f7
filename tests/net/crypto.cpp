#define CAF_SUITE crypto

#include "net/crypto.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace clique;

namespace {

std::string repeat(char c, std::size_t n) {
  return std::string(n, c);
}

std::string range(int first, int last) {
  std::string result;
  for (auto i = first; i <= last; ++i)
    result += static_cast<char>(i);
  return result;
}

struct mac_case {
  std::string key, message, expected;
};

/// RFC 4231, sections 4.2 to 4.8 (4.6 is truncated there).
const std::vector<mac_case>& rfc4231() {
  static const std::vector<mac_case> result = {
      {repeat('\x0b', 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeat('\xaa', 20), repeat('\xdd', 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {range(1, 25), repeat('\xcd', 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeat('\xaa', 131), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {repeat('\xaa', 131),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  return result;
}

} // namespace

CAF_TEST(signatures equal the published vectors whatever order the keys come in) {
  for (auto round = 0; round < 3; ++round)
    for (const auto& x : rfc4231())
      CAF_CHECK_EQUAL(to_hex(hmac_sha256(x.key, x.message)), x.expected);
}

CAF_TEST(an empty key and an empty message can be signed) {
  CAF_CHECK_EQUAL(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

CAF_TEST(threads do not disturb each other) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (auto i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (auto round = 0; round < 200; ++round)
        for (const auto& x : rfc4231())
          wrong += to_hex(hmac_sha256(x.key, x.message)) != x.expected;
    });
  for (auto& x : threads)
    x.join();
  CAF_CHECK_EQUAL(wrong.load(), 0);
}

CAF_TEST(digests equal the published vectors) {
  CAF_CHECK_EQUAL(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CAF_CHECK_EQUAL(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

CAF_TEST(a derived key equals the published vector without salt and info) { // RFC 5869 A.3, first 32 bytes
  CAF_CHECK_EQUAL(to_hex(derive_key(repeat('\x0b', 22), "")),
                  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

CAF_TEST(keys of different purposes differ) {
  std::set<std::string> seen;
  for (auto purpose : {"cookie", "state", "link", "cookie ", ""})
    seen.insert(derive_key("master", purpose));
  CAF_CHECK_EQUAL(seen.size(), 5u);
}

CAF_TEST(secrets are equal only when every byte is) {
  CAF_CHECK(equal_secret("", ""));
  CAF_CHECK(equal_secret("abc", "abc"));
  for (auto other : {"abd", "bbc", "ab", "abcd", ""})
    CAF_CHECK(!equal_secret("abc", other));
}

CAF_TEST(base64 equals the published vectors both ways) { // RFC 4648 section 10
  const std::pair<std::string, std::string> table[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : table) {
    CAF_CHECK_EQUAL(to_base64(plain), coded);
    CAF_CHECK_EQUAL(from_base64(coded).value_or("nothing"), plain);
  }
}

CAF_TEST(base64 that is not canonical is refused) {
  for (auto text : {"Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9v=", "Zm-v", "Zm_v", "Z",
                    "Zg==Zg==", "Zm9vZg=a"})
    CAF_CHECK_EQUAL(from_base64(text).value_or("nothing"), "nothing");
}

CAF_TEST(base64url has no padding and its own alphabet) {
  CAF_CHECK_EQUAL(to_hex(from_base64url("-_8").value_or("")), "fbff");
  for (auto text : {"-_8=", "+/8", "-_9", "A", "AAAAA"})
    CAF_CHECK(!from_base64url(text));
}

CAF_TEST(every byte string survives base64 and hex) {
  for (auto size = 0; size < 70; ++size) {
    auto text = range(200 - size, 199);
    CAF_CHECK_EQUAL(from_base64(to_base64(text)).value_or("nothing"), text);
    CAF_CHECK_EQUAL(to_hex(text).size(), text.size() * 2);
  }
}

CAF_TEST(random texts have the asked length and do not repeat) {
  std::set<std::string> seen;
  for (auto i = 0; i < 1'000; ++i)
    seen.insert(random_hex(16));
  CAF_CHECK_EQUAL(seen.size(), 1'000u);
  CAF_CHECK_EQUAL(seen.begin()->size(), 32u);
}
