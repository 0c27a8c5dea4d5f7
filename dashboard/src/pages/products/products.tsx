import { useState } from "preact/hooks";

import { answer } from "~/api/answer";
import { api, type Product } from "~/api/client";
import { use_channel } from "~/live/live";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { Choice } from "~/ui/choice";
import { Page } from "~/ui/page";
import { Pager } from "~/ui/pager";
import { SearchBox } from "~/ui/search_box";
import { Empty, Loaded } from "~/ui/states";
import { use_query, without_empty } from "~/ui/use_query";
import { ProductTable } from "./product_table";

const filters = [
  ["", "All"],
  ["active", "Active"],
  ["low_stock", "Low stock"],
  ["out_of_stock", "Out of stock"],
  ["draft", "Draft"],
  ["archived", "Archived"],
] as const;
type Filter = (typeof filters)[number][0];

const orders = [
  ["", "Last changed"],
  ["title", "Title"],
  ["available", "Lowest stock"],
  ["-available", "Highest stock"],
] as const;
type Sort = Exclude<(typeof orders)[number][0], "">;

/** Products with their variants' prices, costs and stock. */
export function Products() {
  const { store, moment, path, count } = use_store();
  const [query, change] = use_query(["q", "status", "sort", "cursor"] as const);
  const channel = use_channel(store.id, "products");
  const [open, set_open] = useState<ReadonlySet<string>>(new Set());

  const page = use_resource(
    `products/${store.id}/${query.q}/${query.status}/${query.sort}/${query.cursor}`,
    () =>
      answer(
        api.GET("/api/v1/stores/{id}/products", {
          params: {
            path: { id: store.id },
            query: {
              limit: 50,
              ...without_empty({ q: query.q, cursor: query.cursor }),
              ...(query.status ? { status: query.status as Exclude<Filter, ""> } : {}),
              ...(query.sort ? { sort: query.sort as Sort } : {}),
            },
          },
        }),
      ),
    true,
  );
  const settings = use_resource(`settings/${store.id}`, () =>
    answer(api.GET("/api/v1/stores/{id}/settings", { params: { path: { id: store.id } } })),
  );
  const low = settings.data?.settings.low_stock_threshold ?? 0;
  const total = channel.value<number>("count");
  const out = channel.value<number>("out_of_stock");
  const filtered = Boolean(query.q || query.status);

  return (
    <Page
      title="Products"
      note={
        total === undefined ? (
          "Stock is the sum over all locations."
        ) : (
          <>
            {count(total)} products, <b>{count(out ?? 0)}</b> out of stock. Low means {count(low)} or fewer.
          </>
        )
      }
      tools={<SearchBox label="Title, vendor or SKU" value={query.q} on_change={(q) => change({ q, cursor: "" })} />}
    >
      <div class="filters">
        <Choice label="Show" value={query.status as Filter} options={filters} on_change={(status) => change({ status, cursor: "" })} />
        <label class="select">
          <span class="note">Sort</span>
          <select value={query.sort} onChange={(event) => change({ sort: event.currentTarget.value, cursor: "" })}>
            {orders.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <section class={`card flush ${page.loading && page.data ? "reloading" : ""}`} aria-label="Products">
        <Loaded resource={page} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty
                icon="products"
                title={empty_title(query.status as Filter, Boolean(query.q))}
                action={
                  filtered ? (
                    <button type="button" class="button" onClick={() => change({ q: "", status: "", cursor: "" })}>
                      Show all products
                    </button>
                  ) : (
                    <a class="button" href={path("sync")}>
                      Look at the sync
                    </a>
                  )
                }
              />
            ) : (
              <>
                <ProductTable
                  products={data.items.map((x) => channel.value<Product>(`product:${x.id}`) ?? x)}
                  low={low}
                  as_of={data.as_of}
                  open={open}
                  on_toggle={(id) => {
                    const next = new Set(open);
                    if (!next.delete(id)) next.add(id);
                    set_open(next);
                  }}
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

function empty_title(filter: Filter, searched: boolean): string {
  if (searched) return "No product fits.";
  if (filter === "out_of_stock") return "Nothing is out of stock.";
  if (filter === "low_stock") return "Nothing is low on stock.";
  return filter ? "No such products." : "No products yet.";
}
