const plain = new Map<string, Intl.NumberFormat>();

/** A count with the locale's grouping. */
export function count(value: number, locale?: string): string {
  const key = locale ?? "";
  let format = plain.get(key);
  if (!format) plain.set(key, (format = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })));
  return format.format(value);
}

/** "1 order", "2 orders". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Done of total in whole percent, cut, so that 100 % is never shown before the end; null when unknown. */
export function percent_done(done: number, total: number | null): number | null {
  if (total === null || total <= 0) return null;
  return Math.min(100, Number((BigInt(done) * 100n) / BigInt(total)));
}

/** snake_case or kebab-case names of the platform in words: "partially_refunded" -> "Partially refunded". */
export function words(name: string): string {
  const text = name.replace(/[_-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
