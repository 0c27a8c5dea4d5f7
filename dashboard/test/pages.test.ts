import { describe, expect, test } from "vitest";

import type { Job, LedgerEntry, Order, Overview } from "~/api/client";
import { Channel } from "~/live/channel";
import { shop_domain } from "~/pages/connect_form";
import { adds_up, sum_of } from "~/pages/orders/ledger_card";
import { metrics, sum_of as sum_of_days } from "~/pages/overview/metrics";
import { days_of, freshness_of, hours_of, is_outdated, today_of } from "~/pages/overview/model";
import { newest_first } from "~/pages/overview/recent_orders";
import { stock_of } from "~/pages/products/stock";
import { progress_text, result_text } from "~/pages/sync/job_words";

const sales = { orders: 1, gross_sales: 100, discounts: -10, returns: 0, net_sales: 90, shipping: 5, taxes: 19, tips: 0, total_sales: 114 };
const view = {
  as_of: "2026-03-14T14:09:26Z",
  currency: "EUR",
  currency_exponent: 2,
  timezone: "Europe/Berlin",
  today: { day: "2026-03-14", ...sales, by_hour: [{ hour: 0, net_sales: 90, orders: 1 }] },
  comparison: { day: "2026-03-07", ...sales, full: sales },
  totals: sales,
  compare_totals: sales,
  days: [
    { day: "2026-03-13", ...sales },
    { day: "2026-03-14", ...sales },
  ],
  compare_days: [],
  freshness: [{ source: "orders", as_of: "2026-03-14T14:00:00Z", state: "fresh", reason: "" }],
  reconciliation: { state: "equal", ours: 0, theirs: 0, drift: 0, checked_at: null, cause: "" },
} satisfies Overview;

function channel_with(data: Record<string, unknown>): Channel {
  const channel = new Channel("1", "overview");
  channel.take_snapshot({ t: "snap", ch: "overview", store: "1", epoch: 1, seq: 1, resumed: false, data });
  return channel;
}

describe("the overview", () => {
  test("live figures lie over the loaded ones and the others stay", () => {
    const channel = channel_with({ "today.net_sales": 500, "day.2026-03-14.net_sales": 500, "day.2026-03-14.orders": 7 });
    expect(today_of(view, channel)).toMatchObject({ ...sales, net_sales: 500 });
    expect(days_of(view, channel)).toEqual([
      { day: "2026-03-13", orders: 1, net_sales: 90, total_sales: 114 },
      { day: "2026-03-14", orders: 7, net_sales: 500, total_sales: 114 },
    ]);
  });

  test("a live zero is a value and not a gap", () => {
    expect(today_of(view, channel_with({ "today.net_sales": 0 })).net_sales).toBe(0);
  });

  test("a newer day makes the view outdated", () => {
    expect(is_outdated(view, channel_with({ "today.day": "2026-03-15" }))).toBe(true);
    expect(is_outdated(view, channel_with({}))).toBe(false);
  });

  test("hours that have not begun are not zero", () => {
    const hours = hours_of(view, channel_with({ "hour.01.net_sales": 40, "hour.01.orders": 2 }));
    expect(hours.slice(0, 3)).toEqual([{ hour: 0, net_sales: 90, orders: 1 }, { hour: 1, net_sales: 40, orders: 2 }, null]);
    expect(hours).toHaveLength(24);
  });

  test("sources that only the channel knows are shown too", () => {
    const list = freshness_of(view, channel_with({ "fresh.orders.state": "late", "fresh.products.state": "fresh", "fresh.products.as_of": view.as_of }));
    expect(list.map((x) => [x.source, x.state, x.as_of])).toEqual([
      ["orders", "late", "2026-03-14T14:00:00Z"],
      ["products", "fresh", view.as_of],
    ]);
  });

  test("sums are sums of what is shown", () => {
    const sum = sum_of_days(days_of(view, channel_with({ "day.2026-03-14.net_sales": 91 })));
    expect(metrics.map((x) => x.of(sum))).toEqual([181, 2, 91, 228]);
  });

  test("orders of one instant keep the order of their numbers", () => {
    const order = (id: string, created_at: string) => ({ id, created_at }) as Order;
    const list = [order("9", "2026-01-01T00:00:00Z"), order("10", "2026-01-01T00:00:00Z"), order("2", "2026-01-02T00:00:00Z")];
    expect(list.sort(newest_first).map((x) => x.id)).toEqual(["2", "10", "9"]);
  });
});

test("ledger entries must add up column by column", () => {
  const entry: LedgerEntry = { day: "2026-03-14", kind: "sale", gross_sales: 100, discounts: -10, returns: 0, shipping: 5, taxes: 19, tips: 0, total: 114, source: "" };
  expect(adds_up([entry])).toBe(true);
  expect(adds_up([{ ...entry, total: 115 }])).toBe(false);
  expect(adds_up([{ ...entry, adjustment: 1, total: 115 }])).toBe(true);
  expect(sum_of([entry, { ...entry, kind: "refund", total: -20 }], "total")).toBe(94);
});

test.each([
  [false, 0, "deny", "untracked"],
  [true, null, "deny", "unknown"],
  [true, 0, "deny", "out"],
  [true, -2, "deny", "out"],
  [true, 0, "continue", "oversold"],
  [true, 5, "deny", "low"],
  [true, 6, "deny", "fine"],
] as const)("tracked %s, %s left, then %s: %s", (tracked, available, inventory_policy, state) => {
  expect(stock_of({ tracked, available, inventory_policy }, 5)).toBe(state);
});

describe("jobs", () => {
  const job = { done: 8400, total: 21_000, unit: "orders" } as Job;
  const moment = () => "15:09";

  test("progress names what is counted", () => {
    expect(progress_text(job)).toBe("8,400 of 21,000 orders");
    expect(progress_text({ ...job, total: null })).toBe("8,400 orders");
    expect(progress_text({ ...job, done: 0, total: null })).toBe("");
  });

  test("a result without differences says when that was checked", () => {
    expect(result_text({ new: 0, changed: 0, unchanged: 214, verified_at: "x" }, moment)).toBe("Nothing new, verified 15:09");
    expect(result_text({ new: 3, changed: 1, unchanged: 9, verified_at: "x" }, moment)).toBe("3 new, 1 changed; verified 15:09");
  });
});

test.each([
  ["linen-and-oak", "linen-and-oak.myshopify.com"],
  [" https://Linen-And-Oak.myshopify.com/ ", "linen-and-oak.myshopify.com"],
  ["https://admin.shopify.com/store/linen-and-oak", "linen-and-oak.myshopify.com"],
  ["linen.example.com", null],
  ["-bad", null],
  ["evil.com/x.myshopify.com", null],
  ["", null],
])("the shop %j is %s", (typed, domain) => {
  expect(shop_domain(typed)).toBe(domain);
});
