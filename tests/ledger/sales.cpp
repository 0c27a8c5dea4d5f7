#define CAF_SUITE sales

#include "ledger/sales.hpp"

#include "ledger/order_life.hpp"
#include "support/builders.hpp"

#include "support/check.hpp"

#include <algorithm>
#include <random>

using namespace clique;
using namespace clique::build;

namespace {

const calendar berlin = calendar::of("Europe/Berlin").value();

std::string ledger(const order& x) {
  return text(sales_ledger(x, berlin));
}

/// tea() after one teapot came back.
order partly_refunded() {
  auto result = tea();
  result.refunds = {one_teapot_back()};
  result.lines[0].current_quantity = 1;
  result.current_subtotal = 950;
  result.current_tax = 218;
  result.current_total = 1668;
  return result;
}

} // namespace

CAF_TEST(a sale stands on the local day and hour of its processing) {
  auto x = tea();
  x.created_at = at("2026-11-19T12:00:00Z");
  x.processed_at = at("2026-11-20T23:30:00Z"); // 00:30 in Berlin
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-21 h0 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n");
}

CAF_TEST(without a processing date the creation counts) {
  CAF_CHECK_EQUAL(ledger(tea()), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n");
}

CAF_TEST(where prices include tax gross is shown without it) {
  auto x = tea();
  x.taxes_included = true;
  x.total = x.current_total = 2400;
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 1601 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n");
}

CAF_TEST(a refund stands on its own day) {
  CAF_CHECK_EQUAL(ledger(partly_refunded()),
                  "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                  "refund 2026-11-21 h11 n0 gross 0 off 0 back -950 ship 0 tax -181 tip 0 adj 0\n");
}

CAF_TEST(goodwill is a return even when the current total ignores it or not ) {
  for (auto shown : {0, 300}) {
    auto x = tea();
    refund y;
    y.id = 22;
    y.at = at("2026-11-22T10:00:00Z");
    y.adjustment = y.paid_back = 300;
    x.refunds = {y};
    x.current_total -= shown;
    CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                               "refund 2026-11-22 h11 n0 gross 0 off 0 back -300 ship 0 tax 0 tip 0 adj 0\n");
  }
}

CAF_TEST(a refund that a source repeats counts once) {
  auto x = partly_refunded();
  x.refunds.push_back(x.refunds[0]);
  CAF_CHECK_EQUAL(ledger(x), ledger(partly_refunded()));
}

CAF_TEST(a cancellation reverses what was not refunded before) {
  auto x = partly_refunded();
  x.cancelled_at = at("2026-11-23T10:00:00Z");
  x.current_subtotal = x.current_tax = x.current_total = x.lines[0].current_quantity = 0;
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                             "refund 2026-11-21 h11 n0 gross 0 off 0 back -950 ship 0 tax -181 tip 0 adj 0\n"
                             "cancellation 2026-11-23 h11 n0 gross 0 off 0 back -950 ship -500 tax -218 tip 0 adj 0\n");
}

CAF_TEST(a cancellation of what was refunded completely adds nothing) {
  auto x = tea();
  auto all = one_teapot_back();
  all.lines = {{.line_id = 11, .quantity = 2, .subtotal = 1900, .tax = 399}};
  all.shipping = 500;
  x.refunds = {all};
  x.cancelled_at = all.at;
  x.financial_status = "refunded";
  x.current_subtotal = x.current_tax = x.current_total = x.lines[0].current_quantity = 0;
  CAF_CHECK_EQUAL(sales_ledger(x, berlin).size(), 2u);
  CAF_CHECK_EQUAL(total(sum(sales_ledger(x, berlin))), 0);
}

CAF_TEST(an added line is an edit on the day of the edit) {
  auto x = tea();
  order_line added;
  added.id = 12;
  added.unit_price = 700;
  added.current_quantity = 1;
  x.edited_at = at("2026-11-24T10:00:00Z");
  x.current_subtotal += 700;
  x.current_tax += 133;
  x.current_total += 833;
  for (auto listed_as_ordered : {0, 1}) { // sources differ in whether an added line has an original quantity
    added.quantity = listed_as_ordered;
    x.lines = {tea().lines[0], added};
    CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                               "edit 2026-11-24 h11 n0 gross 700 off 0 back 0 ship 0 tax 133 tip 0 adj 0\n");
  }
}

CAF_TEST(a removed piece takes its discount along and the unknown date is that of the update) {
  auto x = tea(1001, "2026-11-25T10:00:00Z");
  x.lines[0].current_quantity = 1;
  x.current_subtotal = 950;
  x.current_tax = 218;
  x.current_total = 1668;
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                             "edit 2026-11-25 h11 n0 gross -1000 off 50 back 0 ship 0 tax -181 tip 0 adj 0\n");
}

CAF_TEST(an edited order that was cancelled and paid back keeps its edit on its day) {
  auto x = tea();
  x.lines.push_back({});
  x.lines[1].id = 12;
  x.lines[1].unit_price = 700;
  x.edited_at = at("2026-11-24T10:00:00Z");
  auto all = one_teapot_back(21, "2026-11-25T10:00:00Z");
  all.lines = {{.line_id = 11, .quantity = 2, .subtotal = 1900, .tax = 399},
               {.line_id = 12, .quantity = 1, .subtotal = 700, .tax = 133}};
  all.shipping = 500;
  x.refunds = {all};
  x.cancelled_at = all.at;
  x.financial_status = "refunded";
  x.lines[0].current_quantity = 0;
  x.current_subtotal = x.current_tax = x.current_total = 0;
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 0\n"
                             "edit 2026-11-24 h11 n0 gross 700 off 0 back 0 ship 0 tax 133 tip 0 adj 0\n"
                             "refund 2026-11-25 h11 n0 gross 0 off 0 back -2600 ship -500 tax -532 tip 0 adj 0\n");
}

CAF_TEST(a total that the source cannot explain is visible as an adjustment) {
  auto x = tea();
  x.total = x.current_total = 3000;
  CAF_CHECK_EQUAL(ledger(x), "sale 2026-11-20 h11 n1 gross 2000 off -100 back 0 ship 500 tax 399 tip 0 adj 201\n");
}

CAF_TEST(lines that the source lists partly are replaced by its subtotal) {
  auto x = tea();
  x.lines[0].quantity = x.lines[0].current_quantity = 1;
  CAF_CHECK_EQUAL(sales_ledger(x, berlin)[0].gross, 2000);
}

CAF_TEST(test orders never count) {
  auto x = tea();
  x.test = true;
  CAF_CHECK(sales_ledger(x, berlin).empty());
}

CAF_TEST(the ledger of any life of an order equals independent books) {
  for (std::uint64_t seed = 0; seed < 25'000; ++seed) {
    life one{seed, berlin};
    auto got = ledger(one.x);
    if (got != one.in_order()) {
      CAF_MESSAGE("seed " << seed);
      CAF_CHECK_EQUAL(got, one.in_order());
      CAF_FAIL("books differ");
    }
  }
}

CAF_TEST(the columns of any sale add up to the order and any cancelled order to nothing) {
  for (std::uint64_t seed = 0; seed < 25'000; ++seed) {
    life one{seed, berlin};
    if (seed % 3 == 0)
      one.x.total += static_cast<std::int64_t>(seed % 977) - 400; // a source with wrong arithmetic
    auto got = sales_ledger(one.x, berlin);
    CAF_REQUIRE_EQUAL(total(got[0]), one.x.total);
    if (one.x.cancelled_at)
      CAF_REQUIRE_EQUAL(total(sum(got)), 0);
    CAF_REQUIRE_EQUAL(sum(got).orders, 1);
  }
}

CAF_TEST(the order of lines and refunds in a source makes no difference) {
  std::mt19937_64 random{11};
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    life one{seed, berlin};
    auto shuffled = one.x;
    std::shuffle(shuffled.lines.begin(), shuffled.lines.end(), random);
    std::shuffle(shuffled.refunds.begin(), shuffled.refunds.end(), random);
    CAF_REQUIRE_EQUAL(ledger(shuffled), ledger(one.x));
  }
}

CAF_TEST(amounts beyond all reason are refused instead of wrapped) {
  auto x = tea();
  x.lines[0].quantity = x.lines[0].unit_price = std::int64_t{1} << 40;
  auto refused = false;
  try {
    sales_ledger(x, berlin);
  } catch (const std::overflow_error&) {
    refused = true;
  }
  CAF_CHECK(refused);
}

CAF_TEST(versions within one second are ordered by progress) {
  auto created = tea();
  created.financial_status = "pending";
  auto paid = tea();
  auto refunded = partly_refunded();
  auto cancelled = refunded;
  cancelled.cancelled_at = noon;
  auto version = [](const order& x, std::optional<time_point> edited = std::nullopt) {
    return to_row(x, berlin, edited).what.updated_at;
  };
  CAF_CHECK(version(created) < version(paid));
  CAF_CHECK(version(paid) < version(refunded));
  CAF_CHECK(version(refunded) < version(cancelled));
  CAF_CHECK(version(paid) < version(paid, noon));
  CAF_CHECK(version(cancelled) < created.updated_at + std::chrono::seconds{1});
  auto early = tea();
  early.updated_at -= std::chrono::microseconds{1};
  CAF_CHECK(version(early) == early.updated_at);
}
