import assert from 'node:assert/strict';
import test from 'node:test';

import { start_app, start_sim, until } from './support.mjs';

const quiet = ['--shops', 'one', '--rate', '0', '--manual-clock'];
const query = '{ shop { name } }';
const fault = (sim, target, kind, more = {}) => sim.post('faults', { target, kind, times: 1, ...more });

test('faults of the API show what an app has to survive', async (t) => {
  const sim = await start_sim(t, quiet);
  await sim.connect();
  const raw = () => fetch(`${sim.base}/${sim.shop}/admin/api/2026-10/graphql.json`, {
    method: 'POST', headers: { 'x-shopify-access-token': sim.access }, body: JSON.stringify({ query }),
  });
  const cases = {
    429: async () => { const x = await raw(); assert.equal(x.status, 429); assert.equal(x.headers.get('retry-after'), '2.0'); },
    '5xx': async () => { const x = await raw(); assert.equal(x.status, 503); assert.equal(await x.text(), ''); },
    html: async () => { const x = await raw(); assert.equal(x.status, 200); assert.match(await x.text(), /^<!DOCTYPE html>/); },
    throttled: async () => { const x = await (await raw()).json(); assert.equal(x.errors[0].extensions.code, 'THROTTLED'); },
    drop: async () => assert.rejects(raw),
    truncated: async () => { const x = await raw(); assert.equal(x.status, 200); await assert.rejects(() => x.text()); },
    delay: async () => assert.equal((await raw()).status, 200),
    revoked: async () => assert.equal((await raw()).status, 401),
  };
  for (const [kind, check] of Object.entries(cases)) {
    await fault(sim, 'graphql', kind, { ms: 1 });
    await check();
    assert.equal((await raw()).status, kind === 'revoked' ? 401 : 200, kind);
  }
});

test('a time-out after applying leaves the effect behind', async (t) => {
  const sim = await start_sim(t, quiet);
  await sim.connect();
  await fault(sim, 'graphql', 'timeout_after_apply', { ms: 10, match: 'webhookSubscriptionCreate' });
  await assert.rejects(() => sim.subscribe('ORDERS_CREATE', 'https://app.example.com/hook'));
  const again = await sim.subscribe('ORDERS_CREATE', 'https://app.example.com/hook');
  assert.equal(again.userErrors[0].message, 'Address for this topic has already been taken');
});

test('a refresh whose answer is lost can be repeated with the old token', async (t) => {
  const sim = await start_sim(t, quiet);
  const { refresh_token } = await sim.connect();
  await fault(sim, 'token', 'timeout_after_apply', { ms: 10 });
  const refresh = () => sim.token({ grant_type: 'refresh_token', refresh_token });
  await assert.rejects(refresh);
  assert.equal((await refresh()).status, 200);
});

test('deliveries are dropped doubled reordered cut and lost as asked', async (t) => {
  const sim = await start_sim(t, quiet);
  const app = await start_app(t);
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url, { includeFields: ['name'] });
  const order = (name) => sim.to_shop('orders', { name, paid: false });
  const names = () => app.got.map((x) => JSON.parse(x.body).name);
  const done = () => until(() => sim.get('deliveries'), ({ totals }) => totals.waiting === 0);

  await fault(sim, 'webhook', 'drop');
  await order('dropped');
  await order('a');
  await done();
  assert.deepEqual(names(), ['a']);

  await fault(sim, 'webhook', 'duplicate');
  await order('twice');
  await app.wait_for((x) => x.length === 3);
  assert.equal(app.got[1].headers['x-shopify-webhook-id'], app.got[2].headers['x-shopify-webhook-id']);

  await fault(sim, 'webhook', 'reorder', { ms: 600_000 });
  await order('first');
  await order('second');
  await app.wait_for((x) => x.length === 5);
  await done();
  assert.deepEqual(names().slice(3).sort(), ['first', 'second']);
  assert.equal(names()[3], 'second');

  for (const kind of ['truncated', 'timeout_after_apply']) {
    const before = app.got.length;
    await fault(sim, 'webhook', kind);
    await order(kind);
    await until(() => sim.get('deliveries?status=retrying'), (x) => x.deliveries.length === 1);
    await sim.post('clock', { advance_seconds: 60 });
    await until(() => sim.get('deliveries?status=retrying'), (x) => x.deliveries.length === 0);
    await done();
    assert.equal(names().slice(before).filter((x) => x === kind).length, kind === 'truncated' ? 1 : 2);
  }
});

test('what makes no sense is refused with what is allowed', async (t) => {
  const sim = await start_sim(t, quiet);
  await assert.rejects(() => fault(sim, 'graphql', 'duplicate'), /allowed: drop, delay/);
  await assert.rejects(() => fault(sim, 'moon', 'drop'), /allowed: graphql, token, bulk, webhook/);
  await assert.rejects(() => fault(sim, 'graphql', 'drop', { probability: 2 }), /probability/);
  await assert.rejects(() => sim.get('nothing'), /known: GET shops/);
  await assert.rejects(() => sim.to_shop('orders', {}, 'missing.myshopify.com'), /known: one.myshopify.com/);
});

test('a fault holds for its shop and its number of times and ends when cleared', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one,two', '--rate', '0']);
  await sim.connect();
  await fault(sim, 'graphql', '5xx', { shop: 'two.myshopify.com', times: undefined });
  assert.ok(await sim.data(query));
  await sim.connect(undefined, 'two.myshopify.com');
  const status = async () => (await fetch(`${sim.base}/two.myshopify.com/admin/api/2026-10/graphql.json`, {
    method: 'POST', headers: { 'x-shopify-access-token': sim.access }, body: JSON.stringify({ query }),
  })).status;
  assert.deepEqual([await status(), await status()], [503, 503]);
  await sim.control('DELETE', 'faults');
  assert.equal(await status(), 200);
});
