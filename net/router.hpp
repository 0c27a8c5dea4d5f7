#pragma once

#include "net/http.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clique::http {

struct route_limits {
  std::size_t max_body = 256 * 1024; ///< bytes; webhooks allow 2 MiB (faults section 5)
};

struct route {
  method verb;
  std::string pattern; ///< "/api/v1/stores/{id}/orders/{order}"
  route_limits limits;
  handler run;
};

/// Segment trie. Literal segments win over `{name}`. 404 and 405 (with Allow) are problem documents;
/// HEAD is served by GET; a trailing slash is another path.
class router {
public:
  router();
  ~router();
  /// Asserts that the pattern is well-formed and that the same verb is not routed there yet.
  void add(route x);
  /// Answers GET and HEAD of paths that no route knows, instead of 404: the single-page app. A route whose last
  /// segment is `{name*}` takes the rest of the path and keeps a subtree (such as /api) from falling back.
  void fallback(handler run);
  /// Limits for a request line, before its body is read; nullptr when nothing matches.
  const route* find(method verb, std::string_view path, request* fill = nullptr) const;
  /// Methods allowed at *path*, for 405 and OPTIONS.
  std::vector<method> allowed(std::string_view path) const;
  void dispatch(request in, responder out) const;
  /// All routes, for the contract test and the access matrix.
  const std::vector<route>& all() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace clique::http
