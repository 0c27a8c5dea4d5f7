import type { Settings } from "~/api/client";

// The same rules as the server's (`settings` in the OpenAPI file): typed values are judged while they are typed,
// the server judges again.

/** What the form holds: text as typed, until it is a value. */
export interface Draft {
  display_name: string;
  comparison_default: string;
  low_stock_threshold: string;
  freshness_alert_minutes: string;
  week_start: string;
  sync_paused: boolean;
  retention_days: string;
}

export type Field = keyof Draft;
export const fields: readonly Field[] = [
  "display_name",
  "comparison_default",
  "low_stock_threshold",
  "freshness_alert_minutes",
  "week_start",
  "retention_days",
  "sync_paused",
];

export const field_names: Record<Field, string> = {
  display_name: "Store name",
  comparison_default: "Compare today with",
  low_stock_threshold: "Low stock at",
  freshness_alert_minutes: "Warn when data is older than",
  week_start: "Week starts on",
  sync_paused: "Pause syncing",
  retention_days: "Keep raw deliveries for",
};

export const comparisons: Record<Settings["comparison_default"], string> = {
  previous_week_day: "the same weekday last week",
  previous_day: "yesterday",
  previous_year: "the same day last year",
};

export const week_starts: Record<Settings["week_start"], string> = {
  monday: "Monday",
  sunday: "Sunday",
  saturday: "Saturday",
};

const ranges = {
  low_stock_threshold: [0, 100_000],
  freshness_alert_minutes: [5, 1440],
  retention_days: [30, 3650],
} as const;
type Numeric = keyof typeof ranges;

export function draft_of(settings: Settings): Draft {
  return {
    ...settings,
    low_stock_threshold: String(settings.low_stock_threshold),
    freshness_alert_minutes: String(settings.freshness_alert_minutes),
    retention_days: String(settings.retention_days),
  };
}

/** Field -> what is wrong with it; empty when the draft can be saved. */
export function faults_of(draft: Draft): Partial<Record<Field, string>> {
  const result: Partial<Record<Field, string>> = {};
  const name = draft.display_name.trim();
  if (name.length === 0) result.display_name = "Give the store a name.";
  else if ([...name].length > 80) result.display_name = "At most 80 characters.";
  if (!(draft.comparison_default in comparisons)) result.comparison_default = "Choose one of the comparisons.";
  if (!(draft.week_start in week_starts)) result.week_start = "Choose a day.";
  for (const field of Object.keys(ranges) as Numeric[]) {
    const [least, most] = ranges[field];
    const text = draft[field].trim();
    const value = Number(text);
    if (!/^-?\d{1,9}$/.test(text) || value < least || value > most)
      result[field] = `A whole number from ${least} to ${most}.`;
  }
  return result;
}

/** The settings that a faultless draft stands for. */
export function settings_of(draft: Draft): Settings {
  return {
    display_name: draft.display_name.trim(),
    comparison_default: draft.comparison_default as Settings["comparison_default"],
    low_stock_threshold: Number(draft.low_stock_threshold),
    freshness_alert_minutes: Number(draft.freshness_alert_minutes),
    week_start: draft.week_start as Settings["week_start"],
    sync_paused: draft.sync_paused,
    retention_days: Number(draft.retention_days),
  };
}

/** Fields in which two drafts differ. */
export function differing(a: Draft, b: Draft): Field[] {
  return fields.filter((field) => a[field] !== b[field]);
}

export interface Conflict {
  field: Field;
  /** What I typed, and what the other person saved meanwhile. */
  mine: string | boolean;
  theirs: string | boolean;
}

/**
 * Three-way comparison after somebody else saved. Fields that only one side changed need no decision: they are
 * in `merged` already; the others are conflicts, for which `merged` keeps mine.
 */
export function merge(base: Draft, mine: Draft, theirs: Draft): { merged: Draft; conflicts: Conflict[] } {
  const merged: Draft = { ...theirs };
  const conflicts: Conflict[] = [];
  for (const field of differing(base, mine)) {
    Object.assign(merged, { [field]: mine[field] });
    if (base[field] !== theirs[field] && mine[field] !== theirs[field])
      conflicts.push({ field, mine: mine[field], theirs: theirs[field] });
  }
  return { merged, conflicts };
}
