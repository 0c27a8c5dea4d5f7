#include "net/platform/shopify_auth.hpp"

#include <charconv>

namespace clique::shopify {

namespace {

std::optional<int> number(std::string_view text) {
  int result = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size() || result < 0)
    return std::nullopt;
  return result;
}

} // namespace

std::map<std::string, std::string> rest_links(std::string_view header) {
  std::map<std::string, std::string> result;
  constexpr std::string_view mark = "rel=\"";
  while (true) {
    auto open = header.find('<');
    auto close = header.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      return result;

    auto url = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    auto params = header.substr(0, header.find('<'));
    auto rel = params.find(mark);
    if (rel == std::string_view::npos || !url.starts_with("https://"))
      continue;
    auto name = params.substr(rel + mark.size());
    if (auto end = name.find('"'); end != std::string_view::npos)
      result.try_emplace(std::string(name.substr(0, end)), url);
  }
}

std::optional<rest_limit> rest_call_limit(std::string_view header) {
  auto slash = header.find('/');
  if (slash == std::string_view::npos)
    return std::nullopt;
  auto used = number(header.substr(0, slash));
  auto limit = number(header.substr(slash + 1));
  if (!used || !limit)
    return std::nullopt;
  return rest_limit{*used, *limit};
}

} // namespace clique::shopify
