import type { ComponentChildren } from "preact";

import { comparisons, field_names, week_starts, type Draft, type Field as Name } from "~/state/settings_rules";
import { Card } from "~/ui/card";
import { Field } from "~/ui/field";

interface Props {
  draft: Draft;
  faults: Partial<Record<Name, string>>;
  locked: boolean;
  on_change: (changes: Partial<Draft>) => void;
  on_submit: () => void;
}

export function SettingsForm({ draft, faults, locked, on_change, on_submit }: Props) {
  const whole = (field: "low_stock_threshold" | "freshness_alert_minutes" | "retention_days", unit: string, hint: string) => (
    <Field
      label={field_names[field]}
      hint={hint}
      fault={faults[field]}
      control={(wear) => (
        <span class="with-unit">
          <input {...wear} type="text" inputMode="numeric" autocomplete="off" value={draft[field]} onInput={(event) => on_change({ [field]: event.currentTarget.value })} />
          <span class="note">{unit}</span>
        </span>
      )}
    />
  );
  const choice = <K extends "comparison_default" | "week_start">(field: K, options: Record<string, string>, hint: string) => (
    <Field
      label={field_names[field]}
      hint={hint}
      fault={faults[field]}
      control={(wear) => (
        <select {...wear} value={draft[field]} onChange={(event) => on_change({ [field]: event.currentTarget.value })}>
          {Object.entries(options).map(([value, text]) => (
            <option key={value} value={value}>
              {text.charAt(0).toUpperCase() + text.slice(1)}
            </option>
          ))}
        </select>
      )}
    />
  );
  return (
    <form
      id="settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        on_submit();
      }}
    >
      <fieldset class="plain narrow" disabled={locked}>
        {locked && <p class="stale-note">Only an owner of the store can change its settings.</p>}
        <Group title="Appearance">
          <Field
            label={field_names.display_name}
            hint="Shown in the dashboard and on reports. Your shop keeps its own name."
            fault={faults.display_name}
            control={(wear) => <input {...wear} type="text" autocomplete="off" maxLength={200} value={draft.display_name} onInput={(event) => on_change({ display_name: event.currentTarget.value })} />}
          />
          {choice("comparison_default", comparisons, "Always until the same time of day, so that a morning is not compared with a whole day.")}
          {choice("week_start", week_starts, "For weekly figures.")}
        </Group>
        <Group title="Warnings">
          {whole("low_stock_threshold", "units or fewer", "A tracked variant with this stock or less is marked low.")}
          {whole("freshness_alert_minutes", "minutes", "Older sources are marked late.")}
        </Group>
        <Group title="Data">
          {whole("retention_days", "days", "Raw deliveries and logs. Orders, products and sales are kept.")}
          <label class="check">
            <input type="checkbox" checked={draft.sync_paused} onChange={(event) => on_change({ sync_paused: event.currentTarget.checked })} />
            <span>
              {field_names.sync_paused}
              <span class="note block">Timers stop. What Shopify sends is still accepted and counted.</span>
            </span>
          </label>
        </Group>
      </fieldset>
    </form>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <Card title={title}>
      <div class="fields">{children}</div>
    </Card>
  );
}
