#define CAF_SUITE tenants

// The wall between tenants in the database (faults G2 to G4): asked of the catalog, so that a table of a later
// migration that forgets it turns this red, and tried with real sessions.

#include "storage/pool.hpp"

#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace std::chrono_literals;

namespace {

constexpr pg::statement insert{"test.insert", "INSERT INTO store_cursor VALUES ($1, 'sync', 1)"};
constexpr pg::statement seen{"test.seen", "SELECT count(*) FROM store_cursor"};
constexpr pg::statement divide{"test.divide", "SELECT 1 / $1"};

pg::params with(std::int64_t x) {
  pg::params result;
  result.add(x);
  return result;
}

struct fixture {
  test::database db;
  pg::connection admin{db.admin()};
  pg::connection app{db.app()};

  fixture() {
    test::must(admin.script("SELECT clique_create_delivery_day('2026-11-25')"));
  }
  /// Names that a catalog query finds, one per line.
  std::string names(std::string_view sql) {
    auto got = test::must(admin.run({"test.names", sql}));
    std::string result;
    for (std::size_t i = 0; i < got.size(); ++i)
      result += std::string{got.text(i, 0)} + "\n";
    return result;
  }
  /// Runs *what* for one store; the answers of the work without the opening.
  result<std::vector<pg::rows>> as(std::int64_t store, const pg::statement& what, pg::params parameters = {}) {
    std::vector<pg::work_item> work;
    work.push_back(pg::open_stores(std::span{&store, 1}));
    work.push_back({what, std::move(parameters)});
    return pg::transaction(app, std::move(work));
  }
  std::int64_t count_as(std::int64_t store) {
    return test::must(as(store, seen))[1].int64(0, 0);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tenants_tests, fixture)

CAF_TEST(G2 every table with a store has forced row security and a tenant policy) {
  CAF_CHECK_EQUAL(names(R"(
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'store_id'
      AND NOT a.attisdropped
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant')))"),
                  "");
}

CAF_TEST(G2 no policy but that of the system role lets every row pass) {
  CAF_CHECK_EQUAL(names(R"(
    SELECT format('%s.%s', polrelid::regclass, polname) FROM pg_policy
    WHERE polroles <> ARRAY[(SELECT oid FROM pg_roles WHERE rolname = 'clique_system')]
      AND pg_get_expr(polqual, polrelid) NOT LIKE '%clique.stores%')"),
                  "");
}

CAF_TEST(G2 keys of tenant tables contain the store) {
  // A key without the store would tell by its conflict that another tenant owns the value. That is so for the registry
  // of stores by shop and for API keys (random ids, hashes of secrets); numbers that the database gives out cannot be
  // tried.
  CAF_CHECK_EQUAL(names(R"(
    SELECT DISTINCT format('%s %s', c.relname, i.indexrelid::regclass) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'store_id'
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT a.attnum = ANY (i.indkey::int2[])
      AND has_table_privilege('clique_app', c.oid, 'INSERT') AND c.relname NOT IN ('shopify_stores', 'api_keys')
      AND NOT EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = c.oid AND g.attnum = ANY (i.indkey::int2[])
                      AND g.attidentity = 'a')
    ORDER BY 1)"),
                  "");
}

CAF_TEST(G2 the roles own nothing and bypass nothing) {
  CAF_CHECK_EQUAL(names(R"(
    SELECT rolname::text FROM pg_roles WHERE rolname IN ('clique', 'clique_app', 'clique_system')
      AND (rolsuper OR rolbypassrls OR (rolname <> 'clique' AND (rolcanlogin OR rolcreaterole OR rolcreatedb)))
    UNION ALL
    SELECT relname::text FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE rolname IN ('clique_app', 'clique_system'))"),
                  "");
  CAF_CHECK(test::must(app.run({"test.who", "SELECT current_user::text"})).text(0, 0) == pg::app_role);
}

CAF_TEST(G2 a view sees with the eyes of who asks) {
  CAF_CHECK_EQUAL(
      names("SELECT relname::text FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace "
            "AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'"),
      "");
}

CAF_TEST(G2 a store sees and writes its own rows only) {
  test::must(as(1, insert, with(1)));
  test::must(as(2, insert, with(2)));
  CAF_CHECK_EQUAL(count_as(1), 1);
  CAF_CHECK_EQUAL(count_as(3), 0);
  CAF_CHECK(!as(1, insert, with(2)));
  CAF_CHECK(!as(1, insert, with(3)));
  constexpr pg::statement steal{"test.steal", "UPDATE store_cursor SET store_id = $1"};
  CAF_CHECK(!as(1, steal, with(2)));
  constexpr pg::statement erase{"test.erase", "DELETE FROM store_cursor WHERE store_id = $1"};
  CAF_CHECK_EQUAL(test::must(as(1, erase, with(2)))[1].affected(), 0);
}

CAF_TEST(several stores may be opened together) {
  std::vector<pg::work_item> work;
  work.push_back(pg::open_stores(std::vector<std::int64_t>{1, 2}));
  work.push_back({insert, with(1)});
  work.push_back({insert, with(2)});
  work.push_back({seen, {}});
  CAF_CHECK_EQUAL(test::must(pg::transaction(app, std::move(work)))[3].int64(0, 0), 2);
}

CAF_TEST(G3 the opened stores end with the transaction however it ends) {
  test::must(as(1, insert, with(1)));
  struct {
    const char* how;
    std::function<void()> end;
  } const table[] = {
      {"commit", [&] { test::must(as(1, seen)); }},
      {"error", [&] { CAF_CHECK(!as(1, divide, with(0))); }},
      {"error in the middle of a script",
       [&] {
         CAF_CHECK(!app.script("BEGIN; SELECT set_config('clique.stores', '{1}', true); SELECT 1/0; COMMIT"));
         test::must(app.script("ROLLBACK"));
       }},
      {"cancelled",
       [&] {
         test::must(app.script("SET statement_timeout = '50ms'"));
         CAF_CHECK(!as(1, {"test.slow", "SELECT pg_sleep(60)"}));
         test::must(app.script("RESET statement_timeout"));
       }},
  };
  for (const auto& x : table) {
    CAF_MESSAGE(x.how);
    x.end();
    CAF_CHECK(!app.run(seen));       // nothing is open
    CAF_CHECK_EQUAL(count_as(2), 0); // another store sees its own
    CAF_CHECK_EQUAL(count_as(1), 1);
  }
}

CAF_TEST(G4 without opened stores every tenant table is closed with an error) {
  test::must(as(1, insert, with(1)));
  test::must(as(2, insert, with(2)));
  pg::connection fresh{db.app()};   // never opened: the setting is unknown
  for (auto* on : {&fresh, &app}) { // opened before: the setting is empty
    CAF_CHECK(!on->run(seen));
    CAF_CHECK(!on->run(insert, with(9)));
  }
  CAF_CHECK_EQUAL(test::must(admin.run(seen)).int64(0, 0), 2);
}

CAF_TEST(G4 opened to no store nothing is seen) {
  test::must(as(1, insert, with(1)));
  std::vector<pg::work_item> work;
  work.push_back(pg::open_stores({}));
  work.push_back({seen, {}});
  CAF_CHECK_EQUAL(test::must(pg::transaction(app, std::move(work)))[1].int64(0, 0), 0);
}

CAF_TEST(the tenants role can neither append deliveries nor move owners nor change the schema) {
  for (const auto* sql :
       {"BEGIN; SELECT set_config('clique.stores', '{1}', true); INSERT INTO delivery VALUES (1, 1, '2026-11-25', 1, "
        "'s', "
        "'t', 'w', 'e', NULL, now(), '')",
        "UPDATE partition_owner SET epoch = 9", "UPDATE partition_counter SET next = 1", "DELETE FROM schema_migration",
        "CREATE TABLE mine(x int)", "SELECT clique_drop_delivery_days('2030-01-01')", "SET ROLE postgres"}) {
    CAF_MESSAGE(sql);
    auto got = app.script(sql);
    CAF_REQUIRE(!got);
    CAF_CHECK(got.error().what.find("42501") != std::string::npos);
    app.close();
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
