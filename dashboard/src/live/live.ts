import { useEffect, useMemo } from "preact/hooks";
import { computed, signal } from "@preact/signals";

import { browser_world } from "./browser_world";
import type { Channel } from "./channel";
import type { ChannelName } from "./protocol";
import { LiveSocket, stale_after } from "./socket";

/** The tab's one socket. */
export const live = new LiveSocket(browser_world());

/** Ticks once a second while there is no connection; only the age of the figures listens. */
const now = signal(Date.now());

/** Ties the socket to this page: hidden tabs ask for less, and coming back reconnects at once. */
export function watch_page(): void {
  document.addEventListener("visibilitychange", () => live.visibility(document.visibilityState === "visible"));
  window.addEventListener("online", () => live.hurry());
  window.addEventListener("focus", () => live.hurry());
  setInterval(() => {
    if (live.lost_at.peek() !== null) now.value = Date.now();
  }, 1000);
}

/** Seconds since the figures stopped moving; null while they move. */
export const stale_seconds = computed(() => {
  const lost = live.lost_at.value;
  if (lost === null) return null;
  const age = Math.max(0, now.value - lost);
  return age >= stale_after ? Math.floor(age / 1000) : null;
});

/** Subscribes while the component is mounted. */
export function use_channel(store: string, name: ChannelName): Channel {
  const joined = useMemo(() => live.join(store, name), [store, name]);
  useEffect(() => joined.leave, [joined]);
  return joined.channel;
}
