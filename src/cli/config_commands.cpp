#include "cli/cli.hpp"

#include <fmt/format.h>

namespace clique::cli {

void add_config(CLI::App& app, int& status) {
  auto* group = app.add_subcommand("config", "check or print the configuration");
  group->require_subcommand(1);
  auto options = std::make_shared<common>();
  auto* check = group->add_subcommand("check", "name every fault at once; nothing is started");
  add_common(*check, *options);
  check->callback([options, &status] {
    auto x = read_config(*options);
    if (x)
      fmt::print("the configuration is good\n");
    status = x ? 0 : 1;
  });
  auto* print = group->add_subcommand("print", "print every setting with its value; secrets are hidden");
  add_common(*print, *options);
  print->callback([options, &status] {
    auto x = read_config(*options);
    if (x)
      fmt::print("{}", print_config(*x));
    status = x ? 0 : 1;
  });
}

} // namespace clique::cli
