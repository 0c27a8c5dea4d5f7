import type { ReconciliationSummary } from "~/api/client";
import { use_store } from "~/state/store_context";
import { Badge, type Tone } from "~/ui/badge";
import { Card } from "~/ui/card";

const says: Record<ReconciliationSummary["state"], readonly [Tone, string]> = {
  equal: ["good", "Equal"],
  repaired: ["good", "Repaired"],
  differs: ["warn", "Differs"],
  unchecked: ["info", "Not checked yet"],
};

/** Our figure beside Shopify's own, and why they differ when they do. */
export function ReconciliationCard({ summary }: { summary: ReconciliationSummary }) {
  const { money, moment, path } = use_store();
  const [tone, word] = says[summary.state] ?? says.unchecked;
  const amount = (value: number | null) => (value === null ? "–" : money(value));
  return (
    <Card title="Against Shopify" action={<Badge tone={tone}>{word}</Badge>}>
      <dl class="pairs">
        <dt>Ours</dt>
        <dd>{amount(summary.ours)}</dd>
        <dt>Shopify's</dt>
        <dd>{amount(summary.theirs)}</dd>
        <dt>Difference</dt>
        <dd>{summary.drift === null ? "–" : money(summary.drift, { signed: true })}</dd>
      </dl>
      {summary.cause && <p class="note">{summary.cause}</p>}
      <p class="note">
        {summary.checked_at ? `Checked ${moment(summary.checked_at)}. ` : ""}
        <a href={`${path("sync")}#reconciliation`}>Day by day</a>
      </p>
    </Card>
  );
}
