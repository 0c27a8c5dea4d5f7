import { useState } from "preact/hooks";

import { answer, problem_from } from "~/api/answer";
import { api, type Deliveries, type Subscription } from "~/api/client";
import { span } from "~/format/time";
import { use_channel } from "~/live/live";
import type { Channel } from "~/live/channel";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { toast } from "~/state/toasts";
import { Badge, type Tone } from "~/ui/badge";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Empty, Loaded } from "~/ui/states";

const badges: Record<Subscription["state"], readonly [Tone, string]> = {
  registered: ["good", "Registered"],
  missing: ["warn", "Missing"],
  refused: ["bad", "Refused"],
  foreign: ["info", "Elsewhere"],
};

/** What Shopify tells us of, where to, and how delivery goes. */
export function Webhooks() {
  const { store, moment, may_operate } = use_store();
  const channel = use_channel(store.id, "ops");
  const [busy, set_busy] = useState(false);
  const view = use_resource(`webhooks/${store.id}`, () => answer(api.GET("/api/v1/stores/{id}/webhooks", { params: { path: { id: store.id } } })));

  const repair = async () => {
    set_busy(true);
    try {
      await answer(api.POST("/api/v1/stores/{id}/jobs/{feature}", { params: { path: { id: store.id, feature: "webhook_registration" } }, body: {} }));
      toast("good", "Subscriptions are being compared with Shopify's.");
    } catch (thrown) {
      toast("bad", problem_from(thrown).detail);
    } finally {
      set_busy(false);
    }
  };

  return (
    <Card
      title="Webhooks"
      flush
      note={
        view.data && (
          <>
            Delivered to <code>{view.data.address}</code>
            {view.data.last_delivery_at ? `, last ${moment(view.data.last_delivery_at, view.data.as_of)}` : ", nothing delivered yet"}
          </>
        )
      }
      action={
        <button type="button" class="button small" disabled={busy || !may_operate} onClick={repair}>
          Check and repair
        </button>
      }
    >
      <Loaded resource={view} rows={6}>
        {(data) => {
          const rows = subscriptions_over(data.subscriptions, channel);
          return (
            <>
              <Health deliveries={channel.value<Deliveries>("deliveries") ?? data.deliveries} />
              {rows.length === 0 ? (
                <Empty icon="bolt" title="Nothing is registered yet.">
                  Check and repair registers what is missing.
                </Empty>
              ) : (
                <DataTable
                  label="Webhook subscriptions"
                  rows={rows}
                  row_key={(x) => x.topic}
                  columns={[
                    { head: "Topic", phone: "title", cell: (x) => <code>{x.topic}</code> },
                    { head: "State", phone: "amount", cell: (x) => <Badge tone={(badges[x.state] ?? badges.missing)[0]}>{(badges[x.state] ?? badges.missing)[1]}</Badge> },
                    { head: "Why", cell: (x) => x.reason || null, width: "wide" },
                    { head: "Since", phone: "hide", cell: (x) => (x.registered_at ? moment(x.registered_at, data.as_of) : "–") },
                  ]}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function subscriptions_over(base: readonly Subscription[], channel: Channel): Subscription[] {
  const result = new Map(base.map((x) => [x.topic, x]));
  for (const x of channel.entries<Subscription>("subscription:")) result.set(x.topic, x);
  return [...result.values()].sort((a, b) => a.topic.localeCompare(b.topic));
}

/** The last 24 hours in five numbers. */
function Health({ deliveries: x }: { deliveries: Deliveries }) {
  const { count } = use_store();
  const figures = [
    ["Accepted, 24 h", count(x.accepted_24h), ""],
    ["Duplicates, 24 h", count(x.duplicates_24h), "sent again by Shopify, counted once"],
    ["Rejected, 24 h", count(x.rejected_24h), x.rejected_24h > 0 ? "wrong signature or unknown shop" : ""],
    ["In work", count(x.open), x.open > 0 ? `oldest ${span(x.oldest_open_seconds)}` : ""],
    ["Dead letters", count(x.dead_letters), x.dead_letters > 0 ? "see below" : ""],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([name, value, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note && <span class="note block">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
