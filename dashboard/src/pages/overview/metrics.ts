import type { Sales } from "~/api/client";
import { average } from "~/format/money";

export type MetricKey = "net_sales" | "orders" | "average" | "total_sales";

/** What the live channel and the view have in common of a day. */
export type DayFigures = Pick<Sales, "orders" | "net_sales" | "total_sales">;

export interface Metric {
  key: MetricKey;
  label: string;
  explain: string;
  is_money: boolean;
  /** In minor units or a count; null when it does not exist (an average of nothing). */
  of: (x: DayFigures) => number | null;
}

export const metrics: readonly Metric[] = [
  {
    key: "net_sales",
    label: "Net sales",
    explain: "Gross sales less discounts and returns",
    is_money: true,
    of: (x) => x.net_sales,
  },
  { key: "orders", label: "Orders", explain: "Orders placed, test orders never counted", is_money: false, of: (x) => x.orders },
  {
    key: "average",
    label: "Average order",
    explain: "Net sales divided by orders",
    is_money: true,
    of: (x) => average(x.net_sales, x.orders),
  },
  {
    key: "total_sales",
    label: "Total sales",
    explain: "Net sales with shipping, taxes and tips",
    is_money: true,
    of: (x) => x.total_sales,
  },
];

/** Whole minor units and counts added up, so that the sum is the sum of what is shown, live days included. */
export function sum_of(days: readonly DayFigures[]): DayFigures {
  const result = { orders: 0, net_sales: 0, total_sales: 0 };
  for (const x of days) {
    result.orders += x.orders;
    result.net_sales += x.net_sales;
    result.total_sales += x.total_sales;
  }
  return result;
}
