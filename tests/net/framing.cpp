#define CAF_SUITE framing

// Faults F1 and 3.2: requests that two readers could understand differently. Each case is sent over its own
// connection, followed by a marker request. Whatever is refused is refused with one answer and a closed
// connection, and the marker is never served.

#include "support/raw_http.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>

#include <atomic>

using namespace clique;
using namespace clique::testing;
using namespace std::string_view_literals;

namespace {

constexpr auto marker = "GET /marker HTTP/1.1\r\nHost: a\r\n\r\n"sv;
constexpr auto post = "POST /echo HTTP/1.1\r\nHost: a\r\n"sv;

struct fixture : live_server {
  std::atomic<int> echoed{0}, markers{0};

  fixture() {
    options.threads = 1;
    add(http::method::get, "/", [](http::request, http::responder out) { out(text("root")); });
    add(http::method::get, "/marker", [this](http::request, http::responder out) {
      ++markers;
      out(text("marker"));
    });
    auto echo = [this](http::request in, http::responder out) {
      ++echoed;
      out(text(in.body));
    };
    add(http::method::post, "/echo", echo);
    add(http::method::get, "/echo", echo);
    start();
  }

  /// Sends *bytes* and the marker, and reads until the server has closed. An accepted case is closed by our end.
  std::string exchange(std::string_view bytes) {
    raw_client peer{port};
    peer.send(bytes);
    peer.send(marker);
    peer.finish();
    return peer.read_all();
  }
};

struct bad {
  std::string_view name;
  std::string bytes;
  int status = 400;
};

std::string join(std::string_view a, std::string_view b) {
  return std::string{a} + std::string{b};
}

std::vector<bad> bad_requests() {
  std::vector<bad> result = {
      // -- request line
      {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"unknown method", "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"method with a parenthesis", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"no method", " / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"TLS on the plain port", join("\x16\x03\x01\x00\xa5\x01"sv, "\r\n\r\n")},
      {"tab in the request line", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"},
      {"two blanks before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
      {"no version", "GET /\r\nHost: a\r\n\r\n"},
      {"empty version", "GET / \r\nHost: a\r\n\r\n"},
      {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/11.1", "GET / HTTP/11.1\r\nHost: a\r\n\r\n"},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
      {"HTTP/1", "GET / HTTP/1\r\nHost: a\r\n\r\n"},
      {"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n"},
      {"HTTP-1.1", "GET / HTTP-1.1\r\nHost: a\r\n\r\n"},
      {"absolute target", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"authority target", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"target without slash", "GET marker HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"star with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"fragment in the target", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"quote in the target", "GET /\" HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"backslash in the target", "GET /\\..\\x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"NUL in the target", join("GET /\0 HTTP/1.1\r\n"sv, "Host: a\r\n\r\n")},
      {"DEL in the target", "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"broken escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"cut escape", "GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"escaped NUL", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"escaped slash", "GET /x%2fy HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"broken escape in the query", "GET /?a=%g1 HTTP/1.1\r\nHost: a\r\n\r\n"},
      // -- lines
      {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n"},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"bare CR after the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n"},
      {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n"},
      {"CR before CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"},
      {"NUL in a value", join("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n"sv, "\r\n")},
      {"NUL in a name", join("GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n"sv, "\r\n")},
      {"control character in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n"},
      {"DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      // -- fields
      {"blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
      {"tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n"},
      {"blank before the name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
      {"no name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
      {"parenthesis in a name", "GET / HTTP/1.1\r\nHost: a\r\nX(y): z\r\n\r\n"},
      {"UTF-8 in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa9: z\r\n\r\n"},
      {"folded with a blank", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"},
      {"folded with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n"},
      {"folded Host", "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n"},
      {"folded Transfer-Encoding", join(post, "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n")},
      // -- Host
      {"no Host", "GET / HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {"Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {"Host with a long port", "GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n"},
      {"Host with a large port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"},
      {"Host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n"},
      {"Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
      // -- Content-Length
      {"negative length", join(post, "Content-Length: -5\r\n\r\nhello")},
      {"signed length", join(post, "Content-Length: +5\r\n\r\nhello")},
      {"hexadecimal length", join(post, "Content-Length: 0x5\r\n\r\nhello")},
      {"length with a decimal point", join(post, "Content-Length: 5.0\r\n\r\nhello")},
      {"length of letters", join(post, "Content-Length: five\r\n\r\nhello")},
      {"empty length", join(post, "Content-Length:\r\n\r\nhello")},
      {"length with a blank inside", join(post, "Content-Length: 5 5\r\n\r\nhello")},
      {"length over 2^64", join(post, "Content-Length: 18446744073709551621\r\n\r\nhello")},
      {"length list", join(post, "Content-Length: 5, 5\r\n\r\nhello")},
      {"two equal lengths", join(post, "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello")},
      {"two lengths", join(post, "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")},
      {"two lengths in other order", join(post, "Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello!")},
      // -- Transfer-Encoding
      {"length and chunked", join(post, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
      {"chunked and length", join(post, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")},
      {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
  };
  for (auto coding : {"identity", "xchunked", "\"chunked\"", "", "chunked, identity", "identity, chunked",
                      "gzip, chunked", "chunked;q=1", "chunked, chunked", "chunked,", ",chunked", "chun ked", "gzip",
                      "\x0b"
                      "chunked",
                      "chunked\x0b"})
    result.push_back(
        {"Transfer-Encoding", fmt::format("{}Transfer-Encoding: {}\r\n\r\n5\r\nhello\r\n0\r\n\r\n", post, coding)});
  result.push_back({"two Transfer-Encodings",
                    join(post, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")});
  result.push_back({"two Transfer-Encodings one of them identity",
                    join(post, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")});
  // -- chunks
  for (auto chunks :
       {"g\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhelloxx0\r\n\r\n", "5\r\nhel\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n", "5;\x01=1\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "5\r\nhello\r\n0\r\nHost: b\r\n\r\n", "5\r\nhello\r\n0\r\nX : y\r\n\r\n"})
    result.push_back({"chunks", fmt::format("{}Transfer-Encoding: chunked\r\n\r\n{}", post, chunks)});
  result.push_back(
      {"chunk of 2^63 bytes", join(post, "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello"), 413});
  result.push_back(
      {"chunk extension of 64 KiB", fmt::format("{}Transfer-Encoding: chunked\r\n\r\n5;x={}\r\nhello\r\n0\r\n\r\n",
                                                post, std::string(64 * 1024, 'y'))});
  std::string many;
  for (auto i = 0; i < 100; ++i)
    many += "1;" + std::string(100, 'x') + "\r\nh\r\n";
  result.push_back({"chunk extensions of 10 KiB in all",
                    fmt::format("{}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", post, many)});
  result.push_back(
      {"trailers of 20 KiB", fmt::format("{}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: {}\r\n\r\n", post,
                                         std::string(20 * 1024, 'y'))});
  // -- others
  result.push_back({"encoded body", join(post, "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), 415});
  result.push_back({"unknown expectation", join(post, "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello"), 417});
  return result;
}

struct good {
  std::string_view name;
  std::string bytes;
  std::string_view body; ///< what /echo gives back
};

std::vector<good> good_requests() {
  return {
      {"GET", "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", ""},
      {"one empty line first", "\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n", ""},
      {"no blank behind the colon", "GET /echo HTTP/1.1\r\nHost:a\r\n\r\n", ""},
      {"tabs around a value", "GET /echo HTTP/1.1\r\nHost:\t a \t\r\n\r\n", ""},
      {"upper-case field names", "GET /echo HTTP/1.1\r\nHOST: a\r\n\r\n", ""},
      {"port", "GET /echo HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", ""},
      {"IPv6", "GET /echo HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", ""},
      {"obs-text in a value", "GET /echo HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n", ""},
      {"empty value", "GET /echo HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", ""},
      {"escapes", "GET /%65cho?a=%20&b=c+d HTTP/1.1\r\nHost: a\r\n\r\n", ""},
      {"length", join(post, "Content-Length: 5\r\n\r\nhello"), "hello"},
      {"length with leading zeros", join(post, "Content-Length: 005\r\n\r\nhello"), "hello"},
      {"no body", join(post, "Content-Length: 0\r\n\r\n"), ""},
      {"body on GET", "GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"chunks", join(post, "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), "hello"},
      {"Chunked", join(post, "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n000\r\n\r\n"), "hello"},
      {"chunk extension", join(post, "Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0\r\n\r\n"), "hello"},
      {"harmless trailer", join(post, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"), "hello"},
      {"upper-case chunk size", join(post, "Transfer-Encoding: chunked\r\n\r\nA\r\nhellohello\r\n0\r\n\r\n"),
       "hellohello"},
      {"identity content", join(post, "Content-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"), "hello"},
  };
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(framing_tests, fixture)

CAF_TEST(ambiguous and malformed requests get one refusal and nothing behind them is served) { // F1
  auto cases = bad_requests();
  CAF_CHECK(cases.size() >= 110u);
  for (const auto& x : cases) {
    auto seen = statuses(exchange(x.bytes));
    auto shown = x.bytes.substr(0, 120);
    CAF_CHECK_EQUAL(fmt::format("{} {} -> {}", x.name, shown, fmt::join(seen, " ")),
                    fmt::format("{} {} -> {}", x.name, shown, x.status));
  }
  CAF_CHECK_EQUAL(echoed.load(), 0);
  CAF_CHECK_EQUAL(markers.load(), 0);
}

CAF_TEST(refusals are counted and are problem documents) { // F1
  raw_client peer{port};
  auto answer = peer.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->header("content-type"), "application/problem+json");
  CAF_CHECK_EQUAL(answer->header("connection"), "close");
  CAF_CHECK(answer->body.find("\"code\":\"bad_host\"") != std::string::npos);
  CAF_CHECK_EQUAL(server->counters().bad_framing.load(), 1);
}

CAF_TEST(what the rules allow is served and the connection goes on) { // F1
  for (const auto& x : good_requests()) {
    auto bytes = exchange(x.bytes);
    auto first = take_answer(bytes);
    auto second = take_answer(bytes);
    auto seen =
        fmt::format("{} {} {}", first ? first->status : 0, first ? first->body : "", second ? second->body : "");
    CAF_CHECK_EQUAL(fmt::format("{}: {}", x.name, seen), fmt::format("{}: 200 {} marker", x.name, x.body));
  }
}

CAF_TEST(every cut of a request is put together again) { // F1
  auto request = join(post, "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n");
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    raw_client peer{port};
    peer.send(std::string_view{request}.substr(0, cut));
    peer.send(std::string_view{request}.substr(cut));
    auto answer = peer.read_answer();
    CAF_CHECK_EQUAL(fmt::format("{}: {}", cut, answer ? answer->body : "nothing"), fmt::format("{}: hello world", cut));
  }
}

CAF_TEST(a request that comes byte by byte is served) { // F1
  raw_client peer{port};
  for (auto c : join(post, "Content-Length: 5\r\n\r\nhello"))
    peer.send({&c, 1});
  auto answer = peer.read_answer();
  CAF_REQUIRE(answer.has_value());
  CAF_CHECK_EQUAL(answer->body, "hello");
}

CAF_TEST(old clients are served and hung up on) { // F1
  raw_client peer{port};
  peer.send("GET /echo HTTP/1.0\r\n\r\n");
  CAF_CHECK_EQUAL(statuses(peer.read_all()).size(), 1u);
  CAF_CHECK(!peer.timed_out);
}

CAF_TEST_FIXTURE_SCOPE_END()
