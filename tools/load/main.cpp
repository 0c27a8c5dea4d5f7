// clique_load: sends signed orders over kept-alive connections as fast as the server answers, and tells how fast
// that was. Requests are made and signed before the clock starts, so that the generator costs little CPU.

#include "net/crypto.hpp"
#include "tools/load/order_body.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace clique;
using clock_type = std::chrono::steady_clock;

struct plan {
  int port = 0;
  std::string path = "/webhooks/shopify", secret, day = "2026-11-20";
  int connections = 64, stores = 200;
  std::int64_t requests = 20'000, first_id = 1;
  std::size_t body_bytes = 6144;
  double rate = 0; // requests per second; 0: as fast as possible
  std::string get; // a path to GET instead
};

std::string order_request(std::int64_t id, const plan& x) {
  auto body = order_body(id, x.day, x.body_bytes);
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "X-Shopify-Topic: orders/create\r\nX-Shopify-Shop-Domain: bench-{}.myshopify.com\r\n"
      "X-Shopify-Hmac-Sha256: {}\r\nX-Shopify-Webhook-Id: load-{}\r\nX-Shopify-API-Version: 2026-10\r\n\r\n{}",
      x.path, body.size(), id % x.stores, to_base64(hmac_sha256(x.secret, body)), id, body);
}

/// One kept-alive connection: one request in flight.
struct connection {
  int socket = -1;
  std::size_t request = 0, written = 0;
  clock_type::time_point sent;
  std::string answer;
  bool busy = false;
};

int connect_to(int port) {
  auto result = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (result < 0 || ::connect(result, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    return -1;
  int on = 1;
  setsockopt(result, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(result, F_SETFL, O_NONBLOCK);
  return result;
}

/// Length of the first whole answer in *text*, 0 while it is not whole. Content-Length answers only.
std::size_t whole_answer(const std::string& text) {
  auto head = text.find("\r\n\r\n");
  if (head == std::string::npos)
    return 0;
  std::size_t body = 0;
  for (auto name : {"Content-Length: ", "content-length: "})
    if (auto at = text.find(name); at != std::string::npos && at < head)
      body = std::stoul(text.substr(at + 16, 12));
  return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

struct outcome {
  std::vector<double> latencies; // ms
  std::map<int, std::int64_t> statuses;
  std::int64_t broken = 0;
  double seconds = 0;
};

outcome drive(const plan& x, const std::vector<std::string>& requests) {
  outcome result;
  auto poll = epoll_create1(0);
  std::vector<connection> all(static_cast<std::size_t>(x.connections));
  std::size_t next = 0, done = 0;
  auto text_of = [&](std::size_t i) -> const std::string& { return requests[x.get.empty() ? i : 0]; };
  auto total = static_cast<std::size_t>(x.requests);
  auto began = clock_type::now();
  auto due = [&](std::size_t i) {
    return x.rate <= 0 || clock_type::now() >= began + std::chrono::duration<double>(static_cast<double>(i) / x.rate);
  };
  auto write_more = [&](connection& c) {
    const auto& text = text_of(c.request);
    auto n = ::send(c.socket, text.data() + c.written, text.size() - c.written, MSG_NOSIGNAL);
    if (n > 0)
      c.written += static_cast<std::size_t>(n);
  };
  auto begin = [&](connection& c) {
    if (next >= total || !due(next))
      return;
    c.request = next++;
    c.written = 0;
    c.busy = true;
    c.sent = clock_type::now();
    write_more(c);
  };
  auto reopen = [&](connection& c) {
    if (c.socket >= 0)
      close(c.socket);
    c.socket = connect_to(x.port);
    epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {&c}};
    epoll_ctl(poll, EPOLL_CTL_ADD, c.socket, &event);
  };
  for (auto& c : all)
    reopen(c);
  std::vector<epoll_event> events(1024);
  while (done < total) {
    if (next < total)
      for (auto& c : all)
        if (!c.busy)
          begin(c);
    auto n = epoll_wait(poll, events.data(), static_cast<int>(events.size()), x.rate > 0 ? 1 : 10'000);
    if (n == 0 && x.rate <= 0)
      break; // nothing for ten seconds: the rest counts as broken
    for (int i = 0; i < n; ++i) {
      auto& c = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (c.busy && c.written < text_of(c.request).size())
        write_more(c);
      char piece[65536];
      for (;;) {
        auto got = recv(c.socket, piece, sizeof piece, 0);
        if (got > 0) {
          c.answer.append(piece, static_cast<std::size_t>(got));
          continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
          if (c.busy) {
            ++result.broken;
            ++done;
          }
          c.busy = false;
          c.answer.clear();
          reopen(c);
        }
        break;
      }
      if (auto length = whole_answer(c.answer); c.busy && length > 0) {
        ++result.statuses[std::atoi(c.answer.c_str() + 9)];
        result.latencies.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - c.sent).count());
        c.answer.erase(0, length);
        c.busy = false;
        ++done;
        begin(c);
      }
    }
  }
  result.seconds = std::chrono::duration<double>(clock_type::now() - began).count();
  result.broken += static_cast<std::int64_t>(total - done);
  return result;
}

} // namespace

int main(int argc, char** argv) {
  plan x;
  CLI::App app{"Sends signed orders (or GETs) to 127.0.0.1 and prints one JSON line of figures."};
  app.add_option("--port", x.port)->required();
  app.add_option("--secret", x.secret, "of the app");
  app.add_option("--path", x.path, "where deliveries go");
  app.add_option("--get", x.get, "GET this path instead");
  app.add_option("--connections", x.connections);
  app.add_option("--requests", x.requests);
  app.add_option("--stores", x.stores, "bench-0.myshopify.com ... bench-(N-1)");
  app.add_option("--first-id", x.first_id, "ids must be new for each run");
  app.add_option("--body-bytes", x.body_bytes);
  app.add_option("--rate", x.rate, "per second; 0 is as fast as possible");
  app.add_option("--day", x.day, "of the orders");
  CLI11_PARSE(app, argc, argv);

  std::vector<std::string> requests;
  if (!x.get.empty())
    requests.push_back(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", x.get));
  else
    for (std::int64_t i = 0; i < x.requests; ++i)
      requests.push_back(order_request(x.first_id + i, x));
  auto got = drive(x, requests);
  std::sort(got.latencies.begin(), got.latencies.end());
  auto at = [&](double share) {
    return got.latencies.empty()
               ? 0
               : got.latencies[static_cast<std::size_t>(share * static_cast<double>(got.latencies.size() - 1))];
  };
  std::string statuses;
  for (auto [status, count] : got.statuses)
    statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
  fmt::print("{{\"requests\":{},\"seconds\":{:.3f},\"per_second\":{:.1f},\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"max_"
             "ms\":{:.3f},"
             "\"broken\":{},\"statuses\":{{{}}}}}\n",
             x.requests, got.seconds, static_cast<double>(got.latencies.size()) / got.seconds, at(0.5), at(0.99), at(1),
             got.broken, statuses);
  return 0;
}
