// One GraphQL request: parse, check, price, take from the bucket, run, give back the difference.

import { execute } from './execute.mjs';
import { parse, resolve, SyntaxProblem } from './parse.mjs';
import { max_cost, mutation_cost, requested_cost, validate } from './plan.mjs';
import { FieldProblem } from './roots.mjs';
import { types } from './schema.mjs';

/** The points of one app in one shop: filled at *rate* per second up to 20 seconds' worth. */
export class Bucket {
  constructor(rate, now) {
    this.rate = rate;
    this.size = 20 * rate;
    this.now = now;
    this.level = this.size;
    this.at = now();
  }

  refill() {
    const now = this.now();
    this.level = Math.min(this.size, this.level + Math.max(0, (now - this.at) / 1000) * this.rate);
    this.at = now;
  }

  /** @returns false, and takes nothing, when the cost does not fit. */
  take(cost) {
    this.refill();
    if (cost > this.level) return false;
    this.level -= cost;
    return true;
  }

  give(points) {
    this.level = Math.min(this.size, this.level + points);
  }

  status() {
    this.refill();
    return { maximumAvailable: this.size, currentlyAvailable: Math.floor(this.level), restoreRate: this.rate };
  }
}

const documentation = 'https://shopify.dev/api/usage/rate-limits';
const cost_of = (requested, actual, bucket) => ({
  cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: bucket.status() },
});

/** The answer to a request that did not fit into the bucket. */
export function throttled(requested, bucket) {
  return {
    errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED', documentation } }],
    extensions: cost_of(requested, null, bucket),
  };
}

const kinds = {
  Int: (x) => Number.isInteger(x), Float: (x) => typeof x === 'number', Boolean: (x) => typeof x === 'boolean',
  String: (x) => typeof x === 'string', ID: (x) => typeof x === 'string' || Number.isInteger(x),
};

function fits(type, value) {
  if (type.endsWith('!')) return value !== null && value !== undefined && fits(type.slice(0, -1), value);
  if (value === null || value === undefined) return true;
  if (type.startsWith('[')) return Array.isArray(value) ? value.every((x) => fits(type.slice(1, -1), x)) : fits(type.slice(1, -1), value);
  return kinds[type]?.(value) ?? true;
}

function variables_of(operation, given) {
  const result = {};
  const errors = [];
  for (const { name, type, fallback } of operation.variables) {
    const value = given[name] ?? (name in given ? null : fallback === undefined ? undefined : resolve(fallback, {}));
    if (!fits(type, value))
      errors.push({ message: `Variable $${name} of type ${type} was provided invalid value`, extensions: { value: value ?? null, problems: [{ path: [], explanation: 'Expected value to not be null' }] } });
    if (value !== undefined) result[name] = value;
  }
  return { result, errors };
}

function choose(operations, wanted) {
  if (wanted) return operations.find((x) => x.name === wanted);
  return operations.length === 1 ? operations[0] : undefined;
}

/** A checked operation with its context, or the errors. */
export function prepare(text, given, ctx, wanted) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { errors: [{ message: error.message, locations: [error.location], extensions: { code: 'PARSE_ERROR' } }] };
  }
  const operation = choose(document.operations, wanted);
  if (!operation) return { errors: [{ message: 'An operation name is required' }] };
  if (operation.kind === 'subscription') return { errors: [{ message: 'Schema is not configured for subscriptions' }] };
  const { result: variables, errors: bad } = variables_of(operation, given ?? {});
  const context = {
    ...ctx, fragments: document.fragments, variables, name: operation.name, declared: new Set(operation.variables.map((x) => x.name)),
    fail: (message, extensions) => { throw new FieldProblem(message, extensions); },
  };
  const errors = [...bad, ...validate(operation, context)];
  return errors.length ? { errors } : { operation, context };
}

/** Names of the root fields, for the call record. */
export function root_fields(operation) {
  return operation.selections.filter((x) => x.kind === 'field').map((x) => x.name);
}

/**
 * @param request {query, variables, operationName}
 * @param ctx {shop, scopes, world, version}
 * @param seen (kind, root field names) => void, called before the operation runs
 * @returns the body of the answer
 */
export function answer(request, ctx, bucket, seen = () => {}) {
  if (typeof request?.query !== 'string') return { errors: { query: 'Required parameter missing or invalid' } };
  const { operation, context, errors } = prepare(request.query, request.variables, ctx, request.operationName);
  if (errors) return { errors };
  const mutation = operation.kind === 'mutation';
  const requested = mutation ? mutation_cost : requested_cost(operation.selections, types.QueryRoot, context);
  seen(operation.kind, root_fields(operation));
  if (requested > max_cost)
    return {
      errors: [{
        message: `Query cost is ${requested}, which exceeds the single query max cost limit (${max_cost}).`,
        extensions: { code: 'MAX_COST_EXCEEDED', cost: requested, maxCost: max_cost, documentation },
      }],
    };
  if (!bucket.take(requested)) return throttled(requested, bucket);
  const { data, errors: problems, cost } = execute(operation, context);
  const actual = mutation ? mutation_cost : Math.min(requested, cost);
  bucket.give(requested - actual);
  const extensions = cost_of(requested, actual, bucket);
  return problems.length ? { data, errors: problems, extensions } : { data, extensions };
}
