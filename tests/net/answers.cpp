#define CAF_SUITE answers

#include "net/answering_server.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <thread>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

struct fixture : answering_server {};

} // namespace

CAF_TEST_FIXTURE_SCOPE(answers_tests, fixture)

CAF_TEST(pipelined requests are answered in order) { // F8
  add(http::method::get, "/n/{n}",
      [](http::request in, http::responder out) { std::thread{[n = in.params["n"], out] { out(text(n)); }}.detach(); });
  start();
  raw_client peer{port};
  std::string many;
  for (auto i = 0; i < 200; ++i)
    many += get(fmt::format("/n/{}", i));
  peer.send(many);
  for (auto i = 0; i < 200; ++i)
    CAF_CHECK_EQUAL(whole(peer.read_answer()).body, std::to_string(i));
}

CAF_TEST(a peer that sends without reading is not read either) { // F8
  auto body = std::make_shared<const std::string>(std::string(100'000, 'x'));
  add(http::method::get, "/big", [&](http::request, http::responder out) {
    ++called;
    http::response answer;
    answer.shared_body = body;
    out(answer);
  });
  start();
  raw_client peer{port, 4'096};
  std::string many;
  for (auto i = 0; i < 10'000; ++i)
    many += get("/big");
  auto sent = std::size_t{0};
  while (auto more = peer.send_some(std::string_view{many}.substr(sent)))
    sent += more;
  raw_client other{port};
  CAF_CHECK_EQUAL(whole(other.ask(get_root)).status, 200);
  CAF_CHECK(called.load() < 1'000); // 10,000 answers would be 1 GB
}

CAF_TEST(one connection has one request in work) { // F8
  start();
  raw_client peer{port};
  peer.send(get("/wait") + get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  raw_client other{port};
  CAF_CHECK_EQUAL(whole(other.ask(get_root)).status, 200);
  CAF_CHECK_EQUAL(num_waiting(), 1u);
  take_waiting()[0](text("one"));
  CAF_CHECK_EQUAL(whole(peer.read_answer()).body, "one");
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  take_waiting()[0](text("two"));
  CAF_CHECK_EQUAL(whole(peer.read_answer()).body, "two");
}

CAF_TEST(any thread may answer and only once) {
  start();
  raw_client peer{port};
  peer.send(get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  auto out = take_waiting();
  std::vector<std::thread> threads;
  for (auto i = 0; i < 8; ++i)
    threads.emplace_back([&] { out[0](text("answer")); });
  for (auto& x : threads)
    x.join();
  CAF_CHECK_EQUAL(whole(peer.read_answer()).body, "answer");
  CAF_CHECK_EQUAL(whole(peer.ask(get_root)).body, "root");
}

CAF_TEST(a request that is given up is answered 500) {
  start();
  raw_client peer{port};
  peer.send(get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  take_waiting();
  CAF_CHECK_EQUAL(whole(peer.read_answer()).status, 500);
}

CAF_TEST(a handler that throws is answered 500 and the thread lives) {
  options.threads = 1;
  add(http::method::get, "/throw",
      [](http::request, http::responder) -> void { throw std::runtime_error{"from a library"}; });
  start();
  raw_client peer{port};
  CAF_CHECK_EQUAL(whole(peer.ask(get("/throw"))).status, 500);
  CAF_CHECK_EQUAL(whole(peer.ask(get_root)).status, 200);
}

CAF_TEST(many are answered together) {
  start();
  std::vector<std::unique_ptr<raw_client>> peers;
  for (auto i = 0; i < 50; ++i) {
    peers.push_back(std::make_unique<raw_client>(port));
    peers.back()->send(get("/wait"));
  }
  CAF_CHECK(eventually([&] { return num_waiting() == 50; }));
  auto outs = take_waiting();
  outs[7](text("early"));
  std::vector<std::pair<http::responder, http::response>> answers;
  for (auto& x : outs)
    answers.emplace_back(x, text("together"));
  http::respond_all(std::move(answers));
  auto early = 0, together = 0;
  for (auto& x : peers) {
    auto answer = x->read_answer();
    early += answer && answer->body == "early";
    together += answer && answer->body == "together";
  }
  CAF_CHECK_EQUAL(early, 1);
  CAF_CHECK_EQUAL(together, 49);
}

CAF_TEST_FIXTURE_SCOPE_END()
