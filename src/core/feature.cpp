#include "core/feature.hpp"

namespace clique {

std::string_view to_string(child x) {
  switch (x) {
  case child::sync:
    return "sync";
  case child::attribution:
    return "attribution";
  case child::ads:
    return "ads";
  case child::fatigue:
    return "fatigue";
  case child::budget:
    return "budget";
  case child::trends:
    return "trends";
  }
  return "unknown";
}

} // namespace clique
