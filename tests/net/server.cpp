#define CAF_SUITE server

#include "net/crypto.hpp"
#include "net/problem.hpp"
#include "support/raw_http.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <atomic>
#include <future>
#include <mutex>
#include <regex>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto get_root = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string get(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path);
}

struct fixture : live_server {
  std::atomic<int> called{0};
  std::mutex mutex;
  std::vector<http::responder> waiting; ///< requests to /wait, in order

  fixture() {
    options.threads = 2;
    add(http::method::get, "/", [this](http::request, http::responder out) {
      ++called;
      out(text("root"));
    });
    add(
        http::method::post, "/echo",
        [this](http::request in, http::responder out) {
          ++called;
          out(text(std::move(in.body)));
        },
        100'000);
    add(http::method::get, "/wait", [this](http::request, http::responder out) {
      auto guard = std::lock_guard{mutex};
      waiting.push_back(std::move(out));
    });
  }

  std::size_t num_waiting() {
    auto guard = std::lock_guard{mutex};
    return waiting.size();
  }
  std::vector<http::responder> take_waiting() {
    auto guard = std::lock_guard{mutex};
    return std::exchange(waiting, {});
  }
};

/// A request whose head is exactly *size* bytes long.
std::string head_of(std::size_t size) {
  auto result = std::string{"GET / HTTP/1.1\r\nHost: a\r\nX: "};
  return result + std::string(size - result.size() - 4, 'x') + "\r\n\r\n";
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_tests, fixture)

CAF_TEST(each answer carries the security headers and a fresh request id) {
  start();
  raw_client peer{port};
  auto first = peer.ask(get_root);
  auto second = peer.ask(get("/nowhere"));
  CAF_REQUIRE(first && second);
  CAF_CHECK_EQUAL(first->body, "root");
  CAF_CHECK_EQUAL(second->status, 404);
  for (const auto& x : {*first, *second}) {
    CAF_CHECK_EQUAL(x.header("x-content-type-options"), "nosniff");
    CAF_CHECK_EQUAL(x.header("referrer-policy"), "same-origin");
    CAF_CHECK_EQUAL(x.header("cross-origin-opener-policy"), "same-origin");
    CAF_CHECK_EQUAL(x.header("cache-control"), "no-store");
    CAF_CHECK_EQUAL(x.header("server"), "");
    CAF_CHECK_EQUAL(x.header("strict-transport-security"), "");
    CAF_CHECK(
        std::regex_match(x.header("date"), std::regex{"[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [\\d:]{8} GMT"}));
  }
  CAF_CHECK(first->header("x-request-id") != second->header("x-request-id"));
  CAF_CHECK(second->body.find(second->header("x-request-id")) != std::string::npos);
}

CAF_TEST(pages get a policy unless they bring one) { // F13
  add(http::method::get, "/page", [](http::request, http::responder out) {
    auto answer = text("<p>");
    answer.content_type = "text/html";
    out(answer);
  });
  add(http::method::get, "/own", [](http::request, http::responder out) {
    auto answer = text("<p>");
    answer.content_type = "text/html";
    answer.headers.emplace_back("Content-Security-Policy", "default-src 'self'");
    out(answer);
  });
  options.hsts = true;
  start();
  raw_client peer{port};
  auto page = peer.ask(get("/page"));
  CAF_CHECK(page->header("content-security-policy").find("frame-ancestors 'none'") != std::string::npos);
  CAF_CHECK_EQUAL(peer.ask(get("/own"))->header("content-security-policy"), "default-src 'self'");
  CAF_CHECK(peer.ask(get_root)->header("strict-transport-security").starts_with("max-age=31536000"));
}

CAF_TEST(a text from a tenant cannot forge a header) { // H10
  add(http::method::get, "/forge", [](http::request, http::responder out) {
    auto answer = text("x");
    answer.headers = {{"X-One", "a\r\nSet-Cookie: b"}, {"X Two", "c"}, {"Content-Length", "99"}, {"X-Good", "d"}};
    out(answer);
  });
  start();
  raw_client peer{port};
  auto answer = peer.ask(get("/forge"));
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->body, "x");
  CAF_CHECK_EQUAL(answer->header("set-cookie"), "");
  CAF_CHECK_EQUAL(answer->header("x-one"), "");
  CAF_CHECK_EQUAL(answer->headers.count("content-length"), 1u);
  CAF_CHECK_EQUAL(answer->header("x-good"), "d");
}

CAF_TEST(the request arrives decoded and in order) {
  http::request seen;
  add(http::method::get, "/stores/{id}", [&](http::request in, http::responder out) {
    seen = std::move(in);
    out(text(""));
  });
  start();
  raw_client peer{port};
  auto answer = peer.ask("GET /stores/a%20b?x=1&y=%26+z&x=2&flag HTTP/1.1\r\nHost: a\r\nX-Twice: 1\r\nx-twice: 2\r\n"
                         "Cookie: a=1; sid=secret; b=2\r\n\r\n");
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(seen.path, "/stores/a b");
  CAF_CHECK_EQUAL(seen.params["id"], "a b");
  CAF_CHECK_EQUAL(seen.raw_query, "x=1&y=%26+z&x=2&flag");
  CAF_CHECK_EQUAL(seen.query.size(), 4u);
  CAF_CHECK_EQUAL(seen.query_value("y").first, "& z");
  CAF_CHECK_EQUAL(seen.query_value("flag").second, true);
  CAF_CHECK_EQUAL(seen.query_value("none").second, false);
  CAF_CHECK_EQUAL(seen.header("x-twice"), "1");
  CAF_CHECK_EQUAL(seen.count("x-twice"), 2u);
  CAF_CHECK_EQUAL(seen.cookie("sid"), "secret");
  CAF_CHECK_EQUAL(seen.cookie("si"), "");
  CAF_CHECK_EQUAL(seen.remote, "127.0.0.1");
  CAF_CHECK_EQUAL(seen.id, answer->header("x-request-id"));
}

CAF_TEST(HEAD is answered without a body and the connection stays in step) {
  start();
  raw_client peer{port};
  auto head = peer.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", false);
  CAF_REQUIRE(head.has_value());
  CAF_CHECK_EQUAL(head->header("content-length"), "4");
  CAF_CHECK_EQUAL(peer.ask(get_root)->body, "root");
}

// -- limits (F4) --------------------------------------------------------------

CAF_TEST(limits are exact and their refusals readable) { // F4
  start();
  auto status = [&](const std::string& bytes) {
    raw_client peer{port};
    peer.send(bytes);
    auto answer = peer.read_answer();
    return answer ? answer->status : 0;
  };
  auto target = [](std::size_t size) { return get("/" + std::string(size - 1, 'x')); };
  auto fields = [](int count) {
    auto result = std::string{"GET / HTTP/1.1\r\nHost: a\r\n"};
    for (auto i = 1; i < count; ++i)
      result += fmt::format("X{}: y\r\n", i);
    return result + "\r\n";
  };
  auto body = [](std::size_t size) {
    return fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", size, std::string(size, 'x'));
  };
  CAF_CHECK_EQUAL(status(head_of(16 * 1024)), 200);
  CAF_CHECK_EQUAL(status(head_of(16 * 1024 + 1)), 431);
  CAF_CHECK_EQUAL(status(head_of(200'000)), 431);
  CAF_CHECK_EQUAL(status(target(8 * 1024)), 404);
  CAF_CHECK_EQUAL(status(target(8 * 1024 + 1)), 414);
  CAF_CHECK_EQUAL(status(target(100'000)), 414);
  CAF_CHECK_EQUAL(status(fields(100)), 200);
  CAF_CHECK_EQUAL(status(fields(101)), 431);
  CAF_CHECK_EQUAL(status(fields(2'000)), 431);
  CAF_CHECK_EQUAL(status(body(100'000)), 200);
  CAF_CHECK_EQUAL(status(body(100'001)), 413);
  CAF_CHECK_EQUAL(status(body(8'000'000)), 413); // the whole body is sent before the answer is read
}

CAF_TEST(a chunked body over the limit is refused readably) { // F4
  start();
  raw_client peer{port};
  peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  auto chunk = fmt::format("{:x}\r\n{}\r\n", 50'000, std::string(50'000, 'x'));
  for (auto i = 0; i < 40; ++i)
    CAF_CHECK(peer.send(chunk));
  CAF_CHECK_EQUAL(peer.read_answer()->status, 413);
  CAF_CHECK_EQUAL(called.load(), 0);
}

CAF_TEST(a body that nobody wants is refused before it is read) {
  start();
  raw_client peer{port};
  auto answer = peer.ask("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  CAF_CHECK_EQUAL(answer->status, 404);
  CAF_CHECK_EQUAL(answer->header("connection"), "close");
}

CAF_TEST(a client that waits for 100 gets it or the refusal) {
  start();
  auto ask = [](int size) {
    return fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", size);
  };
  raw_client peer{port};
  CAF_CHECK_EQUAL(peer.ask(ask(5))->status, 100);
  CAF_CHECK_EQUAL(peer.ask("hello")->body, "hello");
  CAF_CHECK_EQUAL(peer.ask(ask(100'001))->status, 413);
}

CAF_TEST(connections over the limit are told so) { // E5
  options.max_connections = 2;
  start();
  raw_client one{port}, two{port};
  CAF_CHECK_EQUAL(one.ask(get_root)->status, 200);
  CAF_CHECK_EQUAL(two.ask(get_root)->status, 200);
  raw_client three{port};
  auto refusal = three.read_answer();
  CAF_REQUIRE(refusal.has_value());
  CAF_CHECK_EQUAL(refusal->status, 503);
  CAF_CHECK_EQUAL(refusal->header("retry-after"), "5");
  one.reset();
  CAF_CHECK(eventually([&] { return server->counters().connections == 1; }));
  raw_client four{port};
  CAF_CHECK_EQUAL(four.ask(get_root)->status, 200);
}

CAF_TEST(one address gets its share only) { // F7
  options.max_connections_per_address = 1;
  start();
  raw_client one{port}, two{port};
  CAF_CHECK_EQUAL(one.ask(get_root)->status, 200);
  CAF_CHECK_EQUAL(two.read_answer()->status, 503);
}

// -- slow and broken peers ----------------------------------------------------

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
  CAF_CHECK_EQUAL(idle.ask(get_root)->status, 200);
  slow_reader.send(get("/large"));
  CAF_CHECK_EQUAL(slow_head.read_answer()->status, 408);
  CAF_CHECK_EQUAL(slow_body.read_answer()->status, 408);
  CAF_CHECK_EQUAL(silent.read_all(), "");
  CAF_CHECK_EQUAL(idle.read_all(), "");
  CAF_CHECK(!silent.timed_out && !idle.timed_out);
  raw_client healthy{port};
  CAF_CHECK_EQUAL(healthy.ask(get_root)->status, 200);
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

// -- answers ------------------------------------------------------------------

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
    CAF_CHECK_EQUAL(peer.read_answer()->body, std::to_string(i));
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
  CAF_CHECK_EQUAL(other.ask(get_root)->status, 200);
  CAF_CHECK(called.load() < 1'000); // 10,000 answers would be 1 GB
}

CAF_TEST(one connection has one request in work) { // F8
  start();
  raw_client peer{port};
  peer.send(get("/wait") + get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  raw_client other{port};
  CAF_CHECK_EQUAL(other.ask(get_root)->status, 200);
  CAF_CHECK_EQUAL(num_waiting(), 1u);
  take_waiting()[0](text("one"));
  CAF_CHECK_EQUAL(peer.read_answer()->body, "one");
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  take_waiting()[0](text("two"));
  CAF_CHECK_EQUAL(peer.read_answer()->body, "two");
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
  CAF_CHECK_EQUAL(peer.read_answer()->body, "answer");
  CAF_CHECK_EQUAL(peer.ask(get_root)->body, "root");
}

CAF_TEST(a request that is given up is answered 500) {
  start();
  raw_client peer{port};
  peer.send(get("/wait"));
  CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  take_waiting();
  CAF_CHECK_EQUAL(peer.read_answer()->status, 500);
}

CAF_TEST(a handler that throws is answered 500 and the thread lives) {
  options.threads = 1;
  add(http::method::get, "/throw",
      [](http::request, http::responder) -> void { throw std::runtime_error{"from a library"}; });
  start();
  raw_client peer{port};
  CAF_CHECK_EQUAL(peer.ask(get("/throw"))->status, 500);
  CAF_CHECK_EQUAL(peer.ask(get_root)->status, 200);
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

// -- the end ------------------------------------------------------------------

CAF_TEST(a drain answers what is in flight and closes the rest) { // A7
  start();
  raw_client idle{port}, busy{port};
  CAF_CHECK_EQUAL(idle.ask(get_root)->status, 200);
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
