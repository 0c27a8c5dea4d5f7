import { useEffect, useRef, useState } from "preact/hooks";

import type { Overview } from "~/api/client";
import { counted } from "~/format/number";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import { today_of } from "./model";

/** At most one announcement in this time, milliseconds (accessibility rule of the dashboard). */
const pause = 10_000;

/** Tells screen readers the day's figures politely when orders have come. */
export function Announcer({ view, channel }: { view: Overview; channel: Channel }) {
  const { money } = use_store();
  const today = today_of(view, channel);
  const [said, say] = useState("");
  const newest = useRef("");
  const orders = useRef(today.orders);
  newest.current = `${counted(today.orders, "order")} today, net sales ${money(today.net_sales)}`;

  useEffect(() => {
    if (orders.current === today.orders) return;
    const timer = setTimeout(() => {
      orders.current = today.orders;
      say(newest.current);
    }, pause);
    return () => clearTimeout(timer);
  }, [today.orders !== orders.current]);

  return (
    <p class="only-read" role="status" aria-live="polite">
      {said}
    </p>
  );
}
