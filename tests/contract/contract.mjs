// The server's own description, and whether an answer keeps to it: the subset of JSON Schema that it uses.
import { readFileSync } from 'node:fs';

export const contract = JSON.parse(readFileSync(new URL('../../net/openapi.json', import.meta.url), 'utf8'));

const methods = ['get', 'post', 'put', 'delete', 'patch'];

/** Every operation as {method, path, operation}. */
export function operations() {
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    methods.filter((x) => item[x]).map((x) => ({ method: x.toUpperCase(), path, operation: item[x] })),
  );
}

const is = {
  object: (x) => typeof x === 'object' && x !== null && !Array.isArray(x),
  array: Array.isArray,
  string: (x) => typeof x === 'string',
  integer: Number.isInteger,
  number: (x) => typeof x === 'number',
  boolean: (x) => typeof x === 'boolean',
  null: (x) => x === null,
};

const understood = new Set(
  '$ref type enum pattern minLength maxLength minimum maximum required properties additionalProperties items allOf anyOf description examples format title default const readOnly'.split(' '),
);

const resolve = (ref) => ref.slice(2).split('/').reduce((at, key) => at[key], contract);

/** What is wrong with *value*, as sentences with its place; empty when it fits *schema*. */
export function faults(value, schema, at = '$') {
  if (schema === true) return [];
  const strange = Object.keys(schema).filter((key) => !understood.has(key));
  if (strange.length > 0) throw new Error(`${at}: this checker does not know ${strange.join(', ')}`);
  const result = [];
  const wrong = (what) => result.push(`${at}: ${what}`);
  if (schema.$ref) result.push(...faults(value, resolve(schema.$ref), at));
  for (const part of schema.allOf ?? []) result.push(...faults(value, part, at));
  if (schema.anyOf && !schema.anyOf.some((x) => faults(value, x, at).length === 0)) wrong(`${JSON.stringify(value)} fits none of the alternatives`);
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((x) => is[x](value))) return [...result, `${at}: ${JSON.stringify(value)} is not ${types.join(' or ')}`];
  if (schema.enum && !schema.enum.includes(value)) wrong(`${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`);
  if ('const' in schema && value !== schema.const) wrong(`${JSON.stringify(value)} is not ${schema.const}`);
  if (typeof value === 'string') {
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) wrong(`${JSON.stringify(value)} does not match ${schema.pattern}`);
    if (value.length < (schema.minLength ?? 0) || value.length > (schema.maxLength ?? Infinity)) wrong(`${value.length} characters`);
  }
  if (typeof value === 'number' && (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))) wrong(`${value} is out of range`);
  if (Array.isArray(value) && schema.items) value.forEach((x, i) => result.push(...faults(x, schema.items, `${at}[${i}]`)));
  if (is.object(value)) {
    for (const name of schema.required ?? []) if (!(name in value)) wrong(`${name} is missing`);
    for (const [name, x] of Object.entries(value)) {
      const known = schema.properties?.[name];
      if (known) result.push(...faults(x, known, `${at}.${name}`));
      else if (schema.additionalProperties === false) wrong(`${name} is not described`);
      else if (is.object(schema.additionalProperties)) result.push(...faults(x, schema.additionalProperties, `${at}.${name}`));
    }
  }
  return result;
}

/** What is wrong with an answer to *operation*. */
export function answer_faults({ method, path, operation }, status, body) {
  let response = operation.responses[String(status)];
  if (response?.$ref) response = resolve(response.$ref);
  if (!response) return [`${method} ${path}: ${status} is not described`];
  const content = Object.entries(response.content ?? {}).find(([type]) => type.includes('json'))?.[1];
  return content?.schema ? faults(body, content.schema).map((x) => `${method} ${path} ${status} ${x}`) : [];
}
