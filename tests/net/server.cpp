#define CAF_SUITE server

#include "net/answering_server.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <regex>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

/// A request whose head is exactly *size* bytes long.
std::string head_of(std::size_t size) {
  auto result = std::string{"GET / HTTP/1.1\r\nHost: a\r\nX: "};
  return result + std::string(size - result.size() - 4, 'x') + "\r\n\r\n";
}

struct fixture : answering_server {};

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
  CAF_CHECK_EQUAL(whole(peer.ask(get("/own"))).header("content-security-policy"), "default-src 'self'");
  CAF_CHECK(whole(peer.ask(get_root)).header("strict-transport-security").starts_with("max-age=31536000"));
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
  CAF_CHECK_EQUAL(whole(peer.ask(get_root)).body, "root");
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
  CAF_CHECK_EQUAL(whole(peer.read_answer()).status, 413);
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
  CAF_CHECK_EQUAL(whole(peer.ask(ask(5))).status, 100);
  CAF_CHECK_EQUAL(whole(peer.ask("hello")).body, "hello");
  CAF_CHECK_EQUAL(whole(peer.ask(ask(100'001))).status, 413);
}

CAF_TEST(connections over the limit are told so) { // E5
  options.max_connections = 2;
  start();
  raw_client one{port}, two{port};
  CAF_CHECK_EQUAL(whole(one.ask(get_root)).status, 200);
  CAF_CHECK_EQUAL(whole(two.ask(get_root)).status, 200);
  raw_client three{port};
  auto refusal = three.read_answer();
  CAF_REQUIRE(refusal.has_value());
  CAF_CHECK_EQUAL(refusal->status, 503);
  CAF_CHECK_EQUAL(refusal->header("retry-after"), "5");
  one.reset();
  CAF_CHECK(eventually([&] { return server->counters().connections == 1; }));
  raw_client four{port};
  CAF_CHECK_EQUAL(whole(four.ask(get_root)).status, 200);
}

CAF_TEST(one address gets its share only) { // F7
  options.max_connections_per_address = 1;
  start();
  raw_client one{port}, two{port};
  CAF_CHECK_EQUAL(whole(one.ask(get_root)).status, 200);
  CAF_CHECK_EQUAL(whole(two.read_answer()).status, 503);
}

CAF_TEST_FIXTURE_SCOPE_END()
