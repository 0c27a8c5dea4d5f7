#define CAF_SUITE stores

#include "storage/store_world.hpp"

#include "support/check.hpp"

#include <thread>

using namespace clique;
using namespace clique::test;

namespace {

struct fixture {
  database db;
  pg::connection admin{db.admin()};
  stores shops{pg::connection{db.system()}, test_vault()};

  std::int64_t number(const std::string& query) {
    const auto name = fmt::format("test.{}", std::hash<std::string>{}(query));
    return must(admin.run({name, query})).int64(0, 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(stores_tests, fixture)

CAF_TEST(G5 concurrent connects of one shop make exactly one store) {
  std::vector<std::thread> threads;
  std::vector<std::int64_t> ids(8);
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      stores mine{pg::connection{db.system()}, test_vault()};
      ids[static_cast<std::size_t>(i)] =
          raw(must(mine.connect("a.myshopify.com", some_tokens(std::to_string(i)), {}, at(0))).id);
    });
  for (auto& x : threads)
    x.join();
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM shopify_stores"), 1);
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM store_tokens"), 1);
  for (const auto id : ids)
    CAF_CHECK_EQUAL(id, ids[0]);
  CAF_CHECK(must(shops.tokens(store_id{ids[0]})).access.starts_with("access-"));
}

CAF_TEST(a store is found by shop and by id with its partition) {
  const auto made = must(shops.connect("a.myshopify.com", some_tokens(), {}, at(0)));
  CAF_CHECK_EQUAL(made.part, partition_of(made.id));
  CAF_CHECK_EQUAL(raw(must(shops.by_shop("a.myshopify.com"))->id), raw(made.id));
  CAF_CHECK_EQUAL(must(shops.by_id(made.id))->shop, "a.myshopify.com");
  CAF_CHECK(!must(shops.by_shop("b.myshopify.com")));
  CAF_CHECK_EQUAL(must(shops.all()).size(), 1u);
}

CAF_TEST(the user who connects becomes owner) {
  must(admin.script("INSERT INTO users (email, name) VALUES ('a@b', 'A')"));
  const auto made = must(shops.connect("a.myshopify.com", some_tokens(), user_id{1}, at(0)));
  CAF_CHECK_EQUAL(
      number(fmt::format("SELECT role::int8 FROM memberships WHERE user_id = 1 AND store_id = {}", raw(made.id))), 3);
}

CAF_TEST(connecting again after an uninstall makes the store connected) {
  const auto made = must(shops.connect("a.myshopify.com", some_tokens(), {}, at(0)));
  must(admin.script("UPDATE shopify_stores SET connection = 3, reason = 'uninstalled', uninstalled_at = now()"));
  must(shops.destroy_tokens(made.id));
  CAF_CHECK(shops.tokens(made.id).error().code == ec::token_rejected);
  const auto again = must(shops.connect("a.myshopify.com", some_tokens("new"), {}, at(9)));
  CAF_CHECK_EQUAL(raw(again.id), raw(made.id));
  CAF_CHECK(again.connection == connection_row::state::connected);
  CAF_CHECK_EQUAL(must(shops.tokens(made.id)).refresh, "refresh-new");
}

CAF_TEST(a replaced refresh token is kept until the new pair is confirmed) {
  const auto id = must(shops.connect("a.myshopify.com", some_tokens("1"), {}, at(0))).id;
  must(shops.replace_tokens(id, some_tokens("2"), at(1)));
  CAF_CHECK_EQUAL(must(shops.tokens(id)).access, "access-2");
  auto candidates = must(shops.refresh_candidates(id));
  CAF_REQUIRE_EQUAL(candidates.size(), 2u);
  CAF_CHECK_EQUAL(candidates[0], "refresh-2");
  CAF_CHECK_EQUAL(candidates[1], "refresh-1");
  must(shops.replace_tokens(id, some_tokens("2"), at(2))); // the same answer once more
  CAF_CHECK_EQUAL(must(shops.refresh_candidates(id)).size(), 2u);
  must(shops.confirm_tokens(id));
  candidates = must(shops.refresh_candidates(id));
  CAF_REQUIRE_EQUAL(candidates.size(), 1u);
  CAF_CHECK_EQUAL(candidates[0], "refresh-2");
}

CAF_TEST(token times and scopes come back as stored) {
  const auto id = must(shops.connect("a.myshopify.com", some_tokens(), {}, at(0))).id;
  const auto kept = must(shops.tokens(id));
  CAF_CHECK(kept.access_expires == at(3600));
  CAF_CHECK(kept.refresh_expires == at(86'400 * 90));
  CAF_CHECK_EQUAL(kept.scopes.size(), 2u);
}

CAF_TEST(G5 a state nonce works once for its shop before it expires) {
  const auto remember = [&](std::string_view nonce) {
    must(shops.remember_state(nonce, "a.myshopify.com", user_id{5}, at(60)));
  };
  remember("n1");
  CAF_CHECK_EQUAL(raw(*must(shops.consume_state("n1", "a.myshopify.com", at(10)))), 5);
  CAF_CHECK(shops.consume_state("n1", "a.myshopify.com", at(10)).error().code == ec::unauthorized);
  remember("n2");
  CAF_CHECK(shops.consume_state("n2", "a.myshopify.com", at(60)).has_error());
  remember("n3");
  CAF_CHECK(shops.consume_state("n3", "b.myshopify.com", at(10)).has_error());
  CAF_CHECK(shops.consume_state("n3", "a.myshopify.com", at(10)).has_error());
  CAF_CHECK(shops.consume_state("never", "a.myshopify.com", at(10)).has_error());
}

CAF_TEST(G11 a dump holds no token and swapped rows fail) {
  const auto a = must(shops.connect("a.myshopify.com", some_tokens("canary"), {}, at(0))).id;
  const auto b = must(shops.connect("b.myshopify.com", some_tokens("canary"), {}, at(0))).id;
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM store_tokens WHERE position('canary'::bytea IN access || refresh) > 0"),
                  0);
  must(admin.script("UPDATE store_tokens t SET access = o.access FROM store_tokens o WHERE o.store_id <> t.store_id"));
  CAF_CHECK(shops.tokens(a).error().code == ec::internal);
  CAF_CHECK(shops.tokens(b).error().code == ec::internal);
}

CAF_TEST(G12 keys rotate in steps and a damaged row does not stop the others) {
  for (int i = 0; i < 250; ++i)
    must(shops.connect(fmt::format("s{}.myshopify.com", i), some_tokens(std::to_string(i)), {}, at(0)));
  must(shops.replace_tokens(store_id{number("SELECT max(store_id) FROM store_tokens")}, some_tokens("x"), at(1)));
  must(admin.script(
      "UPDATE store_tokens SET access = '\\x0000' WHERE store_id = (SELECT min(store_id) FROM store_tokens)"));
  const std::map<std::int32_t, std::string> keys = {{1, std::string(32, 'k')}, {2, std::string(32, 'l')}};
  stores rotating{pg::connection{db.system()}, vault{keys, 2}};
  const auto first = rotating.rotate_keys();
  CAF_REQUIRE(first.has_error()); // names the damaged store
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM store_tokens WHERE key_id = 2"), 249);
  must(admin.script("DELETE FROM store_tokens WHERE key_id = 1"));
  CAF_CHECK_EQUAL(must(rotating.rotate_keys()), 0);
  stores later{pg::connection{db.system()}, vault{{{2, std::string(32, 'l')}}, 2}};
  const auto last = store_id{number("SELECT max(store_id) FROM store_tokens")};
  CAF_CHECK_EQUAL(must(later.tokens(last)).access, "access-x");
  CAF_CHECK_EQUAL(must(later.refresh_candidates(last)).size(), 2u);
}

CAF_TEST(G12 a rotation that was cut short goes on where it stopped) {
  for (int i = 0; i < 5; ++i)
    must(shops.connect(fmt::format("s{}.myshopify.com", i), some_tokens(std::to_string(i)), {}, at(0)));
  const std::map<std::int32_t, std::string> keys = {{1, std::string(32, 'k')}, {2, std::string(32, 'l')}};
  stores rotating{pg::connection{db.system()}, vault{keys, 2}};
  must(rotating.replace_tokens(store_id{2}, some_tokens("moved"), at(1))); // as if already rotated
  CAF_CHECK_EQUAL(must(rotating.tokens(store_id{1})).access, "access-0");  // readable throughout
  CAF_CHECK_EQUAL(must(rotating.rotate_keys()), 4);
  CAF_CHECK_EQUAL(number("SELECT count(DISTINCT key_id) FROM store_tokens"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
