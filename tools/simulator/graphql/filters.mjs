// Shopify's search syntax as far as we use it: `field:value` terms, comparisons, AND between them, a leading `-` or NOT.

import { financial_status } from '../order_math.mjs';

const term_pattern = /(?<not>-|NOT\s+)?(?<field>[a-z_]+):(?<op><=|>=|<|>|=)?(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<bare>[^\s'"()]+))/gy;

/**
 * @param fields {name: {of: (item) => comparable, kind: 'time'|'id'|'text'|'flag'}} what the resource can be searched by
 * @returns {test(item), unknown: [names]}; unknown fields are ignored, as the platform does with a warning
 */
export function filter(text, fields, zone_now) {
  const terms = [];
  const unknown = [];
  let at = 0;
  const source = (text ?? '').trim();
  while (at < source.length) {
    const gap = /[\s()]+|AND\b/gy;
    gap.lastIndex = at;
    if (gap.exec(source)) {
      at = gap.lastIndex;
      continue;
    }
    term_pattern.lastIndex = at;
    const match = term_pattern.exec(source);
    if (!match) return { problem: `cannot read "${source.slice(at)}" in the search query`, test: () => false, unknown };
    at = term_pattern.lastIndex;
    const { not, field, op = '=', single, double, bare } = match.groups;
    if (!fields[field]) unknown.push(field);
    else terms.push(term(fields[field], op, single ?? double ?? bare, Boolean(not), zone_now));
  }
  const problem = terms.find((x) => x.problem)?.problem;
  return { problem, unknown, test: (item) => terms.every((x) => x(item)) };
}

function term(field, op, text, negated, now) {
  const wanted = operand(field, text, now);
  if (wanted === null) return Object.assign(() => false, { problem: `"${text}" is not a ${field.kind}` });
  // A bare day means the whole day for equality.
  const day = field.kind === 'time' && op === '=' && /^\d{4}-\d\d-\d\d$/.test(text);
  const holds = (item) => {
    const value = field.of(item);
    if (value === null || value === undefined) return false;
    if (field.kind === 'flag' || field.kind === 'text') return field.matches ? field.matches(item, wanted) : value === wanted;
    if (day) return value >= wanted && value < wanted + 86_400_000;
    switch (op) {
      case '<': return value < wanted;
      case '<=': return value <= wanted;
      case '>': return value > wanted;
      case '>=': return value >= wanted;
      default: return value === wanted;
    }
  };
  return negated ? (item) => !holds(item) : holds;
}

function operand(field, text, now) {
  switch (field.kind) {
    case 'time': {
      if (text === 'now') return now;
      const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
      return Number.isNaN(at) ? null : at;
    }
    case 'id': {
      const digits = text.replace(/^gid:\/\/shopify\/\w+\//, '');
      return /^\d+$/.test(digits) ? BigInt(digits) : null;
    }
    case 'flag': return text === 'true' ? true : text === 'false' ? false : null;
    default: return text.toLowerCase();
  }
}

const id = { kind: 'id', of: (x) => BigInt(x.id) };
const updated_at = { kind: 'time', of: (x) => x.updated_at };
// Shopify compares at the resolution that it shows: whole seconds.
const second = (x) => (x === null ? null : Math.floor(x / 1000) * 1000);
const created_at = { kind: 'time', of: (x) => second(x.created_at) };

const closed = () => false; // fulfilment is not simulated, so orders stay open until cancelled

export const order_fields = {
  id, updated_at, created_at,
  processed_at: { kind: 'time', of: (x) => second(x.processed_at) },
  test: { kind: 'flag', of: (x) => x.test },
  name: { kind: 'text', of: (x) => x.name.toLowerCase(), matches: (x, wanted) => x.name.toLowerCase().replace('#', '') === wanted.replace('#', '') },
  status: {
    kind: 'text', of: () => '',
    matches: (x, wanted) =>
      wanted === 'any' ||
      (wanted === 'cancelled' && x.cancelled_at !== null) ||
      (wanted === 'not_closed' && !closed(x)) ||
      (wanted === 'open' && x.cancelled_at === null && !closed(x)) ||
      (wanted === 'closed' && closed(x)),
  },
  financial_status: { kind: 'text', of: (x) => financial_status(x) },
  source_name: { kind: 'text', of: (x) => x.source_name },
  customer_id: { kind: 'id', of: (x) => (x.customer ? BigInt(x.customer.id) : null) },
  discount_code: { kind: 'text', of: (x) => x.discount_code?.toLowerCase() ?? null },
};

export const product_fields = {
  id, updated_at, created_at,
  status: { kind: 'text', of: (x) => x.status },
  title: { kind: 'text', of: (x) => x.title.toLowerCase() },
  vendor: { kind: 'text', of: (x) => x.vendor?.toLowerCase() ?? null },
};

export const variant_fields = {
  id, updated_at,
  sku: { kind: 'text', of: (x) => x.sku?.toLowerCase() ?? null },
  product_id: { kind: 'id', of: (x) => BigInt(x.product.id) },
};

export const item_fields = { id, updated_at, sku: { kind: 'text', of: (x) => x.variant.sku?.toLowerCase() ?? null } };
