#define CAF_SUITE client

#include "net/client.hpp"
#include "support/raw_http.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>
#include <zlib.h>

#include <future>

using namespace clique;
using namespace clique::testing;
using namespace std::chrono_literals;

namespace {

/// Accepts connections one after the other and sends fixed bytes to each, whatever it is asked.
class scripted_peer {
public:
  enum class ending { close, hold };

  explicit scripted_peer(std::string bytes, ending end = ending::close)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)), bytes_(std::move(bytes)), end_(end) {
    auto at = sockaddr_in{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(listener_, 16);
    auto size = socklen_t{sizeof at};
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }
  ~scripted_peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (auto fd : held_)
      ::close(fd);
  }

  std::uint16_t port = 0;
  std::atomic<int> asked{0};

private:
  void run() {
    while (true) {
      auto fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0)
        return;
      std::string request;
      char piece[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        auto got = ::recv(fd, piece, sizeof piece, 0);
        if (got <= 0)
          break;
        request.append(piece, static_cast<std::size_t>(got));
      }
      ++asked;
      auto rest = std::string_view{bytes_};
      while (!rest.empty()) {
        auto put = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put <= 0)
          break;
        rest.remove_prefix(static_cast<std::size_t>(put));
      }
      if (end_ == ending::hold)
        held_.push_back(fd);
      else
        ::close(fd);
    }
  }

  int listener_;
  std::string bytes_;
  ending end_;
  std::vector<int> held_;
  std::thread thread_;
};

std::string zipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  auto out = std::string(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

http::outgoing to(std::uint16_t port, std::string path = "/") {
  http::outgoing result;
  result.url = fmt::format("http://127.0.0.1:{}{}", port, path);
  return result;
}

result<http::incoming_answer> ask(http::client& by, http::outgoing what) {
  auto promise = std::make_shared<std::promise<result<http::incoming_answer>>>();
  auto future = promise->get_future();
  by.send(std::move(what), [promise](auto x) { promise->set_value(std::move(x)); });
  if (future.wait_for(watchdog) != std::future_status::ready)
    return error{ec::internal, "never called back", ""};
  return future.get();
}

ec code_of(const result<http::incoming_answer>& x) {
  return x ? ec{} : x.error().code;
}

struct fixture : live_server {
  http::client client{2};
  std::atomic<int> running{0}, most{0};
  std::mutex mutex;
  std::vector<http::responder> waiting;

  fixture() {
    auto echo = [](http::request in, http::responder out) {
      auto answer = text(fmt::format("{} {} {} {}", http::to_string(in.verb), in.target, in.header("x-mark"), in.body));
      answer.headers.emplace_back("X-Seen-Expect", std::string{in.header("expect")});
      answer.headers.emplace_back("X-Seen-Agent", std::string{in.header("user-agent")});
      out(answer);
    };
    for (auto verb : {http::method::get, http::method::post, http::method::put, http::method::patch, http::method::del})
      add(verb, "/echo", echo);
    add(http::method::get, "/moved", [](http::request, http::responder out) {
      auto answer = text("elsewhere", 302);
      answer.headers.emplace_back("Location", "/echo");
      out(answer);
    });
    add(http::method::get, "/wait", [this](http::request, http::responder out) {
      auto guard = std::lock_guard{mutex};
      waiting.push_back(std::move(out));
    });
    start();
  }
  ~fixture() {
    server.reset(); // before what its handlers touch
  }

  std::size_t num_waiting() {
    auto guard = std::lock_guard{mutex};
    return waiting.size();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_tests, fixture)

CAF_TEST(each verb carries its body and headers) {
  for (auto verb : {http::method::get, http::method::post, http::method::put, http::method::patch, http::method::del}) {
    auto what = to(port, "/echo?a=1");
    what.verb = verb;
    what.headers = {{"X-Mark", "m"}};
    what.body = verb == http::method::get ? "" : "body";
    auto answer = ask(client, what);
    CAF_REQUIRE(answer.has_value());
    CAF_CHECK_EQUAL(answer->status, 200);
    CAF_CHECK_EQUAL(answer->body, fmt::format("{} /echo?a=1 m {}", http::to_string(verb), what.body));
    CAF_CHECK_EQUAL(answer->header("content-type"), "text/plain");
    CAF_CHECK_EQUAL(answer->header("x-seen-expect"), "");
    CAF_CHECK_EQUAL(answer->header("x-seen-agent"), "clique");
  }
}

CAF_TEST(a large body arrives whole) {
  auto what = to(port, "/echo");
  what.verb = http::method::post;
  what.body = std::string(200'000, 'x');
  auto answer = ask(client, what);
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->body.size(), std::string{"POST /echo  "}.size() + 200'000);
}

CAF_TEST(connections are kept) {
  for (auto i = 0; i < 20; ++i)
    CAF_CHECK(ask(client, to(port, "/echo")).has_value());
  CAF_CHECK_EQUAL(server->counters().accepted.load(), 1);
  auto what = to(port, "/echo");
  what.fresh_connection = true;
  CAF_CHECK(ask(client, what).has_value());
  CAF_CHECK_EQUAL(server->counters().accepted.load(), 2);
}

CAF_TEST(a host gets no more connections than allowed) {
  std::vector<std::future<bool>> done;
  for (auto i = 0; i < 6; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    done.push_back(promise->get_future());
    client.send(to(port, "/wait"), [promise](auto x) { promise->set_value(x.has_value()); });
  }
  for (auto answered = 0; answered < 6;) {
    CAF_REQUIRE(eventually([&] { return num_waiting() > 0; }));
    CAF_CHECK(num_waiting() <= 2u);
    auto guard = std::lock_guard{mutex};
    for (auto& x : waiting) {
      x(text("now"));
      ++answered;
    }
    waiting.clear();
  }
  for (auto& x : done)
    CAF_CHECK(x.get());
  CAF_CHECK(server->counters().accepted.load() <= 2);
}

CAF_TEST(redirects are not followed) { // C12
  auto answer = ask(client, to(port, "/moved"));
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->status, 302);
  CAF_CHECK_EQUAL(answer->header("location"), "/echo");
}

CAF_TEST(proxies of the environment are ignored) { // H3
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  http::client fresh;
  CAF_CHECK(ask(fresh, to(port, "/echo")).has_value());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

CAF_TEST(headers with line breaks and odd addresses are refused) { // H10
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"X", "a\r\nY: b"}, {"X\r\nY", "b"}, {"X: Y", "b"}, {"", "b"}, {"X", std::string{"a\0b", 3}}}) {
    auto what = to(port, "/echo");
    what.headers = {{name, value}};
    CAF_CHECK(code_of(ask(client, what)) == ec::bad_input);
  }
  for (auto url : {"", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://"}) {
    http::outgoing what;
    what.url = url;
    CAF_CHECK(code_of(ask(client, what)) == ec::bad_input);
  }
  CAF_CHECK_EQUAL(server->counters().requests.load(), 0);
}

CAF_TEST(a deadline after sending is an unknown outcome) { // C3
  auto what = to(port, "/wait");
  what.total_limit = 300ms;
  CAF_CHECK(code_of(ask(client, what)) == ec::timed_out);
  scripted_peer slow{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", scripted_peer::ending::hold};
  what.url = to(slow.port).url;
  CAF_CHECK(code_of(ask(client, what)) == ec::timed_out);
}

CAF_TEST(a peer that is not there is unavailable) {
  std::uint16_t gone = 0;
  {
    scripted_peer peer{""};
    gone = peer.port;
  }
  CAF_CHECK(code_of(ask(client, to(gone))) == ec::unavailable);
}

CAF_TEST(answers that are cut are failures and never half an answer) { // C4
  for (std::string bytes :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "garbage\r\n\r\n"}) {
    scripted_peer peer{bytes};
    auto got = ask(client, to(peer.port));
    CAF_CHECK_EQUAL(fmt::format("{} -> {}", bytes, to_string(code_of(got))), fmt::format("{} -> unavailable", bytes));
  }
}

CAF_TEST(an interim answer is not the answer) {
  scripted_peer peer{"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
  auto got = ask(client, to(peer.port));
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(got->status, 200);
  CAF_CHECK_EQUAL(got->header("x-early"), "");
}

CAF_TEST(the cap counts what was unpacked) { // C11
  auto packed = zipped(std::string(50'000'000, 'a'));
  CAF_CHECK(packed.size() < 100'000u);
  scripted_peer peer{
      fmt::format("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n{}", packed.size(), packed)};
  auto what = to(peer.port);
  what.max_answer = 1'000'000;
  CAF_CHECK(code_of(ask(client, what)) == ec::too_large);
  what.max_answer = 50'000'000;
  auto got = ask(client, what);
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(got->body.size(), 50'000'000u);
}

CAF_TEST(an endless answer is stopped at the cap) { // C11
  scripted_peer peer{"HTTP/1.1 200 OK\r\n\r\n" + std::string(40'000'000, 'a')};
  CAF_CHECK(code_of(ask(client, to(peer.port))) == ec::too_large);
}

CAF_TEST(a stream is handed over in pieces and may be stopped) {
  scripted_peer peer{fmt::format("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{}", std::string(1'000'000, 'a'))};
  auto what = to(peer.port);
  auto seen = std::make_shared<std::size_t>(0);
  what.on_data = [seen](std::string_view piece) {
    *seen += piece.size();
    return true;
  };
  auto got = ask(client, what);
  CAF_REQUIRE(got.has_value());
  CAF_CHECK_EQUAL(*seen, 1'000'000u);
  CAF_CHECK(got->body.empty());
  what.on_data = [](std::string_view) { return false; };
  CAF_CHECK(ask(client, what).has_value());
}

CAF_TEST(a request on a fresh connection is never sent twice) {         // I4
  scripted_peer peer{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}; // closes behind each answer
  for (auto i = 1; i <= 5; ++i) {
    auto what = to(peer.port);
    what.verb = http::method::post;
    what.body = "x";
    what.fresh_connection = true;
    CAF_CHECK(ask(client, what).has_value());
    CAF_CHECK_EQUAL(peer.asked.load(), i);
  }
}

CAF_TEST(what is in flight at the end is called back) {
  std::promise<ec> promise;
  {
    http::client short_lived;
    short_lived.send(to(port, "/wait"), [&](auto x) { promise.set_value(code_of(x)); });
    CAF_CHECK(eventually([&] { return num_waiting() == 1; }));
  }
  CAF_CHECK(promise.get_future().get() == ec::unavailable);
}

CAF_TEST(callbacks may send again) {
  std::promise<std::string> promise;
  client.send(to(port, "/echo?1"), [&](auto) {
    client.send(to(port, "/echo?2"), [&](auto x) { promise.set_value(x ? x->body : "failed"); });
  });
  CAF_CHECK_EQUAL(promise.get_future().get(), "GET /echo?2  ");
}

CAF_TEST_FIXTURE_SCOPE_END()
