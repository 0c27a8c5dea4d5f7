// A shop of fixed content: products, orders and the sales ledger that belongs to them. Money is in minor units.
import { random_from } from "./random.mjs";

export const now = "2026-03-14T14:09:26Z";
const day_length = 86_400_000;
const columns = ["gross_sales", "discounts", "returns", "shipping", "taxes", "tips"];

export const no_sales = () => ({ orders: 0, gross_sales: 0, discounts: 0, returns: 0, net_sales: 0, shipping: 0, taxes: 0, tips: 0, total_sales: 0 });

const formats = new Map();
const seen = new Map();

function format_of(zone) {
  if (!formats.has(zone)) {
    const two = "2-digit";
    formats.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: two, day: two, hour: two, minute: two, hourCycle: "h23" }));
  }
  return formats.get(zone);
}

/** Local day, hour and minute of an instant in a zone. */
export function local(instant, zone) {
  const key = `${zone} ${instant}`;
  if (!seen.has(key)) {
    const parts = format_of(zone).formatToParts(new Date(instant));
    const of = (type) => parts.find((x) => x.type === type).value;
    seen.set(key, { day: `${of("year")}-${of("month")}-${of("day")}`, hour: Number(of("hour")), minute: Number(of("minute")) });
  }
  return seen.get(key);
}

export function day_after(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * day_length).toISOString().slice(0, 10);
}

const catalogue = [
  ["Linen throw", "Throws", ["Sand", "Moss", "Ink"], 8900],
  ["Oak serving board", "Kitchen", ["Small", "Large"], 6400],
  ["Stonewashed duvet cover", "Bedding", ["140 x 200", "155 x 220", "200 x 200"], 17900],
  ["Waffle towel", "Bath", ["Hand", "Bath"], 3200],
  ["Beeswax candle", "Home", ["Default Title"], 1850],
  ["Wool blanket", "Throws", ["Grey", "Rust"], 14900],
  ["Ceramic carafe", "Kitchen", ["Default Title"], 5400],
  ["Gift card", "Gift cards", ["25", "50", "100"], 2500],
  ["Pillow case set", "Bedding", ["Natural", "White", "Clay", "Fog"], 4900],
  ["Olive wood spoon", "Kitchen", ["Default Title"], 1400],
  ["Cotton apron", "Kitchen", ["Black", "Natural"], 3900],
  ["Bath mat", "Bath", ["Grey", "White"], 4500],
  ["Reed diffuser", "Home", ["Fig", "Cedar"], 3600],
  ["Tea towel trio", "Kitchen", ["Default Title"], 2600],
];

function products_of(random, scale, vendor) {
  return catalogue.map(([title, type, variants, price], index) => {
    const made = variants.map((name, at) => {
      const tracked = type !== "Gift cards";
      return {
        id: String(7_000_000 + index * 100 + at),
        sku: tracked ? `${title.slice(0, 3).toUpperCase()}-${String(index * 10 + at).padStart(3, "0")}` : "",
        title: name,
        price: (price + at * Math.round(price / 8 / 100) * 100) * scale,
        compare_at_price: index % 5 === 2 ? price * 2 * scale : null,
        unit_cost: index % 4 === 3 ? null : Math.round(price * 0.42) * scale,
        available: tracked ? [42, 0, 3, 118, 17, 5, 64][(index * 2 + at) % 7] : null,
        tracked,
        inventory_policy: index % 6 === 5 ? "continue" : "deny",
      };
    });
    const tracked = made.filter((x) => x.tracked);
    return {
      id: String(6_000_000 + index),
      title,
      vendor,
      product_type: type,
      status: index === 12 ? "draft" : index === 13 ? "archived" : "active",
      updated_at: new Date(Date.parse(now) - (index * 5 + 1) * 3_700_000).toISOString().replace(".000Z", "Z"),
      variants: made,
      available: tracked.length ? tracked.reduce((sum, x) => sum + x.available, 0) : null,
      variant_count: made.length,
    };
  });
}

/** An order with its ledger. *at*: epoch milliseconds. */
export function order_of({ random, number, at, products, unit, zone, tax_percent }) {
  const id = String(5_400_000_000 + number);
  const placed = new Date(at).toISOString().replace(".000Z", "Z");
  const sold = products.filter((x) => x.status === "active");
  const lines = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, (_, index) => {
    const product = random.pick(sold);
    const variant = random.pick(product.variants);
    const quantity = random.pick([1, 1, 1, 2, 2, 4]);
    return {
      id: `${id}${index}`,
      variant_id: variant.id,
      product_id: product.id,
      sku: variant.sku,
      title: variant.title === "Default Title" ? product.title : `${product.title} - ${variant.title}`,
      quantity,
      current_quantity: quantity,
      unit_price: variant.price,
      discount: random.chance(0.2) ? Math.floor((variant.price * quantity) / 10) : 0,
    };
  });
  const gross = lines.reduce((sum, x) => sum + x.unit_price * x.quantity, 0);
  const discount = lines.reduce((sum, x) => sum + x.discount, 0);
  const step = unit.exponent === 0 ? 1 : 10 ** (unit.exponent - 2);
  const shipping = gross > 15_000 * step ? 0 : 590 * step;
  const taxes = Math.round(((gross - discount) * tax_percent) / 100);
  const tips = random.chance(0.04) ? 200 * step : 0;
  const day = local(placed, zone).day;
  const sale = { day, kind: "sale", gross_sales: gross, discounts: -discount, returns: 0, shipping, taxes, tips, adjustment: 0, source: "" };
  const ledger = [sale];
  const refunds = [];
  const total = gross - discount + shipping + taxes + tips;
  let status = random.chance(0.06) ? "pending" : "paid";
  const age_days = (Date.parse(now) - at) / day_length;
  if (age_days > 3 && random.chance(0.05)) {
    const line = lines[0];
    const subtotal = Math.floor((line.unit_price * line.quantity - line.discount) / line.quantity);
    const tax = Math.round((subtotal * tax_percent) / 100);
    line.current_quantity -= 1;
    const back = new Date(at + 2 * day_length).toISOString().replace(".000Z", "Z");
    refunds.push({ id: `9${id}`, at: back, lines: [{ line_id: line.id, quantity: 1, subtotal, tax }], shipping: 0, adjustment: 0, paid_back: subtotal + tax });
    ledger.push({ day: local(back, zone).day, kind: "refund", gross_sales: 0, discounts: 0, returns: -subtotal, shipping: 0, taxes: -tax, tips: 0, adjustment: 0, source: `9${id}` });
    status = "partially_refunded";
  }
  for (const x of ledger) x.total = columns.reduce((sum, name) => sum + x[name], 0) + x.adjustment;
  return {
    item: {
      id,
      name: `#${number}`,
      created_at: placed,
      processed_at: placed,
      updated_at: placed,
      financial_status: status,
      fulfillment_status: age_days > 1 ? "fulfilled" : "",
      total_price: total,
      net_sales: ledger.reduce((sum, x) => sum + x.gross_sales + x.discounts + x.returns, 0),
      currency: unit.currency,
      presentment_total: total,
      presentment_currency: unit.currency,
      test: false,
      cancelled_at: null,
      source_name: random.pick(["web", "web", "web", "pos", "shop_app"]),
      line_count: lines.length,
      units: lines.reduce((sum, x) => sum + x.quantity, 0),
    },
    lines,
    refunds,
    ledger,
  };
}

export function shop_of({ seed, unit, zone, vendor, a_day, days, scale, tax_percent }) {
  const random = random_from(seed);
  const products = products_of(random, scale, vendor);
  const end = Date.parse(now);
  const instants = [];
  for (let back = 0; back < days; back += 1) {
    const weekday = new Date(end - back * day_length).getUTCDay();
    const wanted = Math.round(a_day * (weekday === 0 || weekday === 6 ? 1.35 : 1) * (0.75 + random.next() * 0.5));
    const midnight = end - (end % day_length) - back * day_length;
    for (let i = 0; i < wanted; i += 1) {
      const hour = Math.min(23.98, Math.max(0, 14 + (random.next() + random.next() + random.next() - 1.5) * 9));
      const at = midnight + Math.floor((hour * 3600 * 1000) / 1000) * 1000;
      if (at < end) instants.push(at);
    }
  }
  instants.sort((a, b) => a - b);
  const orders = instants.map((at, index) => order_of({ random, number: 1001 + index, at, products, unit, zone, tax_percent }));
  return { unit, zone, tax_percent, random, products, orders };
}

/** Adds one ledger entry to a row of sales. */
function add(row, entry) {
  for (const name of columns) row[name] += entry[name];
  if (entry.kind === "sale") row.orders += 1;
  row.net_sales += entry.gross_sales + entry.discounts + entry.returns;
  row.total_sales += entry.total;
}

/** Day -> sales, and for one day hour -> sales. */
export function sales_by_day(shop) {
  const result = new Map();
  for (const order of shop.orders)
    for (const entry of order.ledger) {
      if (!result.has(entry.day)) result.set(entry.day, no_sales());
      add(result.get(entry.day), entry);
    }
  return result;
}

/** Sales of a day until a local time of day (minutes); with Infinity the whole day. Refunds count from midnight on. */
export function sales_until(shop, day, minutes) {
  const row = no_sales();
  for (const order of shop.orders)
    for (const entry of order.ledger) {
      if (entry.day !== day) continue;
      const at = local(order.item.created_at, shop.zone);
      if (entry.kind === "sale" && at.hour * 60 + at.minute > minutes) continue;
      add(row, entry);
    }
  return row;
}

export function hours_of(shop, day, until_hour) {
  const rows = Array.from({ length: until_hour + 1 }, (_, hour) => ({ hour, net_sales: 0, orders: 0 }));
  for (const order of shop.orders)
    for (const entry of order.ledger) {
      const at = local(order.item.created_at, shop.zone);
      if (entry.day !== day || entry.kind !== "sale" || !rows[at.hour]) continue;
      rows[at.hour].orders += 1;
      rows[at.hour].net_sales += entry.gross_sales + entry.discounts;
    }
  return rows;
}
