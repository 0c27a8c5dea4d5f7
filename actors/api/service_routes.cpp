// For operators and machines: liveness, readiness, metrics, the API's own description. Answered on the io thread, so
// that a database that hangs does not hide them.

#include "actors/api/gateway.hpp"
#include "net/problem.hpp"

#include <nlohmann/json.hpp>

namespace clique::api {

namespace {

const auto openapi_text = std::make_shared<const std::string>(
#include "openapi.inc"
);

http::response text(int status, std::string content_type, std::string body) {
  http::response result;
  result.status = status;
  result.content_type = std::move(content_type);
  result.headers.emplace_back("Cache-Control", "no-store");
  result.body = std::move(body);
  return result;
}

http::response ready(const gateway& x) {
  auto reasons = x.world.not_ready();
  auto status = reasons.empty() ? 200 : 503;
  return text(status, "application/json",
              nlohmann::json{{"ready", reasons.empty()}, {"reasons", std::move(reasons)}}.dump());
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

http::response metrics(const gateway& x, const http::request& in) {
  if (!is_loopback(in.remote) && !x.settings.metrics_public)
    return http::problem({ec::not_found, "there is nothing at this path", ""}, in.id);
  return text(200, "text/plain; version=0.0.4; charset=utf-8", x.world.metrics());
}

} // namespace

void mount_service(const gateway& x, http::router& into) {
  using http::method;
  using http::request;
  using http::responder;
  into.add({method::get, "/healthz", {}, [](request, responder out) {
              out(text(200, "application/json", R"({"alive":true})"));
            }});
  into.add({method::get, "/readyz", {}, [&x](request, responder out) { out(ready(x)); }});
  into.add({method::get, "/metrics", {}, [&x](request in, responder out) { out(metrics(x, in)); }});
  into.add({method::get, "/api/v1/openapi.json", {}, [](request, responder out) {
              http::response result;
              result.shared_body = openapi_text;
              out(std::move(result));
            }});
}

} // namespace clique::api
