#include "net/router.hpp"

#include "net/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

namespace clique::http {

namespace {

/// Handlers by verb at one pattern, with the names that the pattern gives to its parameters.
struct leaf {
  std::vector<std::size_t> routes; ///< indices into the table
  std::vector<std::string> names;
};

struct node {
  std::map<std::string, std::unique_ptr<node>, std::less<>> literals;
  std::unique_ptr<node> parameter;
  std::optional<leaf> here;
  std::optional<leaf> rest; ///< `{name*}`: the remainder, at least one segment
};

/// A wrong table is our bug and shows at the first start.
void must(bool ok, std::string_view pattern, std::string_view why) {
  if (ok)
    return;
  fmt::print(stderr, "route {}: {}\n", pattern, why);
  std::abort();
}

/// Segment up to the next slash; *path* starts behind a slash.
std::string_view segment(std::string_view path) {
  return path.substr(0, path.find('/'));
}

bool is_parameter(std::string_view x) {
  return x.size() > 2 && x.front() == '{' && x.back() == '}';
}

/// Depth first, literals before parameters before remainders; *values* collects what parameters took.
const leaf* match(const node& at, std::string_view path, std::vector<std::string_view>& values) {
  auto head = segment(path);
  auto is_last = head.size() == path.size();
  auto descend = [&](const node& child) -> const leaf* {
    if (is_last)
      return child.here ? &*child.here : nullptr;
    return match(child, path.substr(head.size() + 1), values);
  };
  if (auto literal = at.literals.find(head); literal != at.literals.end())
    if (auto found = descend(*literal->second))
      return found;
  if (at.parameter && !head.empty()) {
    values.push_back(head);
    if (auto found = descend(*at.parameter))
      return found;
    values.pop_back();
  }
  if (at.rest) {
    values.push_back(path);
    return &*at.rest;
  }
  return nullptr;
}

const route* pick(const std::vector<route>& table, const leaf& x, method verb) {
  auto of = [&](method wanted) -> const route* {
    for (auto i : x.routes)
      if (table[i].verb == wanted)
        return &table[i];
    return nullptr;
  };
  auto found = of(verb);
  return found == nullptr && verb == method::head ? of(method::get) : found;
}

std::string allow_header(const std::vector<method>& verbs) {
  std::string result;
  for (auto x : verbs)
    result += fmt::format("{}{}", result.empty() ? "" : ", ", to_string(x));
  return result;
}

} // namespace

struct router::impl {
  std::vector<route> routes;
  node root;
  handler fallback;

  const leaf* find(std::string_view path, std::vector<std::string_view>& values) const {
    if (path.empty() || path.front() != '/')
      return nullptr;
    return match(root, path.substr(1), values);
  }
};

router::router() : impl_(std::make_unique<impl>()) {
}

router::~router() = default;

void router::add(route x) {
  auto& routes = impl_->routes;
  const auto& kept = routes.emplace_back(std::move(x));
  auto rest = std::string_view{kept.pattern};
  must(rest.starts_with('/'), kept.pattern, "does not start with a slash");
  rest.remove_prefix(1);
  auto at = &impl_->root;
  std::vector<std::string> names;
  std::optional<leaf>* place = nullptr;
  while (place == nullptr) {
    auto head = segment(rest);
    auto is_last = head.size() == rest.size();
    if (is_parameter(head) && head[head.size() - 2] == '*') {
      must(is_last, kept.pattern, "has segments behind its remainder");
      names.emplace_back(head.substr(1, head.size() - 3));
      place = &at->rest;
      break;
    }
    if (is_parameter(head))
      names.emplace_back(head.substr(1, head.size() - 2));
    auto& child = is_parameter(head) ? at->parameter : at->literals[std::string{head}];
    if (!child)
      child = std::make_unique<node>();
    at = child.get();
    if (is_last)
      place = &at->here;
    else
      rest.remove_prefix(head.size() + 1);
  }
  if (!*place)
    place->emplace(leaf{{}, std::move(names)});
  else
    must((*place)->names == names, kept.pattern, "names its parameters differently from an earlier route");
  auto is_same = [&](std::size_t i) { return routes[i].verb == kept.verb; };
  must(std::none_of((*place)->routes.begin(), (*place)->routes.end(), is_same), kept.pattern, "is routed twice");
  (*place)->routes.push_back(routes.size() - 1);
}

void router::fallback(handler run) {
  impl_->fallback = std::move(run);
}

const route* router::find(method verb, std::string_view path, request* fill) const {
  std::vector<std::string_view> values;
  auto found = impl_->find(path, values);
  if (found == nullptr)
    return nullptr;
  auto result = pick(impl_->routes, *found, verb);
  if (result != nullptr && fill != nullptr)
    for (std::size_t i = 0; i < values.size(); ++i)
      fill->params.insert_or_assign(found->names[i], std::string{values[i]});
  return result;
}

std::vector<method> router::allowed(std::string_view path) const {
  std::vector<std::string_view> values;
  auto found = impl_->find(path, values);
  if (found == nullptr)
    return impl_->fallback ? std::vector{method::get, method::head, method::options} : std::vector<method>{};
  std::vector<method> result;
  const auto& routes = impl_->routes;
  for (auto i : found->routes) {
    result.push_back(routes[i].verb);
    if (routes[i].verb == method::get && pick(routes, *found, method::head) == &routes[i])
      result.push_back(method::head);
  }
  if (pick(routes, *found, method::options) == nullptr)
    result.push_back(method::options);
  return result;
}

void router::dispatch(request in, responder out) const {
  if (auto found = find(in.verb, in.path, &in))
    return found->run(std::move(in), std::move(out));
  if (in.path == "*") {
    response result{204, "", {{"Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}}, "", nullptr};
    return out(std::move(result));
  }
  std::vector<std::string_view> values;
  auto is_known = impl_->find(in.path, values) != nullptr;
  if (!is_known && impl_->fallback && (in.verb == method::get || in.verb == method::head))
    return impl_->fallback(std::move(in), std::move(out));
  auto verbs = allowed(in.path);
  if (verbs.empty())
    return out(problem(404, "not_found", fmt::format("there is nothing at {}", in.path.substr(0, 200)),
                       "check the address; /api/v1/openapi.json lists the paths of the API", in.id));
  if (in.verb == method::options)
    return out(response{204, "", {{"Allow", allow_header(verbs)}}, "", nullptr});
  auto answer = problem(405, "method_not_allowed",
                        fmt::format("{} is not possible at {}", to_string(in.verb), in.path.substr(0, 200)),
                        fmt::format("use one of {}", allow_header(verbs)), in.id);
  answer.headers.emplace_back("Allow", allow_header(verbs));
  out(std::move(answer));
}

const std::vector<route>& router::all() const {
  return impl_->routes;
}

} // namespace clique::http
