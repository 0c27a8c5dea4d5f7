#pragma once

// Beast's parser, filling our request. Only heads that the head_scanner passed are fed to it.

#include "net/http.hpp"

#include <boost/beast/http/basic_parser.hpp>

namespace clique::http {

class request_reader final : public boost::beast::http::basic_parser<true> {
public:
  using error_code = boost::beast::error_code;

  request_reader();

  /// The request so far; whole when is_done().
  request in;

private:
  using text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, text name, text target, int version, error_code& ec) override;
  void on_response_impl(int code, text reason, int version, error_code& ec) override;
  void on_field_impl(boost::beast::http::field id, text name, text value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
  std::size_t on_body_impl(text body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, text body, error_code& ec) override;
  void on_finish_impl(error_code& ec) override;

  bool is_head_done_ = false;
  std::size_t overhead_ = 0; ///< bytes of chunk extensions and trailers
};

/// Chunk extensions and trailers of one body, and one unfinished chunk line: 8 KiB (what Beast 360 introduced).
constexpr std::size_t max_chunk_overhead = 8 * 1024;

/// Splits `in.target` into path, raw query and decoded query. False when an escape is broken, or
/// the path contains an escaped slash or NUL (one path, one reading).
bool split_target(request& in);

} // namespace clique::http
