import type { Job } from "~/api/client";
import { count } from "~/format/number";
import type { Tone } from "~/ui/badge";
import type { IconName } from "~/ui/icon";

/** State of a job as a badge. */
export const states: Record<Job["state"], { tone: Tone; icon: IconName | null; word: string }> = {
  idle: { tone: "plain", icon: null, word: "Idle" },
  queued: { tone: "info", icon: "clock", word: "Queued" },
  running: { tone: "info", icon: "sync", word: "Running" },
  paused: { tone: "warn", icon: "pause", word: "Paused" },
  failed: { tone: "bad", icon: "cross", word: "Failed" },
  done: { tone: "good", icon: "check", word: "Done" },
  cancelled: { tone: "plain", icon: "cross", word: "Cancelled" },
};

const titles: Record<string, string> = {
  manual_sync: "Sync now",
  historical_import: "Import of past orders",
  oauth_setup: "Connection to Shopify",
  webhook_registration: "Webhook subscriptions",
  product_sync: "Product check",
  inventory_updates: "Stock",
  order_sync: "Orders",
  reconciliation: "Comparison with Shopify",
};

/** What a merchant would call the job; features that this page does not know keep the server's name. */
export function title_of(job: Job): string {
  return titles[job.feature] ?? (job.title || job.feature);
}

export function is_active(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

/** "8,400 of 21,000 orders" */
export function progress_text(job: Job): string {
  const unit = job.unit || "steps";
  if (job.total !== null) return `${count(job.done)} of ${count(job.total)} ${unit}`;
  return job.done > 0 ? `${count(job.done)} ${unit}` : "";
}

/** What came out, in words: the differences found, or that there were none and when that was checked. */
export function result_text(result: NonNullable<Job["result"]>, moment: (instant: string) => string): string {
  const value = result as Record<string, unknown>;
  const verified = typeof value["verified_at"] === "string" ? moment(value["verified_at"]) : "";
  const parts: string[] = [];
  for (const [key, what] of Object.entries(value))
    if (typeof what === "number" && Number.isSafeInteger(what) && what > 0 && key !== "unchanged") parts.push(`${count(what)} ${key.replace(/_/g, " ")}`);
  const told = typeof value["note"] === "string" ? value["note"] : "";
  if (parts.length === 0 && verified) return `Nothing new, verified ${verified}${told && `. ${told}`}`;
  return [parts.join(", "), told, verified && `verified ${verified}`].filter(Boolean).join("; ");
}
