// Gross is what the lines cost before discounts, on the local day of the sale. What comes later (an edit, a refund,
// a cancellation) is an entry of its own on its own day, so that no finished day changes behind anyone's back.
// Where prices include tax, gross and returns are shown without it, as in Shopify's reports.

#include "ledger/sales.hpp"

#include "core/money.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string_view>

namespace clique {

namespace {

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result))
    throw std::overflow_error{"a product of money beyond 2^63 minor units"};
  return result;
}

template <class... Ts>
std::int64_t sum(Ts... xs) {
  std::int64_t result = 0;
  ((result = add_checked(result, xs)), ...);
  return result;
}

/// Difference that refuses to wrap.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return sum(a, times(b, -1));
}

template <class Range, class Amount>
std::int64_t sum_of(const Range& xs, Amount amount) {
  std::int64_t result = 0;
  for (const auto& x : xs)
    result = add_checked(result, amount(x));
  return result;
}

/// Sales terms of one refund, all >= 0 where money went back.
struct given_back {
  std::int64_t lines = 0, goodwill = 0, shipping = 0, tax = 0, goodwill_tax = 0;
};

given_back worth(const refund& x) {
  return {sum_of(x.lines, [](const auto& y) { return y.subtotal; }), x.adjustment, x.shipping,
          add_checked(sum_of(x.lines, [](const auto& y) { return y.tax; }), x.shipping_tax), x.adjustment_tax};
}

given_back worth(const std::vector<refund>& xs) {
  given_back result;
  for (const auto& x : xs) {
    auto y = worth(x);
    result = {sum(result.lines, y.lines), sum(result.goodwill, y.goodwill), sum(result.shipping, y.shipping),
              sum(result.tax, y.tax), sum(result.goodwill_tax, y.goodwill_tax)};
  }
  return result;
}

/// Tax that *x*'s prices do not contain and that is therefore charged on top.
std::int64_t on_top(const order& x, std::int64_t tax) {
  return x.taxes_included ? 0 : tax;
}

std::int64_t inside(const order& x, std::int64_t tax) {
  return x.taxes_included ? tax : 0;
}

/// Price of all lines before discounts as first ordered. Sources may list lines partly, or list lines that an edit
/// added later: then the order's own subtotal decides, if with it the order adds up.
std::int64_t listed_gross(const order& x) {
  auto lines = sum_of(x.lines, [](const auto& y) { return times(y.quantity, y.unit_price); });
  auto line_discounts = sum_of(x.lines, [](const auto& y) { return y.discount; });
  auto adds_up = [&](std::int64_t gross) {
    return sum(minus(gross, x.discounts), x.shipping, x.tips, on_top(x, x.tax)) == x.total;
  };
  for (auto gross : {lines, sum(x.subtotal, x.discounts), sum(x.subtotal, line_discounts)})
    if (adds_up(gross))
      return gross;
  return lines;
}

ledger_entry at(const calendar& zone, ledger_entry::kind what, time_point when) {
  ledger_entry result;
  result.what = what;
  result.on = zone.day_of(when);
  result.hour = zone.hour_of(when);
  return result;
}

ledger_entry sale(const order& x, const calendar& zone) {
  auto result = at(zone, ledger_entry::kind::sale, x.processed_at.value_or(x.created_at));
  result.orders = 1;
  result.gross = minus(listed_gross(x), inside(x, x.tax));
  result.discounts = times(x.discounts, -1);
  result.shipping = x.shipping;
  result.taxes = x.tax;
  result.tips = x.tips;
  result.adjustment = minus(x.total, sum(result.gross, result.discounts, result.shipping, result.taxes, result.tips));
  return result;
}

/// What the lines that are left, or were left before refunds, cost more than those first ordered.
std::int64_t edited_gross(const order& x) {
  std::map<shopify_id, std::int64_t> refunded;
  for (const auto& y : x.refunds)
    for (const auto& z : y.lines)
      refunded[z.line_id] = add_checked(refunded[z.line_id], z.quantity);
  auto now = sum_of(x.lines, [&](const order_line& y) {
    auto found = refunded.find(y.id);
    auto back = found == refunded.end() ? 0 : found->second;
    return times(sum(y.current_quantity, back), y.unit_price);
  });
  return minus(now, listed_gross(x));
}

/// A cancellation sets the current figures to zero and so hides an edit, unless everything was given back.
bool shows_edits(const order& x) {
  return !x.cancelled_at || (x.edited_at && x.financial_status == "refunded");
}

ledger_entry edit(const order& x, const calendar& zone) {
  auto result = at(zone, ledger_entry::kind::edit, x.edited_at.value_or(x.updated_at));
  if (!shows_edits(x))
    return result;
  auto back = worth(x.refunds);
  auto net = minus(x.current_subtotal, minus(x.subtotal, back.lines));
  auto tax = minus(x.current_tax, minus(x.tax, back.tax));
  if (net != 0 || tax != 0 || x.edited_at) {
    auto gross = edited_gross(x);
    result.gross = minus(gross, inside(x, tax));
    result.discounts = minus(net, gross);
    result.taxes = tax;
  }
  if (x.cancelled_at)
    return result;
  auto expected = minus(x.total, sum(back.lines, back.shipping, on_top(x, back.tax)));
  auto rest = minus(minus(x.current_total, expected), sum(net, on_top(x, tax)));
  // Whether goodwill lowers the current total is up to the source; it has its own entry in any case.
  auto goodwill = sum(back.goodwill, on_top(x, back.goodwill_tax));
  if (rest == times(goodwill, -1))
    rest = 0;
  (x.edited_at ? result.shipping : result.adjustment) = rest;
  return result;
}

ledger_entry give_back(const order& x, const refund& y, const calendar& zone) {
  auto result = at(zone, ledger_entry::kind::refund, y.at);
  auto back = worth(y);
  auto tax = sum(back.tax, back.goodwill_tax);
  result.source = y.id;
  result.returns = times(minus(sum(back.lines, back.goodwill), inside(x, tax)), -1);
  result.shipping = times(back.shipping, -1);
  result.taxes = times(tax, -1);
  return result;
}

/// Reverses what *so_far* does not sum to zero.
ledger_entry cancellation(time_point when, const std::vector<ledger_entry>& so_far, const calendar& zone) {
  auto result = at(zone, ledger_entry::kind::cancellation, when);
  for (const auto& x : so_far) {
    result.returns = minus(result.returns, sum(x.gross, x.discounts, x.returns));
    result.shipping = minus(result.shipping, x.shipping);
    result.taxes = minus(result.taxes, x.taxes);
    result.tips = minus(result.tips, x.tips);
    result.adjustment = minus(result.adjustment, x.adjustment);
  }
  return result;
}

bool says_something(const ledger_entry& x) {
  return x.orders != 0 || x.gross != 0 || x.discounts != 0 || x.returns != 0 || x.shipping != 0 || x.taxes != 0
         || x.tips != 0 || x.adjustment != 0;
}

/// By id and each once: sources may repeat a refund.
std::vector<refund> in_order(std::vector<refund> xs) {
  std::sort(xs.begin(), xs.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  xs.erase(std::unique(xs.begin(), xs.end(), [](const auto& a, const auto& b) { return a.id == b.id; }), xs.end());
  return xs;
}

std::int64_t payment_progress(std::string_view status) {
  using namespace std::literals;
  constexpr std::array steps{"pending"sv, "authorized"sv,         "partially_paid"sv,
                             "paid"sv,    "partially_refunded"sv, "refunded"sv};
  if (status == "voided" || status == "expired")
    return static_cast<std::int64_t>(steps.size());
  auto found = std::find(steps.begin(), steps.end(), status);
  return found == steps.end() ? 0 : found - steps.begin();
}

/// How far the order's life has come; each part only grows. The weights are free, they must only not be zero.
std::chrono::microseconds progress(const order& x) {
  auto shipped = x.fulfillment_status == "fulfilled" ? 2 : x.fulfillment_status.empty() ? 0 : 1;
  auto gone = sum_of(
      x.lines, [](const auto& y) { return std::clamp<std::int64_t>(minus(y.quantity, y.current_quantity), 0, 100); });
  auto result = std::int64_t{10'000} * static_cast<std::int64_t>(x.refunds.size())
                + std::int64_t{1'000} * static_cast<std::int64_t>(x.lines.size())
                + 100 * payment_progress(x.financial_status) + (x.cancelled_at ? 50 : 0) + 10 * gone + 2 * shipped
                + (x.edited_at ? 1 : 0);
  return std::chrono::microseconds{std::min<std::int64_t>(result, 999'999)};
}

} // namespace

std::vector<ledger_entry> sales_ledger(const order& source, const calendar& zone) {
  if (source.test)
    return {};
  auto x = source;
  x.refunds = in_order(x.refunds);
  std::vector<ledger_entry> result;
  auto add = [&](ledger_entry entry) {
    if (says_something(entry))
      result.push_back(entry);
  };
  add(sale(x, zone));
  add(edit(x, zone));
  for (const auto& y : x.refunds)
    add(give_back(x, y, zone));
  if (x.cancelled_at)
    add(cancellation(*x.cancelled_at, result, zone));
  return result;
}

order_row to_row(order x, const calendar& zone, std::optional<time_point> edited_at) {
  if (edited_at && (!x.edited_at || *x.edited_at < *edited_at))
    x.edited_at = edited_at;
  if (x.updated_at == std::chrono::floor<std::chrono::seconds>(x.updated_at))
    x.updated_at += progress(x);
  auto ledger = sales_ledger(x, zone);
  return {std::move(x), std::move(ledger)};
}

} // namespace clique
