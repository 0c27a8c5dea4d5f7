#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace clique {

/// Whether *text* is one whole valid JSON document (simdjson DOM, depth <= 64), as ingest decides before an ack.
/// @returns bad_input with the reason.
result<void> validate_json(std::string_view text);

/// Top-level "id" of a JSON object as decimal text, and "updated_at" or "" each; used by the replay guard.
struct resource_tag {
  std::string id, updated_at;
};
result<resource_tag> tag_of(std::string_view json);

/// Whether *text* is valid UTF-8 (WebSocket text frames must be).
bool is_utf8(std::string_view text);

} // namespace clique
