#include "net/detail/ws_session.hpp"

#include "net/crypto.hpp"
#include "net/problem.hpp"

namespace clique::http {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t policy_violation = 1008, slow_reader = 4008;
constexpr auto close_limit = 2s;                // for the peer's close frame
constexpr int frames_per_message = 5;           // pings and fragments that we bear per allowed message
constexpr std::size_t hard_pending = 16u << 20; // a sender that ignores pending() must not eat the memory

} // namespace

std::variant<std::string, response> accept_socket(const request& in, const socket_endpoint& endpoint) {
  auto key = from_base64(in.header("sec-websocket-key"));
  if (in.verb != method::get || in.count("sec-websocket-key") != 1 || !key || key->size() != 16)
    return problem(400, "bad_handshake", "this is no WebSocket handshake", "use GET with one 16-byte Sec-WebSocket-Key",
                   in.id);
  if (in.header("sec-websocket-version") != "13") {
    auto refusal = problem(426, "bad_handshake", "only WebSocket version 13 is spoken here", "use RFC 6455", in.id);
    refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
    return refusal;
  }
  if (endpoint.gate)
    if (auto refusal = endpoint.gate(in))
      return std::move(*refusal);
  auto result = std::string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"};
  result += "Sec-WebSocket-Accept: " + accept_key(in.header("sec-websocket-key")) + "\r\n";
  auto offered = in.header("sec-websocket-protocol");
  if (auto first = offered.substr(0, offered.find(',')); is_token(first)) // browsers hang up unless one is chosen
    result += "Sec-WebSocket-Protocol: " + std::string{first} + "\r\n";
  return result + "\r\n";
}

ws_session::ws_session(const connection_ptr& owner, const socket_endpoint& endpoint)
    : owner_(owner), home_(owner->thread().shared_from_this()), endpoint_(endpoint),
      id_(home_->core->next_socket.fetch_add(1)), reader_(endpoint.limits.max_message),
      ping_at_(home_->now + endpoint.limits.ping_every), window_(home_->now) {
  home_->core->counters.sockets.fetch_add(1, std::memory_order_relaxed);
}

// -- any thread ---------------------------------------------------------------

void ws_session::send(std::shared_ptr<const std::string> text) {
  auto guard = std::unique_lock{mutex_};
  if (is_over_ || wanted_close_ || !text)
    return;
  if (pending_.fetch_add(text->size()) + text->size() > hard_pending)
    wanted_close_.emplace(slow_reader, "too much is waiting");
  else
    queue_.push_back(std::move(text));
  wake(std::move(guard));
}

void ws_session::close(std::uint16_t code, std::string_view reason) {
  auto guard = std::unique_lock{mutex_};
  if (is_over_ || wanted_close_)
    return;
  wanted_close_.emplace(code, reason);
  wake(std::move(guard));
}

/// One wake-up until the home thread has looked.
void ws_session::wake(std::unique_lock<std::mutex> guard) {
  if (is_woken_)
    return;
  is_woken_ = true;
  guard.unlock();
  if (auto owner = owner_.lock())
    home_->hand_over(io_thread::item{std::move(owner), std::nullopt});
}

std::size_t ws_session::pending() const {
  return pending_.load(std::memory_order_relaxed);
}

std::uint64_t ws_session::id() const {
  return id_;
}

// -- writing ------------------------------------------------------------------

void ws_session::open(const request& in) {
  if (endpoint_.events.opened)
    endpoint_.events.opened(shared_from_this(), in);
}

void ws_session::fetch_queue() {
  std::vector<std::shared_ptr<const std::string>> texts;
  std::optional<std::pair<std::uint16_t, std::string>> wanted;
  {
    auto guard = std::lock_guard{mutex_};
    is_woken_ = false;
    texts.swap(queue_);
    wanted = wanted_close_;
  }
  if (is_closing_)
    return;
  for (auto& text : texts) {
    auto size = text->size();
    out_.push_back({frame_header(opcode::text, size), std::move(text)});
  }
  if (wanted)
    begin_close(wanted->first, wanted->second);
}

/// Control frames go before texts that have not begun.
void ws_session::put_control(std::string frame) {
  auto at = out_.begin();
  if (!out_.empty() && out_.front().done > 0)
    ++at;
  out_.insert(at, {std::move(frame), nullptr});
}

void ws_session::begin_close(std::uint16_t code, std::string_view reason) {
  if (is_closing_)
    return;
  is_closing_ = true;
  cut_at_ = home_->after(close_limit);
  auto guard = std::lock_guard{mutex_};
  if (!wanted_close_)
    wanted_close_.emplace(code, reason);
  out_.push_back({close_frame(code, reason), nullptr});
}

bool ws_session::write_out(connection& owner) {
  while (!out_.empty()) {
    auto& front = out_.front();
    auto in_head = std::min(front.done, front.head.size());
    auto head = std::string_view{front.head}.substr(in_head);
    auto text = front.text ? std::string_view{*front.text}.substr(front.done - in_head) : std::string_view{};
    auto put = owner.wire().write(head, text);
    if (put.what == transport::status::closed)
      return owner.close(), false;
    if (put.what != transport::status::ok) {
      if (stalls_at_ == steady::time_point::max())
        stalls_at_ = home_->after(endpoint_.limits.write_stall);
      return owner.wait_for(put.what), false;
    }
    front.done += put.bytes;
    if (front.done < front.size())
      continue;
    if (front.text)
      pending_.fetch_sub(front.text->size());
    out_.pop_front();
    stalls_at_ = steady::time_point::max();
  }
  return true;
}

void ws_session::flush() {
  auto self = shared_from_this();
  auto owner = owner_.lock();
  if (!owner)
    return;
  fetch_queue();
  auto had_text = pending() > 0;
  if (!write_out(*owner))
    return;
  out_.shrink_to_fit();
  is_close_sent_ = is_closing_;
  if (is_close_sent_ && is_peer_closed_) // after a violation more may come, and a reset would eat our code
    return is_violated_ ? owner->linger(close_limit) : owner->close();
  if (had_text && pending() == 0 && !is_closing_ && endpoint_.events.drained)
    endpoint_.events.drained(self);
}

// -- reading ------------------------------------------------------------------

bool ws_session::is_over_rate() {
  auto now = steady::now();
  if (now - window_ >= 1s) {
    window_ = now;
    messages_ = frames_ = 0;
  }
  return ++frames_ > endpoint_.limits.messages_per_second * frames_per_message;
}

std::size_t ws_session::received(std::string_view data) {
  auto self = shared_from_this();
  if (is_peer_closed_)
    return data.size();
  auto rest = data;
  while (true) {
    auto event = reader_.next(rest);
    using kind = frame_event::kind;
    if (event.what == kind::need_more)
      return data.size() - rest.size();
    if (event.what != kind::violation && event.what != kind::close && is_over_rate())
      event = {kind::violation, {}, policy_violation, "too many frames per second"};
    if (event.what == kind::text && ++messages_ > endpoint_.limits.messages_per_second)
      event = {kind::violation, {}, policy_violation, "too many messages per second"};
    switch (event.what) {
    case kind::text:
      if (!is_closing_ && endpoint_.events.text)
        endpoint_.events.text(self, std::move(event.payload));
      break;
    case kind::ping:
      if (!is_closing_)
        put_control(control_frame(opcode::pong, event.payload));
      break;
    case kind::pong:
      pong_by_ = steady::time_point::max();
      break;
    case kind::close:
      is_peer_closed_ = true;
      begin_close(event.code == 1005 ? std::uint16_t{1000} : event.code, "");
      flush();
      return data.size();
    case kind::violation:
      is_peer_closed_ = is_violated_ = true; // what follows cannot be read
      begin_close(event.code, event.why);
      flush();
      return data.size();
    default:
      break;
    }
    if (!out_.empty())
      flush();
    if (!owner_.lock())
      return data.size();
  }
}

void ws_session::tick(steady::time_point now) {
  auto self = shared_from_this();
  auto owner = owner_.lock();
  if (!owner)
    return;
  if (now >= cut_at_)
    return owner->close();
  if (is_closing_)
    return;
  if (now >= stalls_at_ || now >= pong_by_) {
    home_->core->counters.timeouts.fetch_add(1, std::memory_order_relaxed);
    auto has_begun = !out_.empty() && out_.front().done > 0;
    auto is_slow = now >= stalls_at_;
    if (has_begun)
      out_.resize(1);
    else
      out_.clear();
    begin_close(is_slow ? slow_reader : std::uint16_t{1001}, is_slow ? "too slow" : "no pong");
    return flush();
  }
  if (now >= ping_at_) {
    ping_at_ = now + endpoint_.limits.ping_every;
    if (pong_by_ == steady::time_point::max()) {
      pong_by_ = now + endpoint_.limits.pong_within;
      put_control(control_frame(opcode::ping, ""));
      flush();
    }
  }
}

void ws_session::closed() {
  {
    auto guard = std::lock_guard{mutex_};
    is_over_ = true;
    queue_.clear();
  }
  out_.clear();
  pending_ = 0;
  home_->core->counters.sockets.fetch_sub(1, std::memory_order_relaxed);
  if (endpoint_.events.closed)
    endpoint_.events.closed(id_);
}

} // namespace clique::http
