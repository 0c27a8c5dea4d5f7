// The second half of a connection's life with a request: hand it over, write the answer, start again or end.

#include "net/detail/answer_text.hpp"
#include "net/detail/connection.hpp"
#include "net/detail/ws_session.hpp"
#include "net/problem.hpp"

#include <spdlog/spdlog.h>

namespace clique::http {

namespace {

using namespace std::chrono_literals;

constexpr auto refused_linger = 10s;
constexpr auto closing_linger = 2s;
constexpr std::size_t slowest_reader = 16 * 1024; // bytes per second that a peer must take of a long answer

} // namespace

void connection::run_handler() {
  home_->core->counters.requests.fetch_add(1, std::memory_order_relaxed);
  set_phase(phase::working);
  auto in = std::move(reader_->in);
  reader_.reset();
  in.remote = remote_;
  in.id = request_id_;
  auto out = responder{std::make_shared<responder::state>(shared_from_this(), request_id_)};
  try {
    if (route_ != nullptr)
      route_->run(std::move(in), std::move(out));
    else
      home_->core->routes->dispatch(std::move(in), std::move(out));
  } catch (const std::exception& x) { // a library's; the responder that it destroyed has answered 500
    spdlog::error("handler failed: request {} error {}", request_id_, x.what());
  }
}

void connection::refuse(int status, std::string_view code, std::string_view what, std::string_view hint) {
  closes_ = is_refused_ = true;
  scanner_.reset();
  reader_.reset();
  set_phase(phase::working);
  answered(problem(status, code, what, hint, request_id_));
}

void connection::answered(response answer) {
  if (phase_ != phase::working)
    return; // closed meanwhile
  if (is_processing_) {
    answer_ = std::move(answer);
    return;
  }
  write(std::move(answer));
  if (phase_ == phase::idle && !in_.empty())
    resume();
  if (phase_ == phase::idle || phase_ == phase::head || phase_ == phase::body)
    wait_read();
}

void connection::write(response answer) {
  if (answer.status < 200 || answer.status > 599)
    answer.status = 500;
  closes_ = closes_ || home_->core->is_draining.load(std::memory_order_relaxed);
  auto& head = home_->head;
  write_head(head, answer, {home_->date(), request_id_, home_->core->fixed_headers, closes_});
  auto has_body = !is_head_request_ && may_have_body(answer.status);
  auto body = has_body ? body_of(answer) : std::string_view{};
  auto rest = std::string_view{head};
  if (wire_.is_tls() && body.size() < 16 * 1024) { // one record instead of two
    head += body;
    rest = head;
    body = {};
  }
  auto put = wire_.write(rest, body);
  if (put.what == transport::status::closed)
    return close();
  if (put.bytes == rest.size() + body.size())
    return written();
  unsent_ = std::make_unique<unsent>();
  unsent_->head = rest;
  unsent_->done = put.bytes;
  if (!body.empty() && answer.shared_body)
    unsent_->shared = std::move(answer.shared_body);
  else if (!body.empty())
    unsent_->body = std::move(answer.body);
  set_phase(phase::writing);
  auto seconds = static_cast<std::int64_t>((rest.size() + body.size()) / slowest_reader);
  deadline_ = home_->after(home_->core->options.write_timeout + std::chrono::seconds{seconds});
  wait_for(put.what == transport::status::ok ? transport::status::wait_write : put.what);
}

void connection::on_writable() {
  if (phase_ == phase::socket)
    return socket_->flush();
  if (!unsent_)
    return wait_read(); // TLS wanted to write while reading
  while (true) {
    auto head = std::string_view{unsent_->head};
    auto body = std::string_view{unsent_->shared ? *unsent_->shared : unsent_->body};
    auto in_head = std::min(unsent_->done, head.size());
    auto put = wire_.write(head.substr(in_head), body.substr(unsent_->done - in_head));
    if (put.what == transport::status::closed)
      return close();
    if (put.what != transport::status::ok)
      return wait_for(put.what);
    unsent_->done += put.bytes;
    if (unsent_->done == head.size() + body.size())
      break;
  }
  unsent_.reset();
  written();
  if (phase_ == phase::idle && !in_.empty())
    resume();
  if (phase_ == phase::idle || phase_ == phase::head || phase_ == phase::body)
    wait_read();
}

void connection::written() {
  is_head_request_ = false;
  if (!closes_)
    return set_phase(phase::idle);
  linger(is_refused_ ? refused_linger : closing_linger);
}

void connection::linger(std::chrono::milliseconds limit) {
  wire_.finish();
  in_ = {};
  phase_ = phase::lingering;
  deadline_ = home_->after(limit);
  wait_read();
}

} // namespace clique::http
