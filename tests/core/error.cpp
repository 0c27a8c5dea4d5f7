#define CAF_SUITE error

#include "core/error.hpp"

#include "core/feature.hpp"

#include <caf/test/unit_test.hpp>

#include <set>
#include <stdexcept>

using namespace clique;

CAF_TEST(every code has a name of its own) {
  std::set<std::string_view> names;
  for (auto i = 1; i <= static_cast<int>(ec::internal); ++i)
    names.insert(to_string(static_cast<ec>(i)));
  CAF_CHECK_EQUAL(names.size(), static_cast<std::size_t>(ec::internal));
}

CAF_TEST(only what may pass by itself is transient) {
  std::set<std::string_view> names;
  for (auto i = 1; i <= static_cast<int>(ec::internal); ++i)
    if (is_transient(static_cast<ec>(i)))
      names.insert(to_string(static_cast<ec>(i)));
  CAF_CHECK(names == (std::set<std::string_view>{"throttled", "unavailable", "timed_out"}));
}

CAF_TEST(using the value of a failure names the failure) {
  result<int> failed = error{ec::not_found, "no such shop", ""};
  std::string said;
  try {
    failed.value();
  } catch (const std::logic_error& x) {
    said = x.what();
  }
  CAF_CHECK(said.find("not_found: no such shop") != said.npos);
}

CAF_TEST(every child has a name of its own) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < num_children; ++i)
    names.insert(to_string(static_cast<child>(i)));
  CAF_CHECK_EQUAL(names.size(), num_children);
}
