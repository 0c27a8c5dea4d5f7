#pragma once

// Reading a parsed document without exceptions: a node knows its place, the first fault of a document is kept and later
// reads go on with defaults, so that readers are plain lists of fields. Only the `_wire` files include this.

#include "core/error.hpp"
#include "core/money.hpp"
#include "core/time.hpp"

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace clique::shopify {

/// The first thing that was wrong with a document.
struct fault {
  std::optional<error> first;
};

/// A value that may be missing. Nodes point to their parents: a parent must outlive what is read through it.
class node {
public:
  node(simdjson::dom::element value, fault& out) : value_(value), fault_(&out) {
  }

  /// Member of an object; missing when this is no object.
  node operator[](const char* key) const;
  /// Neither missing nor null.
  bool present() const;
  bool is_object() const;
  bool is_text() const;
  /// Whether the object names *key*, null or not.
  bool has(const char* key) const;
  /// Calls back per element; missing and null are empty, other shapes a fault.
  void each(const std::function<void(const node&)>& visit) const;
  std::size_t size() const;

  /// Text, or a number's or truth value's digits; empty when missing or null.
  std::string text() const;
  /// The same in lower case: enums, unknown ones included.
  std::string word() const;
  bool flag(bool otherwise) const;
  std::optional<std::int64_t> maybe_integer() const;
  /// A quantity, at most 10^9; 0 when missing or null.
  std::int64_t count() const;
  /// Positive number as a JSON integer; `5.0` and `"5"` are faults.
  std::int64_t id() const;
  std::optional<std::int64_t> maybe_id() const;
  /// The number in `gid://shopify/{type}/{number}`.
  std::int64_t gid(std::string_view type) const;
  std::optional<std::int64_t> maybe_gid(std::string_view type) const;
  time_point time() const;
  std::optional<time_point> maybe_time() const;
  currency unit() const;
  /// Minor units of a decimal text or a number, at most 10^14 of them.
  std::int64_t money(currency unit) const;
  std::optional<std::int64_t> maybe_money(currency unit) const;
  /// A number that is no money and no id.
  std::optional<double> maybe_number() const;

  void fail(std::string_view reason) const;
  std::string place() const;

private:
  node(const node* parent, const char* key, int index, std::optional<simdjson::dom::element> value)
      : parent_(parent), key_(key), index_(index), value_(value), fault_(parent->fault_) {
  }
  std::optional<std::string> decimal() const;

  const node* parent_ = nullptr;
  const char* key_ = nullptr;
  int index_ = -1;
  std::optional<simdjson::dom::element> value_;
  fault* fault_;
};

/// Parses *json* as one object and hands its root to *read*; the result, or the first fault.
/// The document lives until the next call on the same thread: readers copy what they keep.
template <class Read>
auto read_document(std::string_view json, Read read) -> result<decltype(read(std::declval<const node&>()))>;

/// The parsed root, or why there is none. Valid until the next call on the same thread.
result<simdjson::dom::element> parse_document(std::string_view json);

template <class Read>
auto read_document(std::string_view json, Read read) -> result<decltype(read(std::declval<const node&>()))> {
  auto root = parse_document(json);
  if (!root)
    return root.error();
  fault out;
  node top(*root, out);
  if (!top.is_object())
    return error{ec::bad_input, "the body is no JSON object", ""};
  auto got = read(top);
  if (out.first)
    return *out.first;
  return got;
}

} // namespace clique::shopify
