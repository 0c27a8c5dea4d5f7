#pragma once

// RFC 6455 frames as text; no socket.

#include <cstdint>
#include <string>
#include <string_view>

namespace clique::http {

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Header of an unmasked final frame (servers do not mask).
std::string frame_header(opcode what, std::size_t size);
std::string control_frame(opcode what, std::string_view payload);
std::string close_frame(std::uint16_t code, std::string_view reason);

/// Sec-WebSocket-Accept for a key (section 4.2.2).
std::string accept_key(std::string_view key);

struct frame_event {
  enum class kind : std::uint8_t { need_more, frame, text, ping, pong, close, violation };
  kind what = kind::need_more; ///< frame: a fragment was taken, nothing to do
  std::string payload;         ///< text, ping payload, close reason
  std::uint16_t code = 0;      ///< close code of the peer (1005: none), or ours for a violation
  std::string_view why = {};   ///< violation
};

/// Reads what a client sends: masked frames, messages of at most *max_message* bytes, text only.
class frame_reader {
public:
  explicit frame_reader(std::size_t max_message) : max_message_(max_message) {
  }
  /// Takes one frame off the front of *data*, or nothing when it is not there whole.
  frame_event next(std::string_view& data);

private:
  frame_event whole(opcode what, bool is_final, std::string payload);

  std::size_t max_message_;
  std::string message_;
  bool is_open_ = false; ///< inside a fragmented message
};

} // namespace clique::http
