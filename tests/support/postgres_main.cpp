// clique_postgres: a private cluster with the whole schema for benchmarks and scripts. Prints one JSON line with its
// connection strings and serves until stdin closes.

#include "core/schedule.hpp"
#include "storage/embedded.hpp"
#include "storage/migrate.hpp"
#include "storage/pg.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace clique;

/// Connected stores bench-0.myshopify.com ... without tokens: USD, UTC. Those that are there stay.
result<void> add_stores(embedded_postgres& server, std::int64_t count) {
  const pg::statement insert{
      "bench_stores",
      "INSERT INTO shopify_stores (store_id, shop, part, name, connection_at, currency_code, iana_timezone, country, "
      "installed_at) SELECT n, 'bench-' || n - 1 || '.myshopify.com', p, 'Bench ' || n - 1, now(), 'USD', 'UTC', 'US', "
      "now() FROM unnest($1::int8[], $2::int4[]) AS x(n, p) ON CONFLICT DO NOTHING",
      std::chrono::minutes{2}};
  std::vector<std::int64_t> ids;
  std::vector<std::int32_t> parts;
  for (std::int64_t id = 1; id <= count; ++id) {
    ids.push_back(id);
    parts.push_back(static_cast<std::int32_t>(partition_of(store_id{id})));
  }
  // The superuser: row-level security binds even the tables' owner.
  auto admin = server.admin_conninfo();
  pg::connection on{admin.replace(admin.find("dbname=postgres"), 15, "dbname=clique")};
  auto done = on.run(insert, pg::params{}.add_array(ids).add_array(parts));
  if (!done)
    return done.error();
  return on.script("SELECT setval(pg_get_serial_sequence('shopify_stores', 'store_id'), max(store_id) + 1) "
                   "FROM shopify_stores; ANALYZE shopify_stores");
}

result<void> serve(const std::string& folder, std::int64_t count) {
  auto server = embedded_postgres::start(folder);
  if (!server)
    return server.error();
  {
    pg::connection owner{server->owner_conninfo()};
    if (auto ok = migrate(owner); !ok)
      return ok.error();
  }
  if (count > 0)
    if (auto ok = add_stores(*server, count); !ok)
      return ok;
  nlohmann::json said{{"owner", server->owner_conninfo()}, {"admin", server->admin_conninfo()}};
  std::puts(said.dump().c_str());
  std::fflush(stdout);
  char ignored[256];
  while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {
  }
  return {};
}

} // namespace

int main(int argc, char** argv) {
  std::string folder;
  std::int64_t count = 0;
  CLI::App app{"A private Postgres with the whole schema; prints its connection strings, ends when stdin closes."};
  app.add_option("--data", folder, "folder of the cluster, created if missing")->required();
  app.add_option("--stores", count, "so many connected stores bench-0.myshopify.com ...");
  CLI11_PARSE(app, argc, argv);
  auto done = serve(folder, count);
  if (!done)
    std::fprintf(stderr, "clique_postgres: %s %s\n", done.error().what.c_str(), done.error().hint.c_str());
  return done ? 0 : 1;
}
