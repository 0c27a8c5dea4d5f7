#define CAF_SUITE shopify_mutations

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/shopify_facts.hpp"

#include <functional>

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;
using nlohmann::json;

namespace {

const currency usd{"USD"};

/// Raw texts that stand for a value of another type or of no sensible size.
const std::vector<std::string> strange = {"null",
                                          "true",
                                          "0",
                                          "-1",
                                          "5.0",
                                          "9223372036854775807",
                                          "18446744073709551615",
                                          "1e308",
                                          "-0.0",
                                          "\"\"",
                                          "\"x\"",
                                          "\"1e5\"",
                                          "\"-5\"",
                                          "[]",
                                          "[null]",
                                          "[[]]",
                                          "{}",
                                          "{\"shop_money\":null}",
                                          "\"\\u0000\"",
                                          "\"9999-12-31T23:59:59Z\"",
                                          "\"0000-00-00T00:00:00Z\"",
                                          "\"99999999999999999999.99\"",
                                          "\"\xf0\x9f\x92\xb8\"",
                                          "{\"nodes\":{}}",
                                          "{\"pageInfo\":{\"hasNextPage\":true},\"nodes\":[]}"};

/// Visits every place of *root*, the root's members first.
void each_place(const json& root, const json::json_pointer& at,
                const std::function<void(const json::json_pointer&)>& visit) {
  auto& here = root[at];
  if (here.is_object())
    for (auto& [key, value] : here.items()) {
      visit(at / key);
      each_place(root, at / key, visit);
    }
  if (here.is_array())
    for (std::size_t i = 0; i < here.size(); ++i) {
      visit(at / i);
      each_place(root, at / i, visit);
    }
}

struct tally {
  int results = 0, errors = 0;
};

/// Puts every strange value at every place, removes it and doubles it; *read* says the error's text, empty for a
/// result.
tally mutate(const json& root, const std::function<std::string(const std::string&)>& read) {
  constexpr auto mark = "@mark@";
  tally result;
  auto take = [&](const std::string& body) {
    auto problem = read(body);
    problem.empty() ? ++result.results : ++result.errors;
  };
  each_place(root, json::json_pointer(), [&](const json::json_pointer& place) {
    auto marked = root;
    marked[place] = mark;
    auto text = marked.dump();
    auto at = text.find(std::string("\"") + mark + "\"");
    for (auto& value : strange)
      take(std::string(text).replace(at, std::string(mark).size() + 2, value));

    auto removed = root;
    auto& parent = removed[place.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(place.back());
      take(removed.dump());
      auto added = root;
      added[place.parent_pointer()]["never_seen_before"] = root;
      take(added.dump());
    }
  });
  return result;
}

template <class T>
std::string problem_of(const result<T>& got) {
  if (got)
    return {};
  if (got.error().what.empty())
    CAF_FAIL("an error without a word");
  return got.error().what;
}

} // namespace

CAF_TEST(C14 an order body with any field strange or gone is a result or a clean error) {
  auto root = json::parse(fixture("order_rest.json"));
  auto got = mutate(root, [](const std::string& body) {
    auto got = parse_order(body);
    if (got.has_error() && got.error().code != ec::bad_input)
      CAF_FAIL("not the sender's fault?");
    return problem_of(got);
  });
  CAF_MESSAGE(got.results << " results and " << got.errors << " errors");
  CAF_CHECK_GREATER(got.results, 1000);
  CAF_CHECK_GREATER(got.errors, 500);
}

CAF_TEST(C14 a GraphQL order with any field strange or gone is a result or a clean error) {
  auto root = json::parse(fixture("order_graphql.json"));
  auto got = mutate(root, [](const std::string& body) {
    return problem_of(read_answer(read_order{1}, answer_of(200, body), usd).got);
  });
  CAF_MESSAGE(got.results << " results and " << got.errors << " errors");
  CAF_CHECK_GREATER(got.results, 1000);
  CAF_CHECK_GREATER(got.errors, 500);
}

CAF_TEST(C14 products with any field strange or gone are results or clean errors) {
  auto rest = mutate(json::parse(fixture("product_rest.json")),
                     [](const std::string& body) { return problem_of(parse_product(body, usd)); });
  CAF_CHECK_GREATER(rest.results, 100);
  CAF_CHECK_GREATER(rest.errors, 100);
  auto graph = mutate(json::parse(fixture("products_graphql.json")), [](const std::string& body) {
    return problem_of(read_answer(read_products{}, answer_of(200, body), usd).got);
  });
  CAF_CHECK_GREATER(graph.results, 100);
  CAF_CHECK_GREATER(graph.errors, 100);
}

CAF_TEST(C14 a fact that was read is within the bounds that the ledger relies on) {
  auto root = json::parse(fixture("order_rest.json"));
  constexpr std::int64_t largest = 100'000'000'000'000;
  mutate(root, [](const std::string& body) {
    auto got = parse_order(body);
    if (!got)
      return problem_of(got);
    for (auto minor :
         {got->total, got->subtotal, got->tax, got->discounts, got->shipping, got->tips, got->current_total})
      if (minor > largest || minor < -largest)
        CAF_FAIL("an amount beyond all bounds");
    for (auto& line : got->lines)
      if (line.id <= 0 || line.quantity > 1'000'000'000)
        CAF_FAIL("a line beyond all bounds");
    return std::string();
  });
}

CAF_TEST(C4 no prefix of a body is an order) {
  auto whole = json::parse(fixture("order_rest.json")).dump();
  for (std::size_t n = 0; n < whole.size(); ++n)
    CAF_REQUIRE(parse_order(whole.substr(0, n)).has_error());
  CAF_CHECK(parse_order(whole).has_value());
}

CAF_TEST(nesting as deep as it likes does not exhaust the stack) {
  for (int depth : {100, 2000, 100'000}) {
    auto deep = std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
    auto body = "{\"id\":1,\"properties\":" + deep + "}";
    auto got = parse_webhook("orders/delete", body, usd);
    CAF_CHECK_EQUAL(got.has_value(), depth < 1000);
  }
}
