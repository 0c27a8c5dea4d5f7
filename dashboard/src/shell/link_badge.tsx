import { span } from "~/format/time";
import { live, stale_seconds } from "~/live/live";

/** Whether figures move by themselves: live, connecting, or stale with its age. */
export function LinkBadge() {
  const seconds = stale_seconds.value;
  const state = live.state.value;
  if (seconds !== null) return <span class="link-badge stale">Stale · {span(seconds)}</span>;
  if (state === "live") return <span class="link-badge live">Live</span>;
  return <span class="link-badge">{state === "idle" ? "Not live" : "Connecting"}</span>;
}
