// Each REST view and each push channel of a tenant, in the shapes of net/openapi.json.
import { day_after, hours_of, local, no_sales, now, sales_by_day, sales_until } from "./shop.mjs";

const header = ({ store }) => ({ as_of: now, currency: store.currency, currency_exponent: store.currency_exponent, timezone: store.timezone });

function sum(rows) {
  const result = no_sales();
  for (const row of rows) for (const name of Object.keys(result)) result[name] += row[name];
  return result;
}

export function overview(tenant, query = {}) {
  const { shop } = tenant;
  const at = local(now, shop.zone);
  const table = sales_by_day(shop);
  const row = (day) => ({ day, ...(table.get(day) ?? no_sales()) });
  const to = query.to || at.day;
  const from = query.from || day_after(to, -29);
  const days = [];
  for (let day = from; day <= to; day = day_after(day, 1)) days.push(row(day));
  const back = query.compare === "previous_year" ? 364 : days.length;
  const compare_days = days.map((x) => row(day_after(x.day, -back)));
  const other = day_after(at.day, -7);
  const minutes = at.hour * 60 + at.minute;
  const total = sum(compare_days.slice(-3)).total_sales;
  const checked = tenant.reconciliation.state !== "unchecked";
  return {
    ...header(tenant),
    today: { ...row(at.day), by_hour: hours_of(shop, at.day, at.hour) },
    comparison: { day: other, ...sales_until(shop, other, minutes), full: sales_until(shop, other, Infinity) },
    totals: sum(days),
    compare_totals: sum(compare_days),
    days,
    compare_days,
    freshness: tenant.fresh,
    reconciliation: {
      ...tenant.reconciliation,
      ours: checked ? total : null,
      theirs: checked ? total : null,
      drift: checked ? 0 : null,
      checked_at: checked ? now : null,
    },
  };
}

const limit_of = (query) => Math.min(200, Math.max(1, Number(query.limit ?? 50)));

function page(tenant, rows, query) {
  const start = Number(query.cursor || 0);
  const limit = limit_of(query);
  return { ...header(tenant), items: rows.slice(start, start + limit), next: start + limit < rows.length ? String(start + limit) : null };
}

export function orders(tenant, query = {}) {
  const wanted = (query.q ?? "").replace(/^#/, "");
  const rows = tenant.shop.orders
    .map((x) => x.item)
    .filter((x) => !wanted || x.name.slice(1).startsWith(wanted) || x.id === wanted)
    .filter((x) => !query.from || local(x.created_at, tenant.shop.zone).day >= query.from)
    .filter((x) => !query.to || local(x.created_at, tenant.shop.zone).day <= query.to)
    .reverse();
  return page(tenant, rows, query);
}

export function order(tenant, id) {
  const found = tenant.shop.orders.find((x) => x.item.id === id);
  if (!found) return null;
  const { item, lines, refunds, ledger } = found;
  return { ...item, as_of: now, currency_exponent: tenant.store.currency_exponent, presentment_exponent: tenant.store.currency_exponent, timezone: tenant.store.timezone, lines, refunds, ledger };
}

const sells_out = (x, most) => x.tracked && x.inventory_policy === "deny" && x.available <= most;

export function products(tenant, query = {}) {
  const wanted = (query.q ?? "").toLowerCase();
  const fits = {
    low_stock: (x) => x.status === "active" && x.variants.some((v) => sells_out(v, tenant.settings.low_stock_threshold)),
    out_of_stock: (x) => x.status === "active" && x.variants.some((v) => sells_out(v, 0)),
  };
  const stock = (x) => x.available ?? Number.MAX_SAFE_INTEGER;
  const sorts = {
    title: (a, b) => a.title.localeCompare(b.title),
    available: (a, b) => stock(a) - stock(b),
    "-available": (a, b) => (b.available ?? -1) - (a.available ?? -1),
    "-updated_at": (a, b) => b.updated_at.localeCompare(a.updated_at),
  };
  const rows = tenant.shop.products
    .filter((x) => !wanted || [x.title, x.vendor, ...x.variants.map((v) => v.sku)].some((text) => text.toLowerCase().includes(wanted)))
    .filter((x) => !query.status || (fits[query.status] ?? ((y) => y.status === query.status))(x))
    .sort(sorts[query.sort || "-updated_at"]);
  return page(tenant, rows, query);
}

export const sync = (tenant) => ({ as_of: now, jobs: tenant.jobs, months: tenant.months });

export const webhooks = (tenant) => ({
  as_of: now,
  address: "https://clique.example.com/webhooks/shopify",
  subscriptions: tenant.subscriptions,
  deliveries: tenant.deliveries,
  last_delivery_at: tenant.subscriptions.length ? now : null,
});

export const dead_letters = (tenant) => ({ as_of: now, items: tenant.letters });

export const settings = (tenant) => ({ version: tenant.version, settings: tenant.settings, schema: { type: "object" } });

export function reconciliation(tenant) {
  const table = sales_by_day(tenant.shop);
  const days = [...table.keys()].sort().reverse().slice(1, 22);
  return {
    ...header(tenant),
    days: days.map((day, index) => {
      const { orders: count, total_sales } = table.get(day);
      const short = index === 4 ? 12_900 : 0;
      return {
        day,
        ours: { orders: count - (short ? 1 : 0), total_sales: total_sales - short },
        theirs: { orders: count, total_sales },
        drift: -short,
        state: short ? "differs" : index === 1 ? "repaired" : "equal",
        cause: short ? "1 order is being read again" : index === 1 ? "1 order came without a webhook" : "",
        checked_at: now,
      };
    }),
  };
}

/** Flat map of a channel. */
export const channels = {
  overview(tenant) {
    const view = overview(tenant);
    const result = { "today.day": view.today.day };
    for (const name of Object.keys(no_sales())) {
      result[`today.${name}`] = view.today[name];
      result[`comparison.${name}`] = view.comparison[name];
    }
    for (const { hour, net_sales, orders: count } of view.today.by_hour) {
      const key = `hour.${String(hour).padStart(2, "0")}`;
      result[`${key}.net_sales`] = net_sales;
      result[`${key}.orders`] = count;
    }
    for (const x of view.freshness) for (const name of ["as_of", "state", "reason"]) result[`fresh.${x.source}.${name}`] = x[name];
    for (const x of view.days) for (const name of ["net_sales", "orders", "total_sales"]) result[`day.${x.day}.${name}`] = x[name];
    return result;
  },
  "orders.live": (tenant) => Object.fromEntries(tenant.shop.orders.slice(-50).map((x) => [`order:${x.item.id}`, x.item])),
  products: (tenant) => ({
    ...Object.fromEntries(tenant.shop.products.map((x) => [`product:${x.id}`, x])),
    count: tenant.shop.products.length,
    out_of_stock: products(tenant, { status: "out_of_stock", limit: 200 }).items.length,
  }),
  jobs: (tenant) => ({
    ...Object.fromEntries(tenant.jobs.map((x) => [`job:${x.feature}`, x])),
    ...Object.fromEntries(tenant.months.map((x) => [`month:${x.month}`, x])),
  }),
  ops: (tenant) => ({ deliveries: tenant.deliveries, ...Object.fromEntries(tenant.subscriptions.map((x) => [`subscription:${x.topic}`, x])) }),
};
