#include "net/server.hpp"

#include "net/detail/connection.hpp"
#include "net/detail/io_thread.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <future>

namespace clique::http {

namespace {

using boost::asio::ip::tcp;

/// Security headers of every answer (ASVS 3.4). Strict-Transport-Security: one year.
std::string security_headers(bool hsts) {
  auto result = std::string{"X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
                            "Cross-Origin-Opener-Policy: same-origin\r\n"};
  if (hsts)
    result += "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n";
  return result;
}

constexpr int refused_politely = 256;                         // at a time; more are just closed
constexpr auto accept_pause = std::chrono::milliseconds{100}; // when descriptors have run out

} // namespace

struct server::impl {
  impl(server_options options, std::shared_ptr<const router> routes) : core(std::make_shared<server_core>()) {
    core->options = std::move(options);
    core->routes = std::move(routes);
  }

  void accept_next();
  void adopt(tcp::socket socket, std::size_t to);
  void empty_accept_queue();

  std::shared_ptr<server_core> core;
  std::vector<std::shared_ptr<io_thread>> threads;
  std::unique_ptr<tcp::acceptor> acceptor; ///< on the first thread
  std::unique_ptr<boost::asio::steady_timer> pause;
  std::size_t next = 0;
  bool is_started = false, is_over = false;
};

void server::impl::adopt(tcp::socket socket, std::size_t to) {
  auto& home = threads[to];
  boost::system::error_code failed;
  auto peer = socket.remote_endpoint(failed);
  if (failed)
    return; // gone already
  socket.native_non_blocking(true, failed);
  socket.set_option(tcp::no_delay{true}, failed);
  core->counters.accepted.fetch_add(1, std::memory_order_relaxed);
  auto remote = peer.address().to_string();
  auto counted = core->enter(remote);
  if (!counted)
    core->counters.refused.fetch_add(1, std::memory_order_relaxed);
  if (!counted && core->refusing.load(std::memory_order_relaxed) >= refused_politely)
    return;
  auto fresh = std::make_shared<connection>(home, std::move(socket), std::move(remote), counted);
  if (home->is_here())
    home->adopt(std::move(fresh));
  else
    boost::asio::post(home->io, [home, fresh = std::move(fresh)]() mutable { home->adopt(std::move(fresh)); });
}

void server::impl::accept_next() {
  auto to = next++ % threads.size();
  acceptor->async_accept(threads[to]->io, [this, to](const boost::system::error_code& failed, tcp::socket socket) {
    if (!failed)
      adopt(std::move(socket), to); // also when the listener was closed in between
    if (failed == boost::asio::error::operation_aborted || !acceptor->is_open())
      return;
    if (!failed)
      return accept_next();
    pause->expires_after(accept_pause);
    pause->async_wait([this](const boost::system::error_code& stopped) {
      if (!stopped && acceptor->is_open())
        accept_next();
    });
  });
}

/// Peers whose handshake the kernel has finished would get a reset if the listener just closed.
void server::impl::empty_accept_queue() {
  boost::system::error_code failed;
  pause->cancel();
  acceptor->cancel(failed);
  acceptor->non_blocking(true, failed);
  while (!failed) {
    auto to = next++ % threads.size();
    auto socket = tcp::socket{threads[to]->io};
    acceptor->accept(socket, failed);
    if (!failed)
      adopt(std::move(socket), to);
    else if (failed == boost::asio::error::connection_aborted)
      failed.clear();
  }
  acceptor->close(failed);
}

server::server(server_options options, std::shared_ptr<const router> routes)
    : impl_(std::make_unique<impl>(std::move(options), std::move(routes))) {
}

server::~server() {
  drain(std::chrono::milliseconds{0});
}

void server::serve_sockets(std::string path, ws::gate gate, ws::events events, ws::limits limits) {
  impl_->core->endpoints.push_back({std::move(path), std::move(gate), std::move(events), limits});
}

result<std::uint16_t> server::bind() {
  auto& core = *impl_->core;
  auto& options = core.options;
  if (!options.tls_certificate.empty()) {
    auto context = make_tls_context(options.tls_certificate, options.tls_key);
    if (!context)
      return context.error();
    core.tls = std::move(*context);
  }
  core.fixed_headers = security_headers(options.hsts || core.tls != nullptr);
  boost::system::error_code failed;
  auto address = boost::asio::ip::make_address(options.address, failed);
  if (failed)
    return error{ec::bad_input, fmt::format("\"{}\" is no IP address to listen on", options.address),
                 "set server.address to an IPv4 or IPv6 address, such as 127.0.0.1 or 0.0.0.0"};
  for (auto i = 0; i < std::max(1, options.threads); ++i)
    impl_->threads.push_back(std::make_shared<io_thread>(impl_->core));
  auto endpoint = tcp::endpoint{address, options.port};
  impl_->acceptor = std::make_unique<tcp::acceptor>(impl_->threads[0]->io);
  impl_->pause = std::make_unique<boost::asio::steady_timer>(impl_->threads[0]->io);
  auto& acceptor = *impl_->acceptor;
  acceptor.open(endpoint.protocol(), failed);
  if (!failed)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed)
    acceptor.bind(endpoint, failed);
  if (!failed)
    acceptor.listen(4096, failed);
  if (failed) {
    impl_->acceptor.reset();
    impl_->pause.reset();
    impl_->threads.clear();
    return error{ec::unavailable,
                 fmt::format("cannot listen on {}:{}: {}", options.address, options.port, failed.message()),
                 "stop the program that uses the port, or set server.port to another"};
  }
  return acceptor.local_endpoint().port();
}

result<std::uint16_t> server::start() {
  if (!impl_->acceptor)
    if (auto bound = bind(); !bound)
      return bound.error();
  impl_->is_started = true;
  impl_->accept_next();
  for (auto& x : impl_->threads)
    x->start();
  return impl_->acceptor->local_endpoint().port();
}

void server::drain(std::chrono::milliseconds limit) {
  if (!impl_->is_started || impl_->is_over)
    return;
  impl_->is_over = true;
  impl_->core->is_draining = true;
  std::promise<void> closed;
  impl_->threads[0]->post([&] {
    impl_->empty_accept_queue();
    impl_->threads[0]->post([&] { closed.set_value(); }); // behind a peer that was accepted just before
  });
  closed.get_future().wait();
  for (auto& x : impl_->threads)
    x->post([x] { x->drain(); });
  if (limit.count() > 0)
    impl_->core->wait_empty(limit);
  for (auto& x : impl_->threads)
    x->stop();
}

const server_counters& server::counters() const {
  return impl_->core->counters;
}

} // namespace clique::http
