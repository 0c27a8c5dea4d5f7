#include "net/platform/shopify_rest_wire.hpp"

#include "net/platform/shopify_wire.hpp"

#include <algorithm>

namespace clique::shopify {

namespace {

/// Shop money of a `*_set`, when it is in the order's own currency.
std::optional<std::int64_t> shop_money(const node& set, currency unit) {
  auto money = set["shop_money"];
  auto code = money["currency_code"].text();
  if (!code.empty() && code != unit.code())
    return std::nullopt;
  return money["amount"].maybe_money(unit);
}

/// Flat amount, which is in shop currency, else the set's.
std::optional<std::int64_t> either(const node& x, const char* flat, const char* set, currency unit) {
  if (auto result = x[flat].maybe_money(unit))
    return result;
  return shop_money(x[set], unit);
}

std::int64_t line_discount(const node& x, currency unit) {
  auto allocations = x["discount_allocations"];
  if (!allocations.present())
    return either(x, "total_discount", "total_discount_set", unit).value_or(0);

  std::int64_t result = 0;
  allocations.each(
      [&](const node& y) { result = add_checked(result, either(y, "amount", "amount_set", unit).value_or(0)); });
  return result;
}

order_line read_line(const node& x, currency unit) {
  order_line result;
  result.id = x["id"].id();
  result.variant_id = x["variant_id"].maybe_id();
  result.product_id = x["product_id"].maybe_id();
  result.sku = x["sku"].text();
  result.title = x["title"].text();
  if (result.title.empty())
    result.title = x["name"].text();
  result.quantity = x["quantity"].count();
  auto current = x["current_quantity"];
  result.current_quantity = current.present() ? current.count() : result.quantity;
  result.unit_price = either(x, "price", "price_set", unit).value_or(0);
  result.discount = line_discount(x, unit);
  check_line(x, result);
  return result;
}

std::int64_t shipping_of(const node& x, currency unit) {
  if (auto result = shop_money(x["total_shipping_price_set"], unit))
    return *result;
  std::int64_t result = 0;
  x["shipping_lines"].each(
      [&](const node& y) { result = add_checked(result, either(y, "price", "price_set", unit).value_or(0)); });
  return result;
}

void read_presentment(const node& x, order& result) {
  auto set = x["total_price_set"];
  auto money = set["presentment_money"];
  auto code = money["currency_code"];
  result.presentment = result.unit;
  if (x["presentment_currency"].present())
    result.presentment = x["presentment_currency"].unit();
  else if (code.present())
    result.presentment = code.unit();
  // Amounts beside another currency's name would be wrong numbers: then only the order's own total is known.
  auto fits = !code.present() || code.text() == result.presentment.code();
  auto amount = fits ? money["amount"].maybe_money(result.presentment) : std::nullopt;
  result.presentment_total = amount.value_or(result.presentment == result.unit ? result.total : 0);
}

void read_totals(const node& x, order& result) {
  auto unit = result.unit;
  auto required = [&](const char* flat, const char* set) {
    auto amount = either(x, flat, set, unit);
    if (!amount)
      x[flat].fail("is missing");
    return amount.value_or(0);
  };
  result.total = required("total_price", "total_price_set");
  result.subtotal = required("subtotal_price", "subtotal_price_set");
  result.discounts = either(x, "total_discounts", "total_discounts_set", unit).value_or(0);
  result.tax = either(x, "total_tax", "total_tax_set", unit).value_or(0);
  result.tips = either(x, "total_tip_received", "total_tip_received_set", unit).value_or(0);
  result.shipping = shipping_of(x, unit);
  result.current_total = either(x, "current_total_price", "current_total_price_set", unit).value_or(result.total);
  result.current_subtotal =
      either(x, "current_subtotal_price", "current_subtotal_price_set", unit).value_or(result.subtotal);
  result.current_discounts =
      either(x, "current_total_discounts", "current_total_discounts_set", unit).value_or(result.discounts);
  result.current_tax = either(x, "current_total_tax", "current_total_tax_set", unit).value_or(result.tax);
}

variant read_variant(const node& x, const product& of, currency unit) {
  variant result;
  result.id = x["id"].id();
  result.product_id = x["product_id"].maybe_id().value_or(of.id);
  result.inventory_item_id = x["inventory_item_id"].maybe_id();
  result.title = x["title"].text();
  result.sku = x["sku"].text();
  result.barcode = x["barcode"].text();
  result.price = x["price"].money(unit);
  result.compare_at_price = x["compare_at_price"].maybe_money(unit);
  result.available = x["inventory_quantity"].maybe_integer();
  // Named by versions until 2024; where it is absent nothing is known against tracking.
  auto management = x["inventory_management"];
  result.tracked = management.present() || !x.has("inventory_management");
  result.continue_selling = x["inventory_policy"].word() == "continue";
  result.position = static_cast<int>(std::clamp<std::int64_t>(x["position"].maybe_integer().value_or(0), 0, 1'000'000));
  result.updated_at = x["updated_at"].maybe_time().value_or(of.updated_at);
  return result;
}

} // namespace

void check_line(const node& x, const order_line& line) {
  constexpr std::int64_t largest = 100'000'000'000'000; // as for any amount
  std::int64_t product = 0;
  if (__builtin_mul_overflow(line.quantity, line.unit_price, &product) || product > largest || product < -largest)
    x["quantity"].fail("times the price is beyond any amount of a shop");
}

void settle(refund_parts& parts) {
  auto& x = parts.what;
  if (!parts.has_shipping_lines) {
    x.shipping = parts.adjusted_shipping;
    x.shipping_tax = parts.adjusted_shipping_tax;
  }
  if (!parts.foreign_payment)
    return;

  // Paid back in the buyer's currency: what the refund consists of, in shop currency, is the best that is known.
  auto sum = add_checked(add_checked(x.shipping, x.shipping_tax), add_checked(x.adjustment, x.adjustment_tax));
  for (auto& line : x.lines)
    sum = add_checked(sum, add_checked(line.subtotal, line.tax));
  x.paid_back = sum;
}

refund read_rest_refund(const node& x, currency unit, time_point otherwise) {
  refund_parts parts;
  auto& result = parts.what;
  result.id = x["id"].id();
  auto at = x["created_at"].maybe_time();
  if (!at)
    at = x["processed_at"].maybe_time();
  result.at = at.value_or(otherwise);

  x["refund_line_items"].each([&](const node& y) {
    refund_line line;
    line.line_id = y["line_item_id"].id();
    line.quantity = y["quantity"].count();
    line.subtotal = either(y, "subtotal", "subtotal_set", unit).value_or(0);
    line.tax = either(y, "total_tax", "total_tax_set", unit).value_or(0);
    result.lines.push_back(line);
  });
  x["refund_shipping_lines"].each([&](const node& y) {
    parts.has_shipping_lines = true;
    auto amount = either(y, "subtotal_amount", "subtotal_amount_set", unit).value_or(0);
    auto tax = either(y, "tax_amount", "tax_amount_set", unit).value_or(0);
    result.shipping = add_checked(result.shipping, amount);
    result.shipping_tax = add_checked(result.shipping_tax, tax);
  });
  // Amounts are negative where money went back to the buyer.
  x["order_adjustments"].each([&](const node& y) {
    auto shipping = y["kind"].word() == "shipping_refund";
    auto& amount = shipping ? parts.adjusted_shipping : result.adjustment;
    auto& tax = shipping ? parts.adjusted_shipping_tax : result.adjustment_tax;
    amount = add_checked(amount, -either(y, "amount", "amount_set", unit).value_or(0));
    tax = add_checked(tax, -either(y, "tax_amount", "tax_amount_set", unit).value_or(0));
  });
  x["transactions"].each([&](const node& y) {
    if (y["kind"].word() != "refund" || y["status"].word() != "success")
      return;
    auto code = y["currency"].text();
    auto amount = shop_money(y["amount_set"], unit);
    if (!amount && (code.empty() || code == unit.code()))
      amount = y["amount"].maybe_money(unit);
    parts.foreign_payment |= !amount;
    result.paid_back = add_checked(result.paid_back, amount.value_or(0));
  });
  settle(parts);
  return result;
}

order read_rest_order(const node& x) {
  order result;
  result.id = x["id"].id();
  result.name = x["name"].text();
  result.created_at = x["created_at"].time();
  result.processed_at = x["processed_at"].maybe_time();
  result.updated_at = x["updated_at"].time();
  result.cancelled_at = x["cancelled_at"].maybe_time();
  result.test = x["test"].flag(false);
  result.financial_status = x["financial_status"].word();
  result.fulfillment_status = x["fulfillment_status"].word();
  result.source_name = x["source_name"].text();
  result.unit = x["currency"].unit();
  result.taxes_included = x["taxes_included"].flag(false);
  read_totals(x, result);
  read_presentment(x, result);
  auto customer = x["customer"];
  result.customer_id = customer["id"].maybe_id();
  result.landing_site = x["landing_site"].text();
  result.referring_site = x["referring_site"].text();
  x["discount_codes"].each([&](const node& y) {
    if (auto code = y["code"].text(); !code.empty())
      result.discount_codes.push_back(std::move(code));
  });
  x["note_attributes"].each(
      [&](const node& y) { result.note_attributes.emplace_back(y["name"].text(), y["value"].text()); });
  x["line_items"].each([&](const node& y) { result.lines.push_back(read_line(y, result.unit)); });
  x["refunds"].each(
      [&](const node& y) { result.refunds.push_back(read_rest_refund(y, result.unit, result.updated_at)); });
  return result;
}

product read_rest_product(const node& x, currency unit) {
  constexpr std::size_t max_inlined = 100; // variants in a body since 2024-10
  product result;
  result.id = x["id"].id();
  result.title = x["title"].text();
  result.handle = x["handle"].text();
  result.vendor = x["vendor"].text();
  result.product_type = x["product_type"].text();
  result.tags = x["tags"].text();
  result.status = x["status"].word();
  result.created_at = x["created_at"].maybe_time();
  result.updated_at = x["updated_at"].time();
  result.published_at = x["published_at"].maybe_time();
  x["variants"].each([&](const node& y) { result.variants.push_back(read_variant(y, result, unit)); });
  auto listed = x["variant_gids"];
  result.variants_complete =
      listed.present() ? listed.size() <= result.variants.size() : result.variants.size() < max_inlined;
  if (!x["variants"].present())
    result.variants_complete = false;
  return result;
}

result<order> parse_order(std::string_view json) {
  return read_document(json, [](const node& x) { return read_rest_order(x); });
}

result<product> parse_product(std::string_view json, currency shop_unit) {
  return read_document(json, [&](const node& x) { return read_rest_product(x, shop_unit); });
}

result<refund> parse_refund(std::string_view json, currency unit) {
  return read_document(json, [&](const node& x) { return read_rest_refund(x, unit, time_point{}); });
}

} // namespace clique::shopify
