// clique stores, clique deliveries, clique jobs: what an operator asks of a running or stopped installation.

#include "cli/cli.hpp"

#include "storage/accounts.hpp"
#include "storage/stores.hpp"
#include "storage/views.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace clique::cli {

namespace {

using nlohmann::json;

struct store_options : common {
  std::string shop;
};

/// Runs *work* on the stores and views of the configured database.
template <class Work>
int with_stores(const store_options& options, Work work) {
  auto settings = read_config(options);
  if (!settings)
    return 1;
  auto db = open_database(*settings);
  if (!db)
    return fail(db.error());
  auto keys = open_vault(*settings);
  if (!keys)
    return fail(keys.error());
  auto system = pg::as_role(db->conninfo, pg::system_role);
  auto app = pg::as_role(db->conninfo, pg::app_role);
  if (!system || !app)
    return fail(system ? app.error() : system.error());
  stores shops{pg::connection{*system}, *keys};
  views sights{pg::connection{*app}};
  return work(shops, sights);
}

std::string_view connection_text(connection_row::state x) {
  switch (x) {
  case connection_row::state::connected:
    return "connected";
  case connection_row::state::needs_reconnect:
    return "needs_reconnect";
  case connection_row::state::uninstalled:
    return "uninstalled";
  }
  return "";
}

int list_stores(const store_options& x) {
  return with_stores(x, [&](stores& shops, views&) {
    auto all = shops.all();
    if (!all)
      return fail(all.error());
    auto items = json::array();
    for (const auto& store : *all) {
      items.push_back({{"id", std::to_string(raw(store.id))},
                       {"shop", store.shop},
                       {"name", store.name},
                       {"currency", store.currency_code},
                       {"partition", store.part},
                       {"connection", connection_text(store.connection)}});
      if (!x.json)
        fmt::print("{:>6}  {:<40} {:<4} {:<16} {}\n", raw(store.id), store.shop, store.currency_code,
                   connection_text(store.connection), store.name);
    }
    if (x.json)
      fmt::print("{}\n", items.dump(2));
    return 0;
  });
}

/// Prints one view of one store as JSON.
int show_view(const store_options& x, std::string_view view) {
  return with_stores(x, [&](stores& shops, views& sights) {
    auto store = shops.by_shop(x.shop);
    if (!store)
      return fail(store.error());
    if (!*store)
      return fail({ec::not_found, fmt::format("there is no store '{}'", x.shop), "see `clique stores list`"});
    auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    auto got = sights.view((*store)->id, view, "", {}, now);
    if (!got)
      return fail(got.error());
    fmt::print("{}\n", json::parse(*got).dump(2));
    return 0;
  });
}

CLI::App* add_group(CLI::App& app, std::string name, std::string help) {
  auto* result = app.add_subcommand(std::move(name), std::move(help));
  result->require_subcommand(1);
  return result;
}

void add_view_command(CLI::App& group, std::string name, std::string help, std::string_view view, int& status) {
  auto options = std::make_shared<store_options>();
  auto* command = group.add_subcommand(std::move(name), std::move(help));
  add_common(*command, *options);
  command->add_option("--store", options->shop, "name.myshopify.com")->required();
  command->callback([options, view, &status] { status = show_view(*options, view); });
}

} // namespace

void add_stores(CLI::App& app, int& status) {
  auto options = std::make_shared<store_options>();
  auto* group = add_group(app, "stores", "connected stores");
  auto* list = group->add_subcommand("list", "every store with its partition and connection");
  add_common(*list, *options);
  list->callback([options, &status] { status = list_stores(*options); });
}

void add_deliveries(CLI::App& app, int& status) {
  auto* deliveries = add_group(app, "deliveries", "webhook deliveries");
  add_view_command(*deliveries, "status", "subscriptions and delivery health of a store", "webhooks", status);
  add_view_command(*deliveries, "dead", "deliveries that could not be digested", "dead_letters", status);
  auto* jobs = add_group(app, "jobs", "background work");
  add_view_command(*jobs, "list", "jobs of a store with their progress", "sync", status);
}

} // namespace clique::cli
