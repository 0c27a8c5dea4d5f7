import { useState } from "preact/hooks";

import type { Overview } from "~/api/client";
import type { Channel } from "~/live/channel";
import { counted } from "~/format/number";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Icon } from "~/ui/icon";
import { hours_of } from "./model";

const hour_name = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

/** Net sales of today by hour of the store's day. */
export function HoursCard({ view, channel }: { view: Overview; channel: Channel }) {
  const { money, count } = use_store();
  const [as_table, set_as_table] = useState(false);
  const hours = hours_of(view, channel);
  const begun = hours.filter((x) => x !== null);
  const most = Math.max(1, ...begun.map((x) => x.net_sales));
  const best = begun.reduce<(typeof begun)[number] | null>((a, b) => (b.net_sales > (a?.net_sales ?? 0) ? b : a), null);
  return (
    <Card
      title="Today by hour"
      note={best ? `Best hour ${hour_name(best.hour)}: ${money(best.net_sales)}, ${counted(best.orders, "order")}` : "No sales yet today"}
      action={
        <button type="button" class="icon-button" aria-pressed={as_table} title={as_table ? "View as chart" : "View as table"} onClick={() => set_as_table(!as_table)}>
          <Icon name={as_table ? "chart" : "table"} label={as_table ? "Hours as chart" : "Hours as table"} />
        </button>
      }
    >
      {as_table ? (
        <div class="scroll-box" tabIndex={0} role="region" aria-label="Net sales by hour">
          <DataTable
            label="Net sales by hour"
            rows={begun}
            row_key={(x) => String(x.hour)}
            columns={[
              { head: "Hour", phone: "title", cell: (x) => hour_name(x.hour) },
              { head: "Net sales", number: true, phone: "amount", cell: (x) => money(x.net_sales) },
              { head: "Orders", number: true, cell: (x) => count(x.orders) },
            ]}
          />
        </div>
      ) : (
        <>
          <svg class="hours" viewBox="0 0 240 64" preserveAspectRatio="none" role="img" aria-label="Net sales by hour; the same figures are in the table.">
            {hours.map((x, hour) => {
              const height = x ? Math.max(1, (Math.max(0, x.net_sales) / most) * 62) : 1;
              return <rect key={hour} class={x ? "bar" : "to-come"} x={hour * 10 + 1.25} width="7.5" y={64 - height} height={height} rx="1.2" />;
            })}
          </svg>
          <p class="hours-axis" aria-hidden="true">
            <span>00</span>
            <span>06</span>
            <span>12</span>
            <span>18</span>
            <span>24</span>
          </p>
        </>
      )}
    </Card>
  );
}
