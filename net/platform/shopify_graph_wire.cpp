#include "net/platform/shopify_graph_wire.hpp"

#include "net/platform/shopify_rest_wire.hpp"

#include <algorithm>

namespace clique::shopify {

namespace {

std::optional<std::int64_t> shop_money(const node& owner, const char* set, currency unit) {
  auto bag = owner[set];
  auto money = bag["shopMoney"];
  auto code = money["currencyCode"];
  return money["amount"].maybe_money(code.present() ? code.unit() : unit);
}

std::int64_t money_or_zero(const node& owner, const char* set, currency unit) {
  return shop_money(owner, set, unit).value_or(0);
}

/// "PARTIALLY_FULFILLED" as webhooks write it.
std::string fulfillment_word(std::string word) {
  if (word == "unfulfilled")
    return {};
  if (word == "partially_fulfilled")
    return "partial";
  return word;
}

void add_refund_line(const node& x, currency unit, refund& into) {
  refund_line line;
  auto of = x["lineItem"];
  line.line_id = of["id"].gid("LineItem");
  line.quantity = x["quantity"].count();
  line.subtotal = money_or_zero(x, "subtotalSet", unit);
  line.tax = money_or_zero(x, "totalTaxSet", unit);
  into.lines.push_back(line);
}

void add_payment(const node& x, currency unit, refund& into) {
  if (x["kind"].word() == "refund" && x["status"].word() == "success")
    into.paid_back = add_checked(into.paid_back, money_or_zero(x, "amountSet", unit));
}

void add_shipping(const node& x, currency unit, refund& into) {
  into.shipping = add_checked(into.shipping, money_or_zero(x, "subtotalAmountSet", unit));
  into.shipping_tax = add_checked(into.shipping_tax, money_or_zero(x, "taxAmountSet", unit));
}

/// Amounts are negative where money went back. Before 2024-10 shipping was an adjustment too.
void add_adjustment(const node& x, currency unit, refund_parts& into) {
  auto shipping = x["reason"].word() == "shipping_refund";
  auto& amount = shipping ? into.adjusted_shipping : into.what.adjustment;
  auto& tax = shipping ? into.adjusted_shipping_tax : into.what.adjustment_tax;
  amount = add_checked(amount, -money_or_zero(x, "amountSet", unit));
  tax = add_checked(tax, -money_or_zero(x, "taxAmountSet", unit));
}

std::string next_cursor(const node& connection) {
  auto page = connection["pageInfo"];
  if (!page["hasNextPage"].flag(false))
    return {};
  auto result = page["endCursor"].text();
  if (result.empty())
    page["endCursor"].fail("is missing though there is a next page");
  return result;
}

/// Visits a connection's nodes; notes what is missing.
void read_list(const node& owner, missing where, std::vector<missing>& todo,
               const std::function<void(const node&)>& visit) {
  auto connection = owner[connection_name(where.what)];
  connection["nodes"].each(visit);
  where.after = next_cursor(connection);
  if (!where.after.empty())
    todo.push_back(std::move(where));
}

refund read_graph_refund(const node& x, currency unit, missing where, time_point otherwise,
                         std::vector<missing>& todo) {
  refund_parts parts;
  auto& result = parts.what;
  result.id = x["id"].gid("Refund");
  result.at = x["createdAt"].maybe_time().value_or(otherwise);
  if (!x.has("refundLineItems")) {
    // A bulk file knows the sum only.
    result.paid_back = money_or_zero(x, "totalRefundedSet", unit);
    result.adjustment = result.paid_back;
    return result;
  }

  where.owner = x["id"].text();
  auto list = [&](part what, const std::function<void(const node&)>& visit) {
    where.what = what;
    read_list(x, where, todo, visit);
  };
  list(part::refund_lines, [&](const node& y) { add_refund_line(y, unit, result); });
  list(part::payments, [&](const node& y) { add_payment(y, unit, result); });
  list(part::adjustments, [&](const node& y) { add_adjustment(y, unit, parts); });
  list(part::shipping, [&](const node& y) {
    parts.has_shipping_lines = true;
    add_shipping(y, unit, result);
  });
  settle(parts);
  return result;
}

variant read_graph_variant(const node& x, shopify_id product_id, time_point product_at, currency unit) {
  variant result;
  result.id = x["id"].gid("ProductVariant");
  result.product_id = product_id;
  auto item = x["inventoryItem"];
  result.inventory_item_id = item["id"].maybe_gid("InventoryItem");
  result.tracked = item["tracked"].flag(true);
  auto cost = item["unitCost"];
  auto code = cost["currencyCode"];
  if (!code.present() || code.text() == unit.code())
    result.unit_cost = cost["amount"].maybe_money(unit);
  result.title = x["title"].text();
  result.sku = x["sku"].text();
  result.barcode = x["barcode"].text();
  result.price = x["price"].money(unit);
  result.compare_at_price = x["compareAtPrice"].maybe_money(unit);
  result.available = x["inventoryQuantity"].maybe_integer();
  result.continue_selling = x["inventoryPolicy"].word() == "continue";
  result.position = static_cast<int>(std::clamp<std::int64_t>(x["position"].count(), 0, 1'000'000));
  result.updated_at = x["updatedAt"].maybe_time().value_or(product_at);
  return result;
}

} // namespace

order_line read_graph_line(const node& x, currency unit) {
  order_line result;
  result.id = x["id"].gid("LineItem");
  auto variant = x["variant"];
  auto product = x["product"];
  result.variant_id = variant["id"].maybe_gid("ProductVariant");
  result.product_id = product["id"].maybe_gid("Product");
  result.sku = x["sku"].text();
  result.title = x["title"].text();
  result.quantity = x["quantity"].count();
  auto current = x["currentQuantity"];
  result.current_quantity = current.present() ? current.count() : result.quantity;
  result.unit_price = money_or_zero(x, "originalUnitPriceSet", unit);
  x["discountAllocations"].each([&](const node& y) {
    result.discount = add_checked(result.discount, money_or_zero(y, "allocatedAmountSet", unit));
  });
  check_line(x, result);
  return result;
}

order read_graph_order(const node& x, currency shop_unit, std::size_t index, std::vector<missing>& todo) {
  order result;
  result.id = x["id"].gid("Order");
  result.name = x["name"].text();
  result.created_at = x["createdAt"].time();
  result.processed_at = x["processedAt"].maybe_time();
  result.updated_at = x["updatedAt"].time();
  result.cancelled_at = x["cancelledAt"].maybe_time();
  result.test = x["test"].flag(false);
  result.financial_status = x["displayFinancialStatus"].word();
  result.fulfillment_status = fulfillment_word(x["displayFulfillmentStatus"].word());
  result.source_name = x["sourceName"].text();
  result.unit = x["currencyCode"].present() ? x["currencyCode"].unit() : shop_unit;
  result.presentment = x["presentmentCurrencyCode"].present() ? x["presentmentCurrencyCode"].unit() : result.unit;
  result.taxes_included = x["taxesIncluded"].flag(false);

  auto unit = result.unit;
  auto required = [&](const char* set) {
    auto amount = shop_money(x, set, unit);
    if (!amount)
      x[set].fail("is missing");
    return amount.value_or(0);
  };
  result.total = required("totalPriceSet");
  // Null for orders that have no such sum any more; 0 then, as in webhooks.
  result.subtotal = money_or_zero(x, "subtotalPriceSet", unit);
  result.discounts = money_or_zero(x, "totalDiscountsSet", unit);
  result.shipping = money_or_zero(x, "totalShippingPriceSet", unit);
  result.tax = money_or_zero(x, "totalTaxSet", unit);
  result.tips = money_or_zero(x, "totalTipReceivedSet", unit);
  result.current_total = shop_money(x, "currentTotalPriceSet", unit).value_or(result.total);
  result.current_subtotal = shop_money(x, "currentSubtotalPriceSet", unit).value_or(result.subtotal);
  result.current_discounts = shop_money(x, "currentTotalDiscountsSet", unit).value_or(result.discounts);
  result.current_tax = shop_money(x, "currentTotalTaxSet", unit).value_or(result.tax);
  auto total = x["totalPriceSet"];
  auto seen = total["presentmentMoney"];
  result.presentment_total =
      seen["amount"].maybe_money(result.presentment).value_or(result.presentment == unit ? result.total : 0);

  auto customer = x["customer"];
  result.customer_id = customer["id"].maybe_gid("Customer");
  auto journey = x["customerJourneySummary"];
  auto visit = journey["lastVisit"];
  result.landing_site = visit["landingPage"].text();
  result.referring_site = visit["referrerUrl"].text();
  x["discountCodes"].each([&](const node& y) { result.discount_codes.push_back(y.text()); });
  x["customAttributes"].each(
      [&](const node& y) { result.note_attributes.emplace_back(y["key"].text(), y["value"].text()); });

  missing where{part::lines, index, 0, x["id"].text(), {}};
  read_list(x, where, todo, [&](const node& y) { result.lines.push_back(read_graph_line(y, unit)); });
  x["refunds"].each([&](const node& y) {
    where.inner = result.refunds.size();
    result.refunds.push_back(read_graph_refund(y, unit, where, result.updated_at, todo));
  });
  return result;
}

product read_graph_product(const node& x, currency shop_unit, std::size_t index, std::vector<missing>& todo) {
  product result;
  result.id = x["id"].gid("Product");
  result.title = x["title"].text();
  result.handle = x["handle"].text();
  result.vendor = x["vendor"].text();
  result.product_type = x["productType"].text();
  result.status = x["status"].word();
  x["tags"].each([&](const node& y) { result.tags += (result.tags.empty() ? "" : ", ") + y.text(); });
  result.created_at = x["createdAt"].maybe_time();
  result.updated_at = x["updatedAt"].time();
  result.published_at = x["publishedAt"].maybe_time();
  missing where{part::variants, index, 0, x["id"].text(), {}};
  read_list(x, where, todo, [&](const node& y) {
    result.variants.push_back(read_graph_variant(y, result.id, result.updated_at, shop_unit));
  });
  result.variants_complete = x["variants"].present();
  return result;
}

std::string read_part(const node& owner, const missing& where, unfinished& into) {
  auto connection = owner[connection_name(where.what)];
  if (!connection.is_object()) {
    connection.fail("is missing");
    return {};
  }
  if (auto* products = std::get_if<product_page>(&into.so_far)) {
    auto& of = products->products[where.item];
    connection["nodes"].each(
        [&](const node& y) { of.variants.push_back(read_graph_variant(y, of.id, of.updated_at, into.unit)); });
    return next_cursor(connection);
  }

  auto& of = std::get<order_page>(into.so_far).orders[where.item];
  connection["nodes"].each([&](const node& y) {
    if (where.what == part::lines) {
      of.lines.push_back(read_graph_line(y, of.unit));
      return;
    }
    auto& back = of.refunds[where.inner];
    if (where.what == part::refund_lines)
      add_refund_line(y, of.unit, back);
    else if (where.what == part::payments)
      add_payment(y, of.unit, back);
    else if (where.what == part::shipping)
      add_shipping(y, of.unit, back);
    else {
      refund_parts parts{back, back.shipping != 0, 0, 0, false};
      add_adjustment(y, of.unit, parts);
      settle(parts);
      back = parts.what;
    }
  });
  return next_cursor(connection);
}

} // namespace clique::shopify
