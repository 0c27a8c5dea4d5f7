import type { Order } from "~/api/client";
import { words } from "~/format/number";
import { Badge, type Tone } from "~/ui/badge";

const tones: Record<string, Tone> = {
  paid: "good",
  partially_paid: "warn",
  pending: "info",
  authorized: "info",
  refunded: "plain",
  partially_refunded: "warn",
  voided: "plain",
};

/** Where an order came from, in words. */
export function channel_name(source: string): string {
  return source === "pos" ? "Point of sale" : source === "web" ? "Online store" : words(source) || "\u2013";
}

/** Payment state; cancelled and test orders say so first. */
export function OrderState({ order }: { order: Pick<Order, "financial_status" | "cancelled_at" | "test"> }) {
  return (
    <span class="badges">
      {order.test && <Badge tone="plain">Test</Badge>}
      {order.cancelled_at ? (
        <Badge tone="bad">Cancelled</Badge>
      ) : (
        <Badge tone={tones[order.financial_status] ?? "plain"}>{words(order.financial_status) || "Unknown"}</Badge>
      )}
    </span>
  );
}
