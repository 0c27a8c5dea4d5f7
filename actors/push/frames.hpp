#pragma once

// The texts of the push protocol clique.v1; no I/O.

#include "actors/push/feed.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace clique::live {

struct hello_frame {
  bool visible = true;
};
struct sub_frame {
  store_id store{};
  std::string channel;
  std::optional<std::uint64_t> epoch; ///< both or none: resume
  std::optional<std::int64_t> seq;
};
struct unsub_frame {
  store_id store{};
  std::string channel;
};
struct visibility_frame {
  bool visible = true;
};
using client_frame = std::variant<hello_frame, sub_frame, unsub_frame, visibility_frame>;

/// @returns bad_input that says what is wrong with the frame.
result<client_frame> parse_frame(std::string_view text);

/// Channels that may be subscribed to.
bool is_channel(std::string_view name);

std::string hello_text(std::string_view server, std::string_view session);
std::string snapshot_text(store_id store, std::string_view channel, const feed& x, bool resumed);
std::string patch_text(store_id store, std::string_view channel, std::int64_t seq, std::int64_t prev, const change& x);
std::string heartbeat_text();
std::string bye_text(int retry_ms);
std::string error_text(const error& x, std::string_view channel);

} // namespace clique::live
