#include "net/json.hpp"

#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>
#include <memory>

namespace clique {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t max_depth = 64;               // faults section 5: JSON depth 64
constexpr std::size_t keep_at_most = 4u << 20;      // scratch that a thread keeps between documents
constexpr std::size_t largest = 256u * 1024 * 1024; // nothing that we read as one document is larger

/// Parser and padded copy of one thread; both grow to what the thread has seen and shrink after an outlier.
struct scratch {
  std::unique_ptr<simdjson::dom::parser> parser;
  std::unique_ptr<char[]> text;
  std::size_t capacity = 0;
};

error bad(std::string what) {
  return {ec::bad_input, std::move(what), "send one valid UTF-8 JSON document"};
}

/// The DOM lives in the thread's parser until the next call.
result<element> parse(std::string_view text) {
  thread_local scratch own;
  if (text.size() > largest)
    return error{ec::too_large, fmt::format("a JSON document of {} bytes", text.size()), "send smaller documents"};
  if (!own.parser || own.capacity > keep_at_most || own.capacity < text.size()) {
    auto wanted = std::max<std::size_t>(text.size() + text.size() / 4, 64 * 1024);
    own.parser = std::make_unique<simdjson::dom::parser>();
    if (auto failed = own.parser->allocate(wanted, max_depth + 1))
      return error{ec::internal, simdjson::error_message(failed), ""};
    own.text = std::make_unique<char[]>(wanted + simdjson::SIMDJSON_PADDING);
    own.capacity = wanted;
  }
  std::memcpy(own.text.get(), text.data(), text.size());
  std::memset(own.text.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  auto parsed = own.parser->parse(own.text.get(), text.size(), false);
  if (parsed.error() == simdjson::DEPTH_ERROR)
    return bad(fmt::format("JSON nested deeper than {} levels", max_depth));
  if (parsed.error() != simdjson::SUCCESS)
    return bad(fmt::format("not JSON: {}", simdjson::error_message(parsed.error())));
  return parsed.value_unsafe();
}

/// Parsers disagree on which of two equal keys counts, so none does.
result<void> check_keys(const element& root) {
  if (root.type() != element_type::OBJECT)
    return {};
  auto object = root.get_object().value_unsafe();
  boost::unordered_flat_set<std::string_view> seen;
  seen.reserve(object.size());
  for (auto field : object)
    if (!seen.insert(field.key).second)
      return bad(fmt::format("the key \"{}\" occurs twice in one JSON object", field.key.substr(0, 100)));
  return {};
}

result<std::string> id_of(const element& x) {
  switch (x.type()) {
  case element_type::NULL_VALUE:
    return std::string{};
  case element_type::INT64:
    return fmt::to_string(x.get_int64().value_unsafe());
  case element_type::UINT64:
    return fmt::to_string(x.get_uint64().value_unsafe());
  case element_type::STRING:
    return std::string{x.get_string().value_unsafe()};
  default:
    return bad("\"id\" is neither an integer nor a text");
  }
}

} // namespace

result<void> validate_json(std::string_view text) {
  auto root = parse(text);
  if (!root)
    return root.error();
  return check_keys(*root);
}

result<resource_tag> tag_of(std::string_view json) {
  auto root = parse(json);
  if (!root)
    return root.error();
  if (root->type() != element_type::OBJECT)
    return bad("a JSON object is expected");
  if (auto unique = check_keys(*root); !unique)
    return unique.error();
  resource_tag result;
  if (auto id = (*root)["id"]; id.error() == simdjson::SUCCESS) {
    auto text = id_of(id.value_unsafe());
    if (!text)
      return text.error();
    result.id = std::move(*text);
  }
  if (auto at = (*root)["updated_at"].get_string(); at.error() == simdjson::SUCCESS)
    result.updated_at = at.value_unsafe();
  return result;
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

} // namespace clique
