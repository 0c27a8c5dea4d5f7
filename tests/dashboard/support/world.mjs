// The tenants of the fake server: stores with their shops, settings, jobs and webhooks.
import { now, order_of, shop_of } from "./shop.mjs";

const plain_settings = (name) => ({
  display_name: name,
  comparison_default: "previous_week_day",
  low_stock_threshold: 5,
  freshness_alert_minutes: 30,
  week_start: "monday",
  sync_paused: false,
  retention_days: 365,
});

const minutes_ago = (minutes) => new Date(Date.parse(now) - minutes * 60_000).toISOString().replace(".000Z", "Z");

const topics = ["app/uninstalled", "bulk_operations/finish", "inventory_items/update", "inventory_levels/update", "orders/cancelled", "orders/create", "orders/edited", "orders/updated", "products/create", "products/delete", "products/update", "refunds/create", "shop/update"];

function job(feature, title, state, more = {}) {
  return { feature, title, state, done: 0, total: null, unit: "", rate_per_minute: null, eta: null, started_at: null, finished_at: null, error: null, result: null, ...more };
}

function lively(store, shop) {
  return {
    store,
    shop,
    version: 7,
    settings: plain_settings(store.name),
    fresh: ["orders", "products", "inventory", "webhooks"].map((source) => ({ source, as_of: now, state: "fresh", reason: "" })),
    jobs: [
      job("manual_sync", "Sync now", "done", { done: 214, total: 214, unit: "records", started_at: minutes_ago(190), finished_at: minutes_ago(189), result: { new: 0, changed: 0, unchanged: 214, verified_at: minutes_ago(189) } }),
      job("historical_import", "Import of past orders", "running", { done: 8420, total: 21_300, unit: "orders", rate_per_minute: 1240, eta: "2026-03-14T14:19:50Z", started_at: minutes_ago(7) }),
      job("reconciliation", "Comparison with Shopify", "done", { done: 3, total: 3, unit: "days", finished_at: minutes_ago(9), result: { verified_at: minutes_ago(9) } }),
      job("product_sync", "Nightly product check", "done", { done: 14, total: 14, unit: "products", finished_at: minutes_ago(610), result: { changed: 2, verified_at: minutes_ago(610) } }),
      job("webhook_registration", "Webhook subscriptions", "failed", { finished_at: minutes_ago(31), error: "Shopify refused orders/edited: the scope read_order_edits is missing. Reconnect the shop to grant it." }),
    ],
    months: Array.from({ length: 15 }, (_, back) => {
      const at = new Date(Date.UTC(2026, 2 - back, 1)).toISOString().slice(0, 7);
      const count = 1180 + ((back * 137) % 400);
      const state = back === 0 ? "open" : back === 6 ? "differs" : "certified";
      return { month: at, orders_theirs: count, orders_ours: state === "certified" ? count : count - 3, state, verified_at: back === 0 ? null : minutes_ago(200 + back) };
    }),
    subscriptions: topics.map((topic) => ({
      topic,
      state: topic === "orders/edited" ? "refused" : topic === "shop/update" ? "missing" : "registered",
      reason: topic === "orders/edited" ? "the scope read_order_edits is missing" : topic === "shop/update" ? "deleted on Shopify's side; will be registered again" : "",
      registered_at: topic === "orders/edited" || topic === "shop/update" ? null : "2026-02-01T08:00:00Z",
    })),
    deliveries: { accepted_24h: 5127, duplicates_24h: 12, rejected_24h: 0, open: 3, oldest_open_seconds: 1, dead_letters: 2 },
    letters: [
      { id: "17", topic: "orders/updated", webhook_id: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043", received_at: minutes_ago(43), attempts: 3, error: "the body is not an order: `id` is missing" },
      { id: "16", topic: "products/update", webhook_id: "0f5b7a8e-1c1c-4c36-9d19-6a1d7a5f9c11", received_at: minutes_ago(95), attempts: 3, error: "variant 7000201: price `12,50` is not an amount" },
    ],
    reconciliation: { state: "repaired", cause: "1 order came without a webhook and was read again" },
  };
}

function silent(store, why) {
  return {
    store,
    shop: { unit: { currency: store.currency, exponent: store.currency_exponent }, zone: store.timezone, products: [], orders: [] },
    version: 1,
    settings: plain_settings(store.name),
    fresh: why ? [{ source: "orders", as_of: minutes_ago(2900), state: "disconnected", reason: why }] : [],
    jobs: [],
    months: [],
    subscriptions: [],
    deliveries: { accepted_24h: 0, duplicates_24h: 0, rejected_24h: 0, open: 0, oldest_open_seconds: 0, dead_letters: 0 },
    letters: [],
    reconciliation: { state: "unchecked", cause: "" },
  };
}

const store_of = (id, shop, name, currency, exponent, timezone, more = {}) => ({
  id,
  shop: `${shop}.myshopify.com`,
  name,
  currency,
  currency_exponent: exponent,
  timezone,
  role: "owner",
  connection: "connected",
  connection_reason: "",
  ...more,
});

export function make_world() {
  const linen = store_of("1", "linen-and-oak", "Linen & Oak", "EUR", 2, "Europe/Berlin");
  const kumo = store_of("2", "kumo-ceramics", "Kumo Ceramics", "JPY", 0, "Asia/Tokyo", { role: "analyst" });
  const fresh = store_of("3", "desert-rose", "Desert Rose", "KWD", 3, "Asia/Kuwait", { role: "viewer" });
  const gone = store_of("4", "old-harbour", "Old Harbour", "USD", 2, "America/New_York", { connection: "needs_reconnect", connection_reason: "Shopify answered 401 since 12 March; the app's access was revoked." });
  const tenants = new Map([
    ["1", lively(linen, shop_of({ seed: 7, unit: { currency: "EUR", exponent: 2 }, zone: linen.timezone, vendor: "Linen & Oak", a_day: 24, days: 75, scale: 1, tax_percent: 19 }))],
    ["2", lively(kumo, shop_of({ seed: 11, unit: { currency: "JPY", exponent: 0 }, zone: kumo.timezone, vendor: "Kumo", a_day: 9, days: 66, scale: 1, tax_percent: 10 }))],
    ["3", silent(fresh, "")],
    ["4", silent(gone, "access revoked")],
  ]);
  return { user: { id: "1", email: "owner@example.com", name: "Owner" }, tenants, keys: [], next_key: 1 };
}

/** A new order a moment after the newest; the shop's clock stands still otherwise. */
export function place_order(tenant) {
  const { shop } = tenant;
  const newest = shop.orders.at(-1);
  const number = Number(newest.item.name.slice(1)) + 1;
  const at = Math.max(Date.parse(newest.item.created_at) + 1000, Date.parse(now) - 30_000);
  const order = order_of({ ...shop, number, at });
  shop.orders.push(order);
  return order;
}
