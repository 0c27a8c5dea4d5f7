#define CAF_SUITE migrate

#include "storage/migrate.hpp"

#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

#include <thread>

using namespace clique;

namespace {

constexpr migration first{"0001_first.sql", "CREATE TABLE a(x int); INSERT INTO a VALUES (1);"};
constexpr migration second{"0002_second.sql", "ALTER TABLE a ADD COLUMN y int; CREATE INDEX ON a(y);"};
constexpr migration second_changed{"0002_second.sql", "ALTER TABLE a ADD COLUMN z int;"};
constexpr migration broken{"0002_broken.sql", "CREATE TABLE b(x int); SELECT nonsense;"};

struct fixture {
  test::database db = test::database::empty();
  pg::connection owner{db.owner()};
  pg::connection admin{db.admin()};

  result<int> apply(std::vector<migration> files) {
    return migrate(owner, files);
  }
  std::int64_t number(std::string_view sql) {
    return test::must(admin.run({"test.number", sql})).int64(0, 0);
  }
  std::int64_t tables() {
    return number(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(migrate_tests, fixture)

CAF_TEST(an empty database has version zero) {
  CAF_CHECK_EQUAL(test::must(schema_version(owner)), 0);
}

CAF_TEST(the files of this binary are numbered from one without a gap) {
  auto files = embedded_migrations();
  CAF_REQUIRE(!files.empty());
  CAF_CHECK_EQUAL(binary_schema_version(), static_cast<int>(files.size()));
  for (std::size_t i = 0; i < files.size(); ++i)
    CAF_CHECK(files[i].name.starts_with(fmt::format("{:04}_", i + 1)));
}

CAF_TEST(each file is applied once) {
  CAF_CHECK_EQUAL(test::must(apply({first})), 1);
  CAF_CHECK_EQUAL(test::must(apply({first, second})), 2);
  CAF_CHECK_EQUAL(test::must(apply({first, second})), 2);
  CAF_CHECK_EQUAL(test::must(schema_version(owner)), 2);
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM a"), 1);
}

CAF_TEST(a newer schema and a changed file are conflicts and change nothing) {
  test::must(apply({first, second}));
  for (const auto& files : {std::vector{first}, std::vector{first, second_changed}}) {
    auto got = apply(files);
    CAF_REQUIRE(!got);
    CAF_CHECK(got.error().code == ec::conflict);
    CAF_CHECK(!got.error().hint.empty());
  }
  CAF_CHECK_EQUAL(test::must(schema_version(owner)), 2);
}

CAF_TEST(a file with an error leaves nothing of itself and names itself) {
  auto got = apply({first, broken});
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().what.find("0002_broken.sql") != std::string::npos);
  CAF_CHECK_EQUAL(test::must(schema_version(owner)), 1);
  CAF_CHECK_EQUAL(number("SELECT count(*) FROM pg_class WHERE relname = 'b'"), 0);
  CAF_CHECK_EQUAL(test::must(apply({first, second})), 2);
}

CAF_TEST(two that migrate at once both succeed) {
  std::vector<std::thread> threads;
  std::vector<int> versions(4);
  for (auto& version : versions)
    threads.emplace_back([&] {
      pg::connection own{db.owner()};
      version = test::must(migrate(own));
    });
  for (auto& x : threads)
    x.join();
  for (auto version : versions)
    CAF_CHECK_EQUAL(version, binary_schema_version());
}

// Every schema change and every note of a finished file may end its own session: the first round dies at the first of
// them, the second at the second, and so on until a round gets through.
CAF_TEST(B15 a migration that is killed at any statement is completed by the next start) {
  test::must(apply({})); // the table that keeps the version, for a trigger on it
  test::must(admin.script(R"(
    CREATE SCHEMA probe;
    CREATE SEQUENCE probe.seen;
    CREATE TABLE probe.fatal(at bigint);
    INSERT INTO probe.fatal VALUES (0);
    CREATE FUNCTION probe.strike() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF nextval('probe.seen') = (SELECT at FROM probe.fatal) THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(60);
      END IF;
    END $$;
    CREATE FUNCTION probe.strike_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF nextval('probe.seen') = (SELECT at FROM probe.fatal) THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(60);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER strike AFTER INSERT ON schema_migration FOR EACH ROW EXECUTE FUNCTION probe.strike_row();
    CREATE EVENT TRIGGER strike ON ddl_command_end EXECUTE FUNCTION probe.strike();)"));
  auto killed = 0;
  for (auto fatal = 1;; ++fatal) {
    test::must(
        admin.script(fmt::format("UPDATE probe.fatal SET at = {}; SELECT setval('probe.seen', 1, false)", fatal)));
    auto version_before = test::must(schema_version(admin));
    auto tables_before = tables();
    auto got = migrate(owner);
    if (got) {
      CAF_CHECK_EQUAL(*got, binary_schema_version());
      break;
    }
    ++killed;
    CAF_REQUIRE(got.error().code == ec::unavailable);
    // Whole files only: the same version means the same tables (beside the one that keeps the version).
    auto version_after = test::must(schema_version(admin));
    if (version_after == version_before && version_before > 0)
      CAF_CHECK_EQUAL(tables(), tables_before);
    if (version_after == 0)
      CAF_CHECK(tables() <= 1);
  }
  CAF_CHECK(killed > 20);
  test::must(
      admin.script("DROP EVENT TRIGGER strike; DROP TRIGGER strike ON schema_migration; DROP SCHEMA probe CASCADE"));
  // The same schema as one that nobody disturbed.
  test::database calm;
  pg::connection other{calm.admin()};
  constexpr pg::statement shape{
      "test.shape", "SELECT string_agg(format('%s.%s %s', c.relname, a.attname, a.atttypid::regtype), E'\\n' "
                    "ORDER BY c.relname, a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                    "WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0"};
  CAF_CHECK(test::must(admin.run(shape)).text(0, 0) == test::must(other.run(shape)).text(0, 0));
}

CAF_TEST_FIXTURE_SCOPE_END()
