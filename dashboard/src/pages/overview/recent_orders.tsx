import { useEffect, useRef } from "preact/hooks";

import type { Order } from "~/api/client";
import { counted } from "~/format/number";
import { use_channel } from "~/live/live";
import { OrderState } from "~/pages/orders/order_state";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Empty, ProblemBox, Skeleton } from "~/ui/states";

const shown = 10;

/** Newest first; orders of one instant by their number, so that the list never swaps rows without a reason. */
export function newest_first(a: Order, b: Order): number {
  return b.created_at.localeCompare(a.created_at) || b.id.length - a.id.length || b.id.localeCompare(a.id);
}

/** Orders as they come in. */
export function RecentOrders({ as_of }: { as_of: string }) {
  const { store, money, moment, path } = use_store();
  const channel = use_channel(store.id, "orders.live");
  const orders = channel.entries<Order>("order:").sort(newest_first).slice(0, shown);
  const refused = channel.refused.value;

  // Rows that were not there at the last drawing are marked for a moment.
  const known = useRef<Set<string> | null>(null);
  const before = known.current;
  useEffect(() => {
    if (channel.known.value) known.current = new Set(orders.map((x) => x.id));
  });

  return (
    <Card title="Latest orders" flush note="They appear here as they are placed." action={<a href={path("orders")}>All orders</a>}>
      {refused && orders.length === 0 && (
        <div class="pad">
          <ProblemBox problem={{ type: "", title: "", status: 0, code: "unavailable", instance: "", detail: refused }} />
        </div>
      )}
      {!channel.known.value && !refused && (
        <div class="pad">
          <Skeleton rows={5} />
        </div>
      )}
      {channel.known.value && orders.length === 0 && (
        <Empty icon="orders" title="No orders yet">
          The next order shows up here within seconds.
        </Empty>
      )}
      {orders.length > 0 && (
        <DataTable
          label="Latest orders"
          rows={orders}
          row_key={(x) => x.id}
          row_class={(x) => (before && !before.has(x.id) ? "arrived" : "")}
          columns={[
            { head: "Order", phone: "title", cell: (x) => <a href={path(`orders/${x.id}`)}>{x.name}</a> },
            { head: "Placed", cell: (x) => moment(x.created_at, as_of) },
            { head: "Items", phone: "hide", cell: (x) => counted(x.units, "item") },
            { head: "State", cell: (x) => <OrderState order={x} /> },
            { head: "Net sales", number: true, phone: "hide", cell: (x) => money(x.net_sales) },
            { head: "Total", number: true, phone: "amount", cell: (x) => money(x.total_price) },
          ]}
        />
      )}
    </Card>
  );
}
