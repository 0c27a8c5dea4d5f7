#define CAF_SUITE bulk_reader

#include "net/platform/shopify_wire.hpp"

#include <caf/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "net/shopify_facts.hpp"

#include <algorithm>
#include <random>

using namespace clique;
using namespace clique::shopify;
using namespace shopify_test;
using nlohmann::json;

namespace {

const currency usd{"USD"};

std::string escaped(std::string text) {
  for (auto at = text.find('/'); at != std::string::npos; at = text.find('/', at + 2))
    text.replace(at, 1, "\\/");
  return text;
}

json order_line_of(std::int64_t id, bool refunded = false) {
  auto result = json::parse(fixture("order_graphql.json"))["data"]["order"];
  result["id"] = "gid://shopify/Order/" + std::to_string(id);
  result.erase("lineItems");
  result["refunds"] = json::array();
  if (refunded)
    result["refunds"].push_back({{"id", "gid://shopify/Refund/9"},
                                 {"createdAt", "2026-11-02T15:00:00Z"},
                                 {"totalRefundedSet", {{"shopMoney", {{"amount", "28.41"}}}}}});
  return result;
}

json child_of(std::int64_t order, std::int64_t id) {
  auto result = json::parse(fixture("order_graphql.json"))["data"]["order"]["lineItems"]["nodes"][0];
  result["id"] = "gid://shopify/LineItem/" + std::to_string(id);
  result["__parentId"] = "gid://shopify/Order/" + std::to_string(order);
  return result;
}

/// Orders 1..n with three lines each.
std::vector<std::string> file_lines(int n) {
  std::vector<std::string> result;
  for (std::int64_t i = 1; i <= n; ++i) {
    result.push_back(escaped(order_line_of(i).dump()));
    for (std::int64_t k = 1; k <= 3; ++k)
      result.push_back(escaped(child_of(i, i * 10 + k).dump()));
  }
  return result;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string result;
  for (auto& x : lines)
    result += x + "\n";
  return result;
}

std::string outcome_of(std::string_view text, std::size_t piece = 1u << 20) {
  bulk_reader reader(usd);
  for (std::size_t at = 0; at < text.size(); at += piece)
    if (auto got = reader.feed(text.substr(at, piece)); !got)
      return got.error().what;
  auto got = reader.finish();
  if (!got)
    return got.error().what;
  std::string result;
  std::sort(got->begin(), got->end(), [](auto& a, auto& b) { return a.id < b.id; });
  for (auto& x : *got) {
    std::sort(x.lines.begin(), x.lines.end(), [](auto& a, auto& b) { return a.id < b.id; });
    result += shown(x);
  }
  return result;
}

} // namespace

CAF_TEST(the pieces in which a file comes do not matter) {
  auto text = joined(file_lines(4));
  auto whole = outcome_of(text);
  CAF_CHECK(whole.find("order 4 ") != std::string::npos);
  CAF_CHECK(whole.find("line 43 ") != std::string::npos);
  for (std::size_t piece : {1, 2, 7, 100, 1000, 4096})
    CAF_CHECK_EQUAL(outcome_of(text, piece), whole);
  CAF_CHECK_EQUAL(outcome_of(text.substr(0, text.size() - 1)), whole);
  CAF_CHECK_EQUAL(outcome_of(text + "\n"), whole);
  CAF_CHECK_EQUAL(outcome_of(""), "");
}

CAF_TEST(children may stand anywhere in the file) {
  auto lines = file_lines(6);
  auto whole = outcome_of(joined(lines));
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(lines.begin(), lines.end(), random);
    CAF_REQUIRE_EQUAL(outcome_of(joined(lines), 333), whole);
  }
}

CAF_TEST(C4 a file that was cut anywhere is an error with its line unless nothing is missing) {
  auto text = joined(file_lines(2));
  auto whole = outcome_of(text);
  for (std::size_t n = 1; n < text.size(); n += 13) {
    auto got = outcome_of(text.substr(0, n));
    if (got == whole || n == 0)
      continue;
    auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n), '\n');
    auto named = got.find("line " + std::to_string(line) + " of the bulk file") != std::string::npos;
    // A cut between two lines leaves a whole, shorter file: that is what the count certificate is for.
    auto between = text[n - 1] == '\n' || text[n] == '\n';
    CAF_REQUIRE(named || between);
  }
}

CAF_TEST(what is no bulk file is refused with its line) {
  auto lines = file_lines(2);
  auto with = [&](std::size_t at, const std::string& text) {
    auto copy = lines;
    copy.insert(copy.begin() + static_cast<std::ptrdiff_t>(at), text);
    return outcome_of(joined(copy));
  };
  CAF_CHECK(with(1, "{\"id\":").starts_with("line 2 of the bulk file: the body is no valid JSON"));
  CAF_CHECK(with(3, "[]").starts_with("line 4 of the bulk file: the body is no JSON object"));
  CAF_CHECK(with(0, "{}").starts_with("line 1 of the bulk file: id: is missing"));
  CAF_CHECK(with(8, R"({"id":"gid://shopify/Refund/1","__parentId":"gid://shopify/Order/1"})")
                .starts_with("line 9 of the bulk file: id: is no LineItem id"));
  CAF_CHECK(with(8, lines[0]).starts_with("line 9 of the bulk file: id: names an order that came before"));
  CAF_CHECK_EQUAL(with(2, child_of(77, 1).dump()), "line 3 of the bulk file: its order 77 is not in the file");
  CAF_CHECK(outcome_of("<html>not found</html>\n").starts_with("line 1"));
}

CAF_TEST(a broken reader stays broken and an endless line is not collected) {
  bulk_reader reader(usd);
  CAF_CHECK(reader.feed("no json\n").has_error());
  CAF_CHECK(reader.feed(joined(file_lines(1))).has_error());
  CAF_CHECK(reader.finish().has_error());

  bulk_reader endless(usd);
  std::string piece(1u << 20, 'x');
  result<void> got;
  int pieces = 0;
  while (got && pieces < 20) {
    got = endless.feed(piece);
    ++pieces;
  }
  CAF_REQUIRE(got.has_error());
  CAF_CHECK_EQUAL(to_string(got.error().code), "too_large");
  CAF_CHECK_EQUAL(pieces, 17);
}

CAF_TEST(an order with refunds keeps its sum gives way to the full facts and is named) {
  bulk_reader reader(usd);
  CAF_REQUIRE(reader.feed(order_line_of(5, true).dump() + "\n" + order_line_of(6).dump() + "\n").has_value());
  auto got = reader.finish();
  CAF_REQUIRE(got.has_value());
  CAF_REQUIRE_EQUAL(got->size(), 2u);
  CAF_CHECK(reader.to_read_again() == std::vector<shopify_id>({5}));
  auto& first = got->at(0);
  CAF_CHECK_EQUAL(first.refunds.at(0).paid_back, 2841);
  CAF_CHECK_EQUAL(first.refunds.at(0).adjustment, 2841);
  CAF_CHECK_EQUAL(format_time(first.updated_at), "2026-11-02T15:00:00.999999Z");
  CAF_CHECK_EQUAL(format_time(got->at(1).updated_at), "2026-11-02T15:00:01Z");
}
