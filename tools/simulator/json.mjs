// JSON as Shopify writes it: 64-bit ids as bare integers (BigInt here), `/` escaped as `\/` on request.

const harmless = /^[A-Za-z0-9 .:,#_+-]*$/;

function quoted(text, slashes) {
  if (harmless.test(text)) return `"${text}"`;
  const result = JSON.stringify(text);
  return slashes && text.includes('/') ? result.replaceAll('/', '\\/') : result;
}

/** @param slashes write `/` as `\/`, as webhooks and bulk files do. */
export function to_json(value, slashes = false) {
  switch (typeof value) {
    case 'string': return quoted(value, slashes);
    case 'number': return Number.isFinite(value) ? String(value) : 'null';
    case 'bigint': return value.toString();
    case 'boolean': return value ? 'true' : 'false';
    case 'object': break;
    default: return 'null';
  }
  if (value === null) return 'null';
  if (value instanceof Verbatim) return value.text;
  if (Array.isArray(value)) {
    let result = '[';
    for (let i = 0; i < value.length; ++i) result += (i ? ',' : '') + to_json(value[i], slashes);
    return `${result}]`;
  }
  let result = '{';
  let first = true;
  for (const key in value) {
    if (value[key] === undefined) continue;
    result += `${first ? '' : ','}"${key}":${to_json(value[key], slashes)}`;
    first = false;
  }
  return `${result}}`;
}

/** A piece of JSON that is written as it is, e.g. the number 0.0. */
export class Verbatim {
  constructor(text) {
    this.text = text;
  }
}
