import { Fragment } from "preact";

import type { Product } from "~/api/client";
import { counted, words } from "~/format/number";
import { use_store } from "~/state/store_context";
import { Badge } from "~/ui/badge";
import { Icon } from "~/ui/icon";
import { shortage_of, Stock } from "./stock";

interface Props {
  products: readonly Product[];
  low: number;
  as_of: string;
  open: ReadonlySet<string>;
  on_toggle: (id: string) => void;
}

/** One row per product; a click opens its variants below it. */
export function ProductTable({ products, low, as_of, open, on_toggle }: Props) {
  const { moment, count } = use_store();
  return (
    <table class="data" role="table" aria-label="Products">
      <thead role="rowgroup">
        <tr role="row">
          {["Product", "Status", "Variants", "Price"].map((head) => (
            <th key={head} role="columnheader" scope="col" class={head === "Price" ? "number" : ""}>
              {head}
            </th>
          ))}
          <th role="columnheader" scope="col" class="number">
            Stock
          </th>
          <th role="columnheader" scope="col">
            Changed
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {products.map((x) => {
          const is_open = open.has(x.id);
          const short = shortage_of(x, low);
          return (
            <Fragment key={x.id}>
              <tr role="row" class={is_open ? "opened" : ""}>
                <td role="cell" class="phone-title" data-head="Product">
                  <button type="button" class="opener" aria-expanded={is_open} onClick={() => on_toggle(x.id)}>
                    <Icon name="next" />
                    <span>
                      {x.title}
                      <span class="note block">{[x.vendor, x.product_type].filter(Boolean).join(" · ")}</span>
                    </span>
                  </button>
                </td>
                <td role="cell" data-head="Status">
                  <Badge tone={x.status === "active" ? "good" : "plain"}>{words(x.status)}</Badge>
                </td>
                <td role="cell" class="phone-hide" data-head="Variants">
                  {counted(x.variant_count, "variant")}
                </td>
                <td role="cell" class="number" data-head="Price">
                  <PriceRange product={x} />
                </td>
                <td role="cell" class="number" data-head="Stock">
                  <span class="stock">
                    {x.status === "active" && short.out > 0 && <Badge tone="bad">{short.out === x.variants.length ? "Out" : `${short.out} out`}</Badge>}
                    {x.status === "active" && short.out === 0 && short.low > 0 && <Badge tone="warn">{x.variants.length === 1 ? "Low" : `${short.low} low`}</Badge>}
                    {x.available === null ? <span class="note">Not tracked</span> : <span>{count(x.available)}</span>}
                  </span>
                </td>
                <td role="cell" class="phone-hide" data-head="Changed">
                  {moment(x.updated_at, as_of)}
                </td>
              </tr>
              {is_open && (
                <tr role="row" class="inside">
                  <td role="cell" colSpan={6}>
                    <Variants product={x} low={low} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function PriceRange({ product }: { product: Product }) {
  const { money } = use_store();
  const prices = product.variants.map((x) => x.price);
  if (prices.length === 0) return <span class="note">–</span>;
  const least = Math.min(...prices);
  const most = Math.max(...prices);
  return <>{least === most ? money(least) : `${money(least)} – ${money(most)}`}</>;
}

function Variants({ product, low }: { product: Product; low: number }) {
  const { money } = use_store();
  return (
    <table class="variants" aria-label={`Variants of ${product.title}`}>
      <thead>
        <tr>
          <th scope="col">Variant</th>
          <th scope="col" class="wide-only">
            SKU
          </th>
          <th scope="col" class="number">
            Price
          </th>
          <th scope="col" class="number">
            Cost
          </th>
          <th scope="col" class="number">
            Stock
          </th>
        </tr>
      </thead>
      <tbody>
        {product.variants.map((x) => (
          <tr key={x.id}>
            <td>
              {x.title === "Default Title" ? "Only variant" : x.title}
              {x.sku && <span class="note phone-only">{x.sku}</span>}
            </td>
            <td class="wide-only">{x.sku || "–"}</td>
            <td class="number">
              {x.compare_at_price !== null && x.compare_at_price > x.price && <s class="note">{money(x.compare_at_price)}</s>} {money(x.price)}
            </td>
            <td class="number">{x.unit_cost === null ? <span class="note">Unknown</span> : money(x.unit_cost)}</td>
            <td class="number">
              <Stock variant={x} low={low} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
