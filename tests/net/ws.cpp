#define CAF_SUITE ws

#include "net/client_frames.hpp"
#include "net/problem.hpp"
#include "support/raw_http.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <future>
#include <mutex>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto key = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 section 1.3

std::string handshake(std::string_view more = "Origin: http://a\r\n") {
  return fmt::format("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                     "Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
                     key, more);
}

struct heard {
  int code = -1; ///< opcode; -1: the end
  std::string payload;
};

struct ws_client : raw_client {
  using raw_client::raw_client;

  heard next() {
    auto head = read_bytes(2);
    if (head.size() < 2)
      return {};
    auto size = static_cast<std::size_t>(static_cast<unsigned char>(head[1]));
    if (size >= 126) {
      auto extended = read_bytes(size == 126 ? 2 : 8);
      size = 0;
      for (auto c : extended)
        size = size << 8 | static_cast<unsigned char>(c);
    }
    return {head[0] & 15, read_bytes(size)};
  }
  /// Close code of the next close frame; 0: the connection ended without one.
  int close_code() {
    while (true) {
      auto x = next();
      if (x.code == -1)
        return 0;
      if (x.code == 8)
        return x.payload.size() < 2
                   ? 1005
                   : static_cast<unsigned char>(x.payload[0]) << 8 | static_cast<unsigned char>(x.payload[1]);
    }
  }
};

struct fixture : live_server {
  std::mutex mutex;
  std::vector<ws::socket_ptr> sockets;
  std::vector<std::string> texts;
  std::atomic<int> opened{0}, closed{0}, drained{0};
  ws::limits limits;

  void start_sockets() {
    options.threads = 2;
    add(http::method::get, "/", [](http::request, http::responder out) { out(text("root")); });
    prepare();
    auto gate = [](const http::request& in) -> std::optional<http::response> {
      if (in.header("origin") == "http://a")
        return std::nullopt;
      return http::problem({ec::forbidden, "a foreign page", "open the dashboard itself"}, in.id);
    };
    ws::events events;
    events.opened = [this](ws::socket_ptr x, const http::request&) {
      auto guard = std::lock_guard{mutex};
      sockets.push_back(std::move(x));
      ++opened;
    };
    events.text = [this](const ws::socket_ptr& x, std::string got) {
      x->send(std::make_shared<const std::string>("echo " + got));
      auto guard = std::lock_guard{mutex};
      texts.push_back(std::move(got));
    };
    events.drained = [this](const ws::socket_ptr&) { ++drained; };
    events.closed = [this](std::uint64_t) { ++closed; };
    server->serve_sockets("/ws", gate, events, limits);
    start();
  }

  ~fixture() {
    server.reset(); // before what its events touch
  }

  std::unique_ptr<ws_client> join(int receive_buffer = 0) {
    auto result = std::make_unique<ws_client>(port, receive_buffer);
    auto answer = result->ask(handshake());
    CAF_REQUIRE(answer.has_value());
    CAF_REQUIRE_EQUAL(answer->status, 101);
    return result;
  }

  ws::socket_ptr last() {
    CAF_REQUIRE(eventually([&] {
      auto guard = std::lock_guard{mutex};
      return !sockets.empty();
    }));
    auto guard = std::lock_guard{mutex};
    return sockets.back();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ws_tests, fixture)

CAF_TEST(a handshake is accepted as the standard says) {
  start_sockets();
  ws_client peer{port};
  auto answer = peer.ask(handshake("Origin: http://a\r\nSec-WebSocket-Protocol: clique.v1, other\r\n"));
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->status, 101);
  CAF_CHECK_EQUAL(answer->header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CAF_CHECK_EQUAL(answer->header("sec-websocket-protocol"), "clique.v1");
  CAF_CHECK_EQUAL(answer->header("sec-websocket-extensions"), "");
  peer.send(say("hello"));
  CAF_CHECK_EQUAL(peer.next().payload, "echo hello");
}

CAF_TEST(the gate refuses before the upgrade) { // F9
  start_sockets();
  for (auto origin : {"", "Origin: null\r\n", "Origin: http://evil\r\n", "Origin: http://a.evil\r\n",
                      "Origin: https://a\r\n", "Origin: http://a:80\r\n", "Origin: HTTP://A\r\n"}) {
    ws_client peer{port};
    auto answer = peer.ask(handshake(origin));
    CAF_REQUIRE(answer.has_value());
    CAF_CHECK_EQUAL(answer->status, 403);
    CAF_CHECK_EQUAL(peer.read_all(), "");
  }
  CAF_CHECK_EQUAL(opened.load(), 0);
}

CAF_TEST(handshakes that are none are refused) { // F9
  start_sockets();
  auto with = [](std::string_view fields) {
    return fmt::format(
        "GET /ws HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{}\r\n",
        fields);
  };
  auto good_key = fmt::format("Sec-WebSocket-Key: {}\r\n", key);
  const std::pair<std::string, int> table[] = {
      {with(good_key), 426},
      {with(good_key + "Sec-WebSocket-Version: 8\r\n"), 426},
      {with("Sec-WebSocket-Version: 13\r\n"), 400},
      {with("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n"), 400},
      {with("Sec-WebSocket-Version: 13\r\n" + good_key + good_key), 400},
      {"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 404},
      {"POST" + handshake().substr(3), 400},
  };
  for (const auto& [bytes, status] : table) {
    ws_client peer{port};
    auto answer = peer.ask(bytes);
    CAF_CHECK_EQUAL(answer ? answer->status : 0, status);
  }
  CAF_CHECK_EQUAL(opened.load(), 0);
}

CAF_TEST(frame abuse is answered with the right close code) { // F11
  limits.messages_per_second = 1'000;
  start_sockets();
  const std::tuple<std::string, std::string, int> table[] = {
      {"unmasked", frame(0x81, "x", false), 1002},
      {"reserved bit 1", frame(0xc1, "x"), 1002},
      {"reserved bit 3", frame(0x91, "x"), 1002},
      {"opcode 3", frame(0x83, "x"), 1002},
      {"opcode 11", frame(0x8b, "x"), 1002},
      {"fragmented ping", frame(0x09, "x"), 1002},
      {"ping of 126 bytes", frame(0x89, std::string(126, 'x')), 1002},
      {"close of one byte", frame(0x88, "x"), 1002},
      {"close code 999", bye(999), 1002},
      {"close code 1004", bye(1004), 1002},
      {"close code 1005", bye(1005), 1002},
      {"close code 1006", bye(1006), 1002},
      {"close code 1015", bye(1015), 1002},
      {"close code 2999", bye(2999), 1002},
      {"close code 5000", bye(5000), 1002},
      {"close reason that is no text", bye(1000, "\xff"), 1007},
      {"close", bye(1000, "done"), 1000},
      {"close 4999", bye(4999), 4999},
      {"close without a code", frame(0x88, ""), 1000},
      {"continuation of nothing", frame(0x80, "x"), 1002},
      {"text inside a text", frame(0x01, "x") + frame(0x81, "y"), 1002},
      {"binary", frame(0x82, "x"), 1003},
      {"bad UTF-8", say("\xc3("), 1007},
      {"surrogate", say("\xed\xa0\x80"), 1007},
      {"character cut by the end", frame(0x01, "\xe2\x82") + frame(0x80, ""), 1007},
      {"4097 bytes", say(std::string(4'097, 'x')), 1009},
      {"4097 bytes in fragments", frame(0x01, std::string(4'000, 'x')) + frame(0x80, std::string(97, 'x')), 1009},
      {"2^63 bytes", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00"s, 1002},
      {"2^62 bytes", "\x81\xff\x40\x00\x00\x00\x00\x00\x00\x00"s, 1009},
      {"length in too many bytes", "\x81\xfe\x00\x05\x01\x02\x03\x04hello"s, 1002},
      {"length in far too many bytes", "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\x01\x02\x03\x04hello"s, 1002},
  };
  for (const auto& [name, bytes, code] : table) {
    auto peer = join();
    peer->send(bytes);
    CAF_CHECK_EQUAL(fmt::format("{} {}", name, peer->close_code()), fmt::format("{} {}", name, code));
    CAF_CHECK_EQUAL(peer->read_all(), "");
    CAF_CHECK(!peer->timed_out);
  }
  CAF_CHECK(eventually([&] { return closed == opened; }));
  CAF_CHECK(texts.empty());
}

CAF_TEST(fragments and control frames between them make one message) {
  start_sockets();
  auto peer = join();
  peer->send(frame(0x01, "he\xe2") + frame(0x89, "p1") + frame(0x00, "\x82\xac") + frame(0x8a, "") + frame(0x80, "!"));
  auto pong = peer->next();
  CAF_CHECK_EQUAL(pong.code, 10);
  CAF_CHECK_EQUAL(pong.payload, "p1");
  CAF_CHECK_EQUAL(peer->next().payload, "echo he\xe2\x82\xac!");
}

CAF_TEST(a message of the largest size passes byte by byte) {
  start_sockets();
  auto peer = join();
  auto text = std::string(4'096, 'x');
  for (auto c : say(text))
    peer->send({&c, 1});
  CAF_CHECK_EQUAL(peer->next().payload, "echo " + text);
}

CAF_TEST(too many messages and endless pings or fragments are cut) { // F11
  limits.messages_per_second = 20;
  start_sockets();
  for (const auto& one : {say("x"), frame(0x89, ""), frame(0x01, "") + frame(0x00, "")}) {
    auto peer = join();
    std::string many = one;
    auto again = one == say("x") || one == frame(0x89, "") ? one : frame(0x00, "");
    for (auto i = 0; i < 10'000; ++i)
      many += again;
    peer->send(many);
    CAF_CHECK_EQUAL(peer->close_code(), 1008);
  }
  CAF_CHECK(texts.size() <= 20u);
}

CAF_TEST(frames of many senders arrive whole and each in order) {
  start_sockets();
  auto peer = join();
  auto out = last();
  std::vector<std::thread> senders;
  for (auto i = 0; i < 4; ++i)
    senders.emplace_back([&, i] {
      for (auto n = 0; n < 500; ++n)
        out->send(std::make_shared<const std::string>(fmt::format("{}:{}:{}", i, n, std::string(200, 'x'))));
    });
  std::vector<int> next(4, 0);
  auto wrong = 0;
  for (auto n = 0; n < 2'000; ++n) {
    auto got = peer->next();
    auto sender = got.payload.empty() ? 0 : got.payload[0] - '0';
    wrong +=
        got.payload != fmt::format("{}:{}:{}", sender, next[static_cast<std::size_t>(sender)]++, std::string(200, 'x'));
  }
  for (auto& x : senders)
    x.join();
  CAF_CHECK_EQUAL(wrong, 0);
  CAF_CHECK(eventually([&] { return out->pending() == 0 && drained > 0; }));
}

CAF_TEST(large frames have the long length) {
  start_sockets();
  auto peer = join();
  for (auto size : {125u, 126u, 65'535u, 65'536u, 300'000u}) {
    last()->send(std::make_shared<const std::string>(std::string(size, 'y')));
    CAF_CHECK_EQUAL(peer->next().payload.size(), size);
  }
}

CAF_TEST(what a slow reader leaves is told and the reader is cut in time) { // E4
  limits.write_stall = 1s;
  start_sockets();
  auto peer = join(4'096);
  auto out = last();
  auto piece = std::make_shared<const std::string>(std::string(1u << 20, 'x'));
  for (auto i = 0; i < 12; ++i)
    out->send(piece);
  CAF_CHECK(out->pending() > 1u << 20);
  CAF_CHECK(eventually([&] { return closed == 1; }));
  out->send(piece);
  CAF_CHECK_EQUAL(out->pending(), 0u);
  CAF_CHECK(server->counters().timeouts.load() >= 1);
}

CAF_TEST(a sender without measure is stopped) {
  start_sockets();
  auto peer = join(4'096);
  auto out = last();
  auto piece = std::make_shared<const std::string>(std::string(1u << 20, 'x'));
  for (auto i = 0; i < 100; ++i)
    out->send(piece);
  CAF_CHECK(out->pending() <= 18u << 20);
  CAF_CHECK(eventually([&] { return closed == 1; }));
}

CAF_TEST(silence is pinged and then cut) { // F11
  limits.ping_every = 1s;
  limits.pong_within = 1s;
  start_sockets();
  auto dead = join(), alive = join();
  for (auto i = 0; i < 2; ++i) {
    auto ping = alive->next();
    CAF_CHECK_EQUAL(ping.code, 9);
    alive->send(frame(0x8a, ping.payload));
  }
  CAF_CHECK_EQUAL(dead->next().code, 9);
  CAF_CHECK_EQUAL(dead->close_code(), 1001);
  alive->send(say("still here"));
  while (true) {
    auto x = alive->next();
    CAF_REQUIRE(x.code != -1);
    if (x.code == 1) {
      CAF_CHECK_EQUAL(x.payload, "echo still here");
      break;
    }
  }
}

CAF_TEST(our close says code and reason after what was sent before) {
  start_sockets();
  auto peer = join();
  last()->send(std::make_shared<const std::string>("last words"));
  last()->close(4'001, "sign in again");
  last()->close(4'002, "ignored");
  CAF_CHECK_EQUAL(peer->next().payload, "last words");
  CAF_CHECK_EQUAL(peer->next().payload, "\x0f\xa1sign in again");
  peer->send(bye(4'001));
  CAF_CHECK_EQUAL(peer->read_all(), "");
  CAF_CHECK(eventually([&] { return closed == 1; }));
}

CAF_TEST(a peer that is gone is reported once) {
  start_sockets();
  join()->reset();
  CAF_CHECK(eventually([&] { return closed == 1; }));
  last()->send(std::make_shared<const std::string>("nobody"));
  last()->close(1'000, "");
  CAF_CHECK_EQUAL(server->counters().sockets.load(), 0);
}

CAF_TEST(a drain says that the server restarts) { // A7
  start_sockets();
  auto polite = join(), rude = join();
  auto done = std::async(std::launch::async, [&] { server->drain(10s); });
  CAF_CHECK_EQUAL(polite->close_code(), 1012);
  polite->send(bye(1012));
  CAF_CHECK_EQUAL(rude->close_code(), 1012);
  CAF_CHECK_EQUAL(polite->read_all() + rude->read_all(), "");
  CAF_CHECK(done.wait_for(watchdog) == std::future_status::ready);
  CAF_CHECK_EQUAL(closed.load(), 2);
}

CAF_TEST(sockets may outlive their server) {
  start_sockets();
  auto peer = join();
  auto out = last();
  server.reset();
  out->send(std::make_shared<const std::string>("nobody"));
  out->close(1'000, "");
  CAF_CHECK_EQUAL(out->pending(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
