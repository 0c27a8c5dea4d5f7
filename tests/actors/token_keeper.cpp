#define CAF_SUITE token_keeper

#include "actors/token_keeper.hpp"

#include "fakes.hpp"

#include <set>

using namespace clique;
using namespace std::chrono_literals;

namespace {

const auto noon = time_point{} + std::chrono::hours{24 * 365 * 50};

struct fixture : test_coordinator_fixture<> {
  time_point now = noon;
  token_pair pair{"access-1", "refresh-1", noon + 60min, noon + 90 * 24h, {}};
  std::vector<std::string> candidates = {"refresh-1"};
  std::vector<std::string> diary;
  bool cannot_save = false;
  std::optional<store_entry> row = entry(shop, "a.myshopify.com");
  std::shared_ptr<store_book> book = std::make_shared<store_book>();
  std::function<void(result<http::incoming_answer>)> wire;
  result<shopify::token_answer> outcome = shopify::token_answer{"access-2", "refresh-2", {}, 3'600, 7'776'000};
  token_keeper_full aut;

  fixture() {
    book->put(*row);
    keeper_setup setup;
    setup.store.tokens = [this](store_id) -> result<token_pair> { return pair; };
    setup.store.replace = [this](store_id, const token_pair& x, time_point) -> result<void> {
      if (cannot_save)
        return error{ec::unavailable, "disk", ""};
      diary.push_back("save " + x.access);
      return {};
    };
    setup.store.confirm = [this](store_id) -> result<void> {
      diary.push_back("confirm");
      return {};
    };
    setup.store.candidates = [this](store_id) -> result<std::vector<std::string>> { return candidates; };
    setup.store.destroy = [this](store_id) -> result<void> {
      diary.push_back("destroy");
      return {};
    };
    setup.store.by_id = [this](store_id) -> result<std::optional<store_entry>> { return row; };
    setup.send = [this](http::outgoing x, auto then) {
      diary.push_back("ask with " + x.body);
      wire = std::move(then);
    };
    setup.to_request = [](std::string_view, std::string_view refresh) {
      http::outgoing result;
      result.body = refresh;
      return result;
    };
    setup.read_answer = [this](const http::incoming_answer&) { return outcome; };
    setup.book = book;
    setup.numbers = std::make_shared<metrics>();
    setup.now = [this] { return now; };
    aut = sys.spawn(token_keeper, std::move(setup));
  }
  ~fixture() override {
    wire = nullptr;
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    consume_messages();
  }
  void ask() {
    self->send(aut, atom::token_v, shop);
    consume_messages();
  }
  void renew(std::string bad) {
    self->send(aut, atom::renew_v, shop, std::move(bad));
    consume_messages();
  }
  void platform_answers(result<http::incoming_answer> x = http::incoming_answer{}) {
    std::exchange(wire, nullptr)(std::move(x));
    consume_messages();
  }
  result<std::string> take() {
    result<std::string> result = error{ec::internal, "nothing came", ""};
    self->receive([&](const token_reply& x) { result = x.token; });
    return result;
  }
  long times(const std::string& x) {
    return std::count(diary.begin(), diary.end(), x);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(keeper_tests, fixture)

CAF_TEST(a young token is used as it is) {
  ask();
  CAF_CHECK_EQUAL(*take(), "access-1");
  CAF_CHECK(diary.empty());
}

CAF_TEST(at four fifths of its life it is refreshed first and saved before it is used) {
  now = noon + 50min;
  ask();
  CAF_CHECK_EQUAL(diary, std::vector<std::string>{"ask with refresh-1"});
  CAF_CHECK_EQUAL(self->mailbox().size(), 0u);
  platform_answers();
  CAF_CHECK_EQUAL(diary.back(), "save access-2");
  CAF_CHECK_EQUAL(*take(), "access-2");
}

CAF_TEST(C8 many who need a token at once cause one refresh) {
  now = noon + 59min;
  for (int i = 0; i < 20; ++i)
    ask();
  renew("access-1");
  CAF_CHECK_EQUAL(times("ask with refresh-1"), 1);
  platform_answers();
  for (int i = 0; i < 21; ++i)
    CAF_CHECK_EQUAL(*take(), "access-2");
}

CAF_TEST(C8 a pair that could not be saved is not used) {
  now = noon + 59min;
  cannot_save = true;
  ask();
  platform_answers();
  CAF_CHECK(take().error().code == ec::unavailable);
  cannot_save = false;
  ask();
  platform_answers();
  CAF_CHECK_EQUAL(*take(), "access-2");
}

CAF_TEST(C8 after a crash in mid rotation the older refresh token is tried) {
  now = noon + 59min;
  candidates = {"refresh-new", "refresh-old"};
  auto good = outcome;
  outcome = error{ec::token_rejected, "invalid_grant", ""};
  ask();
  platform_answers();
  CAF_CHECK_EQUAL(diary.back(), "ask with refresh-old");
  outcome = good;
  platform_answers();
  CAF_CHECK_EQUAL(*take(), "access-2");
}

CAF_TEST(C7 a refused refresh ends all calls until the store row changes) {
  now = noon + 59min;
  outcome = error{ec::token_rejected, "invalid_grant", ""};
  ask();
  platform_answers();
  CAF_CHECK(take().error().code == ec::token_rejected);
  auto before = diary.size();
  for (int i = 0; i < 10; ++i) {
    ask();
    CAF_CHECK(take().error().code == ec::token_rejected);
  }
  CAF_CHECK_EQUAL(diary.size(), before);
  anon_send(aut, atom::refresh_v, shop); // connected again
  pair.access = "access-3";
  pair.access_expires = now + 60min;
  ask();
  CAF_CHECK_EQUAL(*take(), "access-3");
}

CAF_TEST(C7 a fresh token that is refused at once is not refreshed again) {
  renew("access-1");
  platform_answers();
  CAF_CHECK_EQUAL(*take(), "access-2");
  renew("access-2");
  CAF_CHECK(take().error().code == ec::token_rejected);
  CAF_CHECK_EQUAL(times("ask with refresh-1"), 1);
}

CAF_TEST(whoever was refused with an older token gets the newer one) {
  renew("access-0");
  CAF_CHECK_EQUAL(*take(), "access-1");
  CAF_CHECK(diary.empty());
}

CAF_TEST(a platform that is away is no refusal) {
  now = noon + 59min;
  ask();
  platform_answers(error{ec::timed_out, "silence", ""});
  CAF_CHECK(take().error().code == ec::unavailable);
  ask();
  platform_answers();
  CAF_CHECK_EQUAL(*take(), "access-2");
}

CAF_TEST(the first success of a pair is confirmed once) {
  ask();
  take();
  for (int i = 0; i < 3; ++i)
    anon_send(aut, atom::confirm_v, shop, std::string{"access-1"});
  anon_send(aut, atom::confirm_v, shop, std::string{"other"});
  consume_messages();
  CAF_CHECK_EQUAL(times("confirm"), 1);
}

CAF_TEST(C16 an uninstalled store loses its tokens) {
  row->connection = connection_row::state::uninstalled;
  anon_send(aut, atom::refresh_v, shop);
  consume_messages();
  CAF_CHECK_EQUAL(times("destroy"), 1);
  CAF_CHECK(book->find(shop)->connection == connection_row::state::uninstalled);
}

CAF_TEST(a store that is gone leaves the book) {
  row.reset();
  anon_send(aut, atom::refresh_v, shop);
  consume_messages();
  CAF_CHECK(!book->find(shop));
  CAF_CHECK(!book->find("a.myshopify.com"));
}

CAF_TEST(a token that does not expire is never refreshed) {
  pair.access_expires = {};
  now = noon + 1000h;
  ask();
  CAF_CHECK_EQUAL(*take(), "access-1");
}

CAF_TEST(stores refresh at different times around four fifths of the life) {
  std::set<time_point> times;
  for (std::int64_t i = 1; i <= 100; ++i) {
    auto at = refresh_time(pair, 3600s, store_id{i});
    CAF_CHECK(at <= noon + 48min);
    CAF_CHECK(at >= noon + 44min);
    times.insert(at);
  }
  CAF_CHECK(times.size() > 50);
}

CAF_TEST_FIXTURE_SCOPE_END()
