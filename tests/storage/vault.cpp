#define CAF_SUITE vault

#include "storage/vault.hpp"

#include <caf/test/unit_test.hpp>

#include <set>

using namespace clique;

namespace {

vault with_keys(std::int32_t current) {
  return vault{{{1, std::string(32, 'a')}, {2, std::string(32, 'b')}}, current};
}

const std::string context = "store:17/access";

} // namespace

CAF_TEST(what is sealed opens again) {
  const auto keys = with_keys(1);
  for (const auto& secret : {std::string{}, std::string{"shpat_1"}, std::string(5'000, '\0')})
    CAF_CHECK_EQUAL(keys.open(keys.seal(secret, context).value(), context).value(), secret);
}

CAF_TEST(G11 sealed bytes do not show the secret and never repeat) {
  const auto keys = with_keys(1);
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) {
    const auto sealed = keys.seal("canary-secret", context).value();
    CAF_CHECK(sealed.find("canary") == std::string::npos);
    CAF_CHECK(seen.insert(sealed.substr(5, 12)).second);  // nonce of the wrapped key
    CAF_CHECK(seen.insert(sealed.substr(65, 12)).second); // nonce of the body
  }
}

CAF_TEST(G11 every flipped bit is a clean error) {
  const auto keys = with_keys(1);
  const auto sealed = keys.seal("shpat_1", context).value();
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    auto damaged = sealed;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
    const auto got = keys.open(damaged, context);
    CAF_REQUIRE(got.has_error());
    CAF_CHECK(got.error().what.find("shpat") == std::string::npos);
  }
}

CAF_TEST(every cut is a clean error) {
  const auto keys = with_keys(1);
  const auto sealed = keys.seal("shpat_1", context).value();
  for (std::size_t n = 0; n < sealed.size(); ++n)
    CAF_CHECK(keys.open(sealed.substr(0, n), context).has_error());
}

CAF_TEST(G11 a secret does not open in another place) {
  const auto keys = with_keys(1);
  const auto sealed = keys.seal("shpat_1", context).value();
  for (const auto* other : {"store:18/access", "store:17/refresh", "store:17/acces", ""})
    CAF_CHECK(keys.open(sealed, other).has_error());
}

CAF_TEST(G12 an older key still opens and a removed one is named) {
  const auto sealed = with_keys(1).seal("shpat_1", context).value();
  CAF_CHECK_EQUAL(vault::key_id_of(sealed), 1);
  CAF_CHECK_EQUAL(with_keys(2).open(sealed, context).value(), "shpat_1");
  const vault later{{{2, std::string(32, 'b')}}, 2};
  const auto got = later.open(sealed, context);
  CAF_REQUIRE(got.has_error());
  CAF_CHECK(got.error().code == ec::not_found);
  CAF_CHECK(got.error().what.find('1') != std::string::npos);
}

CAF_TEST(a key of the wrong size or absent cannot seal) {
  CAF_CHECK(vault({{1, "short"}}, 1).seal("x", context).has_error());
  CAF_CHECK(with_keys(3).seal("x", context).has_error());
}
