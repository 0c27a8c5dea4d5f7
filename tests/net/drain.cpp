#define CAF_SUITE drain

#include "net/answering_server.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <future>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

struct fixture : answering_server {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(drain_tests, fixture)

CAF_TEST(a drain answers what is in flight and closes the rest) { // A7
  start();
  raw_client idle{port}, busy{port};
  CAF_CHECK_EQUAL(whole(idle.ask(get_root)).status, 200);
  busy.send(get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  auto done = std::async(std::launch::async, [&] { server->drain(15s); });
  CAF_CHECK_EQUAL(idle.read_all(), "");
  CAF_CHECK(!idle.timed_out);
  CAF_CHECK(eventually([&] { return !raw_client{port}.is_connected(); }));
  take_waiting()[0](text("in flight"));
  auto answer = busy.read_answer();
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->body, "in flight");
  CAF_CHECK_EQUAL(answer->header("connection"), "close");
  CAF_CHECK_EQUAL(busy.read_all(), "");
  busy.reset();
  CAF_CHECK(done.wait_for(watchdog) == std::future_status::ready);
  CAF_CHECK_EQUAL(server->counters().connections.load(), 0);
}

CAF_TEST(every request that a drain finds is answered or refused cleanly) { // A7
  for (auto round = 0; round < 20; ++round) {
    live_server one;
    one.add(http::method::get, "/", [](http::request, http::responder out) { out(text("root")); });
    one.start();
    std::vector<std::unique_ptr<raw_client>> peers;
    for (auto i = 0; i < 50; ++i) { // most of them still wait to be accepted when the drain begins
      peers.push_back(std::make_unique<raw_client>(one.port));
      CAF_REQUIRE(peers.back()->is_connected());
      peers.back()->send(get_root);
    }
    auto done = std::async(std::launch::async, [&] { one.server->drain(10s); });
    auto answered = 0;
    for (auto& x : peers) {
      answered += x->read_answer().has_value();
      x->reset();
    }
    CAF_CHECK_EQUAL(answered, 50);
    done.wait();
  }
}

CAF_TEST(a drain cuts what does not end in time) { // A7
  start();
  raw_client busy{port}, slow{port};
  busy.send(get("/wait"));
  slow.send("GET / HT");
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  server->drain(100ms);
  CAF_CHECK_EQUAL(busy.read_all(), "");
  CAF_CHECK_EQUAL(slow.read_all(), "");
  take_waiting()[0](text("too late"));
}

CAF_TEST(responders may outlive their server) {
  start();
  raw_client peer{port};
  peer.send(get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  server.reset();
  take_waiting()[0](text("too late"));
  CAF_CHECK_EQUAL(peer.read_all(), "");
}

CAF_TEST(a taken port is named) {
  start();
  live_server second;
  second.options.port = port;
  second.prepare();
  auto failed = second.server->start();
  CAF_REQUIRE(!failed);
  CAF_CHECK(failed.error().code == ec::unavailable);
  CAF_CHECK(failed.error().what.find(fmt::format("127.0.0.1:{}", port)) != std::string::npos);
}

CAF_TEST(an address that is none and files that are missing are named) {
  options.address = "localhost";
  prepare();
  CAF_CHECK(server->start().error().what.find("localhost") != std::string::npos);
  options.address = "127.0.0.1";
  options.tls_certificate = "/nonexistent.pem";
  prepare();
  CAF_CHECK(server->start().error().what.find("/nonexistent.pem") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
