#include "net/static_files.hpp"

#include "net/crypto.hpp"
#include "net/problem.hpp"

#include <spdlog/spdlog.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

namespace clique::http {

namespace {

namespace fs = std::filesystem;

/// The page loads nothing from elsewhere, nobody frames it, and no script or style stands in the markup.
constexpr auto policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                        "img-src 'self' data:; object-src 'none'";

struct media {
  std::string_view extension, type;
  bool compresses;
};
constexpr media known[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".webmanifest", "application/manifest+json", true},
    {".ico", "image/x-icon", false},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".woff2", "font/woff2", false},
};

media media_of(const fs::path& file) {
  auto extension = file.extension().string();
  auto found =
      std::find_if(std::begin(known), std::end(known), [&](const media& x) { return x.extension == extension; });
  return found == std::end(known) ? media{"", "application/octet-stream", false} : *found;
}

/// Vite's "name-8characters.js": eight of base64url, not a plain word.
bool is_hashed(const fs::path& file) {
  auto stem = file.stem().string();
  if (stem.size() < 10 || stem[stem.size() - 9] != '-')
    return false;
  auto hash = std::string_view{stem}.substr(stem.size() - 8);
  auto is_lower = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return std::all_of(hash.begin(), hash.end(), is_allowed) && !std::all_of(hash.begin(), hash.end(), is_lower);
}

std::optional<std::string> gzip(const std::string& text) {
  z_stream stream{};
  constexpr auto gzip_window = 15 + 16; // zlib.h: 16 asks for a gzip header
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  auto result = std::string(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  auto is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  result.resize(stream.total_out);
  deflateEnd(&stream);
  if (!is_done || result.size() >= text.size())
    return std::nullopt;
  return result;
}

/// What is sent for a file in one encoding.
struct variant {
  std::shared_ptr<const std::string> body;
  std::string tag; ///< with quotes
  std::vector<std::pair<std::string, std::string>> headers;
};

struct entry {
  std::string type;
  variant plain;
  std::optional<variant> zipped;
};

entry load(const fs::path& file, std::string text) {
  auto kind = media_of(file);
  auto hash = to_hex(sha256(text)).substr(0, 32);
  auto caching = is_hashed(file) ? "public, max-age=31536000, immutable" : "no-cache";
  auto finish = [&](std::string body, std::string tag, bool is_zipped) {
    variant result;
    result.body = std::make_shared<const std::string>(std::move(body));
    result.tag = "\"" + std::move(tag) + "\"";
    result.headers = {{"ETag", result.tag}, {"Cache-Control", caching}};
    if (kind.compresses)
      result.headers.emplace_back("Vary", "Accept-Encoding");
    if (is_zipped)
      result.headers.emplace_back("Content-Encoding", "gzip");
    if (kind.extension == ".html" || kind.extension == ".svg")
      result.headers.emplace_back("Content-Security-Policy", policy);
    return result;
  };
  entry result;
  result.type = kind.type;
  if (kind.compresses)
    if (auto packed = gzip(text))
      result.zipped = finish(std::move(*packed), hash + "-gz", true);
  result.plain = finish(std::move(text), hash, false);
  return result;
}

/// Whether gzip is listed and not switched off by q=0.
bool takes_gzip(std::string_view accepted) {
  auto at = accepted.find("gzip");
  if (at == std::string_view::npos)
    return false;
  auto rest = accepted.substr(at + 4);
  rest = rest.substr(0, rest.find(','));
  auto q = rest.find("q=0");
  return q == std::string_view::npos || rest.find_first_of("123456789", q) != std::string_view::npos;
}

/// RFC 9110 section 13.1.2, weak comparison.
bool matches(std::string_view wanted, std::string_view tag) {
  return wanted == "*" || wanted.find(tag) != std::string_view::npos;
}

} // namespace

struct static_files::impl {
  std::map<std::string, entry, std::less<>> files; ///< by path, "/assets/x.js"

  const entry* find(std::string_view path) const {
    auto found = files.find(path == "/" ? "/index.html" : path);
    if (found == files.end() && path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos)
      found = files.find("/index.html");
    return found == files.end() ? nullptr : &found->second;
  }
};

static_files::static_files(const fs::path& folder) {
  auto made = std::make_shared<impl>();
  std::error_code failed;
  for (auto at = fs::recursive_directory_iterator{folder, failed}; !failed && at != fs::recursive_directory_iterator{};
       at.increment(failed)) {
    if (at->is_symlink(failed) || !at->is_regular_file(failed)) // a link may lead out of the folder
      continue;
    auto stream = std::ifstream{at->path(), std::ios::binary};
    auto text = std::string{std::istreambuf_iterator<char>{stream}, {}};
    auto name = "/" + at->path().lexically_relative(folder).generic_string();
    made->files.emplace(std::move(name), load(at->path(), std::move(text)));
  }
  if (failed)
    spdlog::warn("static files: {} cannot be read: {}", folder.string(), failed.message());
  impl_ = std::move(made);
}

response static_files::serve(const request& in) const {
  auto found = impl_->find(in.path);
  if (found == nullptr)
    return problem(404, "not_found", "there is no such file", "check the address", in.id);
  const auto& chosen = found->zipped && takes_gzip(in.header("accept-encoding")) ? *found->zipped : found->plain;
  response result;
  result.content_type = found->type;
  result.headers = chosen.headers;
  if (matches(in.header("if-none-match"), chosen.tag))
    result.status = 304;
  else
    result.shared_body = chosen.body;
  return result;
}

bool static_files::empty() const {
  return impl_->files.empty();
}

} // namespace clique::http
