// clique serve: configuration -> database -> front -> signal.

#include "cli/serve.hpp"

#include "cli/cli.hpp"

#include "actors/front.hpp"
#include "features/features.hpp"
#include "storage/migrate.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <thread>

namespace clique::cli {

namespace {

/// Longest line that one event may make; control characters are escaped, so that one event is one line (faults G14).
constexpr std::size_t longest_message = 2'000;

/// The message as a JSON string without its quotes.
class escaped_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& x, const std::tm&, spdlog::memory_buf_t& to) override {
    auto text = nlohmann::json(std::string{x.payload.data(), std::min(x.payload.size(), longest_message)})
                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    to.append(text.data() + 1, text.data() + text.size() - 1);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<escaped_message>();
  }
};

void set_up_logs(const config& x) {
  auto logger = spdlog::stderr_logger_mt("clique");
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<escaped_message>('*');
  formatter->set_pattern(x.logs.format == "json"
                             ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","thread":%t,"message":"%*"})"
                             : "%Y-%m-%dT%H:%M:%S.%eZ %l %*");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(x.logs.level));
  spdlog::set_default_logger(std::move(logger));
}

shopify::app_credentials credentials(const config& x) {
  return {x.shopify.client_id,
          x.shopify.client_secret.value,
          x.shopify.previous_secret.value,
          x.shopify.api_version,
          x.shopify.base_url,
          x.shopify.scopes};
}

/// The table with what the configuration says about each feature; lives as long as the process.
feature_table configured_table(const config& x) {
  static std::deque<std::vector<feature>> kept;
  auto& table = kept.emplace_back();
  for (auto row : all_features()) {
    auto said = x.features.find(std::string{row.name});
    if (said != x.features.end() && !said->second.enabled)
      continue;
    if (said != x.features.end() && said->second.period_minutes > 0)
      row.when.period = std::chrono::minutes{said->second.period_minutes};
    table.push_back(row);
  }
  return table;
}

front_options front_of(const config& x) {
  front_options result;
  result.server.address = x.server.address;
  result.server.port = x.server.port;
  result.server.threads = x.server.threads;
  result.server.tls_certificate = x.server.tls_certificate;
  result.server.tls_key = x.server.tls_key;
  result.server.hsts = x.server.public_url.starts_with("https://");
  result.public_url = x.server.public_url;
  result.metrics_public = x.server.metrics_public;
  result.dashboard = x.server.dashboard.empty() ? CLIQUE_DASHBOARD : x.server.dashboard;
  result.desks = x.database.views;
  result.drain_limit = x.server.drain_limit;
  return result;
}

system_options system_of(const config& x, std::string conninfo, vault keys) {
  system_options result;
  result.conninfo = std::move(conninfo);
  result.keys = std::move(keys);
  result.app = credentials(x);
  result.table = configured_table(x);
  if (!x.clock.origin.empty() || x.clock.speed != 1)
    result.clock = clock_port{x.clock.origin.empty() ? clock_port{}.now() : *parse_time(x.clock.origin), x.clock.speed};
  result.readers = x.database.readers;
  result.writers = x.database.writers;
  result.acks.count = x.tree.waiting_acks;
  result.acks.bytes = x.tree.waiting_bytes;
  result.tree.idle = x.tree.idle;
  result.on_lost = [] {
    spdlog::error("another process has taken this database over; ending");
    std::raise(SIGTERM);
  };
  return result;
}

sigset_t end_signals() {
  sigset_t result;
  sigemptyset(&result);
  sigaddset(&result, SIGTERM);
  sigaddset(&result, SIGINT);
  return result;
}

} // namespace

int serve(const config& settings, const std::function<void(const running_server&)>& ready) {
  // Before any thread is made, so that all inherit it: the signals come to this function only.
  auto signals = end_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  set_up_logs(settings);
  auto keys = open_vault(settings);
  if (!keys)
    return fail(keys.error());
  std::optional<embedded_postgres> own;
  auto conninfo = settings.database.url.value;
  if (conninfo.empty()) {
    auto started = embedded_postgres::start(settings.database.data_dir);
    if (!started)
      return fail(started.error());
    own.emplace(std::move(*started));
    conninfo = own->owner_conninfo();
  }
  {
    pg::connection owner{conninfo};
    if (auto ok = migrate(owner); !ok)
      return fail(ok.error());
  }
  auto house = front::start(front_of(settings), system_of(settings, conninfo, std::move(*keys)));
  if (!house)
    return fail(house.error());
  std::thread announce{[&] { ready({(*house)->url(), conninfo}); }};
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("ending on signal {}", signal);
  // A second signal ends the process at once.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::signal(SIGTERM, [](int) { _exit(1); });
  std::signal(SIGINT, [](int) { _exit(1); });
  announce.join();
  (*house)->stop();
  return 0;
}

void add_serve(CLI::App& app, int& status) {
  auto options = std::make_shared<common>();
  auto* command = app.add_subcommand("serve", "run the server until SIGTERM or Ctrl-C");
  add_common(*command, *options);
  command->callback([options, &status] {
    auto settings = read_config(*options);
    if (!settings) {
      status = 1;
      return;
    }
    status = serve(*settings, [](const running_server& x) {
      fmt::print("listening on {}\n", x.url);
      std::fflush(stdout);
    });
  });
}

} // namespace clique::cli
