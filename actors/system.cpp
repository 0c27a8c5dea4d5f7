#include "actors/system.hpp"

#include "actors/directory.hpp"
#include "actors/import_worker.hpp"
#include "actors/lease_actor.hpp"
#include "actors/persistence.hpp"
#include "actors/platform_caller.hpp"
#include "actors/reader_actor.hpp"
#include "actors/scheduler.hpp"
#include "actors/store_supervisor.hpp"
#include "actors/system_storage.hpp"
#include "actors/token_keeper.hpp"
#include "actors/webhook_gateway.hpp"
#include "net/platform/shopify_wire.hpp"
#include "storage/lease.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace clique {

namespace {

using namespace std::chrono_literals;

/// Longest wait for one actor at the end; the whole stop stays below 15 s (faults section 5).
constexpr auto stop_limit = 5s;

struct quiet_config : caf::actor_system_config {
  explicit quiet_config(int workers) {
    // On few cores the sharing scheduler with few workers measured fastest (engine measurements).
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(workers));
  }
};

listener_actor::behavior_type deaf_listener(listener_actor::pointer) {
  return {
      [](store_id, const std::string&) {},
  };
}

template <class T>
const T& shard_of(const std::vector<T>& all, store_id store) {
  return all[static_cast<std::size_t>(raw(store)) % all.size()];
}

bulk_parser parser_for(currency unit) {
  auto from = std::make_shared<shopify::bulk_reader>(unit);
  return {
      [from](std::string_view piece) { return from->feed(piece); },
      [from] { return from->finish(); },
      [from] { return from->to_read_again(); },
  };
}

} // namespace

struct running_system::parts {
  explicit parts(system_options x) : options(std::move(x)), config(options.workers), sys(config) {
  }

  system_options options;
  std::string app_conninfo, system_conninfo;
  metrics_ptr numbers = std::make_shared<metrics>();
  std::shared_ptr<store_book> book = std::make_shared<store_book>();
  feature_index_ptr features;
  shared_epoch epoch = std::make_shared<std::atomic<std::int64_t>>(0);
  std::shared_ptr<std::atomic<bool>> database_up = std::make_shared<std::atomic<bool>>(true);
  std::shared_ptr<http::client> web;
  std::shared_ptr<waiting_acks> acks;
  std::shared_ptr<lease_keeper> lease;
  quiet_config config;
  caf::actor_system sys;

  lease_actor guard;
  std::vector<reader_actor> readers;
  std::vector<persistence_actor> writers;
  std::vector<import_actor> importers;
  token_keeper_actor tokens;
  platform_actor platform;
  push_hub_actor hub;      ///< may be empty
  listener_actor listener; ///< the hub, or somebody deaf
  directory_actor trees;
  delivery_log_actor log;
  caf::actor watch;
  scheduler_actor timers;
  bool stopped = false;

  result<void> connect();
  result<void> own_data();
  void spawn_storage();
  void spawn_platform();
  void spawn_trees();
  void spawn_log();
  void spawn_timers();
  void stop();

  std::function<time_point()> now() const {
    return [clock = options.clock] { return clock.now(); };
  }
  http_send sender() const {
    return [client = web](http::outgoing what, std::function<void(result<http::incoming_answer>)> then) {
      client->send(std::move(what), std::move(then));
    };
  }
  ports ports_of(store_id store) const;
  template <class Handle>
  void wait_for(const Handle& who, const char* name);
  template <class Handle>
  void end(const Handle& who);
};

result<void> running_system::parts::connect() {
  auto app = pg::as_role(options.conninfo, pg::app_role);
  if (!app)
    return app.error();
  auto system = pg::as_role(options.conninfo, pg::system_role);
  if (!system)
    return system.error();
  app_conninfo = *app;
  system_conninfo = *system;
  auto conn = pg::connection{system_conninfo};
  return check_durability(conn);
}

/// Ownership comes first: whoever does not own the data must neither accept nor write anything.
result<void> running_system::parts::own_data() {
  lease = std::make_shared<lease_keeper>(pg::connection{system_conninfo}, options.node);
  auto held = lease->acquire();
  if (!held)
    return held.error();
  if (*held < num_partitions)
    return error{ec::conflict, "Another process works on this database.", "Stop it, or use another database."};
  *epoch = lease->epoch();
  guard = sys.spawn<caf::detached>(lease_guard, lease_setup{
                                                    {
                                                        [x = lease] { return x->renew(); },
                                                        [x = lease] { return x->release(); },
                                                    },
                                                    epoch,
                                                    options.on_lost,
                                                    numbers,
                                                    database_up,
                                                });
  auto all = stores{pg::connection{system_conninfo}, options.keys}.all();
  if (!all)
    return all.error();
  book->fill(std::move(*all));
  return {};
}

void running_system::parts::spawn_storage() {
  for (int i = 0; i < options.readers; ++i)
    readers.push_back(sys.spawn<caf::detached>(fact_reader, reader_on(app_conninfo, options.webhook_address)));
  for (int i = 0; i < options.writers; ++i)
    writers.push_back(
        sys.spawn<caf::detached>(persistence, writer_on(app_conninfo, epoch), numbers, persistence_settings{}));
}

void running_system::parts::spawn_platform() {
  web = std::make_shared<http::client>();
  if (options.spawn_hub) {
    hub = options.spawn_hub(sys);
    listener = hub;
  } else {
    listener = sys.spawn(deaf_listener);
  }
  const auto& app = options.app;
  keeper_setup keeper;
  keeper.store = tokens_on(system_conninfo, options.keys);
  keeper.send = sender();
  keeper.to_request = [app](std::string_view shop, std::string_view refresh) {
    return shopify::refresh_token(app, shop, refresh);
  };
  keeper.read_answer = shopify::read_token_answer;
  keeper.book = book;
  keeper.numbers = numbers;
  // Tokens are the platform's: they age in real time whatever the stores' clock says.
  keeper.now = [] { return clock_port{}.now(); };
  tokens = sys.spawn<caf::detached>(token_keeper, std::move(keeper));

  caller_setup caller;
  caller.store = [x = book](store_id id) { return x->find(id); };
  caller.tokens = tokens;
  caller.send = sender();
  caller.to_request = [app](std::string_view shop, std::string_view token, const call& what) {
    return shopify::to_request(app, shop, token, what);
  };
  caller.read_answer = [](const call& asked, const http::incoming_answer& got, currency unit) {
    return shopify::read_answer(asked, got, unit);
  };
  caller.more_request = [app](std::string_view shop, std::string_view token, const shopify::unfinished& more) {
    return shopify::to_request(app, shop, token, more);
  };
  caller.read_more = [](const shopify::unfinished& more, const http::incoming_answer& got) {
    return shopify::read_answer(more, got);
  };
  caller.numbers = numbers;
  caller.clock = options.clock;
  platform = sys.spawn(platform_caller, std::move(caller));
}

ports running_system::parts::ports_of(store_id store) const {
  ports result;
  result.reader = shard_of(readers, store);
  result.writer = shard_of(writers, store);
  result.platform = platform;
  result.hub = listener;
  result.importer = shard_of(importers, store);
  result.tokens = tokens;
  result.features = features;
  result.numbers = numbers;
  result.now = now();
  result.parse = shopify::parse_webhook;
  return result;
}

void running_system::parts::spawn_trees() {
  auto spawn = [this](store_id store, delivery_log_actor to, directory_actor owner) {
    auto spawn_one = [this, store](child_setup setup, parent_actor parent) -> child_actor {
      return sys.spawn(feature_child, std::move(setup), options.tree, ports_of(store), std::move(parent));
    };
    return sys.spawn(store_supervisor, supervisor_setup{store, options.tree, features, numbers, std::move(to),
                                                        std::move(owner), tokens, spawn_one});
  };
  auto known = [x = book](store_id store) { return x->find(store) != nullptr; };
  trees = sys.spawn(clique::directory, directory_setup{known, features, numbers, spawn});
  for (int i = 0; i < options.importers; ++i) {
    import_setup setup;
    setup.send = sender();
    setup.parser = parser_for;
    setup.writer = [this](store_id store) { return shard_of(writers, store); };
    setup.directory = trees;
    setup.hub = listener;
    setup.features = features;
    setup.numbers = numbers;
    importers.push_back(sys.spawn<caf::detached>(import_worker, std::move(setup)));
  }
}

void running_system::parts::spawn_log() {
  acks = std::make_shared<waiting_acks>(options.acks, http::respond_all);
  log = sys.spawn<caf::detached>(
      delivery_log_keeper, log_ports{log_on(system_conninfo), acks, http::respond_all, features, trees, numbers, now()},
      options.log);
  // The directory must know the log before anything is routed.
  caf::anon_send(trees, atom::start_v, log);
  watch = sys.spawn(ack_watch, acks, numbers);
  numbers->watch("clique_waiting_acks", {}, [x = acks] { return static_cast<double>(x->waiting()); });
  numbers->watch("clique_stores", {}, [x = book] { return static_cast<double>(x->size()); });
}

void running_system::parts::spawn_timers() {
  scheduler_setup setup;
  setup.jobs = jobs_on(system_conninfo, features);
  setup.now = now();
  setup.beat = options.clock.real(1s, 100ms);
  setup.directory = trees;
  setup.numbers = numbers;
  setup.stores = book->ids();
  timers = sys.spawn<caf::detached>(timer_scheduler, std::move(setup));
}

template <class Handle>
void running_system::parts::wait_for(const Handle& who, const char* name) {
  if (!who)
    return;
  caf::scoped_actor self{sys};
  self->request(who, stop_limit, atom::stop_v)
      .receive([](atom::ok) {}, [name](caf::error&) { spdlog::warn("{} did not stop in time", name); });
}

template <class Handle>
void running_system::parts::end(const Handle& who) {
  if (who)
    caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
}

// What asks for work ends before what does it, and what makes things durable ends last.
void running_system::parts::stop() {
  if (std::exchange(stopped, true))
    return;
  // 1. No more timers.
  wait_for(timers, "scheduler");
  // 2. Bulk work: it may be begun again, so it is cut.
  for (const auto& x : importers)
    end(x);
  // 3. The trees: what they have in hand commits or is replayed at the next start.
  wait_for(trees, "directory");
  // 4. Nobody asks the platform any more.
  end(platform);
  end(tokens);
  // 5. The log after the trees, so that the cursors know of their last commits. Whoever still waits hears 503.
  wait_for(log, "delivery log");
  end(watch);
  if (acks)
    acks->refuse_all();
  // 6. The database's users.
  for (const auto& x : readers)
    end(x);
  for (const auto& x : writers)
    end(x);
  // 7. Dashboards hear good-bye after the last change.
  wait_for(hub, "push hub");
  end(listener);
  // 8. Ownership last: until here nobody else may write.
  wait_for(guard, "lease");
  web.reset();
}

running_system::running_system(std::unique_ptr<parts> x) : parts_(std::move(x)) {
}

running_system::~running_system() {
  stop();
}

result<std::unique_ptr<running_system>> running_system::start(system_options options) {
  auto made = std::make_unique<parts>(std::move(options));
  auto& x = *made;
  auto result = std::unique_ptr<running_system>{new running_system{std::move(made)}};
  x.features = std::make_shared<const feature_index>(x.options.table);
  if (auto ok = x.connect(); !ok)
    return ok.error();
  if (auto ok = x.own_data(); !ok)
    return ok.error();
  x.spawn_storage();
  x.spawn_platform();
  x.spawn_trees();
  x.spawn_log();
  x.spawn_timers();
  return result;
}

http::handler running_system::webhooks() const {
  const auto& x = *parts_;
  auto accept = [log = x.log](arrival what) { caf::anon_send(log, std::move(what)); };
  return webhook_gateway({x.options.app, x.book, x.acks, accept, x.now(), x.numbers});
}

void running_system::run_command(store_id store, std::string feature, command what, waiting_user::callback then) const {
  auto user = then ? waiting_user{std::move(then)} : waiting_user{};
  caf::anon_send(parts_->trees, store, user_command{std::move(feature), std::move(what), std::move(user)});
}

void running_system::store_connected(const store_entry& store) const {
  parts_->book->put(store);
  caf::anon_send(parts_->tokens, atom::refresh_v, store.id);
  caf::anon_send(parts_->timers, atom::connect_v, store.id);
  caf::anon_send(parts_->trees, store.id, event_note{no_feature, clique::store_connected{}});
}

std::vector<std::string> running_system::not_ready() const {
  std::vector<std::string> result;
  if (parts_->stopped)
    result.emplace_back("stopping");
  if (!parts_->database_up->load())
    result.emplace_back("database");
  if (parts_->epoch->load() == 0)
    result.emplace_back("ownership");
  return result;
}

void running_system::stop() {
  parts_->stop();
}

caf::actor_system& running_system::actors() {
  return parts_->sys;
}
const metrics_ptr& running_system::numbers() const {
  return parts_->numbers;
}
const std::shared_ptr<store_book>& running_system::book() const {
  return parts_->book;
}
const std::shared_ptr<http::client>& running_system::web() const {
  return parts_->web;
}
const directory_actor& running_system::directory() const {
  return parts_->trees;
}
const delivery_log_actor& running_system::log() const {
  return parts_->log;
}
const push_hub_actor& running_system::hub() const {
  return parts_->hub;
}

} // namespace clique
