import { useState } from "preact/hooks";

import type { Overview } from "~/api/client";
import { change } from "~/format/change";
import { day } from "~/format/time";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Icon } from "~/ui/icon";
import { use_later } from "~/ui/later";
import { Skeleton } from "~/ui/states";
import { metrics, sum_of, type MetricKey } from "./metrics";
import { days_of, live_day } from "./model";

const load_chart = () => import("~/charts/line_chart").then((x) => x.LineChart);

interface Props {
  view: Overview;
  channel: Channel;
  metric: MetricKey;
  compare: "previous_period" | "previous_year";
}

/** The range by day with its comparison: as a chart, and as the table that says the same. */
export function SalesCard({ view, channel, metric: key, compare }: Props) {
  const { money, count } = use_store();
  const LineChart = use_later(load_chart);
  const [as_table, set_as_table] = useState(false);
  const metric = metrics.find((x) => x.key === key) ?? metrics[0]!;
  const show = (value: number | null) => (value === null ? "–" : metric.is_money ? money(value) : count(value));
  const tick = (value: number) => (metric.is_money ? money(value, { whole: true }) : count(value));

  const days = days_of(view, channel);
  const unfinished = days.at(-1)?.day === live_day(view, channel);
  const rows = days.map((row, index) => {
    const other = view.compare_days[index];
    return {
      day: row.day,
      value: metric.of(row),
      other_day: other?.day,
      other: other ? metric.of(other) : null,
      open: unfinished && index === days.length - 1,
    };
  });
  const total = metric.of(sum_of(days));
  const other_total = metric.of(view.compare_totals);
  const moved = change(total, other_total);
  const against = compare === "previous_year" ? "previous year" : "previous period";

  return (
    <Card
      title={`${metric.label} by day`}
      class="sales-card"
      note={
        <>
          {show(total)} in {days.length} days, {moved.direction === "none" ? "nothing to compare" : `${moved.text} against the ${against} (${show(other_total)})`}
        </>
      }
      action={
        <button type="button" class="button small" aria-pressed={as_table} onClick={() => set_as_table(!as_table)}>
          <Icon name={as_table ? "chart" : "table"} />
          {as_table ? "View as chart" : "View as table"}
        </button>
      }
    >
      {as_table ? (
        <div class="scroll-box" tabIndex={0} role="region" aria-label="Days, newest first">
          <DataTable
            label={`${metric.label} by day against the ${against}`}
            rows={[...rows].reverse()}
            row_key={(row) => row.day}
            columns={[
              { head: "Day", phone: "title", width: "nowrap", cell: (row) => (row.open ? `${day(row.day)} (so far)` : day(row.day)) },
              { head: metric.label, number: true, cell: (row) => show(row.value) },
              { head: "Compared day", cell: (row) => (row.other_day ? day(row.other_day) : "–") },
              { head: `${metric.label} then`, number: true, cell: (row) => show(row.other) },
              { head: "Change", number: true, cell: (row) => (row.open ? "unfinished" : change(row.value, row.other).text) },
            ]}
          />
        </div>
      ) : (
        <>
          {LineChart ? (
            <LineChart
              label={`${metric.label} by day against the ${against}. The same figures are under View as table.`}
              points={rows.map((row) => ({
                label: day(row.day),
                value: row.value,
                other: row.other,
                other_label: row.other_day ? day(row.other_day) : "",
              }))}
              unfinished={unfinished}
              show={show}
              tick={tick}
              whole={metric.is_money ? 10 ** view.currency_exponent : 1}
            />
          ) : (
            <Skeleton rows={6} tall />
          )}
          <p class="legend">
            <span class="key now">This range</span>
            {unfinished && <span class="key open">Today, not over yet</span>}
            <span class="key other">{against.charAt(0).toUpperCase() + against.slice(1)}</span>
          </p>
        </>
      )}
    </Card>
  );
}
