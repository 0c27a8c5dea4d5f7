#include "net/detail/head.hpp"

#include <algorithm>
#include <array>

namespace clique::http {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr auto token_table = [] {
  std::array<bool, 256> result{};
  for (auto c : std::string_view{"!#$%&'*+-.^_`|~"})
    result[static_cast<unsigned char>(c)] = true;
  for (auto c = 0; c < 128; ++c)
    if (is_digit(static_cast<char>(c)) || is_letter(static_cast<char>(c)))
      result[static_cast<std::size_t>(c)] = true;
  return result;
}();

constexpr bool is_token_char(char c) {
  return token_table[static_cast<unsigned char>(c)];
}

/// Field values: visible characters, obs-text, blanks and tabs.
constexpr bool is_value_char(char c) {
  auto x = static_cast<unsigned char>(c);
  return x == '\t' || (x >= 0x20 && x != 0x7f);
}

/// Targets: visible ASCII that cannot end a header, a fragment or an HTML attribute.
constexpr bool is_target_char(char c) {
  return c > 0x20 && c < 0x7f && c != '#' && c != '<' && c != '>' && c != '"' && c != '\\';
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && (x.front() == ' ' || x.front() == '\t'))
    x.remove_prefix(1);
  while (!x.empty() && (x.back() == ' ' || x.back() == '\t'))
    x.remove_suffix(1);
  return x;
}

bool is_port(std::string_view x) {
  if (x.empty() || x.size() > 5 || !std::all_of(x.begin(), x.end(), is_digit))
    return false;
  auto value = 0;
  for (auto c : x)
    value = value * 10 + (c - '0');
  return value <= 65'535;
}

/// A name, an IPv4 address or a bracketed IPv6 address, with an optional port.
bool is_host(std::string_view x) {
  if (x.starts_with('[')) {
    auto end = x.find(']');
    if (end == std::string_view::npos || end < 3)
      return false;
    auto inside = x.substr(1, end - 1);
    auto is_ip = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
    if (!std::all_of(inside.begin(), inside.end(), is_ip) || inside.find(':') == std::string_view::npos)
      return false;
    x.remove_prefix(end + 1);
    return x.empty() || (x.front() == ':' && is_port(x.substr(1)));
  }
  auto colon = std::min(x.find(':'), x.size());
  auto name = x.substr(0, colon);
  auto is_name = [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_'; };
  if (name.empty() || name.size() > 255 || !std::all_of(name.begin(), name.end(), is_name))
    return false;
  return colon == x.size() || is_port(x.substr(colon + 1));
}

std::optional<method> method_of(std::string_view x) {
  for (auto known : {method::get, method::post, method::put, method::patch, method::del, method::head, method::options})
    if (x == to_string(known))
      return known;
  return std::nullopt;
}

} // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    auto end = std::min(list.find(','), list.size());
    if (equal_ignoring_case(trimmed(list.substr(0, end)), token))
      return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

head_scanner::verdict head_scanner::refuse(int status, std::string_view code, std::string_view what) {
  why_ = {status, code, what};
  return verdict::refused;
}

head_scanner::verdict head_scanner::scan(std::string_view received) {
  if (!received.empty() && !is_token_char(received.front()))
    return refuse(400, "bad_request_line", "the request does not start with a method");
  while (true) {
    auto end = received.find('\n', looked_at_);
    if (end == std::string_view::npos || end >= limits_.max_header) {
      looked_at_ = received.size();
      if (first_line_ == 0 && received.size() > limits_.max_target + 64) // 64: method and version
        return refuse(414, "target_too_long", "the request target is longer than the limit");
      if (received.size() >= limits_.max_header)
        return refuse(431, "header_too_large", "the header section is larger than the limit");
      return verdict::incomplete;
    }
    if (end == 0 || received[end - 1] != '\r')
      return refuse(400, "bare_line_feed", "a line of the head does not end in CR LF");
    looked_at_ = end + 1;
    if (first_line_ == 0) {
      first_line_ = end + 1;
      if (!scan_request_line(received.substr(0, end - 1)))
        return verdict::refused;
    } else if (received[end - 2] == '\n') {
      size_ = end + 1;
      facts_.target = received.substr(target_at_, target_size_); // the bytes may have moved since the first line
      auto lines = received.substr(first_line_, size_ - first_line_ - 2);
      return scan_fields(lines) && check_framing() ? verdict::complete : verdict::refused;
    }
  }
}

bool head_scanner::scan_request_line(std::string_view line) {
  auto fail = [&](int status, std::string_view code, std::string_view what) {
    refuse(status, code, what);
    return false;
  };
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return fail(400, "bad_request_line", "the request line is not: method, blank, target, blank, version");
  auto verb = line.substr(0, first);
  auto target = line.substr(first + 1, last - first - 1);
  auto version = line.substr(last + 1);
  if (!is_token(verb))
    return fail(400, "bad_request_line", "the method is not a token");
  if (target.size() > limits_.max_target)
    return fail(414, "target_too_long", "the request target is longer than the limit");
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_char))
    return fail(400, "bad_target", "the request target contains characters that must be percent-encoded");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.'
      || !is_digit(version[7]))
    return fail(400, "bad_request_line", "the version is not HTTP/digit.digit");
  if (version[5] != '1' || version[7] > '1')
    return fail(505, "bad_version", "only HTTP/1.1 and HTTP/1.0 are spoken here");
  auto known = method_of(verb);
  if (!known)
    return fail(501, "unknown_method", "the method is not one of GET HEAD POST PUT PATCH DELETE OPTIONS");
  if (target.front() != '/' && !(target == "*" && known == method::options))
    return fail(400, "bad_target", "the request target must be a path");
  facts_.verb = *known;
  target_at_ = first + 1;
  target_size_ = target.size();
  facts_.minor = version[7] - '0';
  return true;
}

bool head_scanner::scan_fields(std::string_view lines) {
  auto fail = [&](int status, std::string_view code, std::string_view what) {
    refuse(status, code, what);
    return false;
  };
  auto count = std::size_t{0};
  while (!lines.empty()) {
    auto end = lines.find('\n'); // each line ends in CR LF: scan() saw to that
    auto line = lines.substr(0, end - 1);
    lines.remove_prefix(end + 1);
    if (++count > limits_.max_headers)
      return fail(431, "too_many_headers", "there are more header fields than the limit");
    if (line.front() == ' ' || line.front() == '\t')
      return fail(400, "folded_header", "a header field is continued on the next line");
    auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return fail(400, "bad_header", "a header field is not: name, colon, value");
    auto value = trimmed(line.substr(colon + 1));
    if (!std::all_of(value.begin(), value.end(), is_value_char))
      return fail(400, "bad_header", "a header value contains a control character");
    if (!take_field(line.substr(0, colon), value))
      return false;
  }
  return true;
}

bool head_scanner::take_field(std::string_view name, std::string_view value) {
  auto fail = [&](int status, std::string_view code, std::string_view what) {
    refuse(status, code, what);
    return false;
  };
  switch (name.size()) {
  case 4:
    if (equal_ignoring_case(name, "host")) {
      ++hosts_;
      if (!is_host(value))
        return fail(400, "bad_host", "the Host field is not a host name with an optional port");
    }
    break;
  case 6:
    if (equal_ignoring_case(name, "expect")) {
      if (!equal_ignoring_case(value, "100-continue"))
        return fail(417, "bad_expectation", "only 100-continue can be expected");
      facts_.expects_continue = true;
    }
    break;
  case 7:
    if (equal_ignoring_case(name, "upgrade"))
      names_websocket_ = names_websocket_ || lists_token(value, "websocket");
    break;
  case 10:
    if (equal_ignoring_case(name, "connection"))
      names_upgrade_ = names_upgrade_ || lists_token(value, "upgrade");
    break;
  case 14:
    if (equal_ignoring_case(name, "content-length")) {
      ++lengths_;
      if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit))
        return fail(400, "bad_content_length", "the Content-Length is not a plain decimal number");
      auto length = std::uint64_t{0};
      for (auto c : value)
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
      facts_.content_length = length;
    }
    break;
  case 16:
    if (equal_ignoring_case(name, "content-encoding"))
      facts_.is_encoded = facts_.is_encoded || !equal_ignoring_case(value, "identity");
    break;
  case 17:
    if (equal_ignoring_case(name, "transfer-encoding")) {
      ++encodings_;
      if (!equal_ignoring_case(value, "chunked"))
        return fail(400, "bad_transfer_encoding", "the Transfer-Encoding is not exactly chunked");
      facts_.is_chunked = true;
    }
    break;
  default:
    break;
  }
  return true;
}

bool head_scanner::check_framing() {
  auto fail = [&](std::string_view code, std::string_view what) {
    refuse(400, code, what);
    return false;
  };
  if (hosts_ > 1 || (hosts_ == 0 && facts_.minor == 1))
    return fail("bad_host", "there must be exactly one Host field");
  if (lengths_ > 1)
    return fail("bad_content_length", "there is more than one Content-Length");
  if (encodings_ > 1)
    return fail("bad_transfer_encoding", "there is more than one Transfer-Encoding");
  if (encodings_ > 0 && lengths_ > 0)
    return fail("ambiguous_length", "Content-Length and Transfer-Encoding exclude each other");
  if (encodings_ > 0 && facts_.minor == 0)
    return fail("bad_transfer_encoding", "HTTP/1.0 has no Transfer-Encoding");
  facts_.wants_socket = names_upgrade_ && names_websocket_;
  return true;
}

} // namespace clique::http
