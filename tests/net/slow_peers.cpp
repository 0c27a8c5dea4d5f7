#define CAF_SUITE slow_peers

#include "net/answering_server.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

struct fixture : answering_server {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(slow_peers_tests, fixture)

CAF_TEST(slow peers are cut and others are served meanwhile) { // F3
  options.header_timeout = options.body_timeout = options.idle_timeout = options.write_timeout = 1s;
  auto large = std::make_shared<const std::string>(std::string(8'000'000, 'x'));
  add(http::method::get, "/large", [large](http::request, http::responder out) {
    http::response answer;
    answer.shared_body = large;
    out(answer);
  });
  start();
  raw_client silent{port}, slow_head{port}, slow_body{port}, idle{port}, slow_reader{port, 4'096};
  slow_head.send("GET / HTTP/1.1\r\nHo");
  slow_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  CAF_CHECK_EQUAL(whole(idle.ask(get_root)).status, 200);
  slow_reader.send(get("/large"));
  CAF_CHECK_EQUAL(whole(slow_head.read_answer()).status, 408);
  CAF_CHECK_EQUAL(whole(slow_body.read_answer()).status, 408);
  CAF_CHECK_EQUAL(silent.read_all(), "");
  CAF_CHECK_EQUAL(idle.read_all(), "");
  CAF_CHECK(!silent.timed_out && !idle.timed_out);
  raw_client healthy{port};
  CAF_CHECK_EQUAL(whole(healthy.ask(get_root)).status, 200);
  // the answer to a reader that takes nothing is allowed 1 s and 8 MB at 16 KiB/s: it is cut by the end of the server
  CAF_CHECK(server->counters().timeouts.load() >= 3);
  CAF_CHECK_EQUAL(called.load(), 2);
}

CAF_TEST(a reader that stalls is cut) { // F3
  options.write_timeout = 1s;
  auto body = std::make_shared<const std::string>(std::string(8'000'000, 'x'));
  auto small = std::make_shared<const std::string>(body->substr(0, 10'000));
  add(http::method::get, "/small", [small](http::request, http::responder out) {
    http::response answer;
    answer.shared_body = small;
    out(answer);
  });
  start();
  raw_client peer{port, 4'096};
  std::string many; // more small answers than all buffers on the way hold
  for (auto i = 0; i < 2'000; ++i)
    many += get("/small");
  peer.send(many);
  CAF_CHECK(eventually([&] { return server->counters().timeouts == 1 && server->counters().connections == 0; }));
}

CAF_TEST(half a body and a reset never reach a handler) { // A1
  start();
  {
    raw_client peer{port};
    peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    CAF_CHECK(eventually([&] { return server->counters().connections == 1; }));
    peer.reset();
  }
  raw_client other{port};
  other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
  other.finish();
  CAF_CHECK_EQUAL(other.read_all(), "");
  CAF_CHECK(eventually([&] { return server->counters().connections == 0; }));
  CAF_CHECK_EQUAL(called.load(), 0);
}

CAF_TEST(a peer that is gone does not trouble its late answer) {
  start();
  {
    raw_client peer{port};
    peer.send(get("/wait"));
    CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
    peer.reset();
  }
  for (auto& x : take_waiting())
    x(text("late"));
  CAF_CHECK(eventually([&] { return server->counters().connections == 0; }));
}

CAF_TEST_FIXTURE_SCOPE_END()
