import type { Freshness, Overview } from "~/api/client";
import { words } from "~/format/number";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import type { Tone } from "~/ui/badge";
import { Icon, type IconName } from "~/ui/icon";
import { freshness_of } from "./model";

const looks: Record<Freshness["state"], readonly [Tone, IconName]> = {
  fresh: ["good", "check"],
  late: ["warn", "clock"],
  stale: ["bad", "warn"],
  disconnected: ["bad", "cross"],
  importing: ["info", "sync"],
};

/** Which source is how fresh; a source that is not fresh says why. */
export function FreshnessLine({ view, channel }: { view: Overview; channel: Channel }) {
  const { moment, path } = use_store();
  const sources = freshness_of(view, channel);
  if (sources.length === 0) return null;
  return (
    <ul class="freshness" aria-label="Freshness of the sources">
      {sources.map((x) => {
        const [tone, icon] = looks[x.state] ?? looks.late;
        return (
          <li key={x.source} class={tone}>
            <Icon name={icon} />
            <span>
              <b>
                {words(x.source)} {x.state}
              </b>{" "}
              <span class="note">
                {x.as_of ? moment(x.as_of, view.as_of) : "never read yet"}
                {x.state !== "fresh" && x.reason && `: ${x.reason}`}
              </span>
            </span>
          </li>
        );
      })}
      <li class="freshness-more">
        <a href={path("sync")}>Sync and webhooks</a>
      </li>
    </ul>
  );
}
