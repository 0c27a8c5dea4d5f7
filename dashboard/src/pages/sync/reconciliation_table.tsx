import { answer } from "~/api/answer";
import { api, type ReconciliationDay } from "~/api/client";
import { day } from "~/format/time";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Empty, Loaded } from "~/ui/states";

const badges: Record<ReconciliationDay["state"], readonly ["good" | "warn", string]> = {
  equal: ["good", "Equal"],
  repaired: ["good", "Repaired"],
  differs: ["warn", "Differs"],
};

/** Our orders and totals per day against Shopify's. */
export function ReconciliationTable() {
  const { store, money, count } = use_store();
  const view = use_resource(`reconciliation/${store.id}`, () =>
    answer(api.GET("/api/v1/stores/{id}/reconciliation", { params: { path: { id: store.id } } })),
  );
  return (
    <div id="reconciliation">
      <Card title="Against Shopify, day by day" flush note="Order totals as Shopify reports them beside ours; a difference names its cause.">
        <Loaded resource={view} rows={5}>
          {(data) =>
            data.days.length === 0 ? (
              <Empty icon="check" title="No day compared yet.">
                The last days are compared every 15 minutes.
              </Empty>
            ) : (
              <div class="scroll-box tall" tabIndex={0} role="region" aria-label="Days against Shopify">
                <DataTable
                  label="Days against Shopify"
                  rows={data.days}
                  row_key={(x) => x.day}
                  columns={[
                    { head: "Day", phone: "title", width: "nowrap", cell: (x) => day(x.day) },
                    { head: "Orders", number: true, cell: (x) => (x.ours.orders === x.theirs.orders ? count(x.ours.orders) : `${count(x.ours.orders)} of ${count(x.theirs.orders)}`) },
                    { head: "Ours", number: true, phone: "hide", cell: (x) => money(x.ours.total_sales) },
                    { head: "Difference", number: true, phone: "amount", cell: (x) => money(x.drift, { signed: true }) },
                    {
                      head: "State",
                      cell: (x) => {
                        const [tone, word] = badges[x.state] ?? badges.differs;
                        return (
                          <>
                            <Badge tone={tone}>{word}</Badge>
                            {x.cause && <span class="note block">{x.cause}</span>}
                          </>
                        );
                      },
                    },
                  ]}
                />
              </div>
            )
          }
        </Loaded>
      </Card>
    </div>
  );
}
