// The arithmetic of one order, in minor units of the shop's currency. Original figures never change; `current*`
// figures are the original plus edits minus refunds. Lines are consumed unit by unit, so that partial refunds
// and removals of one line add up to the line's exact total.

const sum = (list, of) => list.reduce((total, x) => total + of(x), 0);

/** Units ever on the line: ordered plus added by edits. */
export const units = (line) => line.quantity + line.added;

/** Units left after refunds and removals. */
export const current_quantity = (line) => units(line) - line.refunded - line.removed;

/** Line total net of discount, over all units. */
export const line_net = (line) => units(line) * line.price - line.discount;

const share = (total, part, whole) => (whole === 0 ? 0 : Math.round((total * part) / whole));

/** Net and tax of the next *quantity* units to leave the line. */
export function next_units(line, quantity) {
  const gone = line.refunded + line.removed;
  const slice = (total) => share(total, gone + quantity, units(line)) - share(total, gone, units(line));
  return { net: slice(line_net(line)), tax: slice(line.tax) };
}

export const gross = (order) => sum(order.lines, (x) => x.quantity * x.price);
export const discounts = (order) => sum(order.lines, (x) => x.discount);
export const subtotal = (order) => gross(order) - discounts(order);
export const lines_tax = (order) => sum(order.lines, (x) => (x.added ? 0 : x.tax));
export const tax = (order) => lines_tax(order) + order.shipping_tax;
export const total = (order) =>
  subtotal(order) + order.shipping + order.tip + (order.taxes_included ? 0 : tax(order));

const refund_sum = (order, of) => sum(order.refunds, of);
export const refunded_net = (order) => refund_sum(order, (r) => sum(r.lines, (x) => x.subtotal));
export const refunded_line_tax = (order) => refund_sum(order, (r) => sum(r.lines, (x) => x.tax));
export const refunded_shipping = (order) => refund_sum(order, (r) => r.shipping);
export const refunded_shipping_tax = (order) => refund_sum(order, (r) => r.shipping_tax);
export const goodwill = (order) => refund_sum(order, (r) => r.goodwill);
export const refunded_money = (order) => refund_sum(order, (r) => r.paid_back);

/** All edits of the order as one difference. */
export function edited(order) {
  return {
    gross: sum(order.edits, (x) => x.gross),
    net: sum(order.edits, (x) => x.net),
    tax: sum(order.edits, (x) => x.tax),
  };
}

/** What is left of the order: the `current*` figures. Goodwill does not change them; a cancellation zeroes them. */
export function current(order) {
  if (order.cancelled_at !== null) return { subtotal: 0, discounts: 0, shipping: 0, tax: 0, total: 0 };
  const edit = edited(order);
  const left = {
    subtotal: subtotal(order) + edit.net - refunded_net(order),
    shipping: order.shipping - refunded_shipping(order),
    tax: tax(order) + edit.tax - refunded_line_tax(order) - refunded_shipping_tax(order),
  };
  left.discounts = sum(order.lines, (x) => current_quantity(x) * x.price) - left.subtotal;
  left.total = left.subtotal + left.shipping + order.tip + (order.taxes_included ? 0 : left.tax);
  return left;
}

/** "paid", "partially_refunded" and so on, as webhooks write it. */
export function financial_status(order) {
  if (!order.paid) return order.cancelled_at === null ? 'pending' : 'voided';
  const back = refunded_money(order);
  if (back === 0) return 'paid';
  return back >= total(order) + edited(order).net + edited(order).tax ? 'refunded' : 'partially_refunded';
}

/** Amount of one refund in sales terms: what leaves net sales, shipping and taxes. */
export function refund_totals(refund) {
  return {
    returns: sum(refund.lines, (x) => x.subtotal) + refund.goodwill,
    shipping: refund.shipping,
    tax: sum(refund.lines, (x) => x.tax) + refund.shipping_tax,
  };
}
