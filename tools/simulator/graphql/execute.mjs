// Runs a checked operation against a shop and counts what it really cost.

import { resolve } from './parse.mjs';
import { flatten, mutation_cost, type_of } from './plan.mjs';
import { FieldProblem } from './roots.mjs';
import { types } from './schema.mjs';

/** @returns {data, errors, cost} */
export function execute(operation, context) {
  const run = new Run(context);
  const root = types[operation.kind === 'mutation' ? 'Mutation' : 'QueryRoot'];
  const data = run.object(operation.selections, root, {}, []);
  return { data, errors: run.errors, cost: Math.ceil(run.cost) + (operation.kind === 'mutation' ? mutation_cost : 0) };
}

/** The concrete type of a value where the field's type is an interface or a union. */
export function concrete(type, value) {
  if (type.any) return types[value.node_type];
  return type.members ? types[value.type] : type;
}

/** One run over a selection; bulk.mjs replaces what happens at connections. */
export class Run {
  constructor(context) {
    this.context = context;
    this.errors = [];
    this.cost = 0;
    this.weight = 1; // what one object costs at this place: less inside connections
  }

  object(selections, type, value, path) {
    const result = {};
    for (const { node, on } of flatten(selections, this.context)) {
      if (on && !fits(type, on)) continue;
      if (node.name === '__typename') result[node.alias] = type.name;
      else {
        const got = this.field(node, type.fields[node.name], value, [...path, node.alias]);
        if (got !== undefined) result[node.alias] = merge(result[node.alias], got);
      }
    }
    return result;
  }

  field(node, field, parent, path) {
    try {
      this.allow(node, field, parent);
      const args = {};
      for (const name in node.args) {
        const value = resolve(node.args[name], this.context.variables);
        if (value !== undefined) args[name] = value;
      }
      const value = field.get(parent, args, this.context);
      if (value === null || value === undefined) return null;
      if (field.shape === 'scalar') return value;
      if (field.shape === 'list') return value.map((x, i) => (x === null ? null : this.one(node, field, x, [...path, i])));
      if (field.shape === 'connection') return this.connection(node, field, value, args, path);
      return this.one(node, field, value, path);
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      this.errors.push({ message: error.message, locations: [node.place], extensions: error.extensions, path });
      return null;
    }
  }

  one(node, field, value, path) {
    const type = concrete(types[field.type], value);
    this.cost += this.weight;
    return this.object(node.selections, type, value.self && types[field.type].any ? value.self : value, path);
  }

  connection(node, field, found, args, path) {
    const page = slice(found, args);
    const before = this.weight;
    this.weight /= 4;
    const result = this.object(node.selections, types[type_of(field)], page, path);
    this.weight = before;
    return result;
  }

  allow(node, field) {
    const scope = field.scope ?? types[field.type]?.scope;
    const { scopes } = this.context;
    if (!scope || scopes.has(scope) || scopes.has(scope.replace('read_', 'write_'))) return;
    throw new FieldProblem(`Access denied for ${node.name} field. Required access: \`${scope}\` access scope.`, {
      code: 'ACCESS_DENIED', documentation: 'https://shopify.dev/api/usage/access-scopes', requiredAccess: `\`${scope}\` access scope.`,
    });
  }
}

const fits = (type, on) => on === type.name || on === 'Node' || (types[on]?.members?.includes(type.name) ?? false) || (types[on]?.any ?? false);

// The same key selected twice: objects are merged, as GraphQL wants.
function merge(before, got) {
  if (!before || !got || typeof got !== 'object' || Array.isArray(got)) return got;
  return { ...before, ...got };
}

const cursor = (parts) => Buffer.from(JSON.stringify(parts)).toString('base64url');

function read_cursor(text) {
  try {
    const [key, id] = JSON.parse(Buffer.from(String(text), 'base64url').toString());
    if (typeof id !== 'string' || !/^\d+$/.test(id)) throw new Error('no id');
    return [key, id.padStart(id_digits, '0')];
  } catch {
    throw new FieldProblem('Invalid cursor for current pagination sort.', { code: 'BAD_REQUEST' });
  }
}

// Ids of one shop have the same number of digits, so they sort as text; places are padded to it.
const id_digits = 19;

/** Sorts, cuts out the page that the arguments ask for, and makes its cursors. */
export function slice({ items, key, reverse }, args) {
  const keyed = items.map((item, i) => [key ? key(item) : i, key ? item.id : String(i).padStart(id_digits, '0'), item]);
  const order = (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
  if (key) keyed.sort(reverse ? (a, b) => order(b, a) : order);
  const sign = reverse ? -1 : 1;
  let from = 0;
  let to = keyed.length;
  if (args.after) {
    const mark = read_cursor(args.after);
    from = keyed.findIndex((x) => sign * order(x, mark) > 0);
    if (from < 0) from = keyed.length;
  }
  if (args.before) {
    const mark = read_cursor(args.before);
    const end = keyed.findIndex((x) => sign * order(x, mark) >= 0);
    if (end >= 0) to = end;
  }
  const backwards = args.first === undefined || args.first === null ? args.last : undefined;
  const begin = backwards === undefined ? from : Math.max(from, to - backwards);
  const end = backwards === undefined ? Math.min(to, from + (args.first ?? to)) : to;
  const page = keyed.slice(begin, end);
  const cursors = page.map((x) => cursor([x[0], x[1]]));
  return {
    page: page.map((x) => x[2]), cursors, next: end < keyed.length, previous: begin > 0, start: cursors[0] ?? null,
    end: cursors[cursors.length - 1] ?? null,
  };
}

