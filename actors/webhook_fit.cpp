#include "actors/webhook_fit.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace clique {

namespace {

using json = nlohmann::json;

/// The field is absent, null or exactly *shop*.
bool names_no_other(const json& x, const char* field, std::string_view shop) {
  auto i = x.find(field);
  return i == x.end() || i->is_null() || (i->is_string() && i->get_ref<const std::string&>() == shop);
}

/// {"id": 788032119674292922} and nothing of a whole resource.
bool is_bare_id(const json& x) {
  return x.contains("id") && !x.contains("updated_at") && !x.contains("created_at");
}

bool is_shop(const json& x, std::string_view shop) {
  return x.contains("myshopify_domain") && !x.contains("line_items") && names_no_other(x, "myshopify_domain", shop);
}

} // namespace

bool is_privacy_topic(std::string_view topic) {
  return topic == "customers/data_request" || topic == "customers/redact" || topic == "shop/redact";
}

bool fits_topic(std::string_view topic, std::string_view shop, std::string_view body) {
  auto deletes = topic.ends_with("/delete");
  auto leaves = topic == "app/uninstalled";
  if (!deletes && !leaves && !is_privacy_topic(topic))
    return true;
  auto x = json::parse(body, nullptr, false);
  if (x.is_discarded())
    return true; // parked as a dead letter like any other
  if (!x.is_object())
    return false;
  if (deletes)
    return is_bare_id(x);
  if (leaves)
    return is_shop(x, shop);
  return x.contains("shop_domain") && names_no_other(x, "shop_domain", shop)
         && (topic == "shop/redact" ? !x.contains("customer") : x.contains("customer"));
}

bool is_topic(std::string_view text) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  auto slash = text.find('/');
  return text.size() <= 100 && slash != text.npos && slash > 0 && slash + 1 < text.size()
         && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(slash), plain)
         && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(slash) + 1, text.end(), plain);
}

} // namespace clique
