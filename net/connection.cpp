#include "net/detail/connection.hpp"

#include "net/detail/ws_session.hpp"
#include "net/problem.hpp"

#include <fmt/format.h>

namespace clique::http {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t discard_at_most = 16u << 20; // of a refused body, so that the peer reads our answer
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

connection::connection(std::shared_ptr<io_thread> home, boost::asio::ip::tcp::socket socket, std::string remote,
                       bool counted)
    : home_(std::move(home)), wire_(std::move(socket), home_->core->tls.get()), remote_(std::move(remote)),
      is_counted_(counted) {
  if (counted)
    home_->core->counters.connections.fetch_add(1, std::memory_order_relaxed);
  else
    home_->core->refusing.fetch_add(1, std::memory_order_relaxed);
}

connection::~connection() = default;

void connection::deliver(response answer) {
  if (home_->is_here())
    answered(std::move(answer));
  else
    home_->hand_over({shared_from_this(), std::move(answer)});
}

const void* connection::home() const {
  return home_.get();
}

void connection::deliver_all(std::vector<waiting> all) {
  std::vector<io_thread::item> items;
  items.reserve(all.size());
  for (auto& [sink, answer] : all) // same home, so all are connections
    items.push_back({std::static_pointer_cast<connection>(sink), std::move(answer)});
  home_->hand_over(std::move(items));
}

void connection::start() {
  set_phase(phase::fresh);
  if (!is_counted_) {
    return refuse(503, "unavailable", "the server has as many connections as it takes", "try again in a few seconds");
  }
  if (home_->core->is_draining)
    deadline_ = home_->after(1s);
  wait_read();
}

void connection::set_phase(phase next) {
  const auto& options = home_->core->options;
  phase_ = next;
  switch (next) {
  case phase::fresh:
  case phase::head:
    deadline_ = home_->after(options.header_timeout);
    break;
  case phase::idle:
    deadline_ = home_->after(options.idle_timeout);
    break;
  case phase::body:
    deadline_ = home_->after(options.body_timeout);
    break;
  default:
    deadline_ = steady::time_point::max();
  }
}

// -- waiting ------------------------------------------------------------------

void connection::wait_read() {
  if (is_reading_ || phase_ == phase::closed)
    return;
  is_reading_ = true;
  wire_.socket.async_wait(boost::asio::ip::tcp::socket::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& failed) {
                            self->is_reading_ = false;
                            if (!failed && self->phase_ != phase::closed)
                              self->on_readable();
                          });
}

void connection::wait_write() {
  if (is_writing_ || phase_ == phase::closed)
    return;
  is_writing_ = true;
  wire_.socket.async_wait(boost::asio::ip::tcp::socket::wait_write,
                          [self = shared_from_this()](const boost::system::error_code& failed) {
                            self->is_writing_ = false;
                            if (!failed && self->phase_ != phase::closed)
                              self->on_writable();
                          });
}

void connection::wait_for(transport::status what) {
  if (what == transport::status::wait_write)
    wait_write();
  else
    wait_read();
}

// -- reading ------------------------------------------------------------------

void connection::on_readable() {
  if (phase_ == phase::writing || phase_ == phase::working) // TLS renegotiated what it waits for
    return unsent_ ? on_writable() : void();
  for (auto rounds = 0; rounds < 16; ++rounds) { // then the neighbours' turn
    auto& scratch = home_->scratch;
    auto got = wire_.read(scratch);
    if (got.what == transport::status::closed)
      return close();
    if (got.what != transport::status::ok)
      return wait_for(got.what);
    take({scratch.data(), got.bytes});
    auto wants_more = phase_ != phase::working && phase_ != phase::writing && phase_ != phase::closed;
    if (!wants_more)
      return;
    if (got.bytes < scratch.size() && !wire_.is_tls())
      break;
  }
  if (wire_.is_tls()) // what TLS has decrypted does not make the socket readable
    return home_->post([self = shared_from_this()] {
      if (self->phase_ != phase::closed && !self->is_reading_)
        self->on_readable();
    });
  wait_read();
}

void connection::take(std::string_view data) {
  if (phase_ == phase::lingering) {
    discarded_ += data.size();
    if (discarded_ > discard_at_most)
      close();
    return;
  }
  if (in_.empty()) {
    auto used = process(data);
    if (phase_ != phase::closed && phase_ != phase::lingering)
      in_.assign(data.substr(used));
    return;
  }
  in_.append(data);
  resume();
}

/// Goes on with what was received earlier.
void connection::resume() {
  auto received = std::move(in_);
  in_ = {};
  auto used = process(received);
  if (phase_ == phase::closed || phase_ == phase::lingering || used == received.size())
    return;
  received.erase(0, used);
  in_ = std::move(received);
}

std::size_t connection::process(std::string_view data) {
  auto used = std::size_t{0};
  is_processing_ = true;
  while (used < data.size()) {
    auto rest = data.substr(used);
    auto step = std::size_t{0};
    if (phase_ == phase::socket)
      step = socket_->received(rest);
    else if (phase_ == phase::body)
      step = process_body(rest);
    else if (phase_ == phase::fresh || phase_ == phase::idle || phase_ == phase::head)
      step = process_head(rest);
    used += step;
    if (answer_) { // answered while we were at it
      auto answer = std::move(*answer_);
      answer_.reset();
      write(std::move(answer));
    } else if (step == 0) {
      break;
    }
  }
  is_processing_ = false;
  return used;
}

std::size_t connection::process_head(std::string_view data) {
  if (!scanner_) {
    if (data.starts_with("\r\n") && phase_ != phase::head) { // RFC 9112 2.2: one empty line is forgiven
      set_phase(phase::head);
      return 2;
    }
    const auto& options = home_->core->options;
    scanner_.emplace(head_limits{options.max_header, options.max_target, options.max_headers});
    request_id_ = home_->next_request_id();
    if (phase_ == phase::idle)
      set_phase(phase::head);
  }
  switch (scanner_->scan(data)) {
  case head_scanner::verdict::incomplete:
    return 0;
  case head_scanner::verdict::refused:
    home_->core->counters.bad_framing.fetch_add(1, std::memory_order_relaxed);
    refuse(scanner_->why().status, scanner_->why().code, scanner_->why().what, "send the request as RFC 9112 says");
    return 0;
  case head_scanner::verdict::complete:
    break;
  }
  auto head = data.substr(0, scanner_->size());
  set_phase(phase::head);
  reader_.emplace();
  reader_->body_limit(boost::none);
  begin_request();
  if (phase_ != phase::head) // refused before a parser saw it
    return head.size();
  request_reader::error_code failed;
  reader_->put({head.data(), head.size()}, failed);
  if (failed && failed != boost::beast::http::error::need_more) {
    home_->core->counters.bad_framing.fetch_add(1, std::memory_order_relaxed);
    refuse(400, "bad_header", "the header cannot be read", "send the request as RFC 9112 says");
    return head.size();
  }
  auto facts = scanner_->facts();
  scanner_.reset();
  closes_ =
      closes_ || !reader_->keep_alive() || facts.minor == 0 || home_->core->is_draining.load(std::memory_order_relaxed);
  if (facts.wants_socket && begin_socket())
    return head.size();
  if (!facts.has_body() || route_ == nullptr) {
    is_refused_ = facts.has_body(); // nobody wants that body
    closes_ = closes_ || is_refused_;
    run_handler();
    return head.size();
  }
  set_phase(phase::body);
  if (facts.expects_continue && facts.minor == 1 && data.size() == head.size()
      && wire_.write(continue_line).bytes != continue_line.size())
    close();
  return head.size();
}

void connection::begin_request() {
  const auto& facts = scanner_->facts();
  auto& in = reader_->in;
  in.verb = facts.verb;
  in.target = facts.target;
  is_head_request_ = facts.verb == method::head;
  if (!split_target(in)) {
    home_->core->counters.bad_framing.fetch_add(1, std::memory_order_relaxed);
    return refuse(400, "bad_target", "the request target has a broken or forbidden percent escape",
                  "escape as RFC 3986 says; %2F and %00 are not allowed in paths");
  }
  if (facts.is_encoded)
    return refuse(415, "unsupported", "the body has a Content-Encoding", "send the body unencoded");
  route_ = home_->core->routes->find(in.verb, in.path, &in);
  auto limit = route_ != nullptr ? route_->limits.max_body : route_limits{}.max_body;
  if (facts.content_length.value_or(0) > limit)
    return refuse(413, "too_large", fmt::format("the body is larger than {} bytes", limit), "send less at once");
  reader_->body_limit(limit);
}

std::size_t connection::process_body(std::string_view data) {
  request_reader::error_code failed;
  auto used = reader_->put({data.data(), data.size()}, failed);
  namespace bhttp = boost::beast::http;
  if (failed == bhttp::error::need_more) {
    if (data.size() - used <= max_chunk_overhead)
      return used;
    failed = bhttp::error::bad_chunk_extension;
  }
  if (failed == bhttp::error::body_limit) {
    refuse(413, "too_large", fmt::format("the body is larger than {} bytes", route_->limits.max_body),
           "send less at once");
    return used;
  }
  if (failed) {
    home_->core->counters.bad_framing.fetch_add(1, std::memory_order_relaxed);
    refuse(400, "bad_chunk", "the chunked body cannot be read", "send the body as RFC 9112 section 7.1 says");
    return used;
  }
  if (reader_->is_done())
    run_handler();
  return used;
}

// -- WebSocket ----------------------------------------------------------------

bool connection::begin_socket() {
  auto& in = reader_->in;
  for (const auto& endpoint : home_->core->endpoints) {
    if (endpoint.path != in.path || home_->core->is_draining)
      continue;
    in.remote = remote_;
    in.id = request_id_;
    auto in_moved = std::move(in);
    reader_.reset();
    route_ = nullptr;
    set_phase(phase::working);
    auto handshake = accept_socket(in_moved, endpoint);
    if (auto* refusal = std::get_if<response>(&handshake)) {
      closes_ = is_refused_ = true;
      answered(std::move(*refusal));
      return true;
    }
    auto& text = std::get<std::string>(handshake);
    if (wire_.write(text).bytes != text.size()) {
      close();
      return true;
    }
    phase_ = phase::socket;
    socket_ = std::make_shared<ws_session>(shared_from_this(), endpoint);
    socket_->open(in_moved);
    return true;
  }
  return false;
}

void connection::flush_socket() {
  if (socket_ && phase_ == phase::socket)
    socket_->flush();
}

// -- the end ------------------------------------------------------------------

void connection::drain() {
  if (phase_ == phase::socket)
    return socket_->close(1012, "the server restarts");
  if (phase_ != phase::idle && phase_ != phase::fresh)
    return;
  on_readable(); // a request that has already arrived is still served
  if (phase_ == phase::idle)
    close();
  else if (phase_ == phase::fresh)
    deadline_ = std::min(deadline_, home_->after(1s)); // just accepted: its request is on the way
}

bool connection::wants_sweep(steady::time_point now) const {
  return now >= deadline_ || phase_ == phase::socket;
}

void connection::swept(steady::time_point now) {
  if (phase_ == phase::socket)
    return socket_->tick(now);
  if (now < deadline_)
    return;
  auto& counters = home_->core->counters;
  auto has_begun = phase_ == phase::body || (phase_ == phase::head && !in_.empty()) || (scanner_ && !in_.empty());
  if (phase_ != phase::lingering && phase_ != phase::idle)
    counters.timeouts.fetch_add(1, std::memory_order_relaxed);
  if (has_begun)
    return refuse(408, "too_slow", "the request did not arrive in time", "send it faster");
  close();
}

void connection::close() {
  if (phase_ == phase::closed)
    return;
  auto self = shared_from_this();
  auto& core = *home_->core;
  phase_ = phase::closed;
  wire_.close();
  scanner_.reset();
  reader_.reset();
  unsent_.reset();
  in_ = {};
  if (socket_)
    socket_->closed();
  socket_.reset();
  home_->forget(*this);
  if (is_counted_) {
    core.counters.connections.fetch_sub(1, std::memory_order_relaxed);
    core.leave(remote_);
  } else {
    core.refusing.fetch_sub(1, std::memory_order_relaxed);
  }
}

} // namespace clique::http
