#pragma once

// The check of a raw request head before any parser normalises it. Beast 345 accepts 16 kinds of ambiguous framing;
// what this scan lets through has one reading only (RFC 9112, stricter where it leaves a choice).

#include "net/http.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace clique::http {

struct head_limits {
  std::size_t max_header = 16 * 1024; ///< bytes of the whole head
  std::size_t max_target = 8 * 1024;  ///< bytes
  std::size_t max_headers = 100;
};

/// What the head says about the connection and the body; views into the scanned bytes.
struct head_facts {
  method verb = method::get;
  std::string_view target;
  int minor = 1; ///< HTTP/1.minor
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;
  bool expects_continue = false;
  bool is_encoded = false;   ///< Content-Encoding other than identity
  bool wants_socket = false; ///< Upgrade names websocket and Connection names upgrade

  bool has_body() const {
    return is_chunked || content_length.value_or(0) > 0;
  }
};

/// Why a head is refused; texts are static.
struct head_refusal {
  int status = 400;
  std::string_view code, what;
};

/// Scans one head that grows; bytes that were looked at are not looked at again.
class head_scanner {
public:
  enum class verdict : std::uint8_t { incomplete, complete, refused };

  explicit head_scanner(head_limits limits = {}) : limits_(limits) {
  }

  /// @param received The head from its first byte, longer or equal at each call.
  verdict scan(std::string_view received);

  /// After complete: bytes of the head including the empty line.
  std::size_t size() const {
    return size_;
  }
  const head_facts& facts() const {
    return facts_;
  }
  const head_refusal& why() const {
    return why_;
  }

private:
  verdict refuse(int status, std::string_view code, std::string_view what);
  bool scan_request_line(std::string_view line);
  bool scan_fields(std::string_view lines);
  bool take_field(std::string_view name, std::string_view value);
  bool check_framing();

  head_limits limits_;
  std::size_t looked_at_ = 0;
  std::size_t first_line_ = 0; ///< bytes of the request line with its CRLF; 0: not seen yet
  std::size_t target_at_ = 0, target_size_ = 0;
  std::size_t size_ = 0;
  std::size_t hosts_ = 0, lengths_ = 0, encodings_ = 0;
  bool names_upgrade_ = false, names_websocket_ = false;
  head_facts facts_;
  head_refusal why_;
};

/// Whether *text* is `token` (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);
/// Whether the comma-separated *list* contains *token*, ignoring case.
bool lists_token(std::string_view list, std::string_view token);
bool equal_ignoring_case(std::string_view a, std::string_view b);

} // namespace clique::http
