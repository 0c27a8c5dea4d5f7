#define CAF_SUITE child

#include "actors/child.hpp"

#include "fakes.hpp"

using namespace clique;
using namespace std::chrono_literals;

namespace {

/// One row per delivery, a push and a fact; 666 is too much for it.
effects take_orders(const snapshot&, const trigger& why) {
  effects result;
  if (auto* x = std::get_if<webhooks>(&why.why))
    for (const auto& item : x->items) {
      auto id = std::get<order_deleted>(item.what).id;
      if (id == 666)
        throw std::runtime_error{"666"};
      result.push_back(push{"overview"});
      result.push_back(tell{orders_changed{{id}}});
      result.push_back(save{order_gone_row{id, why.now}});
    }
  return result;
}

effects count_orders_too(const snapshot&, const trigger& why) {
  effects result;
  if (std::holds_alternative<webhooks>(why.why))
    result.push_back(save{sync_log_row{}});
  if (std::holds_alternative<heard>(why.why))
    result.push_back(push{"heard"});
  return result;
}

/// Asks the platform when told to; says so when it has answered.
effects ask_shop(const snapshot&, const trigger& why) {
  if (auto* x = std::get_if<command>(&why.why)) {
    if (x->name == "fail")
      throw std::runtime_error{"on purpose"};
    return {push{"jobs"}, respond{std::string{"asked"}}, ask{read_shop{}}, save{shop_row{}}};
  }
  if (std::holds_alternative<reply>(why.why))
    return {push{"answered"}};
  return {push{"ticked"}};
}

std::vector<std::int64_t> ids(const trigger& why) {
  std::vector<std::int64_t> result;
  if (auto* x = std::get_if<webhooks>(&why.why))
    for (const auto& item : x->items)
      result.push_back(std::get<order_deleted>(item.what).id);
  return result;
}

const std::vector<feature> table = {
    {"orders", "Orders", child::sync, {.topics = {"orders/create", "orders/paid"}}, reads::nothing, ids, take_orders},
    {"count",
     "Count",
     child::sync,
     {.topics = {"orders/paid"}, .hears_events = true},
     reads::nothing,
     nullptr,
     count_orders_too},
    {"shop", "Shop", child::sync, {.period = 10min, .commands = {"go", "fail"}}, reads::nothing, nullptr, ask_shop},
};

parent_actor::behavior_type fake_parent(parent_actor::pointer, script_ptr s) {
  return {
      [s](const closed_note& x) { s->note(fmt::format("closed {}", x.up_to)); },
      [s](const crash_note& x) { s->note(fmt::format("crash {} {}", x.seq, x.reason)); },
      [s](const event_note&) { s->note("tell"); },
      [s](atom::refresh) { s->note("refresh row"); },
  };
}

struct fixture : test_coordinator_fixture<> {
  script_ptr s = std::make_shared<script>();
  parent_actor parent = sys.spawn(fake_parent, s);
  child_actor aut;

  ports world() {
    ports result;
    result.reader = sys.spawn(fake_reader, s);
    result.writer = sys.spawn(fake_writer, s);
    result.platform = sys.spawn(fake_platform, s);
    result.hub = sys.spawn(fake_hub, s);
    result.importer = sys.spawn(fake_importer, s);
    result.tokens = sys.spawn(fake_tokens, s);
    result.features = std::make_shared<const feature_index>(table);
    result.numbers = std::make_shared<metrics>();
    result.now = [] { return time_point{}; };
    result.parse = fake_parse;
    return result;
  }
  void spawn_aut(child_setup setup = {shop, child::sync, {}}) {
    aut = sys.spawn(feature_child, std::move(setup), tree_settings{}, world(), parent);
    consume_messages();
    s->diary.clear();
    s->loads.clear();
  }
  void deliver(std::vector<routed> xs) {
    anon_send(aut, deliveries{std::move(xs)});
  }
  void command_of(feature_ref f, std::string name, waiting_user user = {}) {
    anon_send(aut, command_request{f, {std::move(name), "{}", {}}, std::move(user)});
    consume_messages();
  }
  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    consume_messages();
  }
};

constexpr auto f_orders = feature_ref{0}, f_count = feature_ref{1}, f_shop = feature_ref{2};

} // namespace

CAF_TEST_FIXTURE_SCOPE(child_tests, fixture)

CAF_TEST(it loads then saves then tells and pushes) {
  spawn_aut();
  deliver({delivered(1, "orders/create", "5")});
  consume_messages();
  auto saved = s->at("save 1 rows up to 1");
  CAF_REQUIRE(saved != std::string::npos);
  CAF_CHECK(s->at("load orders") < saved);
  for (auto after : {"tell", "push overview", "closed 1"}) {
    CAF_CHECK(s->at(after) != std::string::npos);
    CAF_CHECK(saved < s->at(after));
  }
}

CAF_TEST(deliveries that wait are one load and one save) {
  spawn_aut();
  std::vector<routed> xs;
  for (std::int64_t i = 1; i <= 250; ++i)
    xs.push_back(delivered(i, "orders/create", std::to_string(i)));
  deliver(std::move(xs));
  consume_messages();
  CAF_REQUIRE_EQUAL(s->saved.size(), 2u);
  CAF_CHECK_EQUAL(s->saved[0].rows.size(), 200u);
  CAF_CHECK_EQUAL(s->saved[1].closed_up_to, 250);
  CAF_CHECK_EQUAL(s->loads[0].about.size(), 200u);
}

CAF_TEST(every feature sees a delivery before the cursor moves) {
  spawn_aut();
  deliver({delivered(1, "orders/create", "5"), delivered(2, "orders/paid", "6")});
  consume_messages();
  CAF_REQUIRE_EQUAL(s->saved.size(), 2u);
  CAF_CHECK_EQUAL(s->saved[0].closed_up_to, 0);
  CAF_CHECK_EQUAL(s->saved[0].rows.size(), 2u);
  CAF_CHECK_EQUAL(s->saved[1].closed_up_to, 2);
  CAF_CHECK_EQUAL(s->saved[1].rows.size(), 1u);
}

CAF_TEST(a redelivery below the cursor is dropped) {
  s->start.cursor = 10;
  spawn_aut();
  deliver({delivered(9, "orders/create", "5"), delivered(10, "orders/create", "6")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 0u);
  CAF_CHECK_EQUAL(s->at("closed 10"), 0u);
}

CAF_TEST(D11 what cannot be read is a dead letter and its neighbours are done) {
  spawn_aut();
  deliver(
      {delivered(1, "orders/create", "5"), delivered(2, "orders/create", "bad"), delivered(3, "orders/create", "6")});
  consume_messages();
  CAF_REQUIRE_EQUAL(s->saved.size(), 1u);
  CAF_CHECK_EQUAL(s->saved[0].rows.size(), 2u);
  CAF_CHECK_EQUAL(s->saved[0].closed_up_to, 3);
  CAF_REQUIRE_EQUAL(s->saved[0].dead.size(), 1u);
  CAF_CHECK_EQUAL(s->saved[0].dead[0].reason, "not readable");
}

CAF_TEST(A10 the delivery that fails is found and its neighbours before it are done) {
  spawn_aut();
  deliver(
      {delivered(1, "orders/create", "5"), delivered(2, "orders/create", "666"), delivered(3, "orders/create", "6")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 1u);
  CAF_CHECK_EQUAL(s->saved[0].closed_up_to, 1);
  CAF_CHECK_EQUAL(s->times("crash 2 orders: 666"), 1);
}

CAF_TEST(A10 a parser that throws counts against its delivery only) {
  spawn_aut();
  deliver({delivered(1, "orders/create", "5"), delivered(2, "orders/create", "throw")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 1u);
  CAF_CHECK_EQUAL(s->times("crash 2 thrown by parse"), 1);
}

CAF_TEST(A10 a poisoned delivery is put aside and the next one is done) {
  child_setup setup{shop, child::sync, {}};
  setup.poison[2] = {"666", 3};
  spawn_aut(setup);
  deliver({delivered(2, "orders/create", "666"), delivered(3, "orders/create", "6")});
  consume_messages();
  CAF_REQUIRE_EQUAL(s->saved.size(), 1u);
  CAF_CHECK_EQUAL(s->saved[0].closed_up_to, 3);
  CAF_CHECK_EQUAL(s->saved[0].dead.at(0).attempts, 3);
  CAF_CHECK_EQUAL(s->saved[0].rows.size(), 1u);
}

CAF_TEST(a failed save is tried again and keeps the order) {
  s->failing_saves = {ec::unavailable, ec::timed_out, ec::fenced};
  spawn_aut();
  deliver({delivered(1, "orders/create", "5")});
  consume_messages();
  deliver({delivered(2, "orders/create", "6")});
  for (int i = 0; i < 3; ++i) {
    consume_messages();
    CAF_CHECK_EQUAL(s->saved.size(), 0u);
    CAF_CHECK_EQUAL(s->times("push overview"), 0);
    advance_time(3s);
  }
  consume_messages();
  CAF_REQUIRE_EQUAL(s->saved.size(), 2u);
  CAF_CHECK_EQUAL(s->saved[0].closed_up_to, 1);
  CAF_CHECK_EQUAL(s->saved[1].closed_up_to, 2);
  CAF_CHECK_EQUAL(s->times("push overview"), 2);
}

CAF_TEST(a failed load is tried again) {
  spawn_aut();
  s->failing_loads = {ec::unavailable};
  deliver({delivered(1, "orders/create", "5")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 0u);
  advance_time(3s);
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 1u);
}

CAF_TEST(a row that the database refuses counts against its delivery) {
  s->failing_saves = {ec::bad_input};
  spawn_aut();
  deliver({delivered(1, "orders/create", "5")});
  consume_messages();
  CAF_CHECK_EQUAL(s->diary.back(), "crash 1 save");
}

CAF_TEST(a command is saved before anybody hears of it and the user hears last) {
  spawn_aut();
  command_of(f_shop, "go", waiting_user{[this](result<std::string> x) { s->note("user " + *x); }});
  auto saved = s->at("save 1 rows up to 0");
  CAF_REQUIRE(saved != std::string::npos);
  CAF_CHECK(saved < s->at("push jobs"));
  CAF_CHECK(saved < s->at("call shop"));
  CAF_CHECK(saved < s->at("refresh row"));
  CAF_CHECK(s->at("user asked") != std::string::npos);
}

CAF_TEST(a reply runs the feature again and closes the call) {
  spawn_aut();
  command_of(f_shop, "go");
  CAF_CHECK_EQUAL(s->times("push answered"), 1);
  CAF_CHECK_EQUAL(s->saved.back().calls_done, std::vector<std::int64_t>{100});
}

CAF_TEST(calls that were open before a restart are asked again) {
  s->start.calls = {{55, "shop", read_shop{}}, {56, "no-such-feature", read_shop{}}};
  spawn_aut();
  CAF_REQUIRE_EQUAL(s->saved.size(), 1u);
  CAF_CHECK_EQUAL(s->saved[0].calls_done, (std::vector<std::int64_t>{55, 56}));
}

CAF_TEST(a command that fails answers its user and the child lives) {
  spawn_aut();
  command_of(f_shop, "fail", waiting_user{[this](result<std::string> x) { s->note(x ? "good" : "user fails"); }});
  CAF_CHECK_EQUAL(s->times("user fails"), 1);
  deliver({delivered(1, "orders/create", "5")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 1u);
}

CAF_TEST(any feature with a timer can be run at once) {
  spawn_aut();
  command_of(f_shop, "run");
  CAF_CHECK_EQUAL(s->times("push ticked"), 1);
}

CAF_TEST(an unknown command is refused) {
  spawn_aut();
  command_of(f_orders, "run", waiting_user{[this](result<std::string> x) { s->note(x ? "good" : "user fails"); }});
  CAF_CHECK_EQUAL(s->times("user fails"), 1);
}

CAF_TEST(a user whose child ends hears that it was interrupted) {
  spawn_aut();
  s->failing_saves = {ec::unavailable};
  command_of(f_shop, "go", waiting_user{[this](result<std::string> x) { s->note(x ? "good" : "user fails"); }});
  CAF_CHECK_EQUAL(s->times("user fails"), 0);
  anon_send_exit(aut, caf::exit_reason::user_shutdown);
  consume_messages();
  CAF_CHECK_EQUAL(s->times("user fails"), 1);
}

CAF_TEST(a fact reaches features that hear facts and not its teller) {
  spawn_aut();
  anon_send(aut, event_note{f_orders, import_finished{}});
  anon_send(aut, event_note{f_count, import_finished{}});
  consume_messages();
  CAF_CHECK_EQUAL(s->times("push heard"), 1);
}

CAF_TEST(a timer that waits already is not queued twice) {
  spawn_aut();
  s->failing_loads = {ec::unavailable};
  for (int i = 0; i < 5; ++i)
    anon_send(aut, atom::tick_v, f_shop);
  consume_messages();
  for (int i = 0; i < 3; ++i) {
    advance_time(3s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(s->times("push ticked"), 2); // the one in hand and one that waited
}

CAF_TEST(deliveries of a store that is gone are closed without effect) {
  s->gone = true;
  spawn_aut();
  deliver({delivered(1, "orders/create", "5"), delivered(2, "orders/create", "6")});
  consume_messages();
  CAF_CHECK_EQUAL(s->saved.size(), 0u);
  CAF_CHECK_EQUAL(s->diary.back(), "closed 2");
}

CAF_TEST(it is idle only when nothing is queued or under way) {
  s->silent_platform = true;
  spawn_aut();
  auto status = [&] {
    child_status result;
    self->send(aut, atom::status_v);
    consume_messages();
    self->receive([&](const child_status& x) { result = x; });
    return result;
  };
  CAF_CHECK(status().idle());
  command_of(f_shop, "go");
  CAF_CHECK(!status().idle());
  CAF_CHECK_EQUAL(status().calls, 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
