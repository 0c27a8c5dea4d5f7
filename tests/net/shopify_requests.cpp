#define CAF_SUITE shopify_requests

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/shopify_facts.hpp"

#include <cctype>
#include <cstdlib>

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;
using nlohmann::json;

namespace {

const currency usd{"USD"};

app_credentials app(std::vector<std::string> scopes = {"read_orders", "read_products", "read_inventory",
                                                       "read_customers"}) {
  app_credentials result;
  result.base_url = "http://127.0.0.1:9/{shop}/";
  result.scopes = std::move(scopes);
  return result;
}

json body_of(const call& what, const app_credentials& by = app()) {
  return json::parse(to_request(by, "a.myshopify.com", "shpat_1", what).body);
}

std::string text(const json& x) {
  return x.is_string() ? x.get<std::string>() : x.dump();
}

std::string query_of(const call& what, const app_credentials& by = app()) {
  return body_of(what, by)["query"];
}

/// The cost rule of apis section 3: scalars 0, objects 1, connections as many nodes as `first` says. A list without a
/// size counts as one. Reads the text of a query, since what is sent is what is priced.
class pricing {
public:
  explicit pricing(std::string_view text) : text_(text) {
  }

  int cost() {
    while (at_ < text_.size() && text_[at_] != '{')
      text_[at_] == '(' ? skip_arguments() : void(++at_);
    return selection();
  }

private:
  void skip_arguments() {
    first_ = 0;
    auto end = text_.find(')', at_);
    auto inside = text_.substr(at_, end - at_);
    if (auto first = inside.find("first: "); first != std::string_view::npos)
      first_ = std::atoi(inside.data() + first + 7);
    at_ = end + 1;
  }

  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  }

  /// Cost of the fields between braces; at_ stands on '{'.
  int selection() {
    int sum = 0;
    ++at_;
    while (text_[at_] != '}') {
      if (text_.substr(at_).starts_with("... on ")) {
        at_ = text_.find('{', at_);
        sum += selection();
        continue;
      }
      if (!is_word(text_[at_])) {
        ++at_;
        continue;
      }
      auto start = at_;
      while (is_word(text_[at_]))
        ++at_;
      sum += field(text_.substr(start, at_ - start));
    }
    ++at_;
    return sum;
  }

  int field(std::string_view name) {
    int size = 0;
    if (text_[at_] == '(') {
      skip_arguments();
      size = first_;
    }
    auto next = text_.find_first_not_of(' ', at_);
    if (text_[next] != '{')
      return 0;
    at_ = next;
    auto outer = size_;
    if (size != 0)
      size_ = size;
    auto inside = selection();
    auto repeated = name == "nodes" ? size_ * (1 + inside) : 1 + inside;
    if (size != 0)
      size_ = outer;
    return repeated;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int first_ = 0;
  int size_ = 1;
};

int cost_of(const std::string& query) {
  return pricing(query).cost();
}

} // namespace

CAF_TEST(the price of a query is counted by the rule) {
  CAF_CHECK_EQUAL(cost_of("{ shop { name } }"), 1);
  CAF_CHECK_EQUAL(cost_of("query A($a: B) { order(id: $a) { id x { y { z } } } }"), 3);
  CAF_CHECK_EQUAL(cost_of("{ a(first: 10) { pageInfo { b } nodes { id c { d } } } }"), 1 + 1 + 10 * 2);
  CAF_CHECK_EQUAL(cost_of("{ a(first: 10) { nodes { b(first: 3) { nodes { id } } } } }"), 1 + 10 * (1 + 1 + 3));
  CAF_CHECK_EQUAL(cost_of("{ node(id: 1) { ... on X { b(first: 3) { nodes { id } } } } }"), 1 + 1 + 3);
}

CAF_TEST(no query of ours costs more than a single query may) {
  read_orders orders{"updated_at:>'2026-11-01T00:00:00Z'", "cursor", 250};
  read_products products{"", "", 250};
  std::vector<call> calls = {orders,
                             read_order{1},
                             count_orders{},
                             products,
                             read_shop{},
                             list_subscriptions{},
                             create_subscription{"orders/create", "https://x"},
                             delete_subscription{"g"},
                             poll_bulk{"g"},
                             cancel_bulk{"g"}};
  for (auto& x : calls) {
    auto query = query_of(x);
    auto cost = cost_of(query);
    CAF_MESSAGE(query.substr(0, query.find('(')) << " costs " << cost);
    CAF_CHECK_LESS_OR_EQUAL(cost, 1000);
    CAF_CHECK_GREATER_OR_EQUAL(cost, x.index() < 7 ? 1 : 0);
  }
  // The pages are as large as the limit lets them be.
  CAF_CHECK_GREATER(cost_of(query_of(orders)) + cost_of(query_of(orders)) / 6, 1000);
}

CAF_TEST(a request goes to the version of the shop with its token) {
  auto got = to_request(app(), "a.myshopify.com", "shpat_1", read_order{820982911946154508});
  CAF_CHECK_EQUAL(got.url, "http://127.0.0.1:9/a.myshopify.com/admin/api/2026-10/graphql.json");
  CAF_CHECK(got.verb == http::method::post);
  auto token = std::make_pair(std::string("x-shopify-access-token"), std::string("shpat_1"));
  CAF_CHECK(std::count(got.headers.begin(), got.headers.end(), token) == 1);
  CAF_CHECK_EQUAL(text(json::parse(got.body)["variables"]["id"]), "gid://shopify/Order/820982911946154508");
}

CAF_TEST(filters and cursors travel as variables and are never part of the query) {
  std::string nasty = "name:\"x\" } { evil \\ \n";
  auto got = body_of(read_orders{nasty, "cur\"sor", 3});
  CAF_CHECK_EQUAL(text(got["variables"]["q"]), nasty);
  CAF_CHECK_EQUAL(text(got["variables"]["after"]), "cur\"sor");
  CAF_CHECK(got["query"].get<std::string>().find("orders(first: 3,") != std::string::npos);
  CAF_CHECK(got["query"].get<std::string>().find("evil") == std::string::npos);
  CAF_CHECK(body_of(read_orders{})["variables"]["after"].is_null());
  CAF_CHECK_EQUAL(text(body_of(count_orders{nasty})["variables"]["q"]), nasty);
  CAF_CHECK_EQUAL(text(body_of(create_subscription{"orders/create", "https://x"})["variables"]["topic"]),
                  "ORDERS_CREATE");
}

CAF_TEST(pages are sorted by what they are asked for) {
  CAF_CHECK(query_of(read_orders{"updated_at:>x", ""}).find("sortKey: UPDATED_AT, reverse: false")
            != std::string::npos);
  CAF_CHECK(query_of(read_orders{"created_at:>x", ""}).find("sortKey: CREATED_AT, reverse: false")
            != std::string::npos);
  CAF_CHECK(query_of(read_orders{"", "", 50, true}).find("sortKey: CREATED_AT, reverse: true") != std::string::npos);
}

CAF_TEST(fields behind a scope are asked only with that scope) {
  auto bare = app({"read_orders", "read_products"});
  CAF_CHECK(query_of(read_order{1}).find("customer {") != std::string::npos);
  CAF_CHECK(query_of(read_order{1}, bare).find("customer {") == std::string::npos);
  CAF_CHECK(query_of(read_products{}).find("unitCost") != std::string::npos);
  CAF_CHECK(query_of(read_products{}, bare).find("unitCost") == std::string::npos);
  CAF_CHECK(query_of(read_products{}, app({"write_inventory"})).find("unitCost") != std::string::npos);
}

CAF_TEST(a bulk query has no connection inside a list and few connections) {
  auto whole = bulk_orders_query("created_at:>='2026-01-01' AND name:\"a\"");
  CAF_CHECK(whole.find(R"(orders(query: "created_at:>='2026-01-01' AND name:\"a\""))") != std::string::npos);
  auto refunds = whole.substr(whole.find("refunds {"));
  CAF_CHECK(refunds.find("refundLineItems") == std::string::npos);
  std::size_t connections = 0;
  for (auto at = whole.find("edges"); at != std::string::npos; at = whole.find("edges", at + 1))
    ++connections;
  CAF_CHECK_EQUAL(connections, 2u);
  CAF_CHECK(whole.find("customer") == whole.find("customerJourneySummary"));
  CAF_CHECK(bulk_orders_query("", true).find("customer {") != std::string::npos);

  CAF_CHECK_EQUAL(text(body_of(start_bulk{whole})["variables"]["q"]), whole);
  CAF_CHECK_EQUAL(text(body_of(start_bulk{"created_at:>x"})["variables"]["q"]),
                  bulk_orders_query("created_at:>x", true));
}
