import type { Freshness, Overview } from "~/api/client";
import { words } from "~/format/number";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import { Badge, type Tone } from "~/ui/badge";
import { freshness_of } from "./model";

const tones: Record<Freshness["state"], Tone> = { fresh: "good", late: "warn", stale: "bad", disconnected: "bad", importing: "info" };

/** Which source is how fresh; a source that is not fresh says why. */
export function FreshnessLine({ view, channel }: { view: Overview; channel: Channel }) {
  const { moment, path } = use_store();
  const sources = freshness_of(view, channel);
  if (sources.length === 0) return null;
  return (
    <ul class="freshness" aria-label="Freshness of the sources">
      {sources.map((x) => (
        <li key={x.source}>
          <b>{words(x.source)}</b>
          <Badge tone={tones[x.state] ?? "info"}>{x.state}</Badge>
          <span class="note">
            {x.as_of ? `as of ${moment(x.as_of, view.as_of)}` : "never read yet"}
            {x.state !== "fresh" && x.reason && `: ${x.reason}`}
          </span>
        </li>
      ))}
      <li class="freshness-more">
        <a href={path("sync")}>Sync and webhooks</a>
      </li>
    </ul>
  );
}
