#define CAF_SUITE delivery_log_actor

#include "actors/delivery_log_actor.hpp"

#include "fakes.hpp"

#include <map>
#include <set>

using namespace clique;
using namespace std::chrono_literals;

namespace {

effects nothing(const snapshot&, const trigger&) {
  return {};
}

const std::vector<feature> table = {
    {"orders", "Orders", child::sync, {.topics = {"orders/create"}}, {}, nullptr, nothing}};

/// A log in memory that can fail before or after its commit.
struct memory_log {
  std::vector<stored_delivery> rows;
  std::map<std::int32_t, std::int64_t> marks;
  std::set<std::string> ids;
  enum { works, refuses, commits_and_fails } mood = works;
  std::size_t transactions = 0;

  result<std::vector<appended>> append(std::span<const incoming> items) {
    ++transactions;
    if (mood == refuses)
      return error{ec::unavailable, "no", ""};
    std::vector<appended> result;
    for (const auto& x : items) {
      auto same = std::find_if(rows.begin(), rows.end(), [&](const auto& y) { return y.webhook_id == x.webhook_id; });
      if (same != rows.end()) {
        result.push_back({same->place, true});
        continue;
      }
      auto seq = std::count_if(rows.begin(), rows.end(), [&](const auto& y) { return y.place.part == x.part; }) + 1;
      rows.push_back({{x.part, seq}, x.store, "shopify", x.topic, x.webhook_id, {}, {}, x.body});
      result.push_back({rows.back().place, false});
    }
    if (mood == commits_and_fails)
      return error{ec::timed_out, "who knows", ""};
    return result;
  }
  std::vector<stored_delivery> read(std::int32_t part, std::int64_t seq, std::size_t limit) const {
    std::vector<stored_delivery> result;
    for (const auto& x : rows)
      if (x.place.part == part && x.place.seq > seq && result.size() < limit)
        result.push_back(x);
    return result;
  }
};

directory_actor::behavior_type fake_directory(directory_actor::pointer self, std::vector<std::string>* diary) {
  return {
      [](atom::start, const delivery_log_actor&) {},
      [=](const deliveries& x) {
        for (const auto& y : x.items)
          diary->push_back(y.what->webhook_id);
      },
      [](atom::tick, store_id, const std::string&) {},
      [](store_id, const user_command&) {},
      [](store_id, const event_note&) {},
      [](atom::sleep, store_id, std::uint64_t) {},
      [](atom::status) { return directory_status{}; },
      [self](atom::stop) {
        self->quit();
        return atom::ok_v;
      },
  };
}

struct fixture : test_coordinator_fixture<> {
  memory_log db;
  std::vector<int> answers;
  std::vector<std::string> routed_ids;
  std::shared_ptr<waiting_acks> acks;
  directory_actor trees = sys.spawn(fake_directory, &routed_ids);
  delivery_log_actor aut;

  void spawn_aut(log_settings settings = {}) {
    respond_fn respond = [this](auto xs) {
      for (auto& [to, what] : xs)
        answers.push_back(what.status);
    };
    acks = std::make_shared<waiting_acks>(waiting_acks::limits{}, respond);
    log_store store{
        [this](std::span<const incoming> x) { return db.append(x); },
        [this](std::int32_t part, std::int64_t seq, std::size_t limit) -> result<std::vector<stored_delivery>> {
          return db.read(part, seq, limit);
        },
        [this]() -> result<std::vector<std::int64_t>> {
          std::vector<std::int64_t> cursors(num_partitions, 0);
          for (auto [part, seq] : db.marks)
            cursors[static_cast<std::size_t>(part)] = seq;
          return cursors;
        },
        [this](std::span<const delivery_place> xs) -> result<void> {
          for (auto x : xs)
            db.marks[x.part] = x.seq;
          return {};
        },
        [](time_point, time_point) -> result<void> { return {}; },
    };
    aut = sys.spawn(delivery_log_keeper,
                    log_ports{store, acks, respond, std::make_shared<const feature_index>(table), trees,
                              std::make_shared<metrics>(), [] { return time_point{}; }},
                    settings);
    consume_messages();
  }
  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    anon_send_exit(trees, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  ack_ptr arrive(std::string id, std::string topic = "orders/create") {
    incoming x;
    x.store = shop;
    x.part = 3;
    x.topic = std::move(topic);
    x.webhook_id = std::move(id);
    x.body = "{}";
    auto ticket = acks->add({}, 2, waiting_acks::clock::now());
    anon_send(aut, arrival{std::move(x), ticket});
    return ticket;
  }
  void second() {
    advance_time(1s);
    consume_messages();
  }
};

using ids = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(log_tests, fixture)

CAF_TEST(what waits is one transaction and everybody is acked) {
  spawn_aut();
  for (auto id : {"a", "b", "c"})
    arrive(id);
  consume_messages();
  CAF_CHECK_EQUAL(db.transactions, 1u);
  CAF_CHECK_EQUAL(answers, (std::vector<int>{200, 200, 200}));
  CAF_CHECK_EQUAL(routed_ids, (ids{"a", "b", "c"}));
  CAF_CHECK_EQUAL(acks->waiting(), 0u);
}

CAF_TEST(D1 a duplicate is acked and has no second effect) {
  spawn_aut();
  arrive("a");
  arrive("a");
  consume_messages();
  arrive("a");
  consume_messages();
  CAF_CHECK_EQUAL(answers, (std::vector<int>{200, 200, 200}));
  CAF_CHECK_EQUAL(routed_ids, ids{"a"});
}

CAF_TEST(B1 a failed commit is 503 and nothing is routed) {
  spawn_aut();
  db.mood = memory_log::refuses;
  arrive("a");
  consume_messages();
  CAF_CHECK_EQUAL(answers, std::vector<int>{503});
  CAF_CHECK(routed_ids.empty());
  db.mood = memory_log::works;
  arrive("a");
  consume_messages();
  second();
  CAF_CHECK_EQUAL(answers.back(), 200);
  CAF_CHECK_EQUAL(routed_ids, ids{"a"});
}

CAF_TEST(A3 a commit that we did not hear of still takes effect once) {
  spawn_aut();
  db.mood = memory_log::commits_and_fails;
  arrive("a");
  consume_messages();
  CAF_CHECK_EQUAL(answers, std::vector<int>{503});
  db.mood = memory_log::works;
  arrive("a"); // the sender's retry is a duplicate now
  consume_messages();
  second();
  second();
  CAF_CHECK_EQUAL(answers.back(), 200);
  CAF_CHECK_EQUAL(routed_ids, ids{"a"});
}

CAF_TEST(A4 what was open before a restart is replayed before new deliveries) {
  for (auto id : {"a", "b", "c"}) {
    incoming x;
    x.store = shop;
    x.part = 3;
    x.topic = "orders/create";
    x.webhook_id = id;
    db.append(std::span{&x, 1});
  }
  db.marks[3] = 1;
  spawn_aut();
  arrive("d");
  consume_messages();
  CAF_CHECK_EQUAL(routed_ids, (ids{"b", "c", "d"}));
}

CAF_TEST(the cursor follows what is closed) {
  spawn_aut();
  arrive("a");
  arrive("b");
  arrive("c", "nobody/wants");
  consume_messages();
  second();
  CAF_CHECK_EQUAL(db.marks[3], 0);
  anon_send(aut, closed_note{shop, bit_of(child::sync), 2});
  consume_messages();
  second();
  CAF_CHECK_EQUAL(db.marks[3], 3);
}

CAF_TEST(B9 whoever has been refused is not written) {
  spawn_aut();
  arrive("a")->claim(); // the watch answered 503
  arrive("b");
  consume_messages();
  CAF_CHECK_EQUAL(db.rows.size(), 1u);
  CAF_CHECK_EQUAL(acks->waiting(), 0u);
}

CAF_TEST(a backlog beyond the memory share comes in order when there is room) {
  log_settings settings;
  settings.page = 2;
  settings.open.per_store = 4;
  spawn_aut(settings);
  ids expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back("w" + std::to_string(i));
    arrive(expected.back());
  }
  consume_messages();
  CAF_CHECK_EQUAL(routed_ids.size(), 4u);
  for (int i = 0; i < 40 && routed_ids.size() < 20; ++i) {
    anon_send(aut, closed_note{shop, bit_of(child::sync), static_cast<std::int64_t>(routed_ids.size())});
    consume_messages();
  }
  CAF_CHECK_EQUAL(routed_ids, expected);
}

CAF_TEST(deliveries of a tree that was lost are routed again) {
  spawn_aut();
  arrive("a");
  consume_messages();
  anon_send(aut, atom::lost_v, shop);
  consume_messages();
  CAF_CHECK_EQUAL(routed_ids, (ids{"a", "a"}));
}

CAF_TEST(a delivery that somebody else put into the log is found when told) {
  spawn_aut();
  arrive("a");
  consume_messages();
  db.rows.push_back({{3, 2}, shop, "shopify", "orders/create", "replayed", {}, {}, "{}"});
  anon_send(aut, atom::check_v, std::int32_t{3});
  consume_messages();
  CAF_CHECK_EQUAL(routed_ids, (ids{"a", "replayed"}));
  arrive("b");
  consume_messages();
  CAF_CHECK_EQUAL(routed_ids, (ids{"a", "replayed", "b"}));
}

CAF_TEST(A7 at the end the cursors are written and whoever waits hears 503) {
  spawn_aut();
  arrive("a");
  consume_messages();
  anon_send(aut, closed_note{shop, bit_of(child::sync), 1});
  consume_messages();
  self->send(aut, atom::stop_v);
  consume_messages();
  CAF_CHECK_EQUAL(db.marks[3], 1);
}

CAF_TEST_FIXTURE_SCOPE_END()
