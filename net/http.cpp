#include "net/http.hpp"

#include "net/detail/answer_sink.hpp"
#include "net/problem.hpp"

#include <algorithm>

namespace clique::http {

namespace {

class function_sink final : public answer_sink {
public:
  explicit function_sink(std::function<void(response)> then) : then_(std::move(then)) {
  }
  void deliver(response answer) override {
    then_(std::move(answer));
  }

private:
  std::function<void(response)> then_;
};

std::string_view trimmed(std::string_view x) {
  while (!x.empty() && (x.front() == ' ' || x.front() == '\t'))
    x.remove_prefix(1);
  while (!x.empty() && (x.back() == ' ' || x.back() == '\t'))
    x.remove_suffix(1);
  return x;
}

/// Value of *name* in one Cookie header (RFC 6265 section 5.4).
std::string_view cookie_in(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    auto end = std::min(text.find(';'), text.size());
    auto pair = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return pair.substr(equals + 1);
  }
  return {};
}

} // namespace

std::string_view to_string(method x) {
  switch (x) {
  case method::get:
    return "GET";
  case method::head:
    return "HEAD";
  case method::post:
    return "POST";
  case method::put:
    return "PUT";
  case method::patch:
    return "PATCH";
  case method::del:
    return "DELETE";
  case method::options:
    return "OPTIONS";
  }
  return "";
}

std::string_view request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

std::size_t request::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& x) { return x.first == name; }));
}

std::pair<std::string_view, bool> request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name)
      return {value, true};
  return {{}, false};
}

std::string_view request::cookie(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == "cookie")
      if (auto found = cookie_in(value, name); !found.empty())
        return found;
  return {};
}

responder::state::~state() {
  if (take())
    to->deliver(problem(500, "internal", "the request was given up without an answer",
                        "try again; tell the operator the request id when it happens twice", id));
}

void responder::operator()(response answer) const {
  if (state_ && state_->take())
    state_->to->deliver(std::move(answer));
}

responder make_responder(std::function<void(response)> then, std::string request_id) {
  auto sink = std::make_shared<function_sink>(std::move(then));
  return responder{std::make_shared<responder::state>(std::move(sink), std::move(request_id))};
}

void respond_all(std::vector<std::pair<responder, response>> answers) {
  std::map<const void*, std::vector<answer_sink::waiting>> homes;
  for (auto& [to, answer] : answers)
    if (to.state_ && to.state_->take())
      homes[to.state_->to->home()].emplace_back(to.state_->to, std::move(answer));
  for (auto& [home, waiting] : homes) {
    auto first = waiting.front().first;
    first->deliver_all(std::move(waiting));
  }
}

} // namespace clique::http
