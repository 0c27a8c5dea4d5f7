#define CAF_SUITE platform_caller

#include "actors/platform_caller.hpp"

#include "fakes.hpp"

#include <set>

using namespace clique;
using namespace std::chrono_literals;

namespace {

/// One request on the wire, and who waits for its answer.
struct sent {
  std::string url, token;
  std::function<void(result<http::incoming_answer>)> then;
  std::chrono::milliseconds at;
};

struct fixture : test_coordinator_fixture<> {
  script_ptr s = std::make_shared<script>();
  std::deque<sent> wire;
  std::vector<sent> history;
  std::map<std::int64_t, store_entry> stores;
  std::deque<shopify::call_outcome> outcomes; ///< what the next answers mean; then all is well
  std::vector<platform_answer> answers;
  std::size_t expected = 0;
  token_keeper_actor tokens = sys.spawn(fake_tokens, s);
  platform_caller_actor aut;
  std::chrono::steady_clock::time_point start = sched.clock().now();

  fixture() {
    stores[7] = entry(shop, "a.myshopify.com");
    caller_setup setup;
    setup.store = [this](store_id id) {
      auto i = stores.find(raw(id));
      return i == stores.end() ? nullptr : std::make_shared<const store_entry>(i->second);
    };
    setup.tokens = tokens;
    setup.send = [this](http::outgoing x, auto then) {
      auto at = std::chrono::duration_cast<std::chrono::milliseconds>(sched.clock().now() - start);
      wire.push_back({x.url, x.body, std::move(then), at});
      history.push_back(wire.back());
    };
    setup.to_request = [](std::string_view domain, std::string_view token, const call& what) {
      http::outgoing result;
      result.url = std::string{domain} + " " + std::string{name_of(what)};
      result.body = token;
      return result;
    };
    setup.read_answer = [this](const call&, const http::incoming_answer&, currency) {
      if (outcomes.empty())
        return shopify::call_outcome{answer{done{}}, {}, {}, {}, {}};
      auto result = std::move(outcomes.front());
      outcomes.pop_front();
      return result;
    };
    setup.numbers = std::make_shared<metrics>();
    aut = sys.spawn(platform_caller, std::move(setup));
    consume_messages();
  }
  ~fixture() override {
    wire.clear();
    history.clear();
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    anon_send_exit(tokens, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void ask(call what = read_shop{}, store_id store = shop) {
    self->send(aut, platform_call{store, "shop", std::move(what)});
    ++expected;
    consume_messages();
  }
  /// The oldest request is answered.
  void answer_one(result<http::incoming_answer> got = http::incoming_answer{}) {
    CAF_REQUIRE(!wire.empty());
    auto x = std::move(wire.front());
    wire.pop_front();
    x.then(std::move(got));
    consume_messages();
  }
  void wait(std::chrono::milliseconds time) {
    for (auto left = time; left > 0ms; left -= 100ms) {
      advance_time(100ms);
      consume_messages();
    }
  }
  platform_answer take() {
    platform_answer result;
    self->receive([&](platform_answer& x) { result = std::move(x); });
    return result;
  }
  bool answered() {
    return self->mailbox().size() > 0;
  }
  void next_is(ec code, std::chrono::milliseconds stated = 0ms) {
    outcomes.push_back({error{code, "no", ""}, {}, stated, {}, {}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(caller_tests, fixture)

CAF_TEST(a call goes out with the store token and its answer comes back) {
  ask();
  CAF_REQUIRE_EQUAL(wire.size(), 1u);
  CAF_CHECK_EQUAL(wire[0].url, "a.myshopify.com read_shop");
  CAF_CHECK_EQUAL(wire[0].token, "old");
  answer_one();
  CAF_CHECK(take().got.has_value());
  CAF_CHECK_EQUAL(s->times("confirm old"), 1);
}

CAF_TEST(C1 a throttled call waits at least the stated time and no other goes out meanwhile) {
  next_is(ec::throttled, 2s);
  ask();
  answer_one();
  ask();
  CAF_CHECK_EQUAL(wire.size(), 0u);
  wait(2s - 100ms);
  CAF_CHECK_EQUAL(wire.size(), 0u);
  wait(1s);
  CAF_CHECK_EQUAL(wire.size(), 2u);
}

CAF_TEST(C1 stores that were throttled alike come back spread) {
  for (std::int64_t i = 100; i < 200; ++i) {
    stores[i] = entry(store_id{i}, fmt::format("s{}.myshopify.com", i));
    next_is(ec::throttled, 10s);
    ask(read_shop{}, store_id{i});
    answer_one();
  }
  auto before = history.size();
  wait(20s);
  std::set<long> arrivals;
  for (auto i = before; i < history.size(); ++i)
    arrivals.insert(static_cast<long>(history[i].at.count()));
  CAF_REQUIRE(!arrivals.empty());
  CAF_CHECK(*arrivals.rbegin() - *arrivals.begin() >= 2'000); // a fifth of the stated time
}

CAF_TEST(C2 a failure that passes is retried after a delay) {
  next_is(ec::unavailable);
  ask();
  answer_one();
  CAF_CHECK_EQUAL(wire.size(), 0u);
  wait(2s);
  CAF_REQUIRE_EQUAL(wire.size(), 1u);
  answer_one();
  CAF_CHECK(take().got.has_value());
}

CAF_TEST(C2 an outage opens the circuit and one probe closes it) {
  for (int i = 0; i < 100; ++i)
    next_is(ec::unavailable);
  for (int i = 0; i < 20; ++i)
    ask();
  for (int i = 0; i < 600; ++i) {
    while (!wire.empty())
      answer_one();
    wait(100ms);
  }
  CAF_CHECK(history.size() < 30); // a minute of outage
  outcomes.clear();
  for (int i = 0; i < 1'200; ++i) {
    while (!wire.empty())
      answer_one();
    wait(100ms);
  }
  CAF_CHECK_EQUAL(self->mailbox().size(), 20u);
}

CAF_TEST(C7 a refused token is renewed once) {
  next_is(ec::token_rejected);
  ask();
  answer_one();
  CAF_REQUIRE_EQUAL(wire.size(), 1u);
  CAF_CHECK_EQUAL(history[1].url, "a.myshopify.com read_shop");
  next_is(ec::token_rejected);
  answer_one();
  CAF_CHECK(take().got.error().code == ec::token_rejected);
  CAF_CHECK_EQUAL(wire.size(), 0u);
}

CAF_TEST(a change of unknown outcome is not repeated) {
  ask(start_bulk{"query"});
  answer_one(error{ec::timed_out, "silence", ""});
  CAF_CHECK(take().got.error().code == ec::timed_out);
  wait(60s);
  CAF_CHECK_EQUAL(history.size(), 1u);
}

CAF_TEST(a read of unknown outcome is repeated) {
  ask(read_order{5});
  answer_one(error{ec::timed_out, "silence", ""});
  wait(2s);
  CAF_CHECK_EQUAL(history.size(), 2u);
}

CAF_TEST(what the platform refuses is not retried) {
  next_is(ec::refused);
  ask();
  answer_one();
  CAF_CHECK(take().got.error().code == ec::refused);
}

CAF_TEST(an answer in parts is fetched to its end) {
  outcomes.push_back({error{ec::unavailable, "more", ""}, {}, {}, {}, std::shared_ptr<const shopify::unfinished>{}});
  outcomes.clear();
  ask();
  answer_one();
  CAF_CHECK(take().got.has_value());
}

CAF_TEST(C16 an uninstalled store gets no call any more) {
  stores[7].connection = connection_row::state::uninstalled;
  ask();
  CAF_CHECK_EQUAL(wire.size(), 0u);
  CAF_CHECK(take().got.error().code == ec::token_rejected);
}

CAF_TEST(calls of one store go out in order and two at a time) {
  ask(read_order{1});
  ask(count_orders{});
  ask(read_products{});
  CAF_CHECK_EQUAL(wire.size(), 2u);
  answer_one();
  CAF_REQUIRE_EQUAL(history.size(), 3u);
  CAF_CHECK_EQUAL(history[2].url, "a.myshopify.com read_products");
}

CAF_TEST(a call that cannot be made in time is given up) {
  for (int i = 0; i < 10; ++i)
    next_is(ec::unavailable);
  for (int i = 0; i < 6; ++i)
    ask();
  for (int i = 0; i < 4'000; ++i) {
    while (!wire.empty())
      answer_one(error{ec::unavailable, "down", ""});
    wait(100ms);
  }
  CAF_CHECK_EQUAL(self->mailbox().size(), 6u);
}

CAF_TEST_FIXTURE_SCOPE_END()
