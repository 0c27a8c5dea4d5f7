// The simulator's own books: sales per day in the shop's zone. Written from the definitions in README.md and from
// nothing else, so that a server's ledger can be held against them.

import * as math from './order_math.mjs';
import { day_of } from './zones.mjs';

const empty = () => ({
  orders: 0, gross_sales: 0, discounts: 0, returns: 0, net_sales: 0, shipping: 0, taxes: 0, tips: 0, total_sales: 0,
});

function post(days, day, amounts) {
  const row = (days[day] ??= empty());
  for (const key in amounts) row[key] += amounts[key];
}

function post_order(days, order, zone) {
  // Where prices include tax, sales are shown without it, so that total sales still equal what was charged.
  const included = order.taxes_included ? math.lines_tax(order) + order.shipping_tax : 0;
  post(days, day_of(zone, order.processed_at ?? order.created_at), {
    orders: 1,
    gross_sales: math.gross(order) - included,
    discounts: -math.discounts(order),
    shipping: order.shipping,
    taxes: math.tax(order),
    tips: order.tip,
  });
  let left = {
    net: math.subtotal(order) - included, shipping: order.shipping, tax: math.tax(order), tip: order.tip,
  };
  if (order.edits.length) {
    const edit = math.edited(order);
    const inside = order.taxes_included ? edit.tax : 0;
    post(days, day_of(zone, Math.max(...order.edits.map((x) => x.at))), {
      gross_sales: edit.gross - inside,
      discounts: edit.net - edit.gross,
      taxes: edit.tax,
    });
    left = { ...left, net: left.net + edit.net - inside, tax: left.tax + edit.tax };
  }
  for (const refund of order.refunds) {
    const back = math.refund_totals(refund);
    const inside = order.taxes_included ? back.tax : 0;
    post(days, day_of(zone, refund.created_at), {
      returns: -(back.returns - inside), shipping: -back.shipping, taxes: -back.tax,
    });
    left.net -= back.returns - inside;
    left.shipping -= back.shipping;
    left.tax -= back.tax;
  }
  if (order.cancelled_at !== null)
    post(days, day_of(zone, order.cancelled_at), {
      returns: -left.net, shipping: -left.shipping, taxes: -left.tax, tips: -left.tip,
    });
}

/**
 * Sales per day, minor units of the shop's currency, days with any event only, in order.
 * Test orders and deleted orders never count.
 */
export function sales_by_day(orders, zone) {
  const days = {};
  for (const order of orders) if (!order.test) post_order(days, order, zone);
  const result = {};
  for (const day of Object.keys(days).sort()) {
    const row = days[day];
    for (const key in row) row[key] ||= 0; // no negative zero
    row.net_sales = row.gross_sales + row.discounts + row.returns;
    row.total_sales = row.net_sales + row.shipping + row.taxes + row.tips;
    result[day] = row;
  }
  return result;
}
