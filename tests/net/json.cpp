#define CAF_SUITE json

#include "net/json.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace std::string_view_literals;

namespace {

std::string nested(std::size_t depth, std::string open = "[", std::string close = "]") {
  std::string result;
  for (std::size_t i = 0; i < depth; ++i)
    result += open;
  result += "1";
  for (std::size_t i = 0; i < depth; ++i)
    result += close;
  return result;
}

bool is_valid(std::string_view text) {
  return validate_json(text).has_value();
}

} // namespace

CAF_TEST(valid documents are accepted) { // F5
  for (auto text :
       {R"({})"sv, R"([])"sv, R"({"a":1})"sv, R"( { "a" : [ 1 , 2.5 , -0 , 1e3 , true , false , null ] } )"sv,
        R"({"id":820982911946154508})"sv, R"({"id":9223372036854775807})"sv, R"({"id":18446744073709551615})"sv,
        R"("text")"sv, R"(7)"sv, R"(null)"sv, R"({"a":"\u00e9\n\t\\\"\/"})"sv, R"({"a":"\ud83d\ude00"})"sv,
        "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}"sv, R"({"a":{"b":1},"b":{"b":1}})"sv, R"([{"a":1},{"a":1}])"sv,
        "\t\r\n {}\r\n"sv, R"({"":1})"sv, R"({"a":1e-400})"sv})
    CAF_CHECK_EQUAL(std::string{text} + (is_valid(text) ? " ok" : " refused"), std::string{text} + " ok");
}

CAF_TEST(everything else is refused) { // F5
  for (auto text : {""sv,
                    " "sv,
                    "{"sv,
                    "}"sv,
                    "["sv,
                    "[1"sv,
                    "[1,"sv,
                    "[1,]"sv,
                    "[,1]"sv,
                    "[1 2]"sv,
                    "[1:2]"sv,
                    "{\"a\"}"sv,
                    "{\"a\":}"sv,
                    "{\"a\":1,}"sv,
                    "{a:1}"sv,
                    "{'a':1}"sv,
                    "{\"a\":1 \"b\":2}"sv,
                    "{\"a\":01}"sv,
                    "{\"a\":+1}"sv,
                    "{\"a\":1.}"sv,
                    "{\"a\":.5}"sv,
                    "{\"a\":1e}"sv,
                    "{\"a\":0x1}"sv,
                    "{\"a\":NaN}"sv,
                    "{\"a\":Infinity}"sv,
                    "{\"a\":1e400}"sv,
                    "{\"a\":tru}"sv,
                    "{\"a\":True}"sv,
                    "{\"a\":nul}"sv,
                    "{\"a\":\"x}"sv,
                    "{\"a\":\"\\x\"}"sv,
                    "{\"a\":\"\\u12\"}"sv,
                    "{\"a\":\"\\ud800\"}"sv,
                    "{\"a\":\"\\udc00\\ud800\"}"sv,
                    "{\"a\":\"\n\"}"sv,
                    "{\"a\":\"\0\"}"sv,
                    "{}\0"sv,
                    "\0{}"sv,
                    "{}x"sv,
                    "{}{}"sv,
                    "{} 1"sv,
                    "\xef\xbb\xbf{}"sv,
                    "{\"a\":\"\xff\"}"sv,
                    "{\"a\":\"\xc0\x80\"}"sv,
                    "{\"a\":\"\xed\xa0\x80\"}"sv,
                    "{\"a\":\"\xe2\x82\"}"sv,
                    "// note\n{}"sv,
                    "{/* note */}"sv,
                    "<html></html>"sv,
                    "{\"early\":1,\"late\":tru}"sv,
                    "{\"early\":1,\"late\":[1,2}"sv})
    CAF_CHECK_EQUAL(std::string{text} + (is_valid(text) ? " ok" : " refused"), std::string{text} + " refused");
}

CAF_TEST(sixty four levels are the limit) { // F5
  CAF_CHECK(is_valid(nested(64)));
  CAF_CHECK(!is_valid(nested(65)));
  CAF_CHECK(!is_valid(nested(1'024)));
  CAF_CHECK(!is_valid(nested(100'000)));
  CAF_CHECK(!is_valid(nested(100'000, "{\"a\":", "}")));
  CAF_CHECK(!is_valid(std::string(100'000, '[')));
  CAF_CHECK(is_valid(nested(64)));
}

CAF_TEST(two equal keys on top are refused whatever their spelling) { // F5
  CAF_CHECK(!is_valid(R"({"id":1,"id":1})"));
  CAF_CHECK(!is_valid(R"({"id":1,"x":2,"\u0069d":3})"));
  CAF_CHECK(!tag_of(R"({"id":1,"id":2})"));
}

CAF_TEST(a reason is given) {
  CAF_CHECK(validate_json("{").error().code == ec::bad_input);
  CAF_CHECK(!validate_json("{").error().what.empty());
  CAF_CHECK(validate_json(nested(65)).error().what.find("64") != std::string::npos);
}

CAF_TEST(a large document does not spoil the next one) {
  auto large = "[" + std::string(6'000'000, ' ') + "1]";
  CAF_CHECK(is_valid(large));
  CAF_CHECK(is_valid("{}"));
  CAF_CHECK(is_valid(large));
}

CAF_TEST(many keys are checked) {
  std::string text = "{";
  for (auto i = 0; i < 50'000; ++i)
    text += "\"k" + std::to_string(i) + "\":0,";
  CAF_CHECK(is_valid(text + "\"end\":0}"));
  CAF_CHECK(!is_valid(text + "\"k7\":0}"));
}

CAF_TEST(the tag is id and version) {
  const std::tuple<std::string, std::string, std::string> table[] = {
      {R"({"id":820982911946154508,"updated_at":"2021-12-31T19:00:00-05:00"})", "820982911946154508",
       "2021-12-31T19:00:00-05:00"},
      {R"({"id":18446744073709551615})", "18446744073709551615", ""},
      {R"({"id":-1})", "-1", ""},
      {R"({"id":null,"updated_at":null})", "", ""},
      {R"({"id":"gid://shopify/Order/1"})", "gid://shopify/Order/1", ""},
      {R"({"updated_at":7})", "", ""},
      {R"({"order":{"id":1,"updated_at":"x"}})", "", ""},
      {R"({})", "", ""},
  };
  for (const auto& [text, id, at] : table) {
    auto tag = tag_of(text);
    CAF_REQUIRE(tag.has_value());
    CAF_CHECK_EQUAL(tag->id, id);
    CAF_CHECK_EQUAL(tag->updated_at, at);
  }
}

CAF_TEST(a tag is not guessed) {
  for (auto text : {R"([])", R"("x")", R"(7)", R"({"id":5.0})", R"({"id":1e3})", R"({"id":true})", R"({"id":[1]})",
                    R"({"id":1)", ""})
    CAF_CHECK(!tag_of(text));
}
