#include "actors/push/subscriptions.hpp"

#include <fmt/format.h>

namespace clique::live {

void subscriptions::open(socket_id who) {
  sockets_.try_emplace(who);
}

void subscriptions::close(socket_id who) {
  auto at = sockets_.find(who);
  if (at == sockets_.end())
    return;
  auto places = of(who);
  for (const auto& where : places)
    unsubscribe(who, {where.first, where.second});
  sockets_.erase(at);
}

void subscriptions::set_visible(socket_id who, bool visible) {
  auto at = sockets_.find(who);
  if (at == sockets_.end())
    return;
  at->second.visible = visible;
  for (auto& [where, sub] : at->second.subs)
    sub.rate.set_rate(visible ? limits_.visible : limits_.hidden);
}

result<bool> subscriptions::subscribe(socket_id who, const sub_frame& what) {
  auto at = sockets_.find(who);
  if (at == sockets_.end())
    return error{ec::not_found, "the socket is closed", ""};
  auto& mine = at->second;
  auto where = place{what.store, what.channel};
  if (!mine.subs.contains(where) && mine.subs.size() >= limits_.max_subscriptions)
    return error{ec::throttled, fmt::format("more than {} subscriptions on one socket", limits_.max_subscriptions),
                 "unsubscribe from channels that are not shown"};
  auto [entry, fresh] = feeds_.try_emplace(where, watched_feed{feed{next_epoch_}, {}});
  if (fresh)
    ++next_epoch_;
  auto& source = entry->second;
  source.watchers.insert(who);
  auto sub = subscription{-1, pace{mine.visible ? limits_.visible : limits_.hidden, limits_.burst}};
  auto resumable = what.seq && what.epoch == source.state.epoch() && source.state.since(*what.seq).has_value();
  if (resumable)
    sub.sent = *what.seq;
  mine.subs.insert_or_assign(where, sub);
  if (!resumable || *what.seq != source.state.seq())
    dirty_.emplace(who, where);
  return fresh;
}

void subscriptions::unsubscribe(socket_id who, const unsub_frame& what) {
  auto where = place{what.store, what.channel};
  if (auto at = sockets_.find(who); at != sockets_.end())
    at->second.subs.erase(where);
  dirty_.erase({who, where});
  auto at = feeds_.find(where);
  if (at == feeds_.end())
    return;
  at->second.watchers.erase(who);
  if (at->second.watchers.empty())
    feeds_.erase(at);
}

bool subscriptions::watches(store_id store) const {
  auto at = feeds_.lower_bound({store, ""});
  return at != feeds_.end() && at->first.first == store;
}

void subscriptions::update(const place& where, flat_state fresh, instant now) {
  auto at = feeds_.find(where);
  if (at == feeds_.end())
    return;
  if (at->second.state.update(std::move(fresh), now))
    for (auto who : at->second.watchers)
      dirty_.emplace(who, where);
}

std::vector<outbound> subscriptions::due(instant now, const std::function<std::size_t(socket_id)>& waiting) {
  std::vector<outbound> result;
  // Clients that stand at the same number share one text.
  std::map<std::pair<place, std::int64_t>, std::shared_ptr<const std::string>> texts;
  for (auto item = dirty_.begin(); item != dirty_.end();) {
    const auto& [who, where] = *item;
    auto& sub = sockets_.at(who).subs.at(where);
    const auto& source = feeds_.at(where).state;
    if (!source.known() || waiting(who) > limits_.congested_bytes || !sub.rate.take(now)) {
      ++item;
      continue;
    }
    auto& text = texts[{where, sub.sent}];
    if (!text) {
      auto missed = sub.sent < 0 ? std::nullopt : source.since(sub.sent);
      text = std::make_shared<const std::string>(
          missed ? patch_text(where.first, where.second, source.seq(), sub.sent, *missed)
                 : snapshot_text(where.first, where.second, source, false));
    }
    sub.sent = source.seq();
    result.push_back({who, text});
    item = dirty_.erase(item);
  }
  return result;
}

std::vector<place> subscriptions::of(socket_id who) const {
  std::vector<place> result;
  if (auto at = sockets_.find(who); at != sockets_.end())
    for (const auto& [where, sub] : at->second.subs)
      result.push_back(where);
  return result;
}

} // namespace clique::live
