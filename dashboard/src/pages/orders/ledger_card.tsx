import type { LedgerEntry, OrderDetail } from "~/api/client";
import { words } from "~/format/number";
import { day } from "~/format/time";
import { use_store } from "~/state/store_context";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { DataTable, type Column } from "~/ui/data_table";
import { Empty } from "~/ui/states";

const amounts = [
  ["gross_sales", "Gross"],
  ["discounts", "Discounts"],
  ["returns", "Returns"],
  ["shipping", "Shipping"],
  ["taxes", "Taxes"],
  ["tips", "Tips"],
  ["adjustment", "Unexplained"],
] as const;

type Field = (typeof amounts)[number][0] | "total";

/** Sum of one column in minor units. */
export function sum_of(entries: readonly LedgerEntry[], field: Field): number {
  return entries.reduce((sum, x) => sum + (x[field] ?? 0), 0);
}

/** Whether each entry's columns add up to the total that stands beside them. */
export function adds_up(entries: readonly LedgerEntry[]): boolean {
  return entries.every((x) => amounts.reduce((sum, [field]) => sum + (x[field] ?? 0), 0) === x.total);
}

/** The order's entries in the sales ledger: each on its own day, each adding up, together what is left of the order. */
export function LedgerCard({ order }: { order: OrderDetail }) {
  const { money } = use_store();
  const entries = order.ledger;
  const used = amounts.filter(([field]) => field !== "adjustment" || sum_of(entries, field) !== 0);
  const columns: Column<LedgerEntry>[] = [
    { head: "Day", phone: "title", width: "nowrap", cell: (x) => day(x.day) },
    { head: "Entry", cell: (x) => words(x.kind) },
    ...used.map(([field, head]) => ({ head, number: true, cell: (x: LedgerEntry) => <Amount value={x[field] ?? 0} /> })),
    { head: "Total", number: true, phone: "amount", cell: (x) => money(x.total) },
  ];
  return (
    <Card
      title="Sales ledger"
      flush
      note="What this order added to which day's sales."
      action={entries.length > 0 && (adds_up(entries) ? <Badge tone="good">Adds up</Badge> : <Badge tone="bad">Does not add up</Badge>)}
    >
      {entries.length === 0 ? (
        <Empty icon="orders" title={order.test ? "A test order: it never counts." : "No entry yet."} />
      ) : (
        <DataTable
          label="Entries of the sales ledger"
          rows={entries}
          row_key={(x) => `${x.day}/${x.kind}/${x.source}`}
          columns={columns}
          foot={
            <tfoot role="rowgroup">
              <tr role="row">
                <th role="rowheader" scope="row" class="phone-title">
                  Sum
                </th>
                <td role="cell" class="phone-hide" />
                {used.map(([field, head]) => (
                  <td key={field} role="cell" class="number" data-head={head}>
                    {money(sum_of(entries, field))}
                  </td>
                ))}
                <td role="cell" class="number phone-amount" data-head="Total">
                  {money(sum_of(entries, "total"))}
                </td>
              </tr>
            </tfoot>
          }
        />
      )}
    </Card>
  );
}

function Amount({ value }: { value: number }) {
  const { money } = use_store();
  return value === 0 ? <span class="quiet">{money(0)}</span> : <>{money(value)}</>;
}
