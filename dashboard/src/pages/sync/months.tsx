import { useState } from "preact/hooks";

import type { Month } from "~/api/client";
import { month as month_name } from "~/format/time";
import { use_store } from "~/state/store_context";
import { Badge } from "~/ui/badge";
import { DataTable } from "~/ui/data_table";

const at_first = 12;

export function Months({ months, as_of }: { months: readonly Month[]; as_of: string }) {
  const { count, moment } = use_store();
  const [all, show_all] = useState(false);
  return (
    <>
      <DataTable
        label="Months and their certificates"
        rows={all ? months : months.slice(0, at_first)}
        row_key={(x) => x.month}
        columns={[
          { head: "Month", phone: "title", width: "nowrap", cell: (x) => month_name(x.month) },
          { head: "Shopify", number: true, cell: (x) => count(x.orders_theirs) },
          { head: "Here", number: true, cell: (x) => count(x.orders_ours) },
          {
            head: "Certificate",
            phone: "amount",
            cell: (x) =>
              x.state === "certified" ? (
                <Badge tone="good">Certified</Badge>
              ) : x.state === "open" ? (
                <Badge tone="info">Open</Badge>
              ) : (
                <Badge tone="warn">Differs</Badge>
              ),
          },
          { head: "Checked", phone: "hide", cell: (x) => (x.verified_at ? moment(x.verified_at, as_of) : "–") },
        ]}
      />
      {months.length > at_first && (
        <div class="pad">
          <button type="button" class="button small" onClick={() => show_all(!all)}>
            {all ? "Show the newest" : `Show all ${months.length} months`}
          </button>
        </div>
      )}
    </>
  );
}
