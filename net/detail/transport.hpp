#pragma once

// One peer's socket, with or without TLS, read and written without blocking.

#include <boost/asio/ip/tcp.hpp>

#include <openssl/types.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace clique::http {

struct free_tls {
  void operator()(SSL* x) const;
  void operator()(SSL_CTX* x) const;
};
using tls_context = std::unique_ptr<SSL_CTX, free_tls>;

/// TLS 1.2 and 1.3, forward-secret AEAD suites only. @returns bad_input that names the file which cannot be used.
result<tls_context> make_tls_context(const std::string& certificate_file, const std::string& key_file);

class transport {
public:
  enum class status : std::uint8_t { ok, wait_read, wait_write, closed };
  struct outcome {
    status what = status::ok;
    std::size_t bytes = 0;
  };

  /// *context* may be null: no TLS. The socket must be non-blocking.
  transport(boost::asio::ip::tcp::socket socket, SSL_CTX* context);

  outcome read(std::span<char> into);
  /// Writes *first* then *second*, as much as the kernel takes.
  outcome write(std::string_view first, std::string_view second = {});
  /// No more writes; the peer sees the end.
  void finish();
  void close();
  bool is_tls() const {
    return tls_ != nullptr;
  }
  boost::asio::ip::tcp::socket socket;

private:
  outcome tls_status(int returned);

  std::unique_ptr<SSL, free_tls> tls_;
};

} // namespace clique::http
