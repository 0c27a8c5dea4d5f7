#include "actors/store_book.hpp"

#include "core/schedule.hpp"

namespace clique {

namespace {

std::size_t slot_of(std::int64_t id) {
  return static_cast<std::size_t>(id) % 256;
}
std::size_t slot_of(std::string_view shop) {
  return static_cast<std::size_t>(stable_hash(shop)) % 256;
}

template <class Half, class Change>
void change(Half& half, std::size_t slot, Change how) {
  auto& part = half.parts[slot];
  auto fresh = std::make_shared<typename Half::map>(*part.load());
  how(*fresh);
  part.store(std::move(fresh));
}

} // namespace

store_book::store_book() {
  for (std::size_t i = 0; i < shards; ++i) {
    by_id_.parts[i] = std::make_shared<half<std::int64_t>::map>();
    by_shop_.parts[i] = std::make_shared<half<std::string>::map>();
  }
}

void store_book::fill(std::vector<store_entry> all) {
  auto guard = std::scoped_lock{writing_};
  std::vector<half<std::int64_t>::map> ids(shards);
  std::vector<half<std::string>::map> shops(shards);
  for (auto& x : all) {
    auto entry = std::make_shared<const store_entry>(std::move(x));
    ids[slot_of(raw(entry->id))][raw(entry->id)] = entry;
    shops[slot_of(entry->shop)][entry->shop] = entry;
  }
  for (std::size_t i = 0; i < shards; ++i) {
    by_id_.parts[i] = std::make_shared<half<std::int64_t>::map>(std::move(ids[i]));
    by_shop_.parts[i] = std::make_shared<half<std::string>::map>(std::move(shops[i]));
  }
  size_ = all.size();
}

void store_book::put(store_entry x) {
  auto guard = std::scoped_lock{writing_};
  if (!find(x.id))
    ++size_;
  auto entry = std::make_shared<const store_entry>(std::move(x));
  change(by_id_, slot_of(raw(entry->id)), [&](auto& map) { map[raw(entry->id)] = entry; });
  change(by_shop_, slot_of(entry->shop), [&](auto& map) { map[entry->shop] = entry; });
}

void store_book::erase(store_id id) {
  auto guard = std::scoped_lock{writing_};
  auto entry = find(id);
  if (!entry)
    return;
  --size_;
  change(by_id_, slot_of(raw(id)), [&](auto& map) { map.erase(raw(id)); });
  change(by_shop_, slot_of(entry->shop), [&](auto& map) { map.erase(entry->shop); });
}

std::shared_ptr<const store_entry> store_book::find(store_id id) const {
  auto map = by_id_.parts[slot_of(raw(id))].load();
  auto i = map->find(raw(id));
  return i == map->end() ? nullptr : i->second;
}

std::shared_ptr<const store_entry> store_book::find(std::string_view shop) const {
  auto map = by_shop_.parts[slot_of(shop)].load();
  auto i = map->find(std::string{shop});
  return i == map->end() ? nullptr : i->second;
}

std::size_t store_book::size() const {
  return size_;
}

std::vector<store_id> store_book::ids() const {
  std::vector<store_id> result;
  result.reserve(size());
  for (const auto& part : by_id_.parts)
    for (const auto& [id, entry] : *part.load())
      result.push_back(store_id{id});
  return result;
}

} // namespace clique
