import type { Overview } from "~/api/client";
import { day } from "~/format/time";
import type { Channel } from "~/live/channel";
import { use_store } from "~/state/store_context";
import { Card } from "~/ui/card";
import { comparison_of, today_of } from "./model";

const lines = [
  ["gross_sales", "Gross sales", ""],
  ["discounts", "Discounts", ""],
  ["returns", "Returns", ""],
  ["net_sales", "Net sales", "sum"],
  ["shipping", "Shipping", ""],
  ["taxes", "Taxes", ""],
  ["tips", "Tips", ""],
  ["total_sales", "Total sales", "sum"],
] as const;

/** How today's total comes about, line by line. */
export function Breakdown({ view, channel }: { view: Overview; channel: Channel }) {
  const { money } = use_store();
  const today = today_of(view, channel);
  const then = comparison_of(view, channel);
  return (
    <Card title="Today in lines" flush>
      <table class="lines">
        <thead>
          <tr>
            <th scope="col">
              <span class="only-read">Line</span>
            </th>
            <th scope="col" class="number">
              Today
            </th>
            <th scope="col" class="number">
              {day(view.comparison.day)} by now
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([field, text, kind]) => (
            <tr key={field} class={kind}>
              <th scope="row">{text}</th>
              <td class="number">{money(today[field])}</td>
              <td class="number quiet">{money(then[field])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
