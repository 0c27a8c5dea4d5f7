#include "net/detail/io_thread.hpp"

#include "net/crypto.hpp"
#include "net/detail/connection.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <ctime>

namespace clique::http {

namespace {

thread_local const io_thread* current = nullptr;

constexpr std::size_t scratch_size = 64 * 1024;

} // namespace

bool server_core::enter(const std::string& address) {
  auto guard = std::lock_guard{mutex_};
  auto& count = by_address_[address];
  if (open_ >= options.max_connections || count >= options.max_connections_per_address)
    return false;
  ++count;
  ++open_;
  return true;
}

void server_core::leave(const std::string& address) {
  auto guard = std::lock_guard{mutex_};
  if (auto found = by_address_.find(address); found != by_address_.end() && --found->second == 0)
    by_address_.erase(found);
  if (--open_ == 0)
    changed_.notify_all();
}

bool server_core::wait_empty(std::chrono::milliseconds limit) {
  auto guard = std::unique_lock{mutex_};
  return changed_.wait_for(guard, limit, [this] { return open_ == 0; });
}

io_thread::io_thread(std::shared_ptr<server_core> shared)
    : core(std::move(shared)), scratch(scratch_size), work_(boost::asio::make_work_guard(io)), timer_(io),
      id_prefix_(random_hex(3)) {
}

void io_thread::start() {
  thread_ = std::thread{[self = shared_from_this()] {
    current = self.get();
    self->sweep();
    self->io.run();
    current = nullptr;
  }};
}

void io_thread::post(std::function<void()> work) {
  auto guard = std::lock_guard{mutex_};
  if (!is_stopped_)
    boost::asio::post(io, std::move(work));
}

void io_thread::stop() {
  {
    auto guard = std::lock_guard{mutex_};
    if (is_stopped_)
      return;
    is_stopped_ = true;
    inbox_.clear();
  }
  boost::asio::post(io, [this] {
    timer_.cancel();
    while (!connections_.empty())
      connections_.front()->close();
    work_.reset();
  });
  if (thread_.joinable())
    thread_.join();
  else
    io.run(); // never started: run the posted work here
}

void io_thread::hand_over(item x) {
  auto guard = std::lock_guard{mutex_};
  if (is_stopped_)
    return;
  inbox_.push_back(std::move(x));
  if (!is_woken_) {
    is_woken_ = true;
    boost::asio::post(io, [this] { empty_inbox(); });
  }
}

void io_thread::hand_over(std::vector<item> all) {
  auto guard = std::lock_guard{mutex_};
  if (is_stopped_ || all.empty())
    return;
  std::move(all.begin(), all.end(), std::back_inserter(inbox_));
  if (!is_woken_) {
    is_woken_ = true;
    boost::asio::post(io, [this] { empty_inbox(); });
  }
}

void io_thread::empty_inbox() {
  std::vector<item> all;
  {
    auto guard = std::lock_guard{mutex_};
    all.swap(inbox_);
    is_woken_ = false;
  }
  for (auto& [to, answer] : all)
    if (answer)
      to->answered(std::move(*answer));
    else
      to->flush_socket();
}

bool io_thread::is_here() const {
  return current == this;
}

void io_thread::adopt(connection_ptr x) {
  x->place = connections_.insert(connections_.end(), x);
  x->start();
  if (auto guard = std::unique_lock{mutex_}; is_stopped_) {
    guard.unlock();
    x->close();
  }
}

void io_thread::forget(connection& x) {
  connections_.erase(x.place); // may end the connection: the caller holds a reference
}

void io_thread::drain() {
  auto all = std::vector<connection_ptr>{connections_.begin(), connections_.end()};
  for (auto& x : all)
    x->drain();
}

std::string io_thread::next_request_id() {
  return fmt::format("{}{:09x}", id_prefix_, ++ids_ & 0xf'ffff'ffffULL);
}

std::string_view io_thread::date() {
  auto second = std::time(nullptr);
  if (second != date_second_ || date_.empty()) {
    date_second_ = second;
    std::tm parts{};
    ::gmtime_r(&second, &parts);
    static constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    date_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[parts.tm_wday], parts.tm_mday,
                        months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  return date_;
}

void io_thread::sweep() {
  now = steady::now();
  std::vector<connection_ptr> late;
  for (auto& x : connections_)
    if (x->wants_sweep(now))
      late.push_back(x);
  for (auto& x : late)
    x->swept(now);
  timer_.expires_after(sweep_period);
  timer_.async_wait([this](const boost::system::error_code& failed) {
    if (!failed)
      sweep();
  });
}

} // namespace clique::http
