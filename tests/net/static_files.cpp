#define CAF_SUITE static_files

#include "net/static_files.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <zlib.h>

using namespace clique;
namespace fs = std::filesystem;

namespace {

std::string unzip(const std::string& packed) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  auto out = std::string(1'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

struct fixture {
  fs::path folder;
  std::string page = "<!doctype html>" + std::string(2'000, 'p');

  fixture() {
    auto pattern = (fs::temp_directory_path() / "static-files-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    write("www/index.html", page);
    write("www/assets/index-DiwrgTda.js", std::string(5'000, 'j'));
    write("www/assets/plain-document.css", "a{}");
    write("www/logo.png", "\x89PNG");
    write("secret.txt", "secret");
    fs::create_symlink(folder / "secret.txt", folder / "www" / "link.txt");
    fs::create_directory_symlink(folder, folder / "www" / "up");
  }
  ~fixture() {
    fs::remove_all(folder);
  }

  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream{folder / name, std::ios::binary} << text;
  }

  http::response get(std::string path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto files = http::static_files{folder / "www"};
    http::request in;
    in.path = std::move(path);
    in.headers = std::move(headers);
    return files.serve(in);
  }

  static std::string header(const http::response& x, std::string_view name) {
    for (const auto& [key, value] : x.headers)
      if (key == name)
        return value;
    return "";
  }
  static std::string body(const http::response& x) {
    return x.shared_body ? *x.shared_body : x.body;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(static_files_tests, fixture)

CAF_TEST(files come with type tag and caching) {
  const std::tuple<std::string, std::string, std::string> table[] = {
      {"/", "text/html; charset=utf-8", "no-cache"},
      {"/index.html", "text/html; charset=utf-8", "no-cache"},
      {"/orders/today", "text/html; charset=utf-8", "no-cache"},
      {"/assets/index-DiwrgTda.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
      {"/assets/plain-document.css", "text/css; charset=utf-8", "no-cache"},
      {"/logo.png", "image/png", "no-cache"},
  };
  for (const auto& [path, type, caching] : table) {
    auto answer = get(path);
    CAF_CHECK_EQUAL(answer.status, 200);
    CAF_CHECK_EQUAL(answer.content_type, type);
    CAF_CHECK_EQUAL(header(answer, "Cache-Control"), caching);
    CAF_CHECK_EQUAL(header(answer, "ETag").size(), 34u);
  }
  CAF_CHECK_EQUAL(body(get("/orders/today")), page);
}

CAF_TEST(pages forbid frames and foreign scripts) { // H9
  auto policy = header(get("/"), "Content-Security-Policy");
  for (auto part : {"default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"})
    CAF_CHECK(policy.find(part) != std::string::npos);
  CAF_CHECK(policy.find("unsafe") == std::string::npos);
}

CAF_TEST(an unchanged file is not sent again) {
  auto tag = header(get("/"), "ETag");
  for (const auto& wanted : {tag, "\"x\", " + tag, "W/" + tag, std::string{"*"}}) {
    auto answer = get("/", {{"if-none-match", wanted}});
    CAF_CHECK_EQUAL(answer.status, 304);
    CAF_CHECK_EQUAL(header(answer, "ETag"), tag);
    CAF_CHECK(body(answer).empty());
  }
  CAF_CHECK_EQUAL(get("/", {{"if-none-match", "\"other\""}}).status, 200);
  write("www/index.html", page + "!");
  CAF_CHECK_EQUAL(get("/", {{"if-none-match", tag}}).status, 200);
}

CAF_TEST(gzip is sent to those who take it and tagged apart) {
  auto packed = get("/", {{"accept-encoding", "br, gzip;q=0.8"}});
  CAF_CHECK_EQUAL(header(packed, "Content-Encoding"), "gzip");
  CAF_CHECK_EQUAL(header(packed, "Vary"), "Accept-Encoding");
  CAF_CHECK_EQUAL(unzip(body(packed)), page);
  CAF_CHECK(header(packed, "ETag") != header(get("/"), "ETag"));
  for (auto accepted : {"", "br", "identity", "gzip;q=0", "gzip; q=0.0, br"}) {
    auto answer = get("/", {{"accept-encoding", accepted}});
    CAF_CHECK_EQUAL(header(answer, "Content-Encoding"), "");
    CAF_CHECK_EQUAL(header(answer, "Vary"), "Accept-Encoding");
  }
  CAF_CHECK_EQUAL(header(get("/logo.png", {{"accept-encoding", "gzip"}}), "Content-Encoding"), "");
}

CAF_TEST(nothing outside of the folder is served) {
  for (auto path : {"/../secret.txt", "/assets/../../secret.txt", "//secret.txt", "/link.txt", "/up/secret.txt",
                    "/up/www/index.html", "/..", "/./index.html", "/assets/index-DiwrgTda.js/", "/missing.js",
                    "/etc/passwd.txt", "/index.html\0.png"}) {
    auto answer = get(path);
    CAF_CHECK(body(answer).find("secret\n") == std::string::npos);
    CAF_CHECK(answer.status == 404 || body(answer) == page);
    CAF_CHECK(body(answer) != "secret");
  }
  CAF_CHECK_EQUAL(get("/missing.js").status, 404);
  CAF_CHECK_EQUAL(get("/../secret.txt").status, 404);
}

CAF_TEST(a missing folder is empty and not an error) {
  auto files = http::static_files{folder / "nowhere"};
  CAF_CHECK(files.empty());
  http::request in;
  in.path = "/";
  CAF_CHECK_EQUAL(files.serve(in).status, 404);
}

CAF_TEST_FIXTURE_SCOPE_END()
