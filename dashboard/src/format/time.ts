// Instants are shown in the store's time zone; days are the store's own and are never shifted by a zone.

export interface TimeOptions {
  locale?: string | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format_of(key: string, locale: string | undefined, fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const full = `${key}|${locale ?? ""}|${fields.timeZone}`;
  let result = formats.get(full);
  if (!result) {
    result = new Intl.DateTimeFormat(locale, fields);
    formats.set(full, result);
  }
  return result;
}

/** Whether two instants fall on one day of a zone. */
function same_day(a: Date, b: Date, zone: string): boolean {
  const format = format_of("ymd", "en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return format.format(a) === format.format(b);
}

/** "15:09:26" (24 h everywhere: tables line up). */
export function clock(instant: string, zone: string, options: TimeOptions = {}): string {
  return format_of("clock", options.locale, {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(new Date(instant));
}

/** "14 Mar, 15:09", with the year when it is not the year of *as_of*; "15:09" on the same day. */
export function moment(instant: string, zone: string, as_of?: string, options: TimeOptions = {}): string {
  const at = new Date(instant);
  const now = as_of ? new Date(as_of) : at;
  const time: Intl.DateTimeFormatOptions = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (as_of && same_day(at, now, zone)) return format_of("hm", options.locale, time).format(at);
  const year = format_of("year", "en", { timeZone: zone, year: "numeric" });
  const with_year = !as_of || year.format(at) !== year.format(now);
  return format_of(with_year ? "ymdhm" : "mdhm", options.locale, {
    ...time,
    day: "numeric",
    month: "short",
    ...(with_year ? { year: "numeric" as const } : {}),
  }).format(at);
}

/** A day of the store's calendar: "Sat 14 Mar" or "Saturday 14 March 2026". */
export function day(value: string, style: "short" | "long" = "short", options: TimeOptions = {}): string {
  const at = new Date(`${value}T00:00:00Z`);
  return style === "short"
    ? format_of("d", options.locale, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" }).format(at)
    : format_of("D", options.locale, {
        timeZone: "UTC",
        weekday: "long",
        day: "numeric",
        month: "long",
        year: "numeric",
      }).format(at);
}

/** "March 2026" of "2026-03". */
export function month(value: string, options: TimeOptions = {}): string {
  return format_of("m", options.locale, { timeZone: "UTC", month: "long", year: "numeric" }).format(
    new Date(`${value}-01T00:00:00Z`),
  );
}

/** The day *count* days after (before, when negative) a day. */
export function day_after(value: string, count: number): string {
  const at = new Date(`${value}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
}

/** A length of time in words that fit a badge: "8 s", "4 min", "3 h", "2 d". */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}
