import { answer } from "~/api/answer";
import { api, type Order } from "~/api/client";
import { counted, words } from "~/format/number";
import { use_channel } from "~/live/live";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { DataTable } from "~/ui/data_table";
import { Page } from "~/ui/page";
import { Pager } from "~/ui/pager";
import { SearchBox } from "~/ui/search_box";
import { Empty, Loaded } from "~/ui/states";
import { use_query, without_empty } from "~/ui/use_query";
import { channel_name, OrderState } from "./order_state";

/** Every order, newest first: search by name, narrow by day, page, open. */
export function Orders() {
  const { store, money, moment, path } = use_store();
  const [query, change] = use_query(["q", "from", "to", "cursor"] as const);
  const live = use_channel(store.id, "orders.live");

  const page = use_resource(
    `orders/${store.id}/${query.q}/${query.from}/${query.to}/${query.cursor}`,
    () =>
      answer(
        api.GET("/api/v1/stores/{id}/orders", {
          params: { path: { id: store.id }, query: { limit: 50, ...without_empty(query) } },
        }),
      ),
    true,
  );
  const filtered = Boolean(query.q || query.from || query.to);
  const newest = page.data?.items[0]?.created_at ?? "";
  const waiting = !query.cursor && !filtered && page.data ? live.entries<Order>("order:").filter((x) => x.created_at > newest).length : 0;

  return (
    <Page
      title="Orders"
      note="A click opens an order down to the entries that make up its sales."
      tools={
        <>
          <SearchBox label="Order name or number" value={query.q} on_change={(q) => change({ q, cursor: "" })} />
          <label class="date">
            <span class="only-read">First day</span>
            <input type="date" value={query.from} max={query.to || undefined} onChange={(event) => change({ from: event.currentTarget.value, cursor: "" })} />
          </label>
          <label class="date">
            <span class="only-read">Last day</span>
            <input type="date" value={query.to} min={query.from || undefined} onChange={(event) => change({ to: event.currentTarget.value, cursor: "" })} />
          </label>
        </>
      }
    >
      {waiting > 0 && (
        <button type="button" class="button arrivals" onClick={page.reload}>
          Show {counted(waiting, "new order")}
        </button>
      )}
      <section class={`card flush ${page.loading && page.data ? "reloading" : ""}`} aria-label="Orders">
        <Loaded resource={page} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty
                icon="orders"
                title={filtered ? "No order fits." : "No orders yet."}
                action={
                  filtered ? (
                    <button type="button" class="button" onClick={() => change({ q: "", from: "", to: "", cursor: "" })}>
                      Show all orders
                    </button>
                  ) : (
                    <a class="button" href={path("sync")}>
                      Look at the import
                    </a>
                  )
                }
              >
                {filtered ? "Try a shorter name or a longer range." : "Past orders appear while they are imported, new ones within seconds."}
              </Empty>
            ) : (
              <>
                <DataTable
                  label="Orders"
                  rows={data.items.map((x) => live.value<Order>(`order:${x.id}`) ?? x)}
                  row_key={(x) => x.id}
                  row_class={(x) => (x.cancelled_at || x.test ? "quiet-row" : "")}
                  columns={[
                    { head: "Order", phone: "title", cell: (x) => <a href={path(`orders/${x.id}`)}>{x.name}</a> },
                    { head: "Placed", cell: (x) => moment(x.processed_at ?? x.created_at, data.as_of) },
                    { head: "Payment", cell: (x) => <OrderState order={x} /> },
                    { head: "Fulfilment", phone: "hide", cell: (x) => words(x.fulfillment_status) || <span class="note">Open</span> },
                    { head: "Channel", phone: "hide", cell: (x) => channel_name(x.source_name) },
                    { head: "Items", phone: "hide", number: true, cell: (x) => x.units },
                    { head: "Net sales", number: true, cell: (x) => money(x.net_sales) },
                    { head: "Total", number: true, phone: "amount", cell: (x) => money(x.total_price) },
                  ]}
                />
                <Pager next={data.next} paged={Boolean(query.cursor)} on_next={(cursor) => change({ cursor })} on_first={() => change({ cursor: "" })} on_back={() => history.back()} note={`As of ${moment(data.as_of)}, ${store.timezone}`} />
              </>
            )
          }
        </Loaded>
      </section>
    </Page>
  );
}
