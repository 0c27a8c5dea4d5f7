#include "actors/waiting_acks.hpp"

#include "net/problem.hpp"

#include <algorithm>

namespace clique {

http::response busy_answer(std::string_view why) {
  auto result = http::problem(503, "unavailable", why, "Send it again after the time in Retry-After.", "");
  for (const auto& [name, value] : result.headers)
    if (name == "Retry-After" || name == "retry-after")
      return result;
  result.headers.emplace_back("Retry-After", "2");
  return result;
}

waiting_acks::waiting_acks(limits bounds, respond_fn respond) : bounds_(bounds), respond_(std::move(respond)) {
}

ack_ptr waiting_acks::add(http::responder session, std::size_t bytes, clock::time_point now) {
  auto others = count_.fetch_add(1);
  auto held = bytes_.fetch_add(bytes);
  if (others >= bounds_.count || held + bytes > bounds_.bytes) {
    count_.fetch_sub(1);
    bytes_.fetch_sub(bytes);
    return nullptr;
  }
  auto result = std::make_shared<ack>();
  result->session = std::move(session);
  result->arrived = now;
  result->bytes = bytes;
  auto guard = std::scoped_lock{mutex_};
  while (!line_.empty() && line_.front()->answered)
    line_.pop_front();
  line_.push_back(result);
  return result;
}

void waiting_acks::release(const ack& x) {
  count_.fetch_sub(1);
  bytes_.fetch_sub(x.bytes);
}

std::size_t waiting_acks::refuse_before(clock::time_point instant) {
  std::vector<std::pair<http::responder, http::response>> answers;
  {
    auto guard = std::scoped_lock{mutex_};
    while (!line_.empty() && (line_.front()->answered || line_.front()->arrived <= instant)) {
      if (line_.front()->claim())
        answers.emplace_back(line_.front()->session, busy_answer("The delivery could not be made durable in time."));
      line_.pop_front();
    }
  }
  auto result = answers.size();
  if (result > 0)
    respond_(std::move(answers));
  return result;
}

std::size_t waiting_acks::expire(clock::time_point now) {
  return refuse_before(now - bounds_.patience);
}

void waiting_acks::waited(std::chrono::microseconds mean, clock::time_point now) {
  auto before = recent_wait(now).count();
  wait_ = before == 0 ? mean.count() : before + (mean.count() - before) / 4;
  wait_at_ = now.time_since_epoch().count();
}

std::chrono::microseconds waiting_acks::recent_wait(clock::time_point now) const {
  auto age = now - clock::time_point{clock::duration{wait_at_.load()}};
  return std::chrono::microseconds{age > std::chrono::milliseconds{100} ? 0 : wait_.load()};
}

std::size_t waiting_acks::refuse_all() {
  return refuse_before(clock::time_point::max());
}

std::chrono::milliseconds give_way(std::chrono::microseconds recent_wait, std::chrono::milliseconds spent) {
  using std::chrono::milliseconds;
  // An undisturbed commit with its queue takes 2 to 4 ms on the reference machine.
  constexpr auto quick = milliseconds{6};
  constexpr auto longest = milliseconds{400};
  constexpr int share = 5; // one part work, four parts rest
  if (recent_wait <= quick)
    return milliseconds{0};
  return std::min(spent * (share - 1), longest);
}

} // namespace clique
