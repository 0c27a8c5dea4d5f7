#include "actors/feature_index.hpp"

#include <algorithm>

namespace clique {

feature_index::feature_index(feature_table table) : table_(table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& x = table[i];
    auto ref = static_cast<feature_ref>(i);
    names_.emplace(x.name, ref);
    by_child_[static_cast<std::size_t>(x.owner)].push_back(ref);
    for (auto topic : x.when.topics)
      topics_[topic] = static_cast<children_mask>(topics_[topic] | bit_of(x.owner));
    if (x.when.hears_events)
      hearers_ = static_cast<children_mask>(hearers_ | bit_of(x.owner));
  }
}

std::optional<feature_ref> feature_index::find(std::string_view name) const {
  auto i = names_.find(name);
  if (i == names_.end())
    return std::nullopt;
  return i->second;
}

children_mask feature_index::wanted_by(std::string_view topic) const {
  auto i = topics_.find(topic);
  return i == topics_.end() ? children_mask{0} : i->second;
}

bool feature_index::wants(feature_ref x, std::string_view topic) const {
  const auto& topics = at(x).when.topics;
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

} // namespace clique
