#include "actors/open_deliveries.hpp"

#include <algorithm>

namespace clique {

open_deliveries::open_deliveries(limits bounds) : bounds_(bounds) {
}

void open_deliveries::start(std::span<const std::int64_t> cursors) {
  for (std::size_t i = 0; i < parts_.size() && i < cursors.size(); ++i)
    parts_[i] = {cursors[i], cursors[i], true};
}

bool open_deliveries::done(const store_state& s, const entry& e) {
  for (std::size_t i = 0; i < num_children; ++i)
    if ((e.who & (1u << i)) != 0 && s.closed[i] < e.seq)
      return false;
  return true;
}

bool open_deliveries::admit(const row& x, bool paged) {
  if (x.who == 0)
    return false;
  auto& s = stores_[x.store];
  s.part = x.place.part;
  auto e = entry{x.place.seq, x.who, x.bytes};
  if (done(s, e))
    return false;
  if (s.spilled_from != 0 && !paged)
    return false;
  if (full() || s.open.size() >= bounds_.per_store) {
    if (s.spilled_from == 0) {
      ++spilled_;
      paging_.push_back(x.store);
    }
    s.spilled_from = x.place.seq;
    return false;
  }
  s.open.push_back(e);
  ++count_;
  bytes_ += x.bytes;
  return true;
}

bool open_deliveries::accept(const row& x) {
  auto& p = parts_[static_cast<std::size_t>(x.place.part)];
  if (x.place.seq <= p.head)
    return false;
  if (p.behind || x.place.seq != p.head + 1) {
    p.behind = true;
    return false;
  }
  p.head = x.place.seq;
  return admit(x, false);
}

void open_deliveries::suspect(std::int32_t part) {
  parts_[static_cast<std::size_t>(part)].behind = true;
}

void open_deliveries::seen(delivery_place place) {
  if (place.seq > parts_[static_cast<std::size_t>(place.part)].head)
    suspect(place.part);
}

std::optional<open_deliveries::page> open_deliveries::next_page() {
  if (full())
    return std::nullopt;
  for (std::int32_t i = 0; i < num_partitions; ++i) {
    auto part = (next_part_ + i) % num_partitions;
    const auto& p = parts_[static_cast<std::size_t>(part)];
    if (p.behind) {
      next_part_ = (part + 1) % num_partitions;
      return page{part, p.head, std::nullopt};
    }
  }
  for (auto turns = paging_.size(); turns > 0; --turns) {
    auto id = paging_.front();
    paging_.pop_front();
    auto i = stores_.find(id);
    if (i == stores_.end() || i->second.spilled_from == 0)
      continue;
    paging_.push_back(id);
    // Read a good stretch at once: wait until most of the store's share is free.
    if (i->second.open.size() <= bounds_.per_store / 4)
      return page{i->second.part, i->second.spilled_from - 1, id};
  }
  return std::nullopt;
}

std::vector<std::size_t> open_deliveries::arrived(const page& asked, std::span<const row> rows, bool last) {
  std::vector<std::size_t> result;
  auto& p = parts_[static_cast<std::size_t>(asked.part)];
  if (!asked.only) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].place.seq <= p.head)
        continue;
      p.head = rows[i].place.seq;
      if (admit(rows[i], false))
        result.push_back(i);
    }
    if (last)
      p.behind = false;
    return result;
  }
  auto i = stores_.find(*asked.only);
  if (i == stores_.end() || i->second.spilled_from != asked.after + 1)
    return result;
  auto& s = i->second;
  auto reached = asked.after;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].place.seq > p.head) {
      last = true; // beyond this point the partition's own reading continues
      p.behind = true;
      break;
    }
    if (rows[k].store == *asked.only) {
      if (s.open.size() >= bounds_.per_store || full()) {
        s.spilled_from = rows[k].place.seq;
        return result;
      }
      if (admit(rows[k], true))
        result.push_back(k);
    }
    reached = rows[k].place.seq;
  }
  if (last) {
    s.spilled_from = 0;
    --spilled_;
    drop_closed(*asked.only, s);
  } else {
    s.spilled_from = reached + 1;
  }
  return result;
}

void open_deliveries::drop_closed(store_id id, store_state& s) {
  while (!s.open.empty() && done(s, s.open.front())) {
    --count_;
    bytes_ -= s.open.front().bytes;
    s.open.pop_front();
  }
  if (s.open.empty() && s.spilled_from == 0)
    stores_.erase(id);
}

void open_deliveries::closed(store_id store, children_mask who, std::int64_t up_to) {
  auto i = stores_.find(store);
  if (i == stores_.end())
    return;
  for (std::size_t c = 0; c < num_children; ++c)
    if ((who & (1u << c)) != 0)
      i->second.closed[c] = std::max(i->second.closed[c], up_to);
  drop_closed(store, i->second);
}

void open_deliveries::lost(store_id store) {
  auto i = stores_.find(store);
  if (i == stores_.end() || i->second.open.empty())
    return;
  auto& s = i->second;
  if (s.spilled_from == 0) {
    ++spilled_;
    paging_.push_back(store);
  }
  s.spilled_from = s.open.front().seq;
  for (const auto& e : s.open)
    bytes_ -= e.bytes;
  count_ -= s.open.size();
  s.open.clear();
}

std::vector<delivery_place> open_deliveries::low_water() {
  std::array<std::int64_t, num_partitions> marks{};
  for (std::size_t i = 0; i < parts_.size(); ++i)
    marks[i] = parts_[i].head;
  for (const auto& [id, s] : stores_) {
    auto first = !s.open.empty() ? s.open.front().seq : s.spilled_from;
    if (first != 0) {
      auto& mark = marks[static_cast<std::size_t>(s.part)];
      mark = std::min(mark, first - 1);
    }
  }
  std::vector<delivery_place> result;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (marks[i] > parts_[i].reported) {
      parts_[i].reported = marks[i];
      result.push_back({static_cast<std::int32_t>(i), marks[i]});
    }
  return result;
}

void open_deliveries::forget_marks() {
  for (auto& p : parts_)
    p.reported = 0;
}

bool open_deliveries::behind() const {
  return spilled_ > 0 || std::any_of(parts_.begin(), parts_.end(), [](const auto& p) { return p.behind; });
}

} // namespace clique
