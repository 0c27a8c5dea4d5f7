#define CAF_SUITE tls

#include "net/client.hpp"
#include "support/raw_http.hpp"

#include <caf/test/unit_test.hpp>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <future>

using namespace clique;
using namespace clique::testing;
namespace fs = std::filesystem;

namespace {

/// A self-signed certificate for one hour, and its key.
void write_certificate(const fs::path& certificate, const fs::path& key_file) {
  auto* key = EVP_EC_gen("P-256");
  auto* x = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -60);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_set_pubkey(x, key);
  auto* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
  X509_set_issuer_name(x, name);
  X509_sign(x, key, EVP_sha256());
  auto* out = std::fopen(certificate.c_str(), "w");
  PEM_write_X509(out, x);
  std::fclose(out);
  out = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(out);
  X509_free(x);
  EVP_PKEY_free(key);
}

/// What a client gets who offers these versions and suites: protocol and answer, or nothing.
std::string ask(std::uint16_t port, int oldest, int newest, const char* suites, const std::string& request) {
  auto context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), oldest);
  SSL_CTX_set_max_proto_version(context.get(), newest);
  SSL_CTX_set_cipher_list(context.get(), suites);
  auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  auto to = sockaddr_in{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to);
  auto tls = std::unique_ptr<SSL, decltype(&SSL_free)>{SSL_new(context.get()), SSL_free};
  SSL_set_fd(tls.get(), fd);
  std::string result;
  if (SSL_connect(tls.get()) == 1) {
    result = std::string{SSL_get_version(tls.get())} + " ";
    SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
    char piece[4096];
    while (auto got = SSL_read(tls.get(), piece, sizeof piece)) {
      if (got < 0)
        break;
      result.append(piece, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return result;
}

constexpr auto close_after = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
constexpr auto any = "ALL:@SECLEVEL=0";

struct fixture : live_server {
  fs::path folder;

  fixture() {
    auto pattern = (fs::temp_directory_path() / "tls-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    write_certificate(folder / "certificate.pem", folder / "key.pem");
    options.tls_certificate = folder / "certificate.pem";
    options.tls_key = folder / "key.pem";
    add(http::method::get, "/", [](http::request, http::responder out) { out(text("root")); });
    add(
        http::method::post, "/echo", [](http::request in, http::responder out) { out(text(std::move(in.body))); },
        8'000'000);
    start();
  }
  ~fixture() {
    server.reset();
    fs::remove_all(folder);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

CAF_TEST(new versions are spoken and old ones are not ) { // F13
  CAF_CHECK(ask(port, TLS1_3_VERSION, TLS1_3_VERSION, any, close_after).starts_with("TLSv1.3 HTTP/1.1 200"));
  CAF_CHECK(ask(port, TLS1_2_VERSION, TLS1_2_VERSION, any, close_after).starts_with("TLSv1.2 HTTP/1.1 200"));
  CAF_CHECK_EQUAL(ask(port, TLS1_1_VERSION, TLS1_1_VERSION, any, close_after), "");
  CAF_CHECK_EQUAL(ask(port, TLS1_VERSION, TLS1_VERSION, any, close_after), "");
}

CAF_TEST(suites without forward secrecy or authenticated encryption are refused) { // F13
  for (auto suite : {"AES128-GCM-SHA256", "AES256-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"})
    CAF_CHECK_EQUAL(ask(port, TLS1_2_VERSION, TLS1_2_VERSION, suite, close_after), "");
  for (auto suite : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"})
    CAF_CHECK(ask(port, TLS1_2_VERSION, TLS1_2_VERSION, suite, close_after).starts_with("TLSv1.2 HTTP/1.1 200"));
}

CAF_TEST(browsers are told to stay with TLS) { // F13
  CAF_CHECK(
      ask(port, TLS1_2_VERSION, TLS1_3_VERSION, any, close_after).find("Strict-Transport-Security: max-age=31536000")
      != std::string::npos);
}

CAF_TEST(large bodies pass both ways) {
  auto body = std::string(5'000'000, 'b');
  auto got = ask(port, TLS1_2_VERSION, TLS1_3_VERSION, any,
                 fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
                             body.size(), body));
  CAF_CHECK(got.ends_with(body));
  CAF_CHECK(got.find("HTTP/1.1 200") != std::string::npos);
}

CAF_TEST(pipelined requests in one record are all answered) {
  std::string many;
  for (auto i = 0; i < 20; ++i)
    many += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  auto got = ask(port, TLS1_3_VERSION, TLS1_3_VERSION, any, many + close_after);
  CAF_CHECK_EQUAL(statuses(got.substr(8)).size(), 21u);
}

CAF_TEST(plain HTTP on the TLS port is hung up on) {
  raw_client peer{port};
  peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.read_all();
  CAF_CHECK(!peer.timed_out);
  CAF_CHECK_EQUAL(server->counters().requests.load(), 0);
}

CAF_TEST(our client does not talk to a certificate that nobody vouches for) { // C13
  http::client client;
  http::outgoing what;
  what.url = fmt::format("https://127.0.0.1:{}/", port);
  std::promise<ec> promise;
  client.send(what, [&](auto x) { promise.set_value(x ? ec{} : x.error().code); });
  CAF_CHECK(promise.get_future().get() == ec::unavailable);
  CAF_CHECK_EQUAL(server->counters().requests.load(), 0);
}

CAF_TEST_FIXTURE_SCOPE_END()
