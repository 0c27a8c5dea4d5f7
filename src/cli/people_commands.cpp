// clique users, clique keys: who may sign in, API keys, encryption keys.

#include "cli/cli.hpp"

#include "storage/accounts.hpp"
#include "storage/stores.hpp"

#include <fmt/format.h>

#include <iostream>

namespace clique::cli {

namespace {

struct user_options : common {
  std::string email, name, store, as = "viewer";
  bool is_operator = false, password_stdin = false;
};

/// Runs *work* on the accounts of the configured database.
template <class Work>
int with_accounts(const user_options& options, Work work) {
  auto settings = read_config(options);
  if (!settings)
    return 1;
  auto db = open_database(*settings);
  if (!db)
    return fail(db.error());
  auto role_info = pg::as_role(db->conninfo, pg::system_role);
  if (!role_info)
    return fail(role_info.error());
  accounts people{pg::connection{*role_info}};
  auto keys = open_vault(*settings);
  if (!keys)
    return fail(keys.error());
  stores shops{pg::connection{*role_info}, *keys};
  return work(people, shops);
}

result<std::string> read_password() {
  std::string result;
  if (!std::getline(std::cin, result) || result.empty())
    return error{ec::bad_input, "no password came on standard input", "e.g. pass it with a pipe or a file"};
  return result;
}

int add_user(const user_options& x) {
  auto password = read_password();
  if (!password)
    return fail(password.error());
  return with_accounts(x, [&](accounts& people, stores& shops) {
    auto made = people.create_user(x.email, x.name, *password, x.is_operator);
    if (!made)
      return fail(made.error());
    if (!x.store.empty()) {
      auto as = parse_role(x.as);
      auto store = shops.by_shop(x.store);
      if (!store)
        return fail(store.error());
      if (!*store || !as)
        return fail({ec::bad_input, "the user was made, but not the membership: unknown shop or role",
                     "see `clique stores list`; roles are owner, analyst, viewer"});
      if (auto ok = people.grant(*made, (*store)->id, *as); !ok)
        return fail(ok.error());
    }
    fmt::print("{} may sign in\n", x.email);
    return 0;
  });
}

int set_password(const user_options& x) {
  auto password = read_password();
  if (!password)
    return fail(password.error());
  return with_accounts(x, [&](accounts& people, stores&) {
    auto ok = people.set_password(x.email, *password);
    if (!ok)
      return fail(ok.error());
    fmt::print("the password of {} is changed\n", x.email);
    return 0;
  });
}

int rotate(const user_options& x) {
  return with_accounts(x, [](accounts&, stores& shops) {
    auto count = shops.rotate_keys();
    if (!count)
      return fail(count.error());
    fmt::print("{} secrets are under the current key now\n", *count);
    return 0;
  });
}

} // namespace

void add_people(CLI::App& app, int& status) {
  auto options = std::make_shared<user_options>();
  auto* users = app.add_subcommand("users", "people who may sign in");
  users->require_subcommand(1);
  auto* add = users->add_subcommand("add", "make a user; the password comes on standard input");
  add_common(*add, *options);
  add->add_option("--email", options->email)->required();
  add->add_option("--name", options->name)->required();
  add->add_flag("--operator", options->is_operator, "sees every store");
  add->add_flag("--password-stdin", options->password_stdin, "read the password from standard input (always so)");
  add->add_option("--store", options->store, "name.myshopify.com to give a role in");
  add->add_option("--role", options->as, "owner, analyst or viewer");
  add->callback([options, &status] { status = add_user(*options); });
  auto* reset = users->add_subcommand("set-password", "change a password; it comes on standard input");
  add_common(*reset, *options);
  reset->add_option("--email", options->email)->required();
  reset->callback([options, &status] { status = set_password(*options); });

  auto* keys = app.add_subcommand("keys", "encryption keys of stored tokens");
  keys->require_subcommand(1);
  auto* rotation = keys->add_subcommand("rotate", "re-encrypt every token under keys.key_id; safe to repeat");
  add_common(*rotation, *options);
  rotation->callback([options, &status] { status = rotate(*options); });
}

} // namespace clique::cli
