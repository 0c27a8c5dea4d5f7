#pragma once

#include "storage/stores.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace clique {

/// All connected stores in memory, by number and by shop domain: what the gateways ask for every delivery.
/// Readers take a version and never wait; a writer makes a new version of the part it changes. Thread-safe.
class store_book {
public:
  store_book();

  /// Replaces everything.
  void fill(std::vector<store_entry> all);
  /// Adds or replaces one store.
  void put(store_entry x);
  void erase(store_id id);

  std::shared_ptr<const store_entry> find(store_id id) const;
  std::shared_ptr<const store_entry> find(std::string_view shop) const;
  std::size_t size() const;
  std::vector<store_id> ids() const;

private:
  using entry_ptr = std::shared_ptr<const store_entry>;
  // Sharded, so that connecting one of 100,000 stores copies a few hundred pointers and not all.
  static constexpr std::size_t shards = 256;
  template <class Key>
  struct half {
    using map = std::unordered_map<Key, entry_ptr>;
    std::vector<std::atomic<std::shared_ptr<const map>>> parts{shards};
  };

  std::mutex writing_;
  half<std::int64_t> by_id_;
  half<std::string> by_shop_;
  std::atomic<std::size_t> size_{0};
};

} // namespace clique
