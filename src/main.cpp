// Arguments -> command -> exit status.

#include "cli/cli.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Clique AI CMO: sales, ads and profit of Shopify stores, live and to the cent.\n\n"
               "Start with `clique demo`; run a real installation with `clique serve`.\n"
               "Every setting is described in config/clique.toml."};
  app.name("clique");
  app.set_version_flag("--version", CLIQUE_VERSION);
  app.require_subcommand(1);
  int status = 0;
  clique::cli::add_serve(app, status);
  clique::cli::add_demo(app, status);
  clique::cli::add_config(app, status);
  clique::cli::add_stores(app, status);
  clique::cli::add_people(app, status);
  clique::cli::add_deliveries(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& x) {
    return app.exit(x);
  }
  return status;
}
