// 100,000 connected stores that rest: memory, and how long a start takes until the first delivery is acknowledged;
// then 2,000 of them with work.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterwards, drained, end, pg, Scope, secret, startServer, temporaryFolder } from '../support/house.mjs';
import { median } from '../support/figures.mjs';

const stores = 100_000;
const active = 2000;

/** Resident memory of one process in MiB. */
function resident(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

async function first_ack(url, id) {
  const body = JSON.stringify({ id });
  for (;;) {
    const answer = await fetch(`${url}/webhooks/shopify`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': 'orders/delete',
        'x-shopify-shop-domain': 'bench-99999.myshopify.com',
        'x-shopify-webhook-id': `first-${id}`,
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
      },
      body,
    });
    await answer.text();
    if (answer.status === 200) return;
    if (answer.status !== 503) throw new Error(`the first delivery was answered ${answer.status}`);
  }
}

/** A superuser's pool on the cluster that a server runs in *folder*. */
function cluster_of(scope, folder) {
  const lines = readFileSync(`${folder}/pg/postmaster.pid`, 'utf8').split('\n');
  const pool = new pg.Pool({ host: lines[4], port: Number(lines[3]), user: 'postgres', database: 'clique', max: 2 });
  pool.on('error', () => {});
  afterwards(scope, () => pool.end());
  return pool;
}

/** How many stores' trees live in the server. */
async function trees(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^clique_trees (\S+)/m.exec(text)[1]);
}

export default async function idle({ scope, tools, figures, rounds }) {
  const folder = temporaryFolder(scope);
  const making = new Scope();
  await tools.postgres(making, stores, folder);
  await making.close();

  // The whole installation starts: our process and its private Postgres.
  const starts = [];
  let server;
  for (let round = 0; round < rounds; ++round) {
    if (server) await end(server.child);
    const began = performance.now();
    server = await startServer(scope, tools.flags({ 'database.data_dir': folder }));
    await first_ack(server.url, round + 1);
    starts.push((performance.now() - began) / 1000);
  }
  figures.add('start to first ack, 100,000 stores', median(starts), 's', { goal: { of: 'value', is: '<=', than: 3 } });

  // A clean end, so that the private Postgres takes its socket's folder away.
  afterwards(scope, () => end(server.child));
  const { pid } = server.child;
  const sql = cluster_of(scope, folder);
  await drained(sql);
  figures.add('memory, 100,000 stores, started', resident(pid), 'MiB', { goal: { of: 'value', is: '<=', than: 1024 } });
  await tools.load({ port: new URL(server.url).port, requests: active, stores: active, 'first-id': 1000 });
  await drained(sql);
  figures.add(`memory, ${await trees(server.url)} active trees`, resident(pid), 'MiB');
}
