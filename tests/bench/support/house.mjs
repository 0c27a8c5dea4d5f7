// What benchmarks start: databases, servers, load. Everything belongs to a scope and ends with it.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { afterwards, end, lineOf, root, startServer, temporaryFolder } from '../../flow/support/processes.mjs';

export { afterwards, end, root, startServer, temporaryFolder };

// The peer's packages serve the benchmarks, too.
const packages = createRequire(path.join(root, 'tests/bench/peer/server.mjs'));
export const pg = packages('pg');
export const WebSocket = packages('ws');

export const secret = 'a-secret-of-the-benchmarks';
const master = randomBytes(32).toString('hex');

/** Ends what was started in it; `afterwards` puts that in order. */
export class Scope {
  #ends = [];
  after(action) {
    this.#ends.push(action);
  }
  async close() {
    for (const action of this.#ends.splice(0)) await action();
  }
}

/** libpq's key='value' text as the pg package wants it. */
export function parts_of(conninfo) {
  const get = (key) => new RegExp(`${key}='?([^' ]+)'?`).exec(conninfo)?.[1];
  return { host: get('host'), port: Number(get('port')), user: get('user'), database: get('dbname') };
}

export class Tools {
  constructor(build) {
    this.build = path.resolve(build);
  }

  tool(name) {
    const file = path.join(this.build, name);
    if (!existsSync(file)) throw new Error(`${file} is missing: cmake --build --preset release --target ${name}`);
    return file;
  }

  /** A private cluster with the whole schema and *stores* connected stores; `sql` is its superuser. */
  async postgres(scope, stores, folder = temporaryFolder(scope)) {
    const child = spawn(this.tool('clique_postgres'), ['--data', folder, '--stores', String(stores)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    afterwards(scope, () => {
      child.stdin.end();
      return new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve()));
    });
    const said = await lineOf(child, (line) => (line.startsWith('{') ? JSON.parse(line) : null));
    const sql = new pg.Pool({ ...parts_of(said.admin), database: 'clique', max: 4 });
    sql.on('error', () => {});
    afterwards(scope, () => sql.end());
    return { owner: said.owner, sql };
  }

  /** Settings that every benchmarked server has: the defaults, and a platform that nobody answers for. */
  flags(more = {}) {
    const all = {
      'server.port': 0,
      'logs.level': 'warn',
      'shopify.client_id': 'bench',
      'shopify.client_secret': secret,
      'shopify.base_url': 'http://127.0.0.1:9/{shop}',
      ...more,
    };
    return Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  }

  /** Our server on *database*; answers {url, port, child, log()}. */
  async server(scope, database, more = {}) {
    const server = await startServer(scope, this.flags({ 'database.url': database.owner, 'keys.master': master, ...more }));
    return { ...server, port: Number(new URL(server.url).port) };
  }

  /** The Node server it is compared with. */
  async peer(scope, database, stores) {
    const conninfo = JSON.stringify(parts_of(database.owner));
    const child = spawn(process.execPath, [path.join(root, 'tests/bench/peer/server.mjs'), conninfo, secret, String(stores)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    afterwards(scope, () => end(child));
    const url = await lineOf(child, (line) => /listening on (\S+)/.exec(line)?.[1]);
    return { url, port: Number(new URL(url).port), child };
  }

  /** Runs a tool to its end and reads the one JSON line it prints. */
  async json(name, options) {
    const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
    const child = spawn(this.tool(name), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const piece of child.stdout) said += piece;
    if (!said.startsWith('{')) throw new Error(`${name} ${args.join(' ')} said: ${said}`);
    return JSON.parse(said);
  }

  /** Signed orders from the generator; throws unless every one of them was answered 200. */
  async load(options) {
    const got = await this.json('clique_load', { secret, ...options });
    if (got.broken || (got.statuses['200'] ?? 0) !== got.requests)
      throw new Error(`not every order was taken: ${JSON.stringify(got)}`);
    return got;
  }
}

/** Sessions of *count* operators, as signing in would have made them; answers their cookies. */
export async function sessions(sql, count) {
  const cookies = Array.from({ length: count }, () => randomBytes(16).toString('hex'));
  const hashes = cookies.map((x) => createHash('sha256').update(x).digest());
  const emails = cookies.map((_, i) => `watcher-${i}@example.com`);
  await sql.query(
    `WITH made AS (INSERT INTO users (email, name, is_operator) SELECT e, 'Watcher', true FROM unnest($1::text[]) e RETURNING user_id, email)
     INSERT INTO sessions (hash, user_id, csrf, created_at, seen_at)
     SELECT h, user_id, 'csrf', now(), now() FROM made JOIN unnest($1::text[], $2::bytea[]) x(e, h) ON e = email`,
    [emails, hashes],
  );
  return cookies;
}

/** Deliveries that were accepted and are not done. */
export async function open_deliveries(sql) {
  const { rows } = await sql.query('SELECT sum(n.next - 1 - c.seq)::int AS n FROM partition_counter n JOIN partition_cursor c USING (part)');
  return rows[0].n;
}

/** Waits until nothing is open, so that one server's work does not run into another's figures. */
export async function drained(sql, seconds = 300) {
  await until('deliveries are worked off', async () => (await open_deliveries(sql)) === 0, seconds);
}

export async function until(what, probe, seconds, pause = 100) {
  const end_at = Date.now() + seconds * 1000;
  while (!(await probe())) {
    if (Date.now() > end_at) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
