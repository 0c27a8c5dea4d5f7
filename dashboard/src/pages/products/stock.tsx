import type { Product, Variant } from "~/api/client";
import { use_store } from "~/state/store_context";
import { Badge } from "~/ui/badge";

export type StockState = "untracked" | "unknown" | "out" | "oversold" | "low" | "fine";

/** The state of one variant; a variant that continues selling is never out. */
export function stock_of(variant: Pick<Variant, "tracked" | "available" | "inventory_policy">, low: number): StockState {
  if (!variant.tracked) return "untracked";
  if (variant.available === null) return "unknown";
  if (variant.available <= 0) return variant.inventory_policy === "continue" ? "oversold" : "out";
  return variant.available <= low ? "low" : "fine";
}

/** How many variants of a product are out, and how many are low. */
export function shortage_of(product: Product, low: number): { out: number; low: number } {
  const states = product.variants.map((x) => stock_of(x, low));
  return { out: states.filter((x) => x === "out").length, low: states.filter((x) => x === "low").length };
}

/** A number of units with its state in a word. */
export function Stock({ variant, low }: { variant: Variant; low: number }) {
  const { count } = use_store();
  const state = stock_of(variant, low);
  if (state === "untracked") return <span class="note">Not tracked</span>;
  if (state === "unknown") return <span class="note">Unknown</span>;
  return (
    <span class="stock">
      {state === "out" && <Badge tone="bad">Out</Badge>}
      {state === "oversold" && <Badge tone="info">Sells on</Badge>}
      {state === "low" && <Badge tone="warn">Low</Badge>}
      <span>{count(variant.available ?? 0)}</span>
    </span>
  );
}
