#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace clique::testing {

/// A client frame as its raw parts say, well-formed or not.
inline std::string frame(unsigned first, std::string_view payload, bool is_masked = true) {
  auto result = std::string{static_cast<char>(first)};
  auto mask_bit = is_masked ? 0x80u : 0u;
  if (payload.size() < 126) {
    result += static_cast<char>(mask_bit | payload.size());
  } else {
    result += static_cast<char>(mask_bit | 126u);
    result += static_cast<char>(payload.size() >> 8);
    result += static_cast<char>(payload.size() & 0xffu);
  }
  if (!is_masked)
    return result.append(payload);
  constexpr char mask[] = {1, 2, 3, 4};
  result.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    result += static_cast<char>(payload[i] ^ mask[i % 4]);
  return result;
}

inline std::string say(std::string_view text) {
  return frame(0x81, text);
}

inline std::string bye(std::uint16_t code, std::string_view reason = "") {
  return frame(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)}.append(reason));
}

} // namespace clique::testing
