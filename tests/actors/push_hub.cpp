#define CAF_SUITE push_hub

#include "actors/push/hub.hpp"

#include <caf/all.hpp>
#include <caf/test/dsl.hpp>
#include <nlohmann/json.hpp>

using namespace clique;
using namespace clique::live;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

const auto shop = store_id{7};

/// A socket that remembers what it was sent.
struct fake_socket : ws::socket {
  std::uint64_t number;
  std::vector<json> got;
  std::uint16_t closed = 0;
  std::size_t stuck = 0;

  explicit fake_socket(std::uint64_t x) : number(x) {
  }
  void send(std::shared_ptr<const std::string> text) override {
    got.push_back(json::parse(*text));
  }
  std::size_t pending() const override {
    return stuck;
  }
  void close(std::uint16_t code, std::string_view) override {
    closed = code;
  }
  std::uint64_t id() const override {
    return number;
  }
};

struct fixture : test_coordinator_fixture<> {
  channel_state truth{{"n", "1"}};
  int loads = 0;
  std::map<std::string, result<identity>> people;
  push_hub_actor aut;

  fixture() {
    identity owner;
    owner.user = user_id{1};
    owner.session = "s1";
    owner.stores = {{shop, role::owner}};
    people.emplace("good", owner);
    hub_ports world;
    world.authenticate = [this](std::string secret, auto then) {
      auto at = people.find(secret);
      then(at == people.end() ? result<identity>{error{ec::unauthorized, "no", ""}} : at->second);
    };
    world.load = [this](store_id, std::string, auto then) {
      ++loads;
      then(truth);
    };
    aut = sys.spawn(push_hub, hub_options{}, world);
    consume_messages();
  }

  ~fixture() override {
    anon_send_exit(aut, caf::exit_reason::user_shutdown);
    consume_messages();
  }

  std::shared_ptr<fake_socket> open(std::uint64_t id, const std::string& secret = "good") {
    auto result = std::make_shared<fake_socket>(id);
    caf::anon_send(aut, atom::open_v, hub_socket{result, secret});
    return result;
  }
  void say(std::uint64_t id, const std::string& text) {
    caf::anon_send(aut, id, text);
  }
  void watch(std::uint64_t id) {
    say(id, R"({"t":"hello"})");
    say(id, R"({"t":"sub","store":"7","ch":"overview"})");
    consume_messages();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(push_hub_tests, fixture)

CAF_TEST(a subscriber gets hello then a snapshot) {
  auto socket = open(1);
  watch(1);
  CAF_REQUIRE_EQUAL(socket->got.size(), 2u);
  CAF_CHECK_EQUAL(socket->got[0]["t"], "hello");
  CAF_CHECK_EQUAL(socket->got[1]["data"]["n"], 1);
}

CAF_TEST(frames that come before the session is known are not lost) {
  auto socket = open(1);
  say(1, R"({"t":"hello"})");
  say(1, R"({"t":"sub","store":"7","ch":"overview"})");
  consume_messages();
  CAF_CHECK_EQUAL(socket->got.size(), 2u);
}

CAF_TEST(a socket without a session is told to sign in) {
  auto socket = open(1, "bad");
  watch(1);
  CAF_CHECK_EQUAL(socket->closed, 4001);
  CAF_CHECK(socket->got.empty());
}

CAF_TEST(the store of somebody else does not exist) {
  auto socket = open(1);
  say(1, R"({"t":"hello"})");
  say(1, R"({"t":"sub","store":"8","ch":"overview"})");
  consume_messages();
  CAF_REQUIRE_EQUAL(socket->got.size(), 2u);
  CAF_CHECK_EQUAL(socket->got[1]["code"], "not_found");
  CAF_CHECK_EQUAL(loads, 0);
}

CAF_TEST(a change is read once and sent to every watcher) {
  auto first = open(1);
  auto second = open(2);
  watch(1);
  watch(2);
  truth["n"] = "2";
  loads = 0;
  caf::anon_send(aut, shop, std::string{"overview"});
  consume_messages();
  CAF_CHECK_EQUAL(loads, 1);
  CAF_CHECK_EQUAL(first->got.back()["set"]["n"], 2);
  CAF_CHECK_EQUAL(second->got.back()["set"]["n"], 2);
}

CAF_TEST(a channel that nobody watches is not read) {
  caf::anon_send(aut, shop, std::string{"overview"});
  consume_messages();
  CAF_CHECK_EQUAL(loads, 0);
}

CAF_TEST(an ended session closes its sockets) {
  auto socket = open(1);
  watch(1);
  caf::anon_send(aut, atom::lost_v, std::string{"s1"});
  consume_messages();
  CAF_CHECK_EQUAL(socket->closed, 4001);
}

CAF_TEST(a socket that says nothing is closed after three seconds) {
  auto socket = open(1);
  consume_messages();
  for (int i = 0; i < 5; ++i) {
    advance_time(1s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(socket->closed, 4001);
}

CAF_TEST(a quiet socket gets a sign of life) {
  auto socket = open(1);
  watch(1);
  for (int i = 0; i < 17; ++i) {
    advance_time(1s);
    consume_messages();
  }
  CAF_CHECK_EQUAL(socket->got.back()["t"], "hb");
}

CAF_TEST(a frame that is no frame closes the socket) {
  auto socket = open(1);
  say(1, "nonsense");
  consume_messages();
  CAF_CHECK_EQUAL(socket->closed, 4010);
}

CAF_TEST(the ninth dashboard of one user is refused) {
  std::vector<std::shared_ptr<fake_socket>> all;
  for (std::uint64_t i = 1; i <= 9; ++i)
    all.push_back(open(i));
  consume_messages();
  CAF_CHECK_EQUAL(all[7]->closed, 0);
  CAF_CHECK_EQUAL(all[8]->closed, 4009);
}

CAF_TEST_FIXTURE_SCOPE_END()
