import type { ComponentChildren } from "preact";

import { Icon, type IconName } from "./icon";

export type Tone = "good" | "bad" | "warn" | "info" | "plain";

const icons: Record<Tone, IconName | null> = { good: "check", bad: "cross", warn: "warn", info: "clock", plain: null };

/** A state in a word, with an icon, so that colour never says it alone. */
export function Badge({ tone, icon, children }: { tone: Tone; icon?: IconName | null; children: ComponentChildren }) {
  const name = icon === undefined ? icons[tone] : icon;
  return (
    <span class={`badge ${tone}`}>
      {name && <Icon name={name} />}
      {children}
    </span>
  );
}
