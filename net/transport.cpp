#include "net/detail/transport.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <limits>
#include <sys/socket.h>
#include <sys/uio.h>

namespace clique::http {

namespace {

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; this one does not.
int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto written = ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                        static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (written < 0 && (errno == EAGAIN || errno == EINTR))
    BIO_set_retry_write(bio);
  return static_cast<int>(written);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  auto got = ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), data,
                    static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* quiet_socket_bio() {
  static auto* made = [] {
    auto* result = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    BIO_meth_set_write(result, bio_write);
    BIO_meth_set_read(result, bio_read);
    BIO_meth_set_ctrl(result, bio_control);
    return result;
  }();
  return made;
}

std::string tls_reason() {
  auto code = ERR_get_error();
  ERR_clear_error();
  auto* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

} // namespace

void free_tls::operator()(SSL* x) const {
  SSL_free(x);
}

void free_tls::operator()(SSL_CTX* x) const {
  SSL_CTX_free(x);
}

result<tls_context> make_tls_context(const std::string& certificate_file, const std::string& key_file) {
  auto fault = [](std::string_view what, const std::string& file) {
    return error{ec::bad_input, fmt::format("{} {} cannot be used: {}", what, file, tls_reason()),
                 "give the paths of a PEM certificate chain and of its PEM key"};
  };
  auto made = tls_context{SSL_CTX_new(TLS_server_method())};
  if (!made)
    return error{ec::internal, tls_reason(), ""};
  SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(made.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(made.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_cipher_list(made.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return error{ec::internal, tls_reason(), ""};
  if (SSL_CTX_use_certificate_chain_file(made.get(), certificate_file.c_str()) != 1)
    return fault("TLS certificate", certificate_file);
  if (SSL_CTX_use_PrivateKey_file(made.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1
      || SSL_CTX_check_private_key(made.get()) != 1)
    return fault("TLS key", key_file);
  return made;
}

transport::transport(boost::asio::ip::tcp::socket peer, SSL_CTX* context) : socket(std::move(peer)) {
  if (context == nullptr)
    return;
  tls_.reset(SSL_new(context));
  auto* bio = BIO_new(quiet_socket_bio());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket.native_handle())));
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);
  SSL_set_accept_state(tls_.get());
}

transport::outcome transport::tls_status(int returned) {
  switch (SSL_get_error(tls_.get(), returned)) {
  case SSL_ERROR_WANT_READ:
    return {status::wait_read, 0};
  case SSL_ERROR_WANT_WRITE:
    return {status::wait_write, 0};
  default:
    ERR_clear_error();
    return {status::closed, 0};
  }
}

transport::outcome transport::read(std::span<char> into) {
  if (tls_) {
    auto size = std::min<std::size_t>(into.size(), std::numeric_limits<int>::max());
    auto got = SSL_read(tls_.get(), into.data(), static_cast<int>(size));
    return got > 0 ? outcome{status::ok, static_cast<std::size_t>(got)} : tls_status(got);
  }
  auto got = ::ssize_t{};
  do
    got = ::recv(socket.native_handle(), into.data(), into.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got > 0)
    return {status::ok, static_cast<std::size_t>(got)};
  return {got < 0 && errno == EAGAIN ? status::wait_read : status::closed, 0};
}

transport::outcome transport::write(std::string_view first, std::string_view second) {
  if (tls_) {
    auto now = first.empty() ? second : first;
    if (now.empty())
      return {};
    auto size = std::min<std::size_t>(now.size(), 1u << 20);
    auto put = SSL_write(tls_.get(), now.data(), static_cast<int>(size));
    return put > 0 ? outcome{status::ok, static_cast<std::size_t>(put)} : tls_status(put);
  }
  iovec parts[] = {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  auto put = ::ssize_t{};
  do
    put = ::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL);
  while (put < 0 && errno == EINTR);
  if (put >= 0)
    return {status::ok, static_cast<std::size_t>(put)};
  return {errno == EAGAIN ? status::wait_write : status::closed, 0};
}

void transport::finish() {
  if (tls_ && SSL_is_init_finished(tls_.get())) {
    SSL_shutdown(tls_.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

void transport::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

} // namespace clique::http
