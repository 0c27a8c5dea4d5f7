#pragma once

#include "support/builders.hpp"

#include <random>
#include <string>
#include <vector>

namespace clique::build {

/// A shop's order that lives through edits, refunds and a cancellation, with books of its own beside it: written
/// from the definitions, unit by unit, not from the ledger.
class life {
public:
  life(std::uint64_t seed, calendar zone) : random_{seed}, zone_{zone} {
    x.id = 1 + pick(1'000'000);
    x.created_at = x.updated_at = at("2026-01-01T00:00:00Z") + std::chrono::minutes{pick(500'000)};
    x.taxes_included = pick(2) == 0;
    x.unit = currency{"EUR"};
    rate_ = pick(3) * 10;
    for (auto i = 1 + pick(4); i > 0; --i)
      add_line(1 + pick(5));
    x.shipping = pick(3) * 250;
    x.tips = pick(4) == 0 ? pick(500) : 0;
    shipping_tax_ = tax_of(x.shipping);
    x.tax = shipping_tax_;
    for (std::size_t i = 0; i < x.lines.size(); ++i) {
      x.subtotal += net(i);
      x.discounts += x.lines[i].discount;
      x.tax += taxes_[i];
    }
    x.total = x.subtotal + x.shipping + x.tips + (x.taxes_included ? 0 : x.tax);
    post("sale", x.created_at, x.subtotal + x.discounts - included(x.tax), -x.discounts, 0, x.shipping, x.tax, x.tips);
    current_ = {x.subtotal, x.tax, x.shipping};
    for (auto i = pick(3); i > 0; --i)
      refund_some();
    if (pick(3) == 0)
      edit();
    for (auto i = pick(3); i > 0; --i)
      refund_some();
    if (pick(4) == 0)
      cancel();
    x.current_subtotal = current_.net;
    x.current_tax = current_.tax;
    x.current_total =
        x.cancelled_at ? 0 : current_.net + current_.shipping + x.tips + (x.taxes_included ? 0 : current_.tax);
  }

  order x;
  std::string books;

private:
  struct amounts {
    std::int64_t net = 0, tax = 0, shipping = 0;
  };

  std::int64_t pick(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  std::int64_t tax_of(std::int64_t amount) const {
    return x.taxes_included ? amount - amount * 100 / (100 + rate_) : amount * rate_ / 100;
  }
  std::int64_t included(std::int64_t tax) const {
    return x.taxes_included ? tax : 0;
  }
  std::int64_t net(std::size_t i) const {
    return units_[i] * x.lines[i].unit_price - x.lines[i].discount;
  }
  std::int64_t slice(std::int64_t all, std::size_t i, std::int64_t n) const {
    auto gone = units_[i] - x.lines[i].current_quantity;
    return all * (gone + n) / units_[i] - all * gone / units_[i];
  }
  time_point later() {
    return x.updated_at += std::chrono::minutes{1 + pick(20'000)};
  }

  void add_line(std::int64_t n, bool by_edit = false) {
    order_line y;
    y.id = 100 + static_cast<std::int64_t>(x.lines.size());
    y.quantity = by_edit ? 0 : n;
    y.current_quantity = n;
    y.unit_price = 1 + pick(9999);
    y.discount = by_edit || pick(2) ? 0 : pick(3) ? pick(n * y.unit_price) : n * y.unit_price; // a gift
    x.lines.push_back(y);
    units_.push_back(n);
    taxes_.push_back(tax_of(net(x.lines.size() - 1)));
  }

  void post(const char* what, time_point when, std::int64_t gross, std::int64_t off, std::int64_t back,
            std::int64_t ship, std::int64_t tax, std::int64_t tip) {
    auto is_sale = std::string_view{what} == "sale";
    left_.net += gross + off + back;
    left_.shipping += ship;
    left_.tax += tax;
    tips_ += tip;
    if (!is_sale && gross == 0 && off == 0 && back == 0 && ship == 0 && tax == 0 && tip == 0)
      return;
    ledger_entry y;
    y.what = is_sale ? ledger_entry::kind::sale : kind_of(what);
    y.on = zone_.day_of(when);
    y.hour = zone_.hour_of(when);
    y.orders = is_sale;
    y.gross = gross;
    y.discounts = off;
    y.returns = back;
    y.shipping = ship;
    y.taxes = tax;
    y.tips = tip;
    (y.what == ledger_entry::kind::edit     ? edits_
     : y.what == ledger_entry::kind::refund ? refunds_
                                            : books) += text(y) + "\n";
  }
  static ledger_entry::kind kind_of(std::string_view what) {
    return what == "edit"     ? ledger_entry::kind::edit
           : what == "refund" ? ledger_entry::kind::refund
                              : ledger_entry::kind::cancellation;
  }

  void refund_some() {
    refund y;
    y.id = next_refund_++;
    y.at = later();
    std::int64_t lines = 0, tax = 0;
    for (std::size_t i = 0; i < x.lines.size(); ++i) {
      auto n = pick(x.lines[i].current_quantity + 1);
      if (n == 0)
        continue;
      refund_line z{x.lines[i].id, n, slice(net(i), i, n), slice(taxes_[i], i, n)};
      x.lines[i].current_quantity -= n;
      lines += z.subtotal;
      tax += z.tax;
      y.lines.push_back(z);
    }
    if (current_.shipping > 0 && pick(3) == 0) {
      y.shipping = current_.shipping;
      y.shipping_tax = shipping_tax_;
    }
    y.adjustment = pick(5) == 0 ? pick(300) : 0;
    current_.net -= lines;
    current_.shipping -= y.shipping;
    current_.tax -= tax + y.shipping_tax;
    auto taxes = tax + y.shipping_tax;
    x.refunds.push_back(y);
    post("refund", y.at, 0, 0, -(lines + y.adjustment - included(taxes)), -y.shipping, -taxes, 0);
  }

  void edit() {
    x.edited_at = later();
    std::int64_t gross = 0, off = 0, tax = 0;
    for (std::size_t i = 0; i < x.lines.size(); ++i) {
      auto n = pick(x.lines[i].current_quantity + 1);
      gross -= n * x.lines[i].unit_price;
      off += n * x.lines[i].unit_price - slice(net(i), i, n);
      tax -= slice(taxes_[i], i, n);
      x.lines[i].current_quantity -= n;
    }
    if (pick(2)) {
      add_line(1 + pick(3), true);
      gross += net(x.lines.size() - 1);
      tax += taxes_.back();
    }
    current_.net += gross + off;
    current_.tax += tax;
    post("edit", *x.edited_at, gross - included(tax), off, 0, 0, tax, 0);
  }

  void cancel() {
    // What an edit changed cannot be known once the current figures are gone.
    if (x.edited_at)
      return;
    x.cancelled_at = later();
    for (auto& y : x.lines)
      y.current_quantity = 0;
    current_ = {};
    auto left = left_;
    auto tips = tips_;
    post("cancellation", *x.cancelled_at, 0, 0, -left.net, -left.shipping, -left.tax, -tips);
  }

public:
  /// Entries in the order of the ledger: sale, edit, refunds by id, cancellation.
  std::string in_order() const {
    auto end = books.find('\n') + 1;
    return books.substr(0, end) + edits_ + refunds_ + books.substr(end);
  }

private:
  std::mt19937_64 random_;
  calendar zone_;
  std::int64_t rate_ = 0, shipping_tax_ = 0, tips_ = 0;
  shopify_id next_refund_ = 500;
  std::vector<std::int64_t> units_, taxes_;
  amounts current_, left_;
  std::string edits_, refunds_;
};

} // namespace clique::build
