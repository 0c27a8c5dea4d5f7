// Civil time of IANA zones, by way of Node's own zone data.

const formatters = new Map();
const offsets = new Map();
const slot = 900_000; // no zone changes its offset inside a quarter of an hour

function formatter(zone) {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
      hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
    formatters.set(zone, found);
    offsets.set(zone, new Map());
  }
  return found;
}

/** True when *zone* is an IANA zone that this machine knows. */
export function is_zone(zone) {
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/** Offset from UTC in milliseconds at the instant *at* (ms since the epoch). */
export function offset_at(zone, at) {
  const format = formatter(zone);
  const key = Math.floor(at / slot);
  const cache = offsets.get(zone);
  let result = cache.get(key);
  if (result === undefined) {
    const part = {};
    for (const { type, value } of format.formatToParts(key * slot)) part[type] = Number(value);
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    result = local - key * slot;
    cache.set(key, result);
  }
  return result;
}

/** Day of the instant in the zone, "2026-03-01". */
export function day_of(zone, at) {
  return new Date(at + offset_at(zone, at)).toISOString().slice(0, 10);
}

/** Local hour (0 to 23) of the instant. */
export function hour_of(zone, at) {
  return new Date(at + offset_at(zone, at)).getUTCHours();
}

/** "2023-02-20T20:50:03-05:00", the form of webhook bodies. */
export function local_iso(zone, at) {
  const offset = offset_at(zone, at);
  const minutes = Math.abs(offset) / 60_000;
  const two = (x) => String(Math.floor(x)).padStart(2, '0');
  return `${new Date(at + offset).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** "2026-11-22T10:00:00Z", the form of GraphQL answers. */
export function utc_iso(at) {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Instant of a local wall-clock time given as UTC fields; in the hour that occurs twice, the first. */
export function from_local(zone, local) {
  const first = local - offset_at(zone, local - 86_400_000);
  return first + offset_at(zone, first) === local ? first : local - offset_at(zone, first);
}
