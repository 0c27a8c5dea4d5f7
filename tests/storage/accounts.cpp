#define CAF_SUITE accounts

#include "storage/store_world.hpp"

#include "storage/accounts.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::test;
using namespace std::chrono_literals;

namespace {

constexpr auto password = "correct horse";

struct fixture {
  database db;
  pg::connection admin{db.admin()};
  accounts people{pg::connection{db.system()}};
  user_id ana = must(people.create_user("Ana@Example.com", "Ana", password, false));

  std::int64_t number(const std::string& query) {
    const auto name = fmt::format("test.{}", std::hash<std::string>{}(query));
    return must(admin.run({name, query})).int64(0, 0);
  }
  ec login_fails(std::string_view email, std::string_view word, time_point now, std::string_view address = "10.0.0.1") {
    auto got = people.login(email, word, address, now);
    return got ? ec{} : got.error().code;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(accounts_tests, fixture)

CAF_TEST(a user signs in with any case of the address and is known by the session) {
  must(people.grant(ana, store_id{7}, role::analyst));
  const auto opened = must(people.login("ANA@example.com", password, "10.0.0.1", at(0)));
  CAF_CHECK_EQUAL(opened.secret.size(), 32u);
  const auto who = must(people.session(opened.secret, at(60)));
  CAF_CHECK_EQUAL(who.email, "ana@example.com");
  CAF_CHECK_EQUAL(who.csrf, opened.who.csrf);
  CAF_CHECK_EQUAL(who.csrf.size(), 32u);
  CAF_REQUIRE_EQUAL(who.stores.size(), 1u);
  CAF_CHECK(who.stores[0].as == role::analyst);
}

CAF_TEST(bad names passwords and taken addresses are refused) {
  for (const auto* email : {"", "ana", "@x", "x@", "a b@c.d", "ana@example.com"})
    CAF_CHECK(people.create_user(email, "x", password, false).error().code == ec::bad_input);
  CAF_CHECK(people.create_user("b@example.com", "x", "1234567", false).error().code == ec::bad_input);
  CAF_CHECK(people.create_user("b@example.com", "x", std::string(2'000, 'x'), false).error().code == ec::bad_input);
}

CAF_TEST(G10 unknown accounts and wrong passwords get the same answer) {
  const auto wrong = people.login("ana@example.com", "nope nope", "10.0.0.1", at(0)).error();
  const auto unknown = people.login("bob@example.com", "nope nope", "10.0.0.1", at(0)).error();
  CAF_CHECK(wrong.code == ec::unauthorized);
  CAF_CHECK(wrong.code == unknown.code);
  CAF_CHECK_EQUAL(wrong.what, unknown.what);
  CAF_CHECK_EQUAL(wrong.hint, unknown.hint);
}

CAF_TEST(G9 failures throttle an account also with the right password and time heals it) {
  for (int i = 0; i < 6; ++i)
    CAF_CHECK(login_fails("ana@example.com", "nope nope", at(i), fmt::format("10.0.0.{}", i)) == ec::unauthorized);
  const auto blocked = people.login("ana@example.com", password, "10.9.9.9", at(10)).error();
  CAF_CHECK(blocked.code == ec::throttled);
  CAF_CHECK(blocked.hint.find("890 seconds") != std::string::npos);
  CAF_CHECK(login_fails("ana@example.com", password, at(901), "10.9.9.9") == ec{});
}

CAF_TEST(G9 failures throttle an address over all accounts) {
  must(admin.script(
      "INSERT INTO login_failures (account, address, at) SELECT 'u' || i, '10.0.0.7', '2026-03-10T00:00:00Z' "
      "FROM generate_series(1, 51) i"));
  CAF_CHECK(login_fails("ana@example.com", password, at(10), "10.0.0.7") == ec::throttled);
  CAF_CHECK(login_fails("ana@example.com", password, at(10), "10.0.0.8") == ec{});
}

CAF_TEST(a right password forgets earlier failures) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i)
      login_fails("ana@example.com", "nope nope", at(i));
    CAF_CHECK(login_fails("ana@example.com", password, at(5)) == ec{});
  }
}

CAF_TEST(G6 sessions end by logout by idling and by age) {
  const auto open = [&] { return must(people.login("ana@example.com", password, "10.0.0.1", at(0))).secret; };
  const auto out = open();
  must(people.logout(out));
  CAF_CHECK(people.session(out, at(1)).error().code == ec::unauthorized);
  const auto idle = open();
  CAF_CHECK(people.session(idle, at(0) + 8h - 1s).has_value());
  CAF_CHECK(people.session(idle, at(0) + 16h - 1s).error().code == ec::unauthorized);
  const auto old = open();
  for (auto passed = 0h; passed < 7 * 24h; passed += 7h)
    CAF_CHECK(people.session(old, at(0) + passed).has_value());
  CAF_CHECK(people.session(old, at(0) + 7 * 24h).error().code == ec::unauthorized);
  CAF_CHECK(people.session("0123", at(0)).error().code == ec::unauthorized);
}

CAF_TEST(only hashes of sessions and keys are stored) {
  const auto secret = must(people.login("ana@example.com", password, "10.0.0.1", at(0))).secret;
  const auto key = must(people.create_key(ana, "ci", role::viewer, {}, at(0))).second;
  CAF_CHECK_EQUAL(number(fmt::format("SELECT count(*) FROM sessions WHERE hash::text LIKE '%{}%'", secret)), 0);
  CAF_CHECK_EQUAL(number(fmt::format("SELECT count(*) FROM api_keys WHERE hash::text LIKE '%{}%'", key.substr(4))), 0);
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM sessions WHERE length(hash) = 32"), 1);
}

CAF_TEST(a new password ends all sessions) {
  const auto secret = must(people.login("ana@example.com", password, "10.0.0.1", at(0))).secret;
  must(people.set_password("ana@example.com", "another password"));
  CAF_CHECK(people.session(secret, at(1)).has_error());
  CAF_CHECK(login_fails("ana@example.com", password, at(2)) == ec::unauthorized);
  CAF_CHECK(login_fails("ana@example.com", "another password", at(3)) == ec{});
  CAF_CHECK(people.set_password("bob@example.com", "another password").error().code == ec::not_found);
}

CAF_TEST(a one - time secret works once and not after its time) {
  const auto first = must(people.one_time_secret(ana, at(60)));
  CAF_CHECK(people.login_once(first, at(1)).has_value());
  CAF_CHECK(people.login_once(first, at(1)).error().code == ec::unauthorized);
  const auto late = must(people.one_time_secret(ana, at(60)));
  CAF_CHECK(people.login_once(late, at(60)).error().code == ec::unauthorized);
}

CAF_TEST(the first person of an embedded shop becomes owner and others analysts) {
  const auto first = must(people.login_embedded("a.myshopify.com", "11", store_id{4}, at(0))).who;
  const auto second = must(people.login_embedded("a.myshopify.com", "12", store_id{4}, at(0))).who;
  const auto again = must(people.login_embedded("a.myshopify.com", "11", store_id{4}, at(1))).who;
  CAF_CHECK(first.stores.at(0).as == role::owner);
  CAF_CHECK(second.stores.at(0).as == role::analyst);
  CAF_CHECK_EQUAL(raw(first.user), raw(again.user));
  CAF_CHECK(login_fails("shopify:a.myshopify.com:11", "", at(2)) == ec::unauthorized);
}

CAF_TEST(an API key never exceeds its user or its own limits) {
  must(people.grant(ana, store_id{1}, role::owner));
  must(people.grant(ana, store_id{2}, role::viewer));
  const auto [info, secret] = must(people.create_key(ana, "all", role::analyst, {}, at(0)));
  CAF_CHECK(secret.starts_with("clq_"));
  CAF_CHECK_EQUAL(secret.size(), 68u);
  const auto who = must(people.api_key(secret, at(1)));
  CAF_REQUIRE_EQUAL(who.stores.size(), 2u);
  CAF_CHECK(who.stores[0].as == role::analyst);
  CAF_CHECK(who.stores[1].as == role::viewer);
  CAF_CHECK(who.session.empty() && who.csrf.empty());
  const auto narrow = must(people.create_key(ana, "one", role::owner, store_id{1}, at(0))).second;
  CAF_CHECK_EQUAL(must(people.api_key(narrow, at(1))).stores.size(), 1u);
  CAF_CHECK(people.create_key(ana, "x", role::owner, store_id{2}, at(0)).error().code == ec::forbidden);
  CAF_CHECK(people.create_key(ana, "x", role::viewer, store_id{3}, at(0)).error().code == ec::not_found);
  CAF_CHECK(people.create_key(ana, "", role::viewer, {}, at(0)).error().code == ec::bad_input);
}

CAF_TEST(a deleted API key is unknown and foreign keys cannot be deleted) {
  const auto bob = must(people.create_user("bob@example.com", "Bob", password, false));
  const auto [info, secret] = must(people.create_key(ana, "ci", role::viewer, {}, at(0)));
  CAF_CHECK_EQUAL(must(people.keys(ana)).size(), 1u);
  CAF_CHECK(!must(people.keys(ana))[0].last_used_at);
  must(people.api_key(secret, at(5)));
  CAF_CHECK(must(people.keys(ana))[0].last_used_at == at(5));
  for (const auto* id : {"", "x", "1x", "99"})
    CAF_CHECK(people.delete_key(ana, id).error().code == ec::not_found);
  CAF_CHECK(people.delete_key(bob, info.id).error().code == ec::not_found);
  must(people.delete_key(ana, info.id));
  CAF_CHECK(people.api_key(secret, at(6)).error().code == ec::unauthorized);
  CAF_CHECK(people.api_key("clq_", at(6)).error().code == ec::unauthorized);
}

CAF_TEST(G16 lines of the audit log can be neither changed nor removed) {
  must(people.audit(store_id{1}, "ana@example.com", "settings saved", "{}", "{\"a\":1}", "r-1", at(0)));
  for (const auto& conninfo : {db.app(), db.system()})
    for (const auto* sql : {"UPDATE audit_log SET who = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"}) {
      pg::connection on{conninfo};
      CAF_CHECK(on.script(fmt::format("SET clique.stores = '{{1}}'; {}", sql)).has_error());
    }
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM audit_log WHERE who = 'ana@example.com'"), 1);
}

CAF_TEST(roles have names and back) {
  for (const auto x : {role::viewer, role::analyst, role::owner})
    CAF_CHECK(parse_role(to_string(x)) == x);
  CAF_CHECK(!parse_role("root"));
}

CAF_TEST_FIXTURE_SCOPE_END()
