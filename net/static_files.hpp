#pragma once

#include "net/http.hpp"

#include <filesystem>

namespace clique::http {

/// Serves a folder that is read into memory at start (gzip variants made once): ETag (strong, content hash), 304,
/// Cache-Control immutable for hashed names and no-cache for index.html, unknown paths without a dot
/// fall back to index.html (single-page app), strict content security policy. Never leaves the folder.
class static_files {
public:
  explicit static_files(const std::filesystem::path& folder);
  response serve(const request& in) const;
  bool empty() const;

private:
  struct impl;
  std::shared_ptr<const impl> impl_;
};

} // namespace clique::http
