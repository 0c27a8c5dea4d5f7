import { useRoute } from "preact-iso";

import { answer } from "~/api/answer";
import { api, type Order, type OrderDetail } from "~/api/client";
import { counted, words } from "~/format/number";
import { money as money_in } from "~/format/money";
import { use_channel } from "~/live/live";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Page } from "~/ui/page";
import { Loaded } from "~/ui/states";
import { LedgerCard } from "./ledger_card";
import { channel_name, OrderState } from "./order_state";
import { useEffect } from "preact/hooks";

/** One order: its lines, refunds, and the ledger entries that its sales figures are made of. */
export function OrderPage() {
  const { store, path } = use_store();
  const id = useRoute().params["order"] ?? "";
  const order = use_resource<OrderDetail>(`order/${store.id}/${id}`, () =>
    answer(api.GET("/api/v1/stores/{id}/orders/{order_id}", { params: { path: { id: store.id, order_id: id } } })),
  );
  // When the live list has a newer version of this order, its lines and ledger are read again.
  const live = use_channel(store.id, "orders.live").value<Order>(`order:${id}`);
  const newer = order.data && live && live.updated_at > order.data.updated_at ? live.updated_at : "";
  useEffect(() => {
    if (newer) order.reload();
  }, [newer]);

  return (
    <Page title={order.data?.name ?? "Order"} back={{ href: path("orders"), text: "Orders" }}>
      <Loaded resource={order} rows={8} tall>
        {(data) => <Content order={data} />}
      </Loaded>
    </Page>
  );
}

function Content({ order }: { order: OrderDetail }) {
  const { money, moment, store } = use_store();
  return (
    <>
      <div class="facts card">
        <Fact name="State">
          <OrderState order={order} />
        </Fact>
        <Fact name="Placed">{moment(order.processed_at ?? order.created_at)}</Fact>
        <Fact name="Changed">{moment(order.updated_at)}</Fact>
        <Fact name="Fulfilment">{words(order.fulfillment_status) || "Open"}</Fact>
        <Fact name="Channel">{channel_name(order.source_name)}</Fact>
        <Fact name="Total">
          {money(order.total_price)}
          {order.presentment_currency && order.presentment_currency !== order.currency && (
            <span class="note">
              {" "}
              paid as {money_in(order.presentment_total, { currency: order.presentment_currency, exponent: order.presentment_exponent })}
            </span>
          )}
        </Fact>
        {order.cancelled_at && <Fact name="Cancelled">{moment(order.cancelled_at)}</Fact>}
      </div>
      <LedgerCard order={order} />
      <Card title="Lines" flush note={`${counted(order.line_count, "line")}, ${counted(order.units, "item")}`}>
        <DataTable
          label="Lines of the order"
          rows={order.lines}
          row_key={(x) => x.id}
          columns={[
            { head: "Product", phone: "title", cell: (x) => x.title },
            { head: "SKU", cell: (x) => x.sku || "–" },
            {
              head: "Quantity",
              number: true,
              cell: (x) => (x.current_quantity === x.quantity ? x.quantity : `${x.current_quantity} of ${x.quantity} kept`),
            },
            { head: "Price each", number: true, cell: (x) => money(x.unit_price) },
            { head: "Discount", number: true, cell: (x) => money(-x.discount) },
          ]}
        />
      </Card>
      {order.refunds.length > 0 && (
        <Card title="Refunds" flush>
          <DataTable
            label="Refunds"
            rows={order.refunds}
            row_key={(x) => x.id}
            columns={[
              { head: "When", phone: "title", cell: (x) => moment(x.at) },
              { head: "Lines", number: true, cell: (x) => x.lines.length },
              { head: "Shipping", number: true, cell: (x) => money(x.shipping) },
              { head: "Goodwill", number: true, cell: (x) => money(x.adjustment) },
              { head: "Paid back", number: true, cell: (x) => money(x.paid_back) },
            ]}
          />
        </Card>
      )}
      <p class="note">
        As of {moment(order.as_of)}, {store.timezone}. Amounts in {order.currency}.
      </p>
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <span class="note">{name}</span>
      <div>{children}</div>
    </div>
  );
}
