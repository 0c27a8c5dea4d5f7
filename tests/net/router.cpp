#define CAF_SUITE router

#include "net/router.hpp"

#include <caf/test/unit_test.hpp>

#include <fmt/format.h>

using namespace clique;
using http::method;

namespace {

struct fixture {
  http::router routes;

  fixture() {
    for (auto pattern :
         {"/", "/stores", "/stores/{id}", "/stores/{id}/orders", "/stores/{id}/orders/{order}", "/stores/new",
          "/stores/new/form", "/stores/{id}/jobs/{feature}", "/api/{rest*}", "/trailing/"})
      add(method::get, pattern);
    add(method::post, "/stores");
    add(method::del, "/stores/{id}");
    add(method::head, "/stores/{id}/orders");
  }

  void add(method verb, std::string pattern) {
    routes.add({verb, pattern, {}, [this, verb, pattern](http::request in, http::responder out) {
                  auto seen = fmt::format("{} {}", http::to_string(verb), pattern);
                  for (const auto& [name, value] : in.params)
                    seen += fmt::format(" {}={}", name, value);
                  http::response answer;
                  answer.body = seen;
                  out(answer);
                }});
  }

  http::response ask(method verb, std::string path) {
    http::request in;
    in.verb = verb;
    in.path = std::move(path);
    http::response result;
    routes.dispatch(std::move(in), http::make_responder([&](http::response x) { result = std::move(x); }));
    return result;
  }

  std::string allow(const http::response& x) {
    for (const auto& [name, value] : x.headers)
      if (name == "Allow")
        return value;
    return "";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(router_tests, fixture)

CAF_TEST(a path finds its route and parameters) {
  const std::tuple<method, std::string, std::string> table[] = {
      {method::get, "/", "GET /"},
      {method::get, "/stores", "GET /stores"},
      {method::post, "/stores", "POST /stores"},
      {method::get, "/stores/7", "GET /stores/{id} id=7"},
      {method::del, "/stores/7", "DELETE /stores/{id} id=7"},
      {method::get, "/stores/new", "GET /stores/new"},
      {method::get, "/stores/new/form", "GET /stores/new/form"},
      {method::get, "/stores/new/orders", "GET /stores/{id}/orders id=new"},
      {method::get, "/stores/7/orders/8", "GET /stores/{id}/orders/{order} id=7 order=8"},
      {method::get, "/stores/7/jobs/price-sync", "GET /stores/{id}/jobs/{feature} feature=price-sync id=7"},
      {method::get, "/stores/a b\"%", "GET /stores/{id} id=a b\"%"},
      {method::head, "/stores/7", "GET /stores/{id} id=7"},
      {method::head, "/stores/7/orders", "HEAD /stores/{id}/orders id=7"},
      {method::get, "/api/v1/unknown", "GET /api/{rest*} rest=v1/unknown"},
      {method::get, "/trailing/", "GET /trailing/"},
  };
  for (const auto& [verb, path, expected] : table)
    CAF_CHECK_EQUAL(ask(verb, path).body, expected);
}

CAF_TEST(an unknown path is a 404 problem) {
  for (auto path : {"/store", "/stores/", "/stores//orders", "/stores/7/", "/stores/7/orders/8/9", "", "x", "//",
                    "/api", "/trailing", "/Stores"}) {
    auto answer = ask(method::get, path);
    CAF_CHECK_EQUAL(answer.status, 404);
    CAF_CHECK_EQUAL(answer.content_type, "application/problem+json");
  }
}

CAF_TEST(a wrong method is a 405 problem that lists the right ones) {
  auto answer = ask(method::put, "/stores/7");
  CAF_CHECK_EQUAL(answer.status, 405);
  CAF_CHECK_EQUAL(allow(answer), "GET, HEAD, DELETE, OPTIONS");
  CAF_CHECK_EQUAL(allow(ask(method::post, "/stores/7/orders")), "GET, HEAD, OPTIONS");
  CAF_CHECK_EQUAL(ask(method::get, "/stores/new").status, 200);
  CAF_CHECK_EQUAL(ask(method::del, "/stores/new").status, 405);
}

CAF_TEST(options answers itself) {
  auto answer = ask(method::options, "/stores");
  CAF_CHECK_EQUAL(answer.status, 204);
  CAF_CHECK_EQUAL(allow(answer), "GET, HEAD, POST, OPTIONS");
  CAF_CHECK_EQUAL(ask(method::options, "*").status, 204);
  CAF_CHECK_EQUAL(ask(method::options, "/nowhere").status, 404);
}

CAF_TEST(the fallback takes only reads that no route knows) {
  routes.fallback([](http::request, http::responder out) {
    http::response answer;
    answer.body = "page";
    out(answer);
  });
  CAF_CHECK_EQUAL(ask(method::get, "/orders/today").body, "page");
  CAF_CHECK_EQUAL(ask(method::head, "/orders/today").body, "page");
  CAF_CHECK_EQUAL(ask(method::post, "/orders/today").status, 405);
  CAF_CHECK_EQUAL(ask(method::put, "/stores").status, 405);
  CAF_CHECK_EQUAL(ask(method::get, "/api/x").body, "GET /api/{rest*} rest=x");
}

CAF_TEST(limits are known before the body) {
  routes.add({method::post, "/webhooks", {2u << 20}, [](http::request, http::responder) {}});
  CAF_CHECK_EQUAL(routes.find(method::post, "/webhooks")->limits.max_body, 2u << 20);
  CAF_CHECK(routes.find(method::get, "/webhooks") == nullptr);
  CAF_CHECK(routes.find(method::post, "/nowhere") == nullptr);
  CAF_CHECK_EQUAL(routes.all().size(), 14u);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST(a responder answers once) {
  auto answers = 0;
  auto out = http::make_responder([&](http::response) { ++answers; });
  auto copy = out;
  out({});
  copy({});
  CAF_CHECK_EQUAL(answers, 1);
}

CAF_TEST(a responder that is dropped answers 500) {
  auto status = 0;
  {
    auto out = http::make_responder([&](http::response x) { status = x.status; }, "r1");
    auto copy = out;
  }
  CAF_CHECK_EQUAL(status, 500);
}
