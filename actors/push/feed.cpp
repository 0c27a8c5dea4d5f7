#include "actors/push/feed.hpp"

namespace clique::live {

namespace {

constexpr std::size_t max_changes = 512;
constexpr auto max_age = std::chrono::seconds{120};
constexpr std::size_t max_bytes = 256 * 1024;

change difference(const flat_state& before, const flat_state& after) {
  change result;
  for (const auto& [key, value] : after)
    if (auto old = before.find(key); old == before.end() || old->second != value)
      result.set.emplace(key, value);
  for (const auto& [key, value] : before)
    if (!after.contains(key))
      result.gone.insert(key);
  return result;
}

std::size_t size_of(const change& x) {
  std::size_t result = 0;
  for (const auto& [key, value] : x.set)
    result += key.size() + value.size();
  for (const auto& key : x.gone)
    result += key.size();
  return result;
}

} // namespace

bool feed::update(flat_state fresh, std::chrono::steady_clock::time_point now) {
  auto what = difference(state_, fresh);
  known_ = true;
  if (what.set.empty() && what.gone.empty())
    return false;
  state_ = std::move(fresh);
  auto bytes = size_of(what);
  ring_.push_back({++seq_, now, bytes, std::move(what)});
  bytes_ += bytes;
  while (!ring_.empty() && (ring_.size() > max_changes || bytes_ > max_bytes || now - ring_.front().at > max_age)) {
    bytes_ -= ring_.front().bytes;
    ring_.pop_front();
  }
  return true;
}

std::optional<change> feed::since(std::int64_t seq) const {
  if (seq < 0 || seq > seq_)
    return std::nullopt;
  if (seq == seq_)
    return change{};
  if (ring_.empty() || ring_.front().seq > seq + 1)
    return std::nullopt;
  change result;
  for (const auto& x : ring_) {
    if (x.seq <= seq)
      continue;
    for (const auto& [key, value] : x.what.set) {
      result.set[key] = value;
      result.gone.erase(key);
    }
    for (const auto& key : x.what.gone) {
      result.set.erase(key);
      result.gone.insert(key);
    }
  }
  return result;
}

} // namespace clique::live
