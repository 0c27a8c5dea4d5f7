import type { Freshness, Overview, Sales, SalesDay, SalesHour } from "~/api/client";
import type { Channel } from "~/live/channel";
import type { DayFigures } from "./metrics";

// The view as it was loaded, with what the live channel has said since laid over it. Reading goes through signals:
// each component redraws only for the keys that it reads.

export const sales_fields = [
  "orders",
  "gross_sales",
  "discounts",
  "returns",
  "net_sales",
  "shipping",
  "taxes",
  "tips",
  "total_sales",
] as const satisfies readonly (keyof Sales)[];

function sales_over(base: Sales, channel: Channel, prefix: string): Sales {
  const result = { ...base } as Record<keyof Sales, number>;
  for (const field of sales_fields) result[field] = channel.value<number>(`${prefix}.${field}`) ?? base[field];
  return result;
}

/** The store's day that the live figures are about. */
export function live_day(view: Overview, channel: Channel): string {
  return channel.value<string>("today.day") ?? view.today.day;
}

/** Live figures belong to a newer day than the view: midnight has passed in the store. */
export function is_outdated(view: Overview, channel: Channel): boolean {
  return live_day(view, channel) > view.today.day;
}

export function today_of(view: Overview, channel: Channel): Sales {
  return sales_over(view.today, channel, "today");
}

export function comparison_of(view: Overview, channel: Channel): Sales {
  return sales_over(view.comparison, channel, "comparison");
}

/** Days of the range, oldest first, with live values of the last 31 days. */
export function days_of(view: Overview, channel: Channel): (DayFigures & { day: string })[] {
  return view.days.map((row) => day_over(row, channel));
}

function day_over(row: SalesDay, channel: Channel): DayFigures & { day: string } {
  const value = (field: string, base: number) => channel.value<number>(`day.${row.day}.${field}`) ?? base;
  return {
    day: row.day,
    orders: value("orders", row.orders),
    net_sales: value("net_sales", row.net_sales),
    total_sales: value("total_sales", row.total_sales),
  };
}

/** All 24 hours; hours that have not begun are null. */
export function hours_of(view: Overview, channel: Channel): (SalesHour | null)[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const base = view.today.by_hour.find((x) => x.hour === hour);
    const key = `hour.${String(hour).padStart(2, "0")}`;
    const net_sales = channel.value<number>(`${key}.net_sales`) ?? base?.net_sales;
    const orders = channel.value<number>(`${key}.orders`) ?? base?.orders;
    return net_sales === undefined && orders === undefined ? null : { hour, net_sales: net_sales ?? 0, orders: orders ?? 0 };
  });
}

/** Sources in a steady order, live states over loaded ones. */
export function freshness_of(view: Overview, channel: Channel): Freshness[] {
  const sources = new Map<string, Freshness>(view.freshness.map((x) => [x.source, x]));
  for (const key of channel.keys("fresh.")) {
    const [, source, field] = key.split(".");
    if (!source || !field) continue;
    const known = sources.get(source) ?? { source, as_of: null, state: "fresh", reason: "" };
    sources.set(source, { ...known, [field]: channel.value(key) });
  }
  return [...sources.values()].sort((a, b) => a.source.localeCompare(b.source));
}
