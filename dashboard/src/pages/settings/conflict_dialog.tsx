import { useState } from "preact/hooks";

import { comparisons, differing, field_names, week_starts, type Conflict, type Draft, type Field } from "~/state/settings_rules";
import { Dialog } from "~/ui/dialog";

interface Props {
  before: Draft;
  theirs: Draft;
  merged: Draft;
  conflicts: readonly Conflict[];
  busy: boolean;
  on_save: (what: Draft) => void;
  on_theirs: () => void;
  on_close: () => void;
}

/** A setting's value in the form's words. */
function said(field: Field, value: string | boolean): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (field === "comparison_default") return (comparisons as Record<string, string>)[value] ?? value;
  if (field === "week_start") return (week_starts as Record<string, string>)[value] ?? value;
  return value;
}

/** Somebody saved while I was typing: what changed, and for each field that we both changed, whose value to keep. */
export function ConflictDialog({ before, theirs, merged, conflicts, busy, on_save, on_theirs, on_close }: Props) {
  const [kept, keep] = useState<ReadonlySet<Field>>(new Set());
  const only_theirs = differing(before, theirs).filter((field) => !conflicts.some((x) => x.field === field));

  const result = { ...merged };
  for (const { field } of conflicts) if (kept.has(field)) Object.assign(result, { [field]: theirs[field] });

  const choose = (field: Field, mine: boolean) => {
    const next = new Set(kept);
    if (mine) next.delete(field);
    else next.add(field);
    keep(next);
  };

  return (
    <Dialog title="The settings have changed meanwhile" wide on_close={on_close}>
      <p class="note">Somebody saved a newer version while you were editing. Nothing of theirs or yours is lost yet.</p>
      {conflicts.map(({ field, mine, theirs: other }) => (
        <fieldset key={field} class="conflict">
          <legend>{field_names[field]}</legend>
          <label class="check">
            <input type="radio" name={field} checked={!kept.has(field)} onChange={() => choose(field, true)} />
            <span>
              Yours: <b>{said(field, mine)}</b>
            </span>
          </label>
          <label class="check">
            <input type="radio" name={field} checked={kept.has(field)} onChange={() => choose(field, false)} />
            <span>
              Theirs: <b>{said(field, other)}</b>
            </span>
          </label>
        </fieldset>
      ))}
      {only_theirs.length > 0 && (
        <ul class="plain-list">
          {only_theirs.map((field) => (
            <li key={field}>
              {field_names[field]}: {said(field, before[field])} → <b>{said(field, theirs[field])}</b> <span class="note">(theirs, kept)</span>
            </li>
          ))}
        </ul>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={on_close}>
          Go on editing
        </button>
        <button type="button" class="button" disabled={busy} onClick={on_theirs}>
          Drop my changes
        </button>
        <button type="button" class="button primary" disabled={busy} onClick={() => on_save(result)}>
          Save this
        </button>
      </div>
    </Dialog>
  );
}
