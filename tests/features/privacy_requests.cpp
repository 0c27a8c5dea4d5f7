#define CAF_SUITE privacy_requests

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

using namespace clique;
using namespace clique::build;
using features::privacy_requests;

namespace {

delivery_fact request(std::string topic) {
  return delivered(topic, privacy_request{topic, 191167, {299938}, "9999"});
}

} // namespace

CAF_TEST(requests about customers are always carried out) {
  for (auto topic : {"customers/data_request", "customers/redact"}) {
    auto rows = saved<privacy_row>(privacy_requests(shop(), span_of({request(topic)})));
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    CAF_CHECK_EQUAL(rows[0].what.topic, topic);
    CAF_CHECK_EQUAL(rows[0].what.orders.size(), 1u);
  }
}

CAF_TEST(a shop that has left is deleted) {
  for (auto away : {connection_row::state::uninstalled, connection_row::state::needs_reconnect}) {
    auto seen = shop();
    seen.store.connection = away;
    CAF_CHECK_EQUAL(saved<privacy_row>(privacy_requests(seen, span_of({request("shop/redact")}))).size(), 1u);
  }
}

CAF_TEST(a shop that has come back keeps its data and the log says so) {
  auto got = privacy_requests(shop(), span_of({request("shop/redact")}));
  CAF_CHECK(saved<privacy_row>(got).empty());
  CAF_CHECK_EQUAL(saved<sync_log_row>(got).size(), 1u);
}

CAF_TEST(several requests of one span are all carried out) {
  auto got = privacy_requests(shop(), span_of({request("customers/redact"), request("customers/data_request")}));
  CAF_CHECK_EQUAL(saved<privacy_row>(got).size(), 2u);
}
