#include "actors/waiting_acks.hpp"

#include "net/problem.hpp"

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

std::size_t waiting_acks::refuse_all() {
  return refuse_before(clock::time_point::max());
}

} // namespace clique
