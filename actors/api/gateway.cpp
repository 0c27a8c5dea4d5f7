#include "actors/api/gateway.hpp"

#include "net/crypto.hpp"
#include "net/problem.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace clique::api {

namespace {

using http::method;

bool changes_something(method verb) {
  return verb != method::get && verb != method::head && verb != method::options;
}

/// Cross-site request forgery: a cookie is not enough for a change. The token and, where the browser says it, the
/// origin must be ours (faults G7).
result<void> check_csrf(const options& settings, const http::request& in, const identity& who) {
  if (!changes_something(in.verb) || who.csrf.empty())
    return {};
  auto origin = in.header("origin");
  auto host = fmt::format("http://{}", in.header("host"));
  if (!origin.empty() && origin != settings.public_url && origin != host)
    return error{ec::forbidden, "the request comes from another site", "use the dashboard of this server"};
  if (!equal_secret(in.header("x-csrf-token"), who.csrf))
    return error{ec::forbidden, "the X-CSRF-Token header is missing or wrong",
                 "send the `csrf` value of /api/v1/me in it"};
  return {};
}

result<store_id> store_of(const http::request& in) {
  auto at = in.params.find("id");
  std::int64_t number = 0;
  if (at != in.params.end()) {
    const auto& text = at->second;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status == std::errc{} && end == text.data() + text.size() && number > 0)
      return store_id{number};
  }
  return error{ec::not_found, "there is no such store", "see /api/v1/stores"};
}

role least_role(access x) {
  return x == access::owner ? role::owner : x == access::analyst ? role::analyst : role::viewer;
}

/// Checks the caller and, for store routes, their role there. A store of somebody else does not exist (404).
result<void> admit(const call_ptr& x, access needs, accounts& people) {
  if (needs == access::anyone)
    return {};
  const auto& settings = x->owner->settings;
  auto who = authenticate(settings, x->in, people, x->owner->world.wall());
  if (!who)
    return who.error();
  x->who = std::move(*who);
  if (auto ok = check_csrf(settings, x->in, x->who); !ok)
    return ok.error();
  if (needs == access::user)
    return {};
  auto store = store_of(x->in);
  if (!store)
    return store.error();
  x->store = *store;
  auto as = role_in(x->who, x->store);
  if (!as)
    return error{ec::not_found, "there is no such store", "see /api/v1/stores"};
  x->as = *as;
  if (*as < least_role(needs))
    return error{ec::forbidden,
                 fmt::format("this needs the role {}; yours is {}", to_string(least_role(needs)), to_string(*as)),
                 "ask the store's owner"};
  return {};
}

} // namespace

std::string cookie_name(const options& x) {
  return x.public_url.starts_with("https://") ? "__Host-clique" : "clique";
}

std::string cookie_header(const options& x, std::string_view secret, bool ended) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}{}", cookie_name(x), secret,
                     x.public_url.starts_with("https://") ? "; Secure" : "", ended ? "; Max-Age=0" : "");
}

void answer(const call_ptr& to, int status, std::string json) {
  http::response result;
  result.status = status;
  result.headers.emplace_back("Cache-Control", "no-store");
  result.body = std::move(json);
  to->out(std::move(result));
}

void refuse(const call_ptr& to, const error& why, const std::map<std::string, std::string>& fields) {
  to->out(http::problem(why, to->in.id, fields));
}

result<void> need_json_object(const http::request& in) {
  if (!in.header("content-type").starts_with("application/json"))
    return error{ec::unsupported, "the body must be JSON", "send Content-Type: application/json"};
  auto parsed = nlohmann::json::parse(in.body, nullptr, false);
  if (!parsed.is_object())
    return error{ec::bad_input, "the body is not a JSON object", "see /api/v1/openapi.json"};
  return {};
}

result<view_query> query_of(const http::request& in) {
  view_query result;
  for (const auto& [name, value] : in.query)
    if (!result.emplace(name, value).second)
      return error{ec::bad_input, fmt::format("the parameter '{}' is given twice", name), "give it once"};
  return result;
}

result<identity> authenticate(const options& settings, const http::request& in, accounts& people, time_point now) {
  constexpr std::string_view bearer = "Bearer ";
  if (auto given = in.header("authorization"); given.starts_with(bearer))
    return people.api_key(given.substr(bearer.size()), now);
  auto secret = in.cookie(cookie_name(settings));
  if (secret.empty())
    return error{ec::unauthorized, "you are not signed in", "sign in at /, or send Authorization: Bearer <API key>"};
  return people.session(secret, now);
}

void gateway::mount(http::router& into) const {
  mount_service(*this, into);
  for (const auto& row : all_routes()) {
    auto run = [this, row](http::request in, http::responder out) {
      auto call = std::make_shared<call_context>(call_context{this, std::move(in), std::move(out), {}, {}, {}});
      auto task = [call, row](desk_storage& storage) {
        if (auto ok = admit(call, row.needs, storage.people); !ok)
          return refuse(call, ok.error());
        row.run(call, storage);
      };
      auto& where = row.pattern == "/auth/login" ? *hashing : *ordinary;
      if (!where.post(std::move(task)))
        refuse(call, {ec::unavailable, "too many requests are waiting", "try again in a few seconds"});
    };
    into.add({row.verb, std::string{row.pattern}, {}, std::move(run)});
  }
}

std::vector<api_route> all_routes() {
  std::vector<api_route> result;
  for (auto part : {auth_routes(), oauth_routes(), store_routes(), key_routes()})
    result.insert(result.end(), part.begin(), part.end());
  return result;
}

} // namespace clique::api
