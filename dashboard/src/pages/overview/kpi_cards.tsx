import type { Overview } from "~/api/client";
import { change } from "~/format/change";
import { day } from "~/format/time";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import { Icon } from "~/ui/icon";
import { Sparkline } from "~/ui/sparkline";
import { metrics, type Metric, type MetricKey } from "./metrics";
import { comparison_of, days_of, today_of } from "./model";

interface Props {
  view: Overview;
  channel: Channel;
  chosen: MetricKey;
  on_choose: (key: MetricKey) => void;
}

/** Today beside the comparison day until the same time; a click puts the figure on the chart. */
export function KpiCards(props: Props) {
  return (
    <div class="kpis" role="group" aria-label="Today. Choose a figure for the chart.">
      {metrics.map((metric) => (
        <KpiCard key={metric.key} {...props} metric={metric} />
      ))}
    </div>
  );
}

const arrows = { up: "up", down: "down", flat: "flat", none: "flat" } as const;

function KpiCard({ view, channel, chosen, on_choose, metric }: Props & { metric: Metric }) {
  const { money, count } = use_store();
  const show = (value: number | null) => (value === null ? "–" : metric.is_money ? money(value) : count(value));
  const now = metric.of(today_of(view, channel));
  const before = metric.of(comparison_of(view, channel));
  const moved = change(now, before);
  const recent = days_of(view, channel).slice(-14).map(metric.of);
  return (
    <button type="button" class="kpi card" aria-pressed={chosen === metric.key} onClick={() => on_choose(metric.key)}>
      <span class="kpi-label">
        {metric.label} <span class="kpi-when">today</span>
      </span>
      <span class="kpi-row">
        <span class="kpi-value">{show(now)}</span>
        <span class={`delta ${moved.direction}`}>
          <Icon name={arrows[moved.direction]} />
          {moved.text}
        </span>
      </span>
      <span class="note">
        {before === null ? "No orders" : show(before)} on {day(view.comparison.day)} by now
      </span>
      <Sparkline values={recent} />
    </button>
  );
}
