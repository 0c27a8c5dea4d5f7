import { useEffect } from "preact/hooks";

import { answer } from "~/api/answer";
import { api, type Job, type Month } from "~/api/client";
import { use_channel } from "~/live/live";
import type { Channel } from "~/live/channel";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { Page } from "~/ui/page";
import { Empty, Loaded } from "~/ui/states";
import { DeadLetters } from "./dead_letters";
import { Jobs } from "./jobs";
import { Months } from "./months";
import { ReconciliationTable } from "./reconciliation_table";
import { Webhooks } from "./webhooks";

/** How data comes in: jobs with progress, certificates of months, webhooks and what failed. */
export function SyncPage() {
  const { store, moment } = use_store();
  const channel = use_channel(store.id, "jobs");
  const sync = use_resource(`sync/${store.id}`, () => answer(api.GET("/api/v1/stores/{id}/sync", { params: { path: { id: store.id } } })));

  useEffect(() => {
    if (location.hash && sync.data) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [Boolean(sync.data)]);

  return (
    <Page title="Sync and webhooks" note={sync.data ? `As of ${moment(sync.data.as_of)}, ${store.timezone}` : "How your shop's data comes in"}>
      <Loaded resource={sync} rows={6} tall>
        {(data) => {
          const jobs = jobs_over(data.jobs, channel);
          const months = months_over(data.months, channel);
          return (
            <>
              <Jobs jobs={jobs} as_of={data.as_of} reload={sync.reload} />
              <div class="columns even uneven">
                <Card title="Past orders, month by month" flush note="A month is certified when Shopify counts as many orders as we hold.">
                  {months.length === 0 ? (
                    <Empty icon="clock" title="No month read yet.">
                      The import goes from the newest month to the oldest.
                    </Empty>
                  ) : (
                    <Months months={months} as_of={data.as_of} />
                  )}
                </Card>
                <ReconciliationTable />
              </div>
            </>
          );
        }}
      </Loaded>
      <Webhooks />
      <DeadLetters />
    </Page>
  );
}

function jobs_over(base: readonly Job[], channel: Channel): Job[] {
  const result = new Map(base.map((x) => [x.feature, x]));
  for (const job of channel.entries<Job>("job:")) result.set(job.feature, job);
  return [...result.values()];
}

function months_over(base: readonly Month[], channel: Channel): Month[] {
  const result = new Map(base.map((x) => [x.month, x]));
  for (const month of channel.entries<Month>("month:")) result.set(month.month, month);
  return [...result.values()].sort((a, b) => b.month.localeCompare(a.month));
}
