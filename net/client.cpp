#include "net/client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <thread>

namespace clique::http {

namespace {

using callback = std::function<void(result<incoming_answer>)>;

struct free_curl {
  void operator()(CURL* x) const {
    curl_easy_cleanup(x);
  }
  void operator()(curl_slist* x) const {
    curl_slist_free_all(x);
  }
};

/// One request in flight; libcurl keeps pointers into it.
struct transfer {
  outgoing what;
  callback then;
  incoming_answer answer;
  std::unique_ptr<CURL, free_curl> handle;
  std::unique_ptr<curl_slist, free_curl> headers;
  std::size_t received = 0;  ///< decoded bytes
  bool is_head_done = false; ///< the empty line came; libcurl takes a head that is cut for a short one
  bool is_too_large = false, is_stopped = false;
};

std::string lower(std::string_view x) {
  auto result = std::string{x};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && (x.front() == ' ' || x.front() == '\t'))
    x.remove_prefix(1);
  while (!x.empty() && (x.back() == ' ' || x.back() == '\t' || x.back() == '\r' || x.back() == '\n'))
    x.remove_suffix(1);
  return x;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& x = *static_cast<transfer*>(user);
  auto line = std::string_view{data, size};
  if (line.starts_with("HTTP/")) { // an interim answer before the real one leaves nothing behind
    x.answer.headers.clear();
    x.is_head_done = false;
    return size;
  }
  x.is_head_done = x.is_head_done || line == "\r\n" || line == "\n";
  if (auto colon = line.find(':'); colon != std::string_view::npos)
    x.answer.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  return size;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& x = *static_cast<transfer*>(user);
  x.received += size;
  if (x.received > x.what.max_answer) {
    x.is_too_large = true;
    return CURL_WRITEFUNC_ERROR;
  }
  if (!x.what.on_data) {
    x.answer.body.append(data, size);
    return size;
  }
  if (x.what.on_data({data, size}))
    return size;
  x.is_stopped = true;
  return CURL_WRITEFUNC_ERROR;
}

/// Text from tenants must not become a header or a second request.
bool is_clean(std::string_view x) {
  return std::none_of(x.begin(), x.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
}

/// Host and path for messages; the query may hold secrets.
std::string_view shown(std::string_view url) {
  return url.substr(0, std::min(url.find('?'), url.size()));
}

error to_error(const transfer& x, CURLcode code) {
  auto url = shown(x.what.url);
  auto sent_after = curl_off_t{0}; // microseconds until the connection was ready for the request
  curl_easy_getinfo(x.handle.get(), CURLINFO_PRETRANSFER_TIME_T, &sent_after);
  auto was_sent = sent_after > 0;
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    if (was_sent)
      return {ec::timed_out, fmt::format("{} did not answer within {} ms", url, x.what.total_limit.count()),
              "the request may have taken effect: read back before repeating it"};
    return {ec::unavailable, fmt::format("{} could not be reached in time", url), "try again later"};
  case CURLE_OK: // only for a head that was cut
    return {ec::unavailable, fmt::format("{}: the answer was cut", url), "try again later"};
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
    if (was_sent)
      return {ec::unavailable, fmt::format("{} does not answer in HTTP/1.1", url), "check the configured address"};
    return {ec::bad_input, fmt::format("{} is no http or https address", url), "correct the configured address"};
  default:
    return {ec::unavailable, fmt::format("{}: {}", url, curl_easy_strerror(code)), "try again later"};
  }
}

void prepare(transfer& x) {
  auto* handle = x.handle.get();
  auto set = [&](auto option, auto value) { curl_easy_setopt(handle, option, value); };
  set(CURLOPT_URL, x.what.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(x.what.connect_limit.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(x.what.total_limit.count()));
  set(CURLOPT_FRESH_CONNECT, x.what.fresh_connection ? 1L : 0L);
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, &x);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, &x);
  set(CURLOPT_PRIVATE, &x);
  if (x.what.verb == method::head)
    set(CURLOPT_NOBODY, 1L);
  else if (x.what.verb != method::get || !x.what.body.empty()) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(x.what.body.size()));
    set(CURLOPT_POSTFIELDS, x.what.body.data());
    set(CURLOPT_CUSTOMREQUEST, to_string(x.what.verb).data()); // views of literals: terminated
  }
  auto add = [&](const std::string& line) { x.headers.reset(curl_slist_append(x.headers.release(), line.c_str())); };
  add("Expect:"); // no round trip for a 100 Continue
  add("User-Agent: clique");
  for (const auto& [name, value] : x.what.headers)
    add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  set(CURLOPT_HTTPHEADER, x.headers.get());
}

} // namespace

std::string_view incoming_answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

struct client::impl {
  explicit impl(int per_host) : multi(curl_multi_init()) {
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(per_host));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 256L);
  }

  void run();
  void begin(outgoing what, callback then);
  void finish_done();
  void give_up();

  CURLM* multi;
  std::list<transfer> running; ///< driver thread only
  std::mutex mutex;
  std::vector<std::pair<outgoing, callback>> inbox;
  bool is_over = false;
  std::thread driver;
};

void client::impl::begin(outgoing what, callback then) {
  auto is_bad = !is_clean(what.url);
  for (const auto& [name, value] : what.headers)
    is_bad =
        is_bad || name.empty() || name.find_first_of(": ") != std::string::npos || !is_clean(name) || !is_clean(value);
  if (is_bad)
    return then(error{ec::bad_input, fmt::format("a header for {} contains control characters", shown(what.url)),
                      "remove line breaks from the value"});
  auto& x = running.emplace_back();
  x.what = std::move(what);
  x.then = std::move(then);
  x.handle.reset(curl_easy_init());
  prepare(x);
  curl_multi_add_handle(multi, x.handle.get());
}

void client::impl::finish_done() {
  auto left = 0;
  while (auto* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    auto code = message->data.result; // the message dies with the handle's removal
    transfer* done = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
    auto status = 0L;
    curl_easy_getinfo(done->handle.get(), CURLINFO_RESPONSE_CODE, &status);
    done->answer.status = static_cast<int>(status);
    auto outcome = result<incoming_answer>{error{}};
    if (done->is_too_large)
      outcome = error{ec::too_large,
                      fmt::format("{} answered with more than {} bytes", shown(done->what.url), done->what.max_answer),
                      "ask for less at once"};
    else if ((code == CURLE_OK && done->is_head_done) || done->is_stopped)
      outcome = std::move(done->answer);
    else
      outcome = to_error(*done, code);
    curl_multi_remove_handle(multi, done->handle.get());
    auto then = std::move(done->then);
    running.remove_if([&](const transfer& x) { return &x == done; });
    then(std::move(outcome));
  }
}

void client::impl::give_up() {
  auto stopped = error{ec::unavailable, "the server is stopping", "try again later"};
  for (auto& x : running) {
    curl_multi_remove_handle(multi, x.handle.get());
    x.then(stopped);
  }
  running.clear();
  for (auto& [what, then] : inbox) // nobody adds to it any more
    then(stopped);
  inbox.clear();
  curl_multi_cleanup(multi);
}

void client::impl::run() {
  while (true) {
    std::vector<std::pair<outgoing, callback>> fresh;
    {
      auto guard = std::lock_guard{mutex};
      if (is_over)
        break;
      fresh.swap(inbox);
    }
    for (auto& [what, then] : fresh)
      begin(std::move(what), std::move(then));
    auto busy = 0;
    curl_multi_perform(multi, &busy);
    finish_done();
    curl_multi_poll(multi, nullptr, 0, 1'000, nullptr); // woken by send()
  }
  give_up();
}

client::client(int connections_per_host) {
  static const auto is_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(is_ready);
  impl_ = std::make_unique<impl>(connections_per_host);
  impl_->driver = std::thread{[x = impl_.get()] { x->run(); }};
}

client::~client() {
  {
    auto guard = std::lock_guard{impl_->mutex};
    impl_->is_over = true;
  }
  curl_multi_wakeup(impl_->multi);
  impl_->driver.join();
}

void client::send(outgoing what, callback then) {
  auto guard = std::unique_lock{impl_->mutex};
  if (impl_->is_over) {
    guard.unlock();
    return then(error{ec::unavailable, "the server is stopping", "try again later"});
  }
  impl_->inbox.emplace_back(std::move(what), std::move(then));
  curl_multi_wakeup(impl_->multi);
}

} // namespace clique::http
