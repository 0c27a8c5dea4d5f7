#define CAF_SUITE import_worker

#include "actors/import_worker.hpp"

#include "fakes.hpp"

#include <nlohmann/json.hpp>

using namespace clique;
using namespace std::chrono_literals;

namespace {

effects nothing(const snapshot&, const trigger&) {
  return {};
}

const std::vector<feature> table = {
    {"import", "Import", child::sync, {.commands = {"imported", "failed", "progress"}}, {}, nullptr, nothing}};

struct told {
  std::string name;
  nlohmann::json args;
};

directory_actor::behavior_type fake_directory(directory_actor::pointer, std::vector<told>* commands) {
  return {
      [](atom::start, const delivery_log_actor&) {},
      [](const deliveries&) {},
      [](atom::tick, store_id, const std::string&) {},
      [=](store_id, const user_command& x) {
        commands->push_back({x.what.name, nlohmann::json::parse(x.what.args)});
      },
      [](store_id, const event_note&) {},
      [](atom::sleep, store_id, std::uint64_t) {},
      [](atom::status) { return directory_status{}; },
      [](atom::stop) { return atom::ok_v; },
  };
}

/// A "file" is one order per character.
struct fixture : test_coordinator_fixture<> {
  script_ptr s = std::make_shared<script>();
  std::vector<told> commands;
  http::outgoing download;
  std::function<void(result<http::incoming_answer>)> ended;
  int downloads = 0;
  bool malformed = false;
  directory_actor trees = sys.spawn(fake_directory, &commands);
  listener_actor hub = sys.spawn(fake_hub, s);
  persistence_actor writer = sys.spawn(fake_writer, s);
  import_worker_actor aut;

  fixture() {
    import_setup setup;
    setup.send = [this](http::outgoing x, auto then) {
      ++downloads;
      download = std::move(x);
      ended = std::move(then);
    };
    setup.parser = [this](currency) {
      auto orders = std::make_shared<std::vector<order>>();
      return bulk_parser{
          [orders](std::string_view piece) -> result<void> {
            orders->resize(orders->size() + piece.size());
            return {};
          },
          [this, orders]() -> result<std::vector<order>> {
            if (malformed)
              return error{ec::bad_input, "cut in line 3", ""};
            return *orders;
          },
          [] { return std::vector<shopify_id>{820'982'911'946'154'508}; },
      };
    };
    setup.writer = [this](store_id) { return writer; };
    setup.directory = trees;
    setup.hub = hub;
    setup.features = std::make_shared<const feature_index>(table);
    setup.numbers = std::make_shared<metrics>();
    setup.rows_per_batch = 10;
    setup.report_every = 20;
    aut = sys.spawn(import_worker, std::move(setup));
  }
  ~fixture() override {
    download = {};
    ended = nullptr;
    for (const auto& x : {caf::actor_cast<caf::actor>(aut), caf::actor_cast<caf::actor>(trees)})
      anon_send_exit(x, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void ask(std::string month = "2026-03") {
    import_request x;
    x.store.id = shop;
    x.feature = "import";
    x.what = {"https://files.example/1", std::move(month)};
    anon_send(aut, x);
    consume_messages();
  }
  void arrive(std::string bytes) {
    download.on_data(bytes);
    consume_messages();
  }
  void end(int status = 200) {
    http::incoming_answer x;
    x.status = status;
    std::exchange(ended, nullptr)(x);
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(import_tests, fixture)

CAF_TEST(a file becomes batches of rows and a report to its feature) {
  ask();
  arrive(std::string(20, 'x'));
  arrive(std::string(5, 'x'));
  CAF_CHECK(s->saved.empty());
  end();
  CAF_CHECK_EQUAL(s->saved.size(), 3u);
  CAF_REQUIRE(!commands.empty());
  CAF_CHECK_EQUAL(commands.back().name, "imported");
  CAF_CHECK_EQUAL(commands.back().args["month"], "2026-03");
  CAF_CHECK_EQUAL(commands.back().args["rows"], 25);
  CAF_CHECK_EQUAL(commands.back().args["again"].at(0), "820982911946154508");
}

CAF_TEST(progress is told on the way) {
  ask();
  arrive(std::string(50, 'x'));
  end();
  CAF_CHECK_EQUAL(commands.front().name, "progress");
  CAF_CHECK_EQUAL(commands.front().args["rows"], 20);
  CAF_CHECK(s->times("push jobs") > 0);
}

CAF_TEST(C4 a malformed or refused or cut file writes nothing and is told as failed) {
  malformed = true;
  ask();
  arrive("xx");
  end();
  CAF_CHECK_EQUAL(commands.back().name, "failed");
  CAF_CHECK_EQUAL(commands.back().args["error"], "cut in line 3");
  malformed = false;
  ask();
  arrive("xx");
  end(403);
  CAF_CHECK_EQUAL(commands.back().name, "failed");
  ask();
  arrive("xx");
  std::exchange(ended, nullptr)(error{ec::unavailable, "cut", ""});
  consume_messages();
  CAF_CHECK_EQUAL(commands.back().name, "failed");
  CAF_CHECK(s->saved.empty());
}

CAF_TEST(a batch that the database did not take is written later) {
  s->failing_saves = {ec::unavailable, ec::unavailable};
  ask();
  arrive(std::string(30, 'x'));
  end();
  for (int i = 0; i < 5; ++i) {
    advance_time(10s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(s->saved.size(), 3u);
  CAF_CHECK_EQUAL(commands.back().name, "imported");
  CAF_CHECK_EQUAL(commands.back().args["rows"], 30);
}

CAF_TEST(one file at a time) {
  ask("2026-03");
  ask("2026-02");
  CAF_CHECK_EQUAL(downloads, 1);
  end();
  CAF_CHECK_EQUAL(downloads, 2);
  arrive("x");
  end();
  CAF_CHECK_EQUAL(commands.back().args["month"], "2026-02");
}

CAF_TEST_FIXTURE_SCOPE_END()
