import { divide } from "./money";

export interface Change {
  direction: "up" | "down" | "flat" | "none";
  /** "+12.3 %", "no change", or why there is no percentage. */
  text: string;
}

/** How *now* differs from *before*, both integers; tenths of a percent, rounded half away from zero. */
export function change(now: number | null, before: number | null): Change {
  if (now === null || before === null) return { direction: "none", text: "nothing to compare" };
  if (now === before) return { direction: "flat", text: "no change" };
  if (before === 0) return { direction: now > 0 ? "up" : "down", text: "was zero" };
  const base = BigInt(before);
  const tenths = divide((BigInt(now) - base) * 1000n, base < 0n ? -base : base);
  if (tenths === 0n) return { direction: "flat", text: "under 0.1 %" };
  const size = tenths < 0n ? -tenths : tenths;
  const text = size >= 10_000n ? `${grouped(size / 10n)} %` : `${size / 10n}.${size % 10n} %`;
  return { direction: tenths > 0n ? "up" : "down", text: `${tenths > 0n ? "+" : "\u2212"}${text}` };
}

function grouped(value: bigint): string {
  return new Intl.NumberFormat(undefined).format(value);
}
