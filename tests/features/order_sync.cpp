#define CAF_SUITE order_sync

#include "features/features.hpp"
#include "support/builders.hpp"

#include <caf/test/unit_test.hpp>

#include <algorithm>
#include <random>

using namespace clique;
using namespace clique::build;
using features::order_sync;

namespace {

effects run(const snapshot& seen, std::vector<delivery_fact> items) {
  return order_sync(seen, span_of(std::move(items)));
}

std::string describe(const order_row& x) {
  return x.what.financial_status + " " + format_time(x.what.updated_at) + "\n" + text(x.ledger);
}

/// What the database holds of one order: rows replace older ones, tombstones stay.
struct stored {
  std::optional<order_row> row;
  bool gone = false;

  void fold(const effects& xs) {
    for (const auto& x : saved<order_row>(xs))
      if (!row || row->what.updated_at < x.what.updated_at)
        row = x;
    gone = gone || !saved<order_gone_row>(xs).empty();
  }
  std::string show() const {
    return gone ? "gone" : row ? describe(*row) : "nothing";
  }
};

/// Fifty versions of one order: paid, refunded in pieces, several in one second, at last cancelled.
std::vector<delivery_fact> fifty_versions() {
  std::vector<delivery_fact> result;
  auto x = tea();
  x.lines[0].quantity = x.lines[0].current_quantity = 100;
  x.financial_status = "pending";
  for (auto i = 0; i < 50; ++i) {
    x.updated_at = x.created_at + std::chrono::seconds{i / 3};
    if (i == 1)
      x.financial_status = "paid";
    if (i > 1) {
      auto back = one_teapot_back(100 + i, "2026-11-21T10:00:00Z");
      x.refunds.push_back(back);
      x.financial_status = "partially_refunded";
      --x.lines[0].current_quantity;
    }
    if (i == 49)
      x.cancelled_at = x.updated_at;
    result.push_back(delivered(i == 0 ? "orders/create" : "orders/updated", x));
  }
  return result;
}

} // namespace

CAF_TEST(a new order is saved with its ledger and everyone hears of it) {
  auto got = run(shop(), {delivered("orders/create", tea())});
  auto rows = saved<order_row>(got);
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK_EQUAL(rows[0].ledger.size(), 1u);
  CAF_REQUIRE_EQUAL(told<orders_changed>(got).size(), 1u);
  CAF_CHECK_EQUAL(only(told<orders_changed>(got)).ids, std::vector<shopify_id>{1001});
  CAF_CHECK(pushes(got, "overview"));
  CAF_CHECK(pushes(got, "orders.live"));
}

CAF_TEST(D2 any order of fifty versions of one order ends in the same row) {
  auto versions = fifty_versions();
  stored in_order;
  for (const auto& x : versions)
    in_order.fold(run(shop(), {x}));
  CAF_REQUIRE(in_order.show().find("cancellation") != std::string::npos);
  std::mt19937_64 random{3};
  for (auto round = 0; round < 300; ++round) {
    std::shuffle(versions.begin(), versions.end(), random);
    stored shuffled;
    for (auto first = versions.begin(); first != versions.end();) {
      auto n = std::min<std::ptrdiff_t>(1 + static_cast<std::ptrdiff_t>(random() % 20), versions.end() - first);
      shuffled.fold(run(shop(), {first, first + n}));
      first += n;
    }
    CAF_REQUIRE_EQUAL(shuffled.show(), in_order.show());
  }
}

CAF_TEST(D3 a stale retry does not bring back an older state) {
  auto versions = fifty_versions();
  stored now;
  now.fold(run(shop(), {versions[30]}));
  auto before = now.show();
  now.fold(run(shop(), {versions[3]}));
  CAF_CHECK_EQUAL(now.show(), before);
}

CAF_TEST(of several versions in one span only the newest is saved) {
  auto rows = saved<order_row>(run(shop(), fifty_versions()));
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK(rows[0].what.cancelled_at.has_value());
}

CAF_TEST(an update after a deletion stays deleted in any order) {
  for (auto deleted_first : {true, false}) {
    std::vector items{delivered("orders/delete", order_deleted{1001}), delivered("orders/updated", tea())};
    if (!deleted_first)
      std::swap(items[0], items[1]);
    auto got = run(shop(), items);
    CAF_CHECK(saved<order_row>(got).empty());
    CAF_CHECK_EQUAL(saved<order_gone_row>(got).size(), 1u);
    CAF_CHECK_EQUAL(told<orders_changed>(got).size(), 1u);
  }
}

CAF_TEST(an edit is remembered and the order read again once) {
  auto first = order_edited{5, 1001, at("2026-11-21T08:00:00Z")};
  auto second = order_edited{6, 1001, at("2026-11-22T08:00:00Z")};
  auto got = run(shop(), {delivered("orders/edited", first), delivered("orders/edited", second)});
  CAF_CHECK_EQUAL(saved<order_edit_row>(got).size(), 2u);
  auto calls = asked<read_order>(got);
  CAF_REQUIRE_EQUAL(calls.size(), 1u);
  CAF_CHECK_EQUAL(calls[0].id, 1001);
}

CAF_TEST(an order knows the last edit whether it came before or with it) {
  auto changed = tea();
  changed.current_total += 100;
  changed.current_subtotal += 100;
  auto edit = order_edited{5, 1001, at("2026-11-22T08:00:00Z")};
  auto known = shop();
  known.edits[1001] = edit.committed_at;
  auto with = run(shop(), {delivered("orders/updated", changed), delivered("orders/edited", edit)});
  auto before = run(known, {delivered("orders/updated", changed)});
  for (const auto& got : {with, before})
    CAF_CHECK_EQUAL(format_day(only(saved<order_row>(got)).ledger.at(1).on), "2026-11-22");
}

CAF_TEST(a refund on its own is looked up and one that came with its order is not ) {
  refund_created news{1001, one_teapot_back()};
  CAF_CHECK_EQUAL(asked<read_order>(run(shop(), {delivered("refunds/create", news)})).size(), 1u);
  auto refunded = tea();
  refunded.refunds = {one_teapot_back()};
  auto got = run(shop(), {delivered("refunds/create", news), delivered("orders/updated", refunded)});
  CAF_CHECK(asked<read_order>(got).empty());
  auto stale = run(shop(), {delivered("refunds/create", news), delivered("orders/updated", tea())});
  CAF_CHECK_EQUAL(asked<read_order>(stale).size(), 1u);
}

CAF_TEST(the answer to a reading is saved) {
  auto got = order_sync(shop(), answered(read_order{1001}, answer{order_page{{tea()}, {}}}));
  CAF_CHECK_EQUAL(saved<order_row>(got).size(), 1u);
}

CAF_TEST(a failed reading changes nothing and a rejected token is noted) {
  auto passing = order_sync(shop(), answered(read_order{1001}, error{ec::unavailable, "down", ""}));
  CAF_CHECK(passing.empty());
  auto rejected = order_sync(shop(), answered(read_order{1001}, error{ec::token_rejected, "401", ""}));
  CAF_CHECK_EQUAL(saved<connection_row>(rejected).size(), 1u);
  CAF_CHECK_EQUAL(told<store_disconnected>(rejected).size(), 1u);
}

CAF_TEST(a test order is saved without a ledger) {
  auto x = tea();
  x.test = true;
  auto rows = saved<order_row>(run(shop(), {delivered("orders/create", x)}));
  CAF_REQUIRE_EQUAL(rows.size(), 1u);
  CAF_CHECK(rows[0].ledger.empty());
}

CAF_TEST(an ignored topic has no effect) {
  CAF_CHECK(run(shop(), {delivered("orders/fulfilled", ignored_topic{})}).empty());
}
