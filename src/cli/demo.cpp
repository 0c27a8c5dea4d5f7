// clique demo: simulated shops with history and live traffic beside a real server on a folder of its own.

#include "cli/cli.hpp"
#include "cli/serve.hpp"

#include "core/time.hpp"
#include "net/client.hpp"
#include "net/crypto.hpp"
#include "storage/accounts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <thread>

namespace clique::cli {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct demo_options : common {
  std::string shop; ///< online_retail: only that shop
  double speed = 60;
  std::string real_data;
  bool keep = false;
};

/// The simulator as our child; it ends with us.
class simulator {
public:
  static result<simulator> start(std::vector<std::string> arguments) {
    int out[2];
    if (pipe2(out, O_CLOEXEC) != 0)
      return error{ec::internal, "no pipe for the simulator", ""};
    auto program = fs::path{CLIQUE_TOOLS} / "simulator" / "main.mjs";
    arguments.insert(arguments.begin(), {"node", program.string()});
    std::vector<char*> argv;
    for (auto& x : arguments)
      argv.push_back(x.data());
    argv.push_back(nullptr);
    auto pid = fork();
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      setpgid(0, 0); // Ctrl-C is for us; we end it ourselves
      dup2(out[1], STDOUT_FILENO);
      execvp("node", argv.data());
      _exit(127);
    }
    close(out[1]);
    auto* lines = fdopen(out[0], "r");
    simulator result;
    result.pid_ = pid;
    std::string line;
    for (int c; lines != nullptr && (c = std::fgetc(lines)) != EOF && c != '\n';)
      line += static_cast<char>(c);
    // The pipe stays open: closing it would end the simulator at its next line.
    result.ready_ = json::parse(line, nullptr, false);
    if (pid < 0 || !result.ready_.is_object())
      return error{ec::unavailable, "the simulator does not start", "is `node` (18 or newer) installed?"};
    return result;
  }

  simulator(simulator&& x) noexcept : pid_(std::exchange(x.pid_, -1)), ready_(std::move(x.ready_)) {
  }
  simulator& operator=(simulator&&) = delete;
  ~simulator() {
    if (pid_ <= 0)
      return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  std::string url() const {
    return fmt::format("http://127.0.0.1:{}", ready_["port"].get<int>());
  }
  const json& ready() const {
    return ready_;
  }

private:
  simulator() = default;
  pid_t pid_ = -1;
  json ready_;
};

/// Asks the simulator's control API and waits: demo set-up is one step after the other.
result<std::string> control(http::client& web, http::method verb, const std::string& url, const json& body = {}) {
  std::promise<result<http::incoming_answer>> promise;
  http::outgoing request;
  request.verb = verb;
  request.url = url;
  request.headers = {{"content-type", "application/json"}};
  request.body = body.is_null() ? "" : body.dump();
  request.total_limit = std::chrono::minutes{2};
  web.send(std::move(request), [&](result<http::incoming_answer> x) { promise.set_value(std::move(x)); });
  auto got = promise.get_future().get();
  if (!got)
    return got.error();
  if (got->status >= 400)
    return error{ec::refused, fmt::format("{} answered {}: {}", url, got->status, got->body.substr(0, 300)), ""};
  return got->body;
}

/// Where the real shop's data may be: told, or beside the checkout.
fs::path find_real_data(const std::string& told) {
  const auto* from_environment = std::getenv("CLIQUE_REAL_DATA");
  std::vector<fs::path> places = {told, from_environment ? from_environment : "",
                                  fs::path{CLIQUE_TOOLS} / ".." / ".." / "shared" / "data" / "real"};
  for (const auto& x : places)
    for (auto name : {"online_retail.csv.xz", "online_retail.csv"})
      if (!x.empty() && fs::exists(x / name))
        return fs::canonical(x / name);
  return {};
}

/// Converts the real shop's file once; later demos find the folder.
result<fs::path> retail_dataset(const fs::path& source, const fs::path& data_dir) {
  auto folder = data_dir / "online_retail";
  if (fs::exists(folder / "store.csv"))
    return folder;
  fs::create_directories(data_dir);
  auto fresh = data_dir / "online_retail.new";
  std::error_code ignored;
  fs::remove_all(fresh, ignored);
  auto program = (fs::path{CLIQUE_TOOLS} / "simulator" / "online_retail.mjs").string();
  auto pid = fork();
  if (pid == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execlp("node", "node", program.c_str(), source.c_str(), fresh.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 1;
  if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
    return error{ec::unavailable, fmt::format("{} could not be converted", source.string()), ""};
  fs::rename(fresh, folder);
  return folder;
}

std::vector<std::string> simulator_arguments(const demo_options& x, const fs::path& retail) {
  auto speed = fmt::format("{}", x.speed);
  std::vector<std::string> result = {"--port", "0", "--speed", speed, "--app-clock", "wall", "--parallel", "32",
                                     // The rate limit runs on real time, our timers on simulated time: scaled alike.
                                     "--graphql-rate", fmt::format("{:.0f}", 100 * std::max(1.0, x.speed))};
  auto add = [&](std::initializer_list<std::string> more) { result.insert(result.end(), more); };
  if (!retail.empty())
    // The real shop opened its books on this morning.
    add({"--dataset", "online_retail=" + retail.string(), "--origin", "2010-12-01T08:00:00Z"});
  if (x.shop.empty())
    add({"--shops", retail.empty() ? "linen-and-oak,north-coffee,kiln-ceramics" : "linen-and-oak,north-coffee",
         "--days-of-history", "90", "--rate", "6"});
  return result;
}

/// An owner of every shop with a sign-in link that works once.
result<std::string> sign_in_secret(const std::string& conninfo) {
  auto system = pg::as_role(conninfo, pg::system_role);
  if (!system)
    return system.error();
  accounts people{pg::connection{*system}};
  auto wall = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  constexpr auto email = "demo@example.com";
  auto made = people.create_user(email, "Demo", random_hex(16), true);
  if (!made) {
    auto known = people.user_of(email);
    if (!known)
      return known.error();
    made = *known;
  }
  return people.one_time_secret(*made, wall + std::chrono::hours{24});
}

void install_all(http::client& web, const simulator& sim, const std::string& app_url) {
  for (const auto& shop : sim.ready()["shops"]) {
    auto name = shop.get<std::string>();
    auto done = control(web, http::method::post, fmt::format("{}/_sim/shops/{}/install", sim.url(), name),
                        {{"app_url", app_url}});
    if (!done)
      spdlog::error("{} could not be connected: {}", name, done.error().what);
  }
}

int demo(const demo_options& x) {
  auto settings = read_config(x);
  if (!settings)
    return 1;
  auto base = fs::path{settings->database.data_dir == config{}.database.data_dir ? fs::path{"build/demo"}
                                                                                 : settings->database.data_dir};
  fs::path retail;
  if (auto source = find_real_data(x.real_data); !source.empty()) {
    auto made = retail_dataset(source, base);
    if (!made)
      return fail(made.error());
    retail = *made;
  } else if (!x.shop.empty()) {
    return fail(
        {ec::not_found, "online_retail.csv.xz was not found", "name its folder with --real-data or CLIQUE_REAL_DATA"});
  } else {
    fmt::print(stderr,
               "note: the real Online Retail data is not at hand (--real-data FOLDER); three made-up shops instead\n");
  }
  // A demo starts from nothing unless told to keep what it had.
  settings->database.data_dir = base / "data";
  std::error_code ignored;
  if (!x.keep)
    fs::remove_all(settings->database.data_dir, ignored);
  auto sim = simulator::start(simulator_arguments(x, retail));
  if (!sim)
    return fail(sim.error());
  http::client web;
  settings->shopify.base_url = sim->url() + "/{shop}";
  settings->shopify.client_id = sim->ready()["client_id"];
  settings->shopify.client_secret.value = sim->ready()["client_secret"];
  settings->shopify.scopes.emplace_back("read_all_orders");
  auto clock = control(web, http::method::get, sim->url() + "/_sim/clock");
  if (!clock)
    return fail(clock.error());
  settings->clock.origin = json::parse(*clock)["now"];
  settings->clock.speed = x.speed;
  return serve(*settings, [&](const running_server& server) {
    auto secret = sign_in_secret(server.conninfo);
    if (!secret)
      return void(fail(secret.error()));
    fmt::print("\n  Dashboard   {}/sign-in#once={}\n  Simulator   {}/_sim/shops\n  Time        runs {} times as fast\n"
               "  Stop        Ctrl-C\n\n",
               server.url, *secret, sim->url(), x.speed);
    std::fflush(stdout);
    install_all(web, *sim, server.url);
  });
}

} // namespace

void add_demo(CLI::App& app, int& status) {
  auto options = std::make_shared<demo_options>();
  auto* command = app.add_subcommand("demo", "simulated shops with live traffic; prints one sign-in link");
  add_common(*command, *options);
  command->add_option("--shop", options->shop, "online_retail: replay only the real shop")
      ->check(CLI::IsMember({"online_retail"}));
  command->add_option("--speed", options->speed, "simulated seconds per second")->check(CLI::Range(0.001, 1e6));
  command->add_option("--real-data", options->real_data, "folder with online_retail.csv.xz");
  command->add_flag("--keep", options->keep, "go on with the data of the last demo");
  command->callback([options, &status] { status = demo(*options); });
}

} // namespace clique::cli
