#define CAF_SUITE feature_index

#include "actors/feature_index.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;

namespace {

const std::vector<feature> table = {
    {"one", "One", child::sync, {.topics = {"orders/create", "orders/paid"}, .hears_events = true}},
    {"two", "Two", child::ads, {.topics = {"orders/create"}}},
    {"three", "Three", child::sync, {.topics = {"orders/create"}}},
};

} // namespace

CAF_TEST(a topic goes to every child with a feature that wants it) {
  feature_index x{table};
  CAF_CHECK_EQUAL(x.wanted_by("orders/create"), bit_of(child::sync) | bit_of(child::ads));
  CAF_CHECK_EQUAL(x.wanted_by("orders/paid"), bit_of(child::sync));
  CAF_CHECK_EQUAL(x.wanted_by("themes/publish"), 0);
}

CAF_TEST(features are found by name and by child in table order) {
  feature_index x{table};
  CAF_CHECK_EQUAL(x.at(*x.find("two")).title, "Two");
  CAF_CHECK(!x.find("four"));
  CAF_CHECK_EQUAL(x.of(child::sync).size(), 2u);
  CAF_CHECK_EQUAL(x.at(x.of(child::sync).back()).name, "three");
  CAF_CHECK_EQUAL(x.hearers(), bit_of(child::sync));
}
