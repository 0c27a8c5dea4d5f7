#define CAF_SUITE store_supervisor

#include "actors/store_supervisor.hpp"

#include "actors/directory.hpp"
#include "fakes.hpp"

using namespace clique;
using namespace std::chrono_literals;

namespace {

effects nothing(const snapshot&, const trigger&) {
  return {};
}

const std::vector<feature> table = {
    {"orders", "Orders", child::sync, {.topics = {"orders/create"}, .hears_events = true}, {}, nullptr, nothing},
    {"ads", "Ads", child::ads, {.topics = {"orders/create"}, .hears_events = true}, {}, nullptr, nothing},
    {"trends", "Trends", child::trends, {.period = 10min}, {}, nullptr, nothing},
};

constexpr children_mask sync_bit = 1, ads_bit = 4;

/// What the fake children got: "sync starts", "sync gets 1 2", ...
struct children {
  std::vector<std::string> diary;
  std::map<child, child_actor> alive;
  std::map<child, parent_actor> parents;
  std::map<child, child_setup> setups;
  bool idle = true;

  long times(const std::string& x) const {
    return std::count(diary.begin(), diary.end(), x);
  }
};

child_actor::behavior_type fake_child(child_actor::pointer, std::string name, children* all) {
  return {
      [=](const deliveries& x) {
        auto text = name + " gets";
        for (const auto& y : x.items)
          text += " " + std::to_string(y.what->place.seq);
        all->diary.push_back(text);
      },
      [=](atom::tick, feature_ref) { all->diary.push_back(name + " ticks"); },
      [=](const command_request& x) { all->diary.push_back(name + " command " + x.what.name); },
      [=](const event_note&) { all->diary.push_back(name + " hears"); },
      [](atom::again) {},
      [=](atom::status) {
        child_status result;
        result.busy = !all->idle;
        return result;
      },
  };
}

delivery_log_actor::behavior_type fake_log(delivery_log_actor::pointer, std::vector<std::string>* diary) {
  return {
      [](const arrival&) {},
      [=](const closed_note& x) { diary->push_back(fmt::format("closed {} by {}", x.up_to, x.who)); },
      [=](atom::lost, store_id) { diary->push_back("lost"); },
      [](atom::check, std::int32_t) {},
      [](atom::flush) {},
      [](atom::page) {},
      [](atom::tick) {},
      [](atom::status) { return log_status{}; },
      [](atom::stop) { return atom::ok_v; },
  };
}

struct fixture : test_coordinator_fixture<> {
  children all;
  script_ptr s = std::make_shared<script>();
  std::vector<std::string> log_diary;
  feature_index_ptr features = std::make_shared<const feature_index>(table);
  delivery_log_actor log = sys.spawn(fake_log, &log_diary);
  token_keeper_actor tokens = sys.spawn(fake_tokens, s);
  directory_actor trees;
  tree_settings settings;

  fixture() {
    settings.idle = 10min;
    auto spawn = [this](store_id store, delivery_log_actor to, directory_actor owner) {
      auto spawn_one = [this](child_setup setup, parent_actor parent) {
        auto name = std::string{to_string(setup.who)};
        all.diary.push_back(name + " starts");
        all.parents[setup.who] = parent;
        all.setups[setup.who] = setup;
        return all.alive[setup.who] = sys.spawn(fake_child, name, &all);
      };
      return sys.spawn(store_supervisor, supervisor_setup{store, settings, features, std::make_shared<metrics>(), to,
                                                          owner, tokens, spawn_one});
    };
    auto known = [](store_id x) { return x == shop; };
    trees = sys.spawn(directory, directory_setup{known, features, std::make_shared<metrics>(), spawn});
    anon_send(trees, atom::start_v, log);
    consume_messages();
  }
  ~fixture() override {
    all.alive.clear();
    all.parents.clear();
    anon_send(trees, atom::stop_v);
    consume_messages();
  }
  void deliver(std::vector<routed> xs) {
    anon_send(trees, deliveries{std::move(xs)});
    consume_messages();
  }
  void wait(std::chrono::milliseconds time) {
    advance_time(time);
    consume_messages();
  }
  void kill(child who) {
    anon_send_exit(all.alive[who], caf::exit_reason::kill);
    consume_messages();
  }
  void crash(child who, std::int64_t seq) {
    anon_send(all.parents[who], crash_note{who, seq, "bad"});
    kill(who);
  }
  void close(child who, std::int64_t up_to) {
    anon_send(all.parents[who], closed_note{shop, bit_of(who), up_to});
    consume_messages();
  }
  directory_status status() {
    directory_status result;
    self->send(trees, atom::status_v);
    consume_messages();
    self->receive([&](const directory_status& x) { result = x; });
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(children start when they are needed first) {
  deliver({delivered(1, "orders/create", "1", sync_bit)});
  CAF_CHECK_EQUAL(all.diary, (std::vector<std::string>{"sync starts", "sync gets 1"}));
  anon_send(trees, atom::tick_v, shop, std::string{"trends"});
  consume_messages();
  CAF_CHECK_EQUAL(all.times("trends ticks"), 1);
}

CAF_TEST(a delivery reaches every child that wants it) {
  deliver({delivered(1, "orders/create", "1", sync_bit | ads_bit)});
  CAF_CHECK_EQUAL(all.times("sync gets 1"), 1);
  CAF_CHECK_EQUAL(all.times("ads gets 1"), 1);
}

CAF_TEST(a child that ends is started again after a delay with what it had open) {
  deliver({delivered(1, "orders/create", "1"), delivered(2, "orders/create", "2")});
  close(child::sync, 1);
  kill(child::sync);
  CAF_CHECK_EQUAL(all.times("sync starts"), 1);
  deliver({delivered(3, "orders/create", "3")}); // while it is down
  CAF_CHECK_EQUAL(all.times("sync starts"), 1);
  wait(1s);
  CAF_CHECK_EQUAL(all.times("sync starts"), 2);
  CAF_CHECK_EQUAL(all.diary.back(), "sync gets 2 3");
}

CAF_TEST(the delay grows with every failure and is short again after a healthy life) {
  deliver({delivered(1, "orders/create", "1")});
  for (int i = 0; i < 8; ++i) {
    kill(child::sync);
    wait(60s);
  }
  auto before = all.times("sync starts");
  kill(child::sync);
  wait(5s);
  CAF_CHECK_EQUAL(all.times("sync starts"), before); // base 100 ms, the ninth time
  wait(60s);
  CAF_CHECK_EQUAL(all.times("sync starts"), before + 1);
  for (int i = 0; i < 60; ++i)
    wait(10s); // healthy
  kill(child::sync);
  wait(1s);
  CAF_CHECK_EQUAL(all.times("sync starts"), before + 2);
}

CAF_TEST(A10 a delivery that crashes its child three times is put aside) {
  deliver({delivered(1, "orders/create", "1"), delivered(2, "orders/create", "2")});
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(all.setups[child::sync].poison.empty());
    crash(child::sync, 1);
    wait(60s);
  }
  const auto& poison = all.setups[child::sync].poison;
  CAF_REQUIRE_EQUAL(poison.size(), 1u);
  CAF_CHECK_EQUAL(poison.at(1).attempts, 3);
  CAF_CHECK_EQUAL(poison.at(1).reason, "bad");
}

CAF_TEST(A10 crashes of one child leave the others alone) {
  deliver({delivered(1, "orders/create", "1", sync_bit | ads_bit)});
  for (int i = 0; i < 3; ++i) {
    crash(child::sync, 1);
    wait(60s);
  }
  CAF_CHECK_EQUAL(all.times("ads starts"), 1);
  CAF_CHECK(all.setups[child::ads].poison.empty());
}

CAF_TEST(crashes before a success do not count) {
  deliver({delivered(1, "orders/create", "1"), delivered(2, "orders/create", "2")});
  crash(child::sync, 1);
  wait(60s);
  crash(child::sync, 1);
  wait(60s);
  close(child::sync, 1);
  crash(child::sync, 2);
  wait(60s);
  CAF_CHECK(all.setups[child::sync].poison.empty());
}

CAF_TEST(what a child has closed is reported to the log) {
  deliver({delivered(1, "orders/create", "1", sync_bit | ads_bit)});
  close(child::ads, 1);
  CAF_CHECK_EQUAL(log_diary, std::vector<std::string>{"closed 1 by 4"});
}

CAF_TEST(a fact reaches every child that hears) {
  deliver({delivered(1, "orders/create", "1", sync_bit)});
  anon_send(all.parents[child::sync], event_note{feature_ref{0}, import_finished{}});
  consume_messages();
  CAF_CHECK_EQUAL(all.times("sync hears"), 1);
  CAF_CHECK_EQUAL(all.times("ads hears"), 1);
  CAF_CHECK_EQUAL(all.times("trends starts"), 0);
}

CAF_TEST(an idle tree goes to sleep and is woken by the next delivery) {
  deliver({delivered(1, "orders/create", "1")});
  close(child::sync, 1);
  for (int i = 0; i < 4; ++i)
    wait(5min);
  CAF_CHECK_EQUAL(status().trees, 0u);
  deliver({delivered(2, "orders/create", "2")});
  CAF_CHECK_EQUAL(status().trees, 1u);
  CAF_CHECK_EQUAL(all.diary.back(), "sync gets 2");
}

CAF_TEST(a tree with an open delivery stays awake) {
  deliver({delivered(1, "orders/create", "1")});
  for (int i = 0; i < 6; ++i)
    wait(5min);
  CAF_CHECK_EQUAL(status().trees, 1u);
}

CAF_TEST(a tree with a busy child stays awake) {
  deliver({delivered(1, "orders/create", "1")});
  close(child::sync, 1);
  all.idle = false;
  for (int i = 0; i < 6; ++i)
    wait(5min);
  CAF_CHECK_EQUAL(status().trees, 1u);
}

CAF_TEST(a tree that is about to get something is not put to sleep) {
  deliver({delivered(1, "orders/create", "1")});
  anon_send(trees, atom::sleep_v, shop, std::uint64_t{0}); // has not yet seen the delivery
  consume_messages();
  CAF_CHECK_EQUAL(status().trees, 1u);
}

CAF_TEST(deliveries of an unknown store are closed) {
  deliver({delivered(4, "orders/create", "1", sync_bit, store_id{8})});
  CAF_CHECK_EQUAL(log_diary, std::vector<std::string>{"closed 4 by 63"});
  CAF_CHECK_EQUAL(status().trees, 0u);
}

CAF_TEST(a command for an unknown feature or store is refused) {
  std::vector<ec> answers;
  auto user = [&] { return waiting_user{[&](result<std::string> x) { answers.push_back(x.error().code); }}; };
  anon_send(trees, shop, user_command{"nothing", {"run", "{}", {}}, user()});
  anon_send(trees, store_id{8}, user_command{"orders", {"run", "{}", {}}, user()});
  consume_messages();
  CAF_CHECK_EQUAL(answers.size(), 2u);
  CAF_CHECK(answers[0] == ec::not_found && answers[1] == ec::not_found);
}

CAF_TEST(a command reaches the child of its feature) {
  anon_send(trees, shop, user_command{"ads", {"pause", "{}", {}}, {}});
  consume_messages();
  CAF_CHECK_EQUAL(all.diary.back(), "ads command pause");
}

CAF_TEST(a changed row of the store reaches the token keeper) {
  deliver({delivered(1, "orders/create", "1")});
  anon_send(all.parents[child::sync], atom::refresh_v);
  consume_messages();
  CAF_CHECK_EQUAL(s->times("refresh"), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
