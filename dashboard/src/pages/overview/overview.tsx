import { useEffect, useState } from "preact/hooks";

import { answer } from "~/api/answer";
import { api, type Overview as View } from "~/api/client";
import { day_after } from "~/format/time";
import { use_channel } from "~/live/live";
import type { Channel } from "~/live/channel";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { Choice } from "~/ui/choice";
import { Page } from "~/ui/page";
import { ProblemBox, Skeleton } from "~/ui/states";
import { Announcer } from "./announcer";
import { Breakdown } from "./breakdown";
import { FreshnessLine } from "./freshness_line";
import { HoursCard } from "./hours_card";
import { KpiCards } from "./kpi_cards";
import type { MetricKey } from "./metrics";
import { is_outdated } from "./model";
import { RecentOrders } from "./recent_orders";
import { ReconciliationCard } from "./reconciliation_card";
import { SalesCard } from "./sales_card";

type Length = "7" | "30" | "90";
type Compare = "previous_period" | "previous_year";

const lengths = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const satisfies readonly (readonly [Length, string])[];

const compares = [
  ["previous_period", "Previous period"],
  ["previous_year", "Previous year"],
] as const satisfies readonly (readonly [Compare, string])[];

export function Overview() {
  const { store } = use_store();
  const channel = use_channel(store.id, "overview");
  const [length, set_length] = useState<Length>("30");
  const [compare, set_compare] = useState<Compare>("previous_period");
  const [metric, set_metric] = useState<MetricKey>("net_sales");

  // The last day is the server's "today": only it knows the store's clock. 30 days are its default.
  const [today, set_today] = useState<string | null>(null);
  const range = today && length !== "30" ? { from: day_after(today, 1 - Number(length)), to: today } : {};
  const view = use_resource<View>(
    `overview/${store.id}/${compare}/${range.from ?? ""}/${range.to ?? ""}`,
    () => answer(api.GET("/api/v1/stores/{id}/overview", { params: { path: { id: store.id }, query: { compare, ...range } } })),
    true,
  );
  useEffect(() => {
    if (view.data) set_today(view.data.today.day);
  }, [view.data]);

  const { data } = view;
  return (
    <Page
      title="Overview"
      note={`${store.name || store.shop} · ${store.currency} · ${zone_name(store.timezone)}`}
      tools={
        <>
          <Choice label="Range" value={length} options={lengths} on_change={set_length} />
          <div class="select">
            <select aria-label="Compare the range with" value={compare} onChange={(event) => set_compare(event.currentTarget.value as Compare)}>
              {compares.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        </>
      }
    >
      {view.problem && !view.loading && <ProblemBox problem={view.problem} retry={view.reload} />}
      {!data && !view.problem && <Bones />}
      {data && (
        <>
          <Midnight view={data} channel={channel} reload={view.reload} />
          <FreshnessLine view={data} channel={channel} />
          <KpiCards view={data} channel={channel} chosen={metric} on_choose={set_metric} />
          <div class="columns">
            <div class="main-column">
              <SalesCard view={data} channel={channel} metric={metric} compare={compare} />
              <RecentOrders as_of={data.as_of} />
            </div>
            <div class="side-column">
              <Breakdown view={data} channel={channel} />
              <HoursCard view={data} channel={channel} />
              <ReconciliationCard summary={data.reconciliation} />
            </div>
          </div>
          <Announcer view={data} channel={channel} />
        </>
      )}
    </Page>
  );
}

export function zone_name(zone: string): string {
  return zone.replaceAll("_", " ");
}

/** When the store's day changes, the comparison changes with it: load the view anew. */
function Midnight({ view, channel, reload }: { view: View; channel: Channel; reload: () => void }) {
  const outdated = is_outdated(view, channel);
  useEffect(() => {
    if (outdated) reload();
  }, [outdated]);
  return null;
}

function Bones() {
  return (
    <>
      <div class="kpis">
        {[0, 1, 2, 3].map((index) => (
          <div key={index} class="card">
            <Skeleton rows={3} />
          </div>
        ))}
      </div>
      <div class="card">
        <Skeleton rows={6} tall />
      </div>
    </>
  );
}
