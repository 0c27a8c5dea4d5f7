#include "net/detail/request_reader.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace clique::http {

namespace {

namespace bhttp = boost::beast::http;

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_blank) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      result += ' ';
      continue;
    }
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
      return std::nullopt;
    result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return result;
}

/// Fields that would change where the message ends or where it goes.
bool is_framing(bhttp::field x) {
  switch (x) {
  case bhttp::field::content_length:
  case bhttp::field::transfer_encoding:
  case bhttp::field::host:
  case bhttp::field::connection:
  case bhttp::field::trailer:
  case bhttp::field::upgrade:
  case bhttp::field::content_encoding:
  case bhttp::field::authorization:
  case bhttp::field::cookie:
    return true;
  default:
    return false;
  }
}

} // namespace

request_reader::request_reader() {
  eager(true);
  header_limit(std::numeric_limits<std::uint32_t>::max()); // the scanner has checked it
}

void request_reader::on_request_impl(bhttp::verb, text, text target, int, error_code&) {
  in.target.assign(target.data(), target.size());
  in.headers.reserve(16);
}

void request_reader::on_response_impl(int, text, int, error_code&) {
}

void request_reader::on_field_impl(bhttp::field id, text name, text value, error_code& ec) {
  if (is_head_done_) { // a trailer: counted, checked and dropped
    overhead_ += name.size() + value.size();
    if (is_framing(id) || overhead_ > max_chunk_overhead)
      ec = bhttp::error::bad_field;
    return;
  }
  auto lower = std::string(name.size(), '\0');
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  in.headers.emplace_back(std::move(lower), std::string{value.data(), value.size()});
}

void request_reader::on_header_impl(error_code&) {
  is_head_done_ = true;
}

void request_reader::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  if (length)
    in.body.reserve(static_cast<std::size_t>(*length)); // bounded: body_limit() was checked before
}

std::size_t request_reader::on_body_impl(text body, error_code&) {
  in.body.append(body.data(), body.size());
  return body.size();
}

void request_reader::on_chunk_header_impl(std::uint64_t, text extensions, error_code& ec) {
  overhead_ += extensions.size();
  if (overhead_ > max_chunk_overhead)
    ec = bhttp::error::bad_chunk_extension;
}

std::size_t request_reader::on_chunk_body_impl(std::uint64_t, text body, error_code&) {
  in.body.append(body.data(), body.size());
  return body.size();
}

void request_reader::on_finish_impl(error_code&) {
}

bool split_target(request& in) {
  auto target = std::string_view{in.target};
  auto mark = std::min(target.find('?'), target.size());
  auto raw_path = target.substr(0, mark);
  auto query = target.substr(std::min(mark + 1, target.size()));
  in.raw_query = query;
  if (raw_path.find('%') == std::string_view::npos) {
    in.path = raw_path;
  } else {
    auto path = decode(raw_path, false);
    auto slashes = [](std::string_view x) { return std::count(x.begin(), x.end(), '/'); };
    if (!path || path->find('\0') != std::string::npos || slashes(*path) != slashes(raw_path))
      return false;
    in.path = std::move(*path);
  }
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty())
      continue;
    auto equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value)
      return false;
    in.query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

} // namespace clique::http
