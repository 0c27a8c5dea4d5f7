// A4 A6 A8 B2: every delivery that was answered 200 is in the figures exactly once, whatever dies and when.
// CLIQUE_KILLS=300 makes more rounds of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

import { eventually } from './support/client.mjs';
import { House } from './support/house.mjs';
import { order } from './support/orders.mjs';

const kills = Number(process.env.CLIQUE_KILLS ?? 30);
const shop = 'linen.myshopify.com';

/** Deterministic dice (mulberry32), so that a failing run can be had again. */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** Keeps sending new orders until told to stop; what was sent and what was acked is the ledger of the test. */
function driver(house, sent, acked) {
  let running = true;
  const worker = async (lane) => {
    while (running) {
      const id = sent.size + 1;
      const price = 100 + (id % 977);
      sent.set(id, price);
      const url = house.url;
      const answer = await house.sender.send(url, shop, 'orders/create', order(id, { price }));
      if (answer.status === 200) acked.add(id);
      else await new Promise((resolve) => setTimeout(resolve, 5 + lane));
    }
  };
  const all = Array.from({ length: 12 }, (_, lane) => worker(lane));
  return async () => {
    running = false;
    await Promise.all(all);
  };
}

/** Ends Postgres at once, as a power cut does; the server is to survive it. */
function crashPostgres(house) {
  const cluster = path.join(house.data, 'pg');
  const pid = Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGQUIT'); // immediate shutdown: no checkpoint, recovery at the next start
}

async function verify(house, sent, acked) {
  const store = await house.store(shop);
  const base = `/api/v1/stores/${store.id}`;
  await eventually('no delivery is open', async () => (await house.session.get(`${base}/webhooks`)).deliveries.open === 0);
  const orders = await house.session.all(`${base}/orders`);
  const present = new Map(orders.map((x) => [Number(x.id), x.total_price]));
  assert.equal(present.size, orders.length, 'an order stands twice');
  const lost = [...acked].filter((id) => !present.has(id));
  assert.deepEqual(lost, [], 'acked but lost');
  const unexpected = [...present.keys()].filter((id) => !sent.has(id));
  assert.deepEqual(unexpected, [], 'never sent');
  for (const [id, total] of present) assert.equal(total, sent.get(id), `total of order ${id}`);
  const overview = await house.session.get(`${base}/overview?from=2026-11-20&to=2026-11-20`);
  const sum = [...present.values()].reduce((a, b) => a + b, 0);
  assert.equal(overview.totals.total_sales, sum, 'the day equals the sum of its orders: nothing counted twice');
  assert.equal(overview.totals.orders, present.size);
  return { present: present.size, acked: acked.size, recovered: present.size - acked.size };
}

test(`nothing acked is lost over ${kills} kills (A4 A6 A8)`, async (t) => {
  const house = await House.build(t);
  const random = dice(20261125);
  const sent = new Map();
  const acked = new Set();
  const stop = driver(house, sent, acked);
  for (let i = 0; i < kills; ++i) {
    const target = acked.size + 1 + Math.floor(random() * 150);
    await eventually('the driver gets acks', () => acked.size >= target);
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    await house.restart('SIGKILL');
  }
  await stop();
  t.diagnostic(JSON.stringify(await verify(house, sent, acked)));
});

test('nothing acked is lost when Postgres dies at once (B1 B2)', async (t) => {
  const house = await House.build(t);
  const random = dice(7);
  const sent = new Map();
  const acked = new Set();
  const stop = driver(house, sent, acked);
  for (let i = 0; i < 5; ++i) {
    const target = acked.size + 20 + Math.floor(random() * 100);
    await eventually('the driver gets acks', () => acked.size >= target);
    crashPostgres(house);
    const before = acked.size;
    await eventually('acks go on after the crash', () => acked.size > before + 5);
  }
  await stop();
  t.diagnostic(JSON.stringify(await verify(house, sent, acked)));
});
