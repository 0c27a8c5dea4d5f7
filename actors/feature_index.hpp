#pragma once

#include "actors/messages.hpp"
#include "core/feature.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clique {

/// The feature table, asked the other way round: by name, by topic, by child.
class feature_index {
public:
  explicit feature_index(feature_table table);

  const feature& at(feature_ref x) const {
    return table_[static_cast<std::size_t>(x)];
  }
  std::optional<feature_ref> find(std::string_view name) const;
  /// Children with a feature that wants this topic; 0: nobody.
  children_mask wanted_by(std::string_view topic) const;
  /// Features of *who*, in table order.
  const std::vector<feature_ref>& of(child who) const {
    return by_child_[static_cast<std::size_t>(who)];
  }
  bool wants(feature_ref x, std::string_view topic) const;
  /// Children with a feature that hears facts.
  children_mask hearers() const {
    return hearers_;
  }
  feature_table table() const {
    return table_;
  }

private:
  feature_table table_;
  std::map<std::string_view, feature_ref> names_;
  std::map<std::string_view, children_mask> topics_;
  std::array<std::vector<feature_ref>, num_children> by_child_;
  children_mask hearers_ = 0;
};

using feature_index_ptr = std::shared_ptr<const feature_index>;

} // namespace clique
