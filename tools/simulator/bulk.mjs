// Bulk operations: an inner query whose connections become lines of a JSONL file.

import { createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { prepare } from './graphql/engine.mjs';
import { concrete, Run } from './graphql/execute.mjs';
import { flatten, type_of } from './graphql/plan.mjs';
import { types } from './graphql/schema.mjs';
import { to_json } from './json.mjs';
import { Random } from './prng.mjs';
import { local_iso } from './zones.mjs';

const file_life = 7 * 86_400_000; // the result URL is valid for 7 days
const polls_until_done = 3;
const longest_run_ms = 2000; // real time; a caller that never polls gets its result and webhook after this
const roots_per_turn = 200;
const live = ['CREATED', 'RUNNING', 'CANCELING'];

const refusal = (message, code = 'INVALID') => ({ error: { field: ['query'], message, code } });

export class Bulk {
  /** @param world {sender, temp_dir(), url(path), clock}; @param parallel operations per shop, null: by API version */
  constructor(world, { seed, parallel = null, lenient = false }) {
    this.world = world;
    this.seed = seed;
    this.parallel = parallel;
    this.lenient = lenient;
    this.key = randomBytes(32);
    this.by_shop = new Map();
  }

  of(shop) {
    if (!this.by_shop.has(shop.domain)) this.by_shop.set(shop.domain, new Map());
    return this.by_shop.get(shop.domain);
  }

  /** The operation as a poll sees it; polling is also what moves it on. */
  get(shop, id) {
    const operation = this.of(shop).get(id);
    if (operation) this.poll(operation);
    return operation;
  }

  current(shop) {
    const all = [...this.of(shop).values()];
    const last = all[all.length - 1] ?? null;
    if (last) this.poll(last);
    return last;
  }

  poll(operation) {
    ++operation.polls;
    if (operation.status === 'CREATED') operation.status = 'RUNNING';
    if (operation.polls >= polls_until_done) this.complete(operation);
  }

  start(shop, text, group, ctx) {
    const { operation, context, errors } = prepare(text, {}, { ...ctx, bulk: true });
    if (errors) return refusal(errors[0].message);
    if (operation.kind !== 'query') return refusal('Bulk queries must be a query, not a mutation');
    const wrong = this.shape_problem(operation, context);
    if (wrong) return refusal(wrong);
    const running = [...this.of(shop).values()].filter((x) => live.includes(x.status));
    const allowed = this.parallel ?? (ctx.version === 'unstable' || ctx.version >= '2026-01' ? 5 : 1);
    if (running.length >= allowed)
      return {
        error: {
          field: null, code: 'OPERATION_IN_PROGRESS',
          message: `A bulk query operation for this app and shop is already in progress: gid://shopify/BulkOperation/${running[0].id}.`,
        },
      };
    const result = {
      id: shop.next_id(), shop, query: text, status: 'CREATED', error_code: null, created_at: shop.now(), completed_at: null,
      objects: 0, roots: 0, size: null, url: null, polls: 0, written: false,
    };
    this.of(shop).set(result.id, result);
    result.timer = setTimeout(() => this.complete(result, true), longest_run_ms);
    this.write(result, operation, context, group);
    return { operation: result };
  }

  /** What the platform refuses: no connection, more than five, deeper than two, one inside a list. */
  shape_problem(operation, context) {
    let connections = 0;
    let deepest = 0;
    let in_list = null;
    const walk = (selections, type, depth, list) => {
      for (const { node, on } of flatten(selections, context)) {
        const field = (on && types[on] ? types[on] : type).fields[node.name];
        if (!field || field.shape === 'scalar') continue;
        const is_connection = field.shape === 'connection';
        if (is_connection && list) in_list ??= node.name;
        connections += is_connection ? 1 : 0;
        const inner = depth + (is_connection ? 1 : 0);
        deepest = Math.max(deepest, inner);
        const through = ['nodes', 'edges'].includes(node.name) && type.name.endsWith('Connection');
        walk(node.selections, types[type_of(field)], inner, list || (field.shape === 'list' && !through));
      }
    };
    walk(operation.selections, types.QueryRoot, 0, false);
    if (connections === 0) return 'Bulk queries must contain at least one connection.';
    if (connections > 5) return 'Bulk queries cannot contain more than 5 connections.';
    if (deepest > 3) return 'Bulk queries cannot contain connections with a nesting depth greater than 2.';
    if (operation.selections.some((x) => ['node', 'nodes'].includes(x.name))) return 'Bulk queries cannot contain top-level node or nodes fields.';
    if (in_list && !this.lenient) return `Queries that contain a connection field within a list field are not currently supported. (field '${in_list}')`;
    return null;
  }

  async write(result, operation, context, group) {
    const file = path.join(this.world.temp_dir(), `${result.id}.jsonl`);
    const stream = fs.createWriteStream(file);
    const run = new Lines(context, group, new Random(this.seed, `bulk ${result.id}`));
    try {
      for (const piece of run.pieces(operation)) {
        if (!stream.write(piece)) await new Promise((resume) => stream.once('drain', resume));
        else await new Promise(setImmediate);
        if (result.status === 'CANCELING' || this.stopped) break;
      }
      await new Promise((done) => stream.end(done));
    } catch (error) {
      this.world.log(`bulk operation ${result.id}: ${error.stack}`);
      run.failed = 'INTERNAL_SERVER_ERROR';
    }
    result.file = file;
    result.objects = run.objects;
    result.roots = run.roots;
    result.size = stream.bytesWritten;
    result.failed = run.failed ?? (run.errors.length ? run.errors[0].extensions?.code ?? 'INTERNAL_SERVER_ERROR' : null);
    result.written = true;
    if (result.status === 'CANCELING') this.end(result, 'CANCELED');
    else if (result.overdue) this.complete(result, true);
  }

  complete(operation, overdue = false) {
    operation.overdue ||= overdue;
    if (!operation.written || !['CREATED', 'RUNNING'].includes(operation.status)) return;
    if (operation.failed) {
      operation.error_code = operation.failed;
      this.end(operation, 'FAILED');
      return;
    }
    if (operation.objects) operation.url = this.signed_url(operation);
    this.end(operation, 'COMPLETED');
  }

  end(operation, status) {
    clearTimeout(operation.timer);
    const { shop } = operation;
    operation.status = status;
    operation.completed_at = shop.now();
    const at = (x) => local_iso(shop.zone, x);
    this.world.sender.announce(shop, 'bulk_operations/finish', {
      admin_graphql_api_id: `gid://shopify/BulkOperation/${operation.id}`, completed_at: at(operation.completed_at),
      created_at: at(operation.created_at), error_code: operation.error_code?.toLowerCase() ?? null, status: status.toLowerCase(), type: 'query',
    });
  }

  /** @returns false when it is over already. */
  cancel(operation) {
    if (!['CREATED', 'RUNNING'].includes(operation.status)) return false;
    operation.status = 'CANCELING';
    if (operation.written) setImmediate(() => this.end(operation, 'CANCELED'));
    return true;
  }

  signature(id, expires) {
    return createHmac('sha256', this.key).update(`${id}|${expires}`).digest('hex');
  }

  signed_url(operation) {
    const expires = Math.floor((this.world.clock.now() + file_life) / 1000);
    return this.world.url(`/bulk-files/${operation.id}.jsonl?Expires=${expires}&Signature=${this.signature(operation.id, expires)}`);
  }

  /** The file behind a signed URL. @returns {file, shop} or {status, text} */
  open(url) {
    const id = /^\/bulk-files\/(\d+)\.jsonl$/.exec(url.pathname)?.[1];
    const operation = [...this.by_shop.values()].map((x) => x.get(id)).find(Boolean);
    const expires = Number(url.searchParams.get('Expires'));
    if (!operation?.url) return { status: 404, text: 'NoSuchKey' };
    if (url.searchParams.get('Signature') !== this.signature(id, expires)) return { status: 403, text: 'SignatureDoesNotMatch' };
    if (this.world.clock.now() / 1000 > expires) return { status: 400, text: 'ExpiredToken' };
    return { file: operation.file, size: operation.size, shop: operation.shop };
  }

  stop() {
    this.stopped = true;
    for (const all of this.by_shop.values()) for (const x of all.values()) clearTimeout(x.timer);
  }
}

/** A run in which every node of a connection becomes a line of its own. */
class Lines extends Run {
  constructor(context, group, random) {
    super(context);
    this.group = group;
    this.random = random;
    this.lines = [];
    this.objects = 0;
    this.roots = 0;
    this.parent = null;
  }

  /** Pieces of the file, a few hundred roots at a time. */
  *pieces(operation) {
    for (const { node } of flatten(operation.selections, this.context)) {
      const field = types.QueryRoot.fields[node.name];
      if (field.shape !== 'connection') continue;
      const found = this.root(node, field);
      for (let i = 0; i < found.length; i += roots_per_turn) {
        for (const item of found.slice(i, i + roots_per_turn)) this.line(node, field, item);
        yield this.flush(false);
      }
    }
    yield this.flush(true);
  }

  root(node, field) {
    let items = [];
    const connection = this.connection;
    this.connection = (a, b, found) => void (items = sorted(found));
    this.field(node, field, {}, [node.alias]);
    this.connection = connection;
    return items;
  }

  connection(node, field, found) {
    for (const item of sorted(found)) this.line(node, field, item);
    return undefined;
  }

  line(node, field, item) {
    const type = concrete(types[field.type], item);
    const parent = this.parent;
    const place = this.lines.length;
    this.lines.push('');
    this.parent = type.fields.id?.get(item, {}, this.context) ?? parent;
    const row = {};
    for (const selections of node_selections(node, this.context)) Object.assign(row, this.object(selections, type, item, []));
    this.parent = parent;
    if (parent) row.__parentId = parent;
    this.lines[place] = to_json(row, true);
    ++this.objects;
    if (!parent) ++this.roots;
  }

  /** Ungrouped lines come in no useful order, and some of them a piece later than their neighbours. */
  flush(last) {
    let now = this.lines;
    this.lines = [];
    if (!this.group) {
      for (let i = now.length - 1; i > 0; --i) {
        const j = this.random.integer(0, i);
        [now[i], now[j]] = [now[j], now[i]];
      }
      if (!last) {
        const kept = Math.floor(now.length / 4);
        this.lines = now.slice(0, kept);
        now = now.slice(kept);
      }
    }
    return now.length ? `${now.join('\n')}\n` : '';
  }
}

function sorted({ items, key, reverse }) {
  if (!key) return items;
  const result = [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return reverse ? result.reverse() : result;
}

/** The selections on the nodes of a connection, by `nodes` or by `edges { node }`. */
function node_selections(node, context) {
  const result = [];
  for (const { node: part } of flatten(node.selections, context)) {
    if (part.name === 'nodes') result.push(part.selections);
    if (part.name === 'edges')
      for (const { node: inner } of flatten(part.selections, context)) if (inner.name === 'node') result.push(inner.selections);
  }
  return result;
}
