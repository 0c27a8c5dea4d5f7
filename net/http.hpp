#pragma once

// HTTP values, without Beast.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clique::http {

enum class method : std::uint8_t { get, head, post, put, patch, del, options };
std::string_view to_string(method x);

struct request {
  method verb = method::get;
  std::string target;                                       ///< as received
  std::string path;                                         ///< percent-decoded, no query
  std::vector<std::pair<std::string, std::string>> query;   ///< decoded, in order, duplicates kept
  std::string raw_query;                                    ///< as received, without '?'
  std::vector<std::pair<std::string, std::string>> headers; ///< names lower-case, in order
  std::string body;
  std::string remote;                                     ///< peer address, without port
  std::string id;                                         ///< request id (ours), for logs and problems
  std::map<std::string, std::string, std::less<>> params; ///< `{name}` segments of the matched route

  /// First header of that lower-case name; empty when absent.
  std::string_view header(std::string_view name) const;
  /// How often the header occurs.
  std::size_t count(std::string_view name) const;
  /// First query value; nullopt-like: second is false when absent.
  std::pair<std::string_view, bool> query_value(std::string_view name) const;
  /// Cookie of that name; empty when absent.
  std::string_view cookie(std::string_view name) const;
};

struct response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const std::string> shared_body; ///< used instead of body when set (static files, metrics)
};

/// Answers one request, once, from any thread. Copies share the one shot; a responder that is
/// destroyed unanswered answers 500.
class responder {
public:
  struct state;
  responder() = default;
  explicit responder(std::shared_ptr<state> x) : state_(std::move(x)) {
  }
  void operator()(response answer) const;

private:
  friend void respond_all(std::vector<std::pair<responder, response>> answers);
  std::shared_ptr<state> state_;
};

/// A responder that calls *then* with the one answer, on the answering thread: for tests and for callers without a
/// socket.
responder make_responder(std::function<void(response)> then, std::string request_id = "");

/// Answers many with one wake-up per io thread (the webhook path's group commits).
void respond_all(std::vector<std::pair<responder, response>> answers);

/// Called on an io thread; must not block.
using handler = std::function<void(request, responder)>;

} // namespace clique::http
