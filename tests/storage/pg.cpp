#define CAF_SUITE pg

#include "support/postgres.hpp"

#include <caf/test/unit_test.hpp>

#include <limits>

using namespace clique;
using namespace std::chrono_literals;

namespace {

pg::params with(std::int64_t x) {
  pg::params result;
  result.add(x);
  return result;
}

constexpr pg::statement pid_of{"test.pid", "SELECT pg_backend_pid()"};
constexpr pg::statement one{"test.one", "SELECT 1::bigint"};
constexpr pg::statement divide{"test.divide", "SELECT 1 / $1"};

/// Database with one table t(id bigint primary key, x text).
struct fixture {
  test::database db = test::database::empty();
  pg::connection on{db.owner()};
  pg::connection admin{db.admin()};

  fixture() {
    test::must(on.script("CREATE TABLE t(id bigint PRIMARY KEY, x text)"));
  }
  std::int64_t pid() {
    return test::must(on.run(pid_of)).int64(0, 0);
  }
  void terminate(std::int64_t pid) {
    constexpr pg::statement kill{"test.kill", "SELECT pg_terminate_backend($1::int, 5000)"};
    test::must(admin.run(kill, with(pid)));
  }
  ec code_of(const char* sql) {
    auto got = on.script(sql);
    return got ? ec{} : got.error().code;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(pg_tests, fixture)

CAF_TEST(every kind of parameter comes back as it was sent) {
  auto at = time_point{std::chrono::sys_days{std::chrono::year{2026} / 3 / 29}} + 90min + 1us;
  auto on_day = day{std::chrono::year{1999} / 12 / 31};
  pg::params all;
  all.add(true).add(std::int32_t{-7}).add(std::numeric_limits<std::int64_t>::min()).add(-0.5).add("Zürich").add(at);
  all.add_day(on_day).add_bytes(std::string_view{"\0\xff", 2}).null().add(std::optional<std::int64_t>{});
  all.add(R"({"a": 1})");
  constexpr pg::statement echo{"test.echo", "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text, $10, $11::jsonb"};
  auto got = test::must(on.run(echo, all));
  CAF_CHECK(got.boolean(0, 0));
  CAF_CHECK_EQUAL(got.int64(0, 1), -7);
  CAF_CHECK_EQUAL(got.int64(0, 2), std::numeric_limits<std::int64_t>::min());
  CAF_CHECK_EQUAL(got.number(0, 3), -0.5);
  CAF_CHECK(got.text(0, 4) == "Zürich");
  CAF_CHECK(got.time(0, 5) == at);
  CAF_CHECK(got.date(0, 6) == on_day);
  CAF_CHECK(got.text(0, 7) == std::string_view("\0\xff", 2));
  CAF_CHECK(got.is_null(0, 8));
  CAF_CHECK(!got.maybe_int64(0, 9));
  CAF_CHECK(got.text(0, 10) == R"({"a": 1})");
}

CAF_TEST(arrays come back element by element with their nulls) {
  using texts = std::vector<std::string>;
  pg::params all;
  all.add_array(std::vector<std::int64_t>{1, -2, 3}).add_array(std::vector<std::int32_t>{4, 5, 6});
  all.add_array(std::vector<bool>{true, false, true}).add_array(texts{"a", "", "{,}"});
  all.add_array(std::vector<std::optional<std::int64_t>>{1, std::nullopt, 3});
  all.add_array(std::vector<std::optional<std::string>>{std::nullopt, "NULL", "x"});
  all.add_array(std::vector<time_point>(3, time_point{1us})).add_day_array(std::vector<day>(3, day{}));
  all.add_bytes_array(texts{"\x01", "", "z"});
  all.add_array(std::vector<std::optional<time_point>>{time_point{}, std::nullopt, time_point{}});
  constexpr pg::statement echo{
      "test.arrays", "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS t(a,b,c,d,e,f,g,h,i,j)"};
  auto got = test::must(on.run(echo, all));
  CAF_REQUIRE_EQUAL(got.size(), 3u);
  CAF_CHECK_EQUAL(got.int64(1, 0), -2);
  CAF_CHECK_EQUAL(got.int64(2, 1), 6);
  CAF_CHECK(!got.boolean(1, 2));
  CAF_CHECK(got.text(2, 3) == "{,}");
  CAF_CHECK(got.is_null(1, 4));
  CAF_CHECK(got.is_null(0, 5));
  CAF_CHECK(got.text(1, 5) == "NULL");
  CAF_CHECK(got.time(0, 6) == time_point{1us});
  CAF_CHECK(got.date(2, 7) == day{});
  CAF_CHECK(got.text(0, 8) == "\x01");
  CAF_CHECK(got.is_null(1, 9));
}

CAF_TEST(an empty array is empty and not null) {
  pg::params none;
  none.add_array(std::vector<std::int64_t>{}).add_array(std::vector<bool>{});
  constexpr pg::statement count{"test.empty", "SELECT cardinality($1::bigint[]), cardinality($2)"};
  auto got = test::must(on.run(count, none));
  CAF_CHECK_EQUAL(got.int64(0, 0), 0);
  CAF_CHECK_EQUAL(got.int64(0, 1), 0);
}

CAF_TEST(errors of the server have the code of their class) {
  test::must(on.script("INSERT INTO t VALUES (1)"));
  struct {
    const char* sql;
    ec code;
  } const table[] = {
      {"INSERT INTO t VALUES (1)", ec::conflict},
      {"INSERT INTO t VALUES (NULL)", ec::bad_input},
      {"SELECT 'x'::int", ec::bad_input},
      {"SELECT nothing", ec::internal},
      {"DO $$ BEGIN RAISE USING ERRCODE = 'CQ001'; END $$", ec::fenced},
      {"DO $$ BEGIN RAISE USING ERRCODE = '53100'; END $$", ec::unavailable},
      {"DO $$ BEGIN RAISE USING ERRCODE = '40P01'; END $$", ec::conflict},
      {"DO $$ BEGIN RAISE USING ERRCODE = '57P03'; END $$", ec::unavailable},
      {"SET statement_timeout = 1; SELECT pg_sleep(60)", ec::timed_out},
      {"SET default_transaction_read_only = on; SELECT 1", ec{}},
      {"INSERT INTO t VALUES (2)", ec::unavailable}, // B11
  };
  for (const auto& x : table)
    CAF_CHECK_EQUAL(static_cast<int>(code_of(x.sql)), static_cast<int>(x.code));
}

CAF_TEST(an error never carries the value that caused it) {
  constexpr pg::statement bad{"test.bad", "SELECT $1::text::int"};
  pg::params secret;
  secret.add("ada@example.org");
  auto got = on.run(bad, secret);
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().what.find("ada@") == std::string::npos);
  CAF_CHECK(got.error().what.find("22P02") != std::string::npos);
  CAF_CHECK(got.error().what.find("test.bad") != std::string::npos);
}

CAF_TEST(B10 a terminated session is replaced and its statements prepared anew) {
  auto before = pid();
  for (int round = 0; round < 5; ++round) {
    terminate(pid());
    CAF_CHECK(on.run(one).has_value());
  }
  CAF_CHECK(pid() != before);
}

CAF_TEST(a session that ends in mid - statement is unavailable and comes back) {
  constexpr pg::statement suicide{"test.suicide", "SELECT pg_terminate_backend(pg_backend_pid())"};
  auto got = on.run(suicide);
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::unavailable);
  CAF_CHECK(on.run(one).has_value());
}

CAF_TEST(B9 a statement that waits for a lock times out and the session is replaced) {
  test::must(admin.script("BEGIN; LOCK TABLE t"));
  constexpr pg::statement count{"test.count", "SELECT count(*) FROM t", 50ms};
  auto got = on.run(count);
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::timed_out);
  CAF_CHECK(!on.connected());
  test::must(admin.script("COMMIT"));
  CAF_CHECK(on.run({"test.count", count.sql}).has_value());
}

CAF_TEST(a pipeline answers each statement in order) {
  on.start_pipeline();
  for (std::int64_t i = 1; i <= 300; ++i)
    on.queue(divide, with(i));
  auto got = test::must(on.finish(5s));
  CAF_REQUIRE_EQUAL(got.size(), 300u);
  CAF_CHECK_EQUAL(got[0].int64(0, 0), 1);
  CAF_CHECK_EQUAL(got[299].int64(0, 0), 0);
}

CAF_TEST(a pipeline larger than every socket buffer does not stall) {
  constexpr pg::statement mirror{"test.mirror", "SELECT $1"};
  auto large = std::string(4 << 20, 'x');
  on.start_pipeline();
  for (int i = 0; i < 5; ++i) {
    pg::params x;
    x.add(large);
    on.queue(mirror, std::move(x));
  }
  auto got = test::must(on.finish(30s));
  CAF_CHECK_EQUAL(got[4].text(0, 0).size(), large.size());
}

CAF_TEST(a transaction with one bad statement leaves nothing and the session is usable) {
  constexpr pg::statement insert{"test.insert", "INSERT INTO t VALUES ($1)"};
  std::vector<pg::work_item> work;
  work.push_back({insert, with(1)});
  work.push_back({divide, with(0)});
  work.push_back({insert, with(2)});
  auto got = pg::transaction(on, std::move(work));
  CAF_REQUIRE(!got);
  CAF_CHECK(got.error().code == ec::bad_input);
  CAF_CHECK(!on.in_transaction());
  CAF_CHECK_EQUAL(test::must(on.run({"test.count", "SELECT count(*) FROM t"})).int64(0, 0), 0);
}

CAF_TEST(a transaction answers its work and not its begin and commit) {
  constexpr pg::statement insert{"test.insert", "INSERT INTO t VALUES ($1), ($1 + 1)"};
  std::vector<pg::work_item> work;
  work.push_back({insert, with(1)});
  work.push_back({one, {}});
  auto got = test::must(pg::transaction(on, std::move(work)));
  CAF_REQUIRE_EQUAL(got.size(), 2u);
  CAF_CHECK_EQUAL(got[0].affected(), 2);
  CAF_CHECK_EQUAL(got[1].int64(0, 0), 1);
}

CAF_TEST(a statement whose answer changed its shape is planned anew) {
  constexpr pg::statement all{"test.all", "SELECT * FROM t"};
  test::must(on.run(all));
  test::must(on.script("ALTER TABLE t ADD COLUMN y int"));
  CAF_CHECK(!on.run(all)); // told once
  CAF_CHECK(on.run(all).has_value());
}

CAF_TEST(more statements than a session keeps are forgotten together) {
  for (int i = 0; i < 1100; ++i) {
    auto text = fmt::format("SELECT {}::bigint", i);
    CAF_REQUIRE_EQUAL(test::must(on.run({"test.many", text})).int64(0, 0), i);
  }
}

CAF_TEST(a server that is not there is unavailable and asked at most once per second) {
  pg::connection nowhere{"host=/nonexistent dbname=x"};
  auto first = nowhere.ensure();
  auto second = nowhere.ensure();
  CAF_REQUIRE(!first);
  CAF_REQUIRE(!second);
  CAF_CHECK(first.error().code == ec::unavailable);
  CAF_CHECK_EQUAL(first.error().what, second.error().what);
}

CAF_TEST(a role is added to key value and to URI forms beside other options) {
  for (const auto* info :
       {"host=/tmp/a\\ b user=me options='-c jit=off'", "postgres://me@%2Ftmp%2Fa%20b?options=-c%20jit%3Doff"}) {
    auto got = test::must(pg::as_role(info, "clique_app"));
    CAF_CHECK(got.find("host='/tmp/a b'") != std::string::npos);
    CAF_CHECK(got.find("options='-c jit=off -c role=clique_app'") != std::string::npos);
  }
  CAF_CHECK(!pg::as_role("host=a password=secret nonsense", "x"));
}

CAF_TEST_FIXTURE_SCOPE_END()
