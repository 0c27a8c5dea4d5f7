#include "net/detail/ws_frames.hpp"

#include "net/crypto.hpp"
#include "net/json.hpp"

#include <openssl/evp.h>

namespace clique::http {

namespace {

constexpr std::uint16_t protocol_error = 1002, unsupported_data = 1003, bad_text = 1007, too_big = 1009;
constexpr std::size_t max_control = 125; // section 5.5

frame_event violation(std::uint16_t code, std::string_view why) {
  return {frame_event::kind::violation, {}, code, why};
}

/// Codes that a peer may send (section 7.4 and the registry: 1012-1014).
bool is_sendable(std::uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006)
         || (code >= 3000 && code < 5000);
}

std::uint64_t big_endian(std::string_view x) {
  auto result = std::uint64_t{0};
  for (auto c : x)
    result = result << 8 | static_cast<unsigned char>(c);
  return result;
}

frame_event read_close(std::string_view payload) {
  if (payload.empty())
    return {frame_event::kind::close, {}, 1005};
  if (payload.size() == 1)
    return violation(protocol_error, "a close payload of one byte");
  auto code = static_cast<std::uint16_t>(big_endian(payload.substr(0, 2)));
  auto reason = payload.substr(2);
  if (!is_sendable(code))
    return violation(protocol_error, "a close code that must not be sent");
  if (!is_utf8(reason))
    return violation(bad_text, "a close reason that is not UTF-8");
  return {frame_event::kind::close, std::string{reason}, code};
}

} // namespace

std::string frame_header(opcode what, std::size_t size) {
  std::string result;
  result += static_cast<char>(0x80u | static_cast<unsigned>(what));
  auto put = [&](int bytes) {
    for (auto shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      result += static_cast<char>(static_cast<std::uint64_t>(size) >> shift & 0xffu);
  };
  if (size <= max_control)
    return put(1), result;
  result += static_cast<char>(size <= 0xffff ? 126 : 127);
  put(size <= 0xffff ? 2 : 8);
  return result;
}

std::string control_frame(opcode what, std::string_view payload) {
  payload = payload.substr(0, max_control);
  return frame_header(what, payload.size()).append(payload);
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  auto payload = std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xffu)};
  if (reason.size() <= max_control - 2)
    payload += reason;
  return control_frame(opcode::close, payload);
}

std::string accept_key(std::string_view key) {
  auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
  auto digest = std::string(20, '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha1(), nullptr);
  return to_base64(digest);
}

frame_event frame_reader::next(std::string_view& data) {
  if (data.size() < 2)
    return {};
  auto first = static_cast<unsigned char>(data[0]);
  auto second = static_cast<unsigned char>(data[1]);
  auto what = static_cast<opcode>(first & 15u);
  auto is_final = (first & 0x80u) != 0;
  auto is_control = (first & 8u) != 0;
  if ((first & 0x70u) != 0)
    return violation(protocol_error, "reserved bits are set");
  if ((first & 7u) > 2)
    return violation(protocol_error, "an unknown opcode");
  if ((second & 0x80u) == 0)
    return violation(protocol_error, "a frame that is not masked");
  auto size = std::uint64_t{second & 0x7fu};
  if (is_control && (size > max_control || !is_final))
    return violation(protocol_error, "a control frame that is long or fragmented");
  auto extended = size == 126 ? 2u : size == 127 ? 8u : 0u;
  if (data.size() < 2 + extended)
    return {};
  if (extended != 0) {
    size = big_endian(data.substr(2, extended));
    if (size <= (extended == 2 ? 125u : 0xffffu) || size >> 63 != 0)
      return violation(protocol_error, "a length that is not minimal");
  }
  if (!is_control && (what == opcode::continuation) != is_open_)
    return violation(protocol_error, "a fragment out of order");
  if (what == opcode::binary)
    return violation(unsupported_data, "only text is spoken here");
  if (!is_control && size + message_.size() > max_message_)
    return violation(too_big, "a message over the limit");
  auto whole_size = 2 + extended + 4 + size;
  if (data.size() < whole_size)
    return {};
  auto mask = data.substr(2 + extended, 4);
  auto payload = std::string{data.substr(6 + extended, size)};
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  data.remove_prefix(whole_size);
  return whole(what, is_final, std::move(payload));
}

frame_event frame_reader::whole(opcode what, bool is_final, std::string payload) {
  switch (what) {
  case opcode::ping:
    return {frame_event::kind::ping, std::move(payload)};
  case opcode::pong:
    return {frame_event::kind::pong, std::move(payload)};
  case opcode::close:
    return read_close(payload);
  default:
    break;
  }
  message_ += payload;
  is_open_ = !is_final;
  if (!is_final)
    return {frame_event::kind::frame, {}};
  auto text = std::move(message_);
  message_ = {};
  if (!is_utf8(text))
    return violation(bad_text, "a text that is not UTF-8");
  return {frame_event::kind::text, std::move(text)};
}

} // namespace clique::http
