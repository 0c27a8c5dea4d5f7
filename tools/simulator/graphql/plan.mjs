// Checks a document against the schema before anything runs, as the platform does, and estimates its cost.

import { resolve } from './parse.mjs';
import { connection_type, types } from './schema.mjs';

/** Most points one query may ask for. [Shopify API limits page] */
export const max_cost = 1000;
/** A connection costs a quarter of what its nodes would cost one by one; see README.md. */
export const connection_cost = (nodes, each) => Math.ceil((nodes * each) / 4);
export const mutation_cost = 10;

const problem = (message, place, path, extensions) => ({ message, locations: [place], path, extensions });

/** Type of a field's value: connections get their own type. */
export const type_of = (field) => (field.shape === 'connection' ? connection_type(field.type) : field.type);

/** True when a value of *type* may be read through a fragment on *on*. */
function overlaps(type, on) {
  if (!on || on === type.name || type.any) return true;
  if (on === 'Node') return Boolean(type.node);
  if (type.members?.includes(on)) return true;
  return types[on]?.members?.includes(type.name) ?? false;
}

/** Selections of *type* with fragments and @include/@skip resolved: [{key, node, on}]. */
export function flatten(selections, context, on = null, result = []) {
  for (const node of selections) {
    if (!wanted(node, context.variables)) continue;
    if (node.kind === 'field') result.push({ node, on });
    else {
      const fragment = node.kind === 'spread' ? context.fragments.get(node.name) : node;
      if (fragment) flatten(fragment.selections, context, fragment.on ?? on, result);
    }
  }
  return result;
}

function wanted(node, variables) {
  return (node.directives ?? []).every(({ name, args }) => {
    if (name !== 'include' && name !== 'skip') return true;
    const yes = Boolean(resolve(args.if ?? { value: true }, variables));
    return name === 'include' ? yes : !yes;
  });
}

class Check {
  constructor(context) {
    this.context = context;
    this.errors = [];
    this.open = new Set();
  }

  fail(message, place, path, code, more = {}) {
    this.errors.push(problem(message, place, path, { code, ...more }));
  }

  selections(list, type, path) {
    for (const node of list) {
      if (node.kind === 'field') this.field(node, type, path);
      else this.fragment(node, type, path);
    }
  }

  fragment(node, type, path) {
    const fragment = node.kind === 'spread' ? this.context.fragments.get(node.name) : node;
    if (!fragment) return this.fail(`Fragment ${node.name} was used, but not defined`, node.place, path, 'useAndDefineFragment');
    const inner = fragment.on ? types[fragment.on] : type;
    if (!inner) return this.fail(`No such type ${fragment.on}, so it can't be a fragment condition`, node.place, path, 'undefinedType');
    if (!overlaps(type, fragment.on) && !overlaps(inner, type.name))
      return this.fail(`Fragment on ${fragment.on} can't be spread inside ${type.name}`, node.place, path, 'cannotSpreadFragment');
    if (node.kind === 'spread' && this.open.has(node.name))
      return this.fail(`Fragment ${node.name} contains an infinite loop`, node.place, path, 'infiniteLoop');
    this.open.add(node.name);
    this.selections(fragment.selections, inner, [...path, `... on ${fragment.on ?? type.name}`]);
    this.open.delete(node.name);
    return undefined;
  }

  field(node, type, path) {
    const here = [...path, node.alias];
    if (node.name === '__typename') return;
    const field = type.fields[node.name] ?? (node.name === 'id' && type.any ? { shape: 'scalar', type: 'ID' } : undefined);
    if (!field)
      return void this.fail(`Field '${node.name}' doesn't exist on type '${type.name}'`, node.place, here, 'undefinedField', {
        typeName: type.name, fieldName: node.name,
      });
    this.arguments(node, field, type, here);
    if (field.shape === 'scalar') {
      if (node.selections)
        this.fail(`Selections can't be made on scalars (field '${node.name}' returns ${field.type} but has selections)`, node.place, here, 'selectionMismatch');
      return;
    }
    const inner = types[type_of(field)];
    if (!node.selections)
      return void this.fail(`Field must have selections (field '${node.name}' returns ${inner.name} but has no selections. Did you mean '${node.name} { ... }'?)`,
        node.place, here, 'selectionMismatch');
    this.selections(node.selections, inner, here);
  }

  arguments(node, field, type, path) {
    for (const name of Object.keys(node.args))
      if (!field.args || !(name in field.args))
        this.fail(`Field '${node.name}' doesn't accept argument '${name}'`, node.place, [...path, name], 'argumentNotAccepted', {
          name: node.name, typeName: 'Field', argumentName: name,
        });
    for (const [name, kind] of Object.entries(field.args ?? {}))
      if (kind.endsWith('!') && !(name in node.args))
        this.fail(`Field '${node.name}' is missing required arguments: ${name}`, node.place, path, 'missingRequiredArguments', {
          className: 'Field', name: node.name, arguments: name,
        });
    for (const value of Object.values(node.args)) this.variables(value, node.place, path);
    if (field.shape === 'connection' && !this.context.bulk) this.paging(node, path);
  }

  variables(value, place, path) {
    if (value.variable && !this.context.declared.has(value.variable))
      this.fail(`Variable $${value.variable} is used by ${this.context.name ?? 'anonymous query'} but not declared`, place, path, 'variableNotDefined');
    for (const x of value.list ?? []) this.variables(x, place, path);
    for (const [, x] of value.object ?? []) this.variables(x, place, path);
  }

  paging(node, path) {
    const given = (name) => (node.args[name] ? resolve(node.args[name], this.context.variables) : undefined);
    const size = given('first') ?? given('last');
    if (size === undefined || size === null)
      this.fail(`you must provide one of first or last`, node.place, path, 'BAD_REQUEST');
    else if (!Number.isInteger(size) || size < 0 || size > 250)
      this.fail(`first cannot exceed 250`, node.place, path, 'BAD_REQUEST');
  }
}

/** @returns the list of errors; empty when the operation fits the schema. */
export function validate(operation, context) {
  const check = new Check(context);
  check.selections(operation.selections, types[operation.kind === 'mutation' ? 'Mutation' : 'QueryRoot'], [
    operation.name ? `${operation.kind} ${operation.name}` : operation.kind,
  ]);
  return check.errors;
}

/** Points of a selection set as requested: scalars 0, objects 1, connections by first/last. */
export function requested_cost(selections, type, context) {
  let result = 0;
  for (const { node, on } of flatten(selections, context)) {
    const field = (on && types[on] ? types[on] : type).fields[node.name];
    if (!field || field.shape === 'scalar') continue;
    const inner = types[type_of(field)];
    if (field.shape === 'connection') {
      const size = node.args.first ?? node.args.last;
      result += connection_cost(resolve(size ?? { value: 0 }, context.variables), node_cost(node, inner, context));
    } else result += 1 + requested_cost(node.selections, inner, context);
  }
  return result;
}

/** Cost of one node of a connection: 1 plus what is read of it, whether by nodes or by edges. */
export function node_cost(node, type, context) {
  let result = 1;
  for (const { node: part } of flatten(node.selections, context)) {
    if (part.name === 'nodes') result += requested_cost(part.selections, types[type.fields.nodes.type], context);
    if (part.name !== 'edges') continue;
    for (const { node: inner } of flatten(part.selections, context))
      if (inner.name === 'node') result += requested_cost(inner.selections, types[type.fields.nodes.type], context);
  }
  return result;
}
