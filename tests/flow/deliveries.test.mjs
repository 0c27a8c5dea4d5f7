// D1-D11, E1, E2, A10: what a platform, a forger or an accident may send to the webhook address, and what comes of it.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import test from 'node:test';

import { eventually, sign } from './support/client.mjs';
import { House } from './support/house.mjs';
import { order } from './support/orders.mjs';

const shop = 'linen.myshopify.com';
const other = 'tea-house.myshopify.com';

const day = async (house, store) => (await house.session.get(`/api/v1/stores/${store.id}/overview?from=2026-11-20&to=2026-11-20`)).totals;
const letters = async (house, store) => (await house.session.get(`/api/v1/stores/${store.id}/dead-letters`)).items;
const version = (id, minute, price) => order(id, { price, updated: `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z` });

/** A fixed shuffle, so that a failure can be had again. */
const shuffled = (list) => list.map((x, i) => [(i * 7919 + 13) % 101, x]).sort((a, b) => a[0] - b[0]).map((x) => x[1]);

test('repeated, stale and re-ordered deliveries change nothing (D1 D2 D3 D4)', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  const once = { 'x-shopify-webhook-id': randomUUID() };
  const hundred = await Promise.all(Array.from({ length: 100 }, () => house.send(shop, 'orders/create', order(1, { price: 700 }), once)));
  assert.deepEqual([...new Set(hundred.map((x) => x.status))], [200], 'D1: a duplicate is a success too');
  assert.match(await house.metrics(), /^clique_webhooks_duplicate_total 99$/m, 'D1: one row, 99 repeats');

  const versions = Array.from({ length: 50 }, (_, i) => version(2, i, 1000 + i));
  for (const body of shuffled(versions)) {
    const topic = body === versions[0] ? 'orders/create' : 'orders/updated';
    assert.equal((await house.send(shop, topic, body)).status, 200);
  }
  assert.equal((await house.send(shop, 'orders/paid', versions[3])).status, 200, 'D3: hours later an old payload is sent again');
  for (let i = 0; i < 3; ++i) assert.equal((await house.send(shop, 'orders/create', order(1, { price: 700 }))).status, 200, 'D4: a captured body, new id');

  await house.digested(store);
  const orders = await house.orders(store);
  assert.deepEqual([...orders.keys()].sort(), [1, 2]);
  assert.equal(orders.get(2).total_price, 1049, 'D2 D3: the newest version wins, in whatever order they came');
  const totals = await day(house, store);
  assert.deepEqual([totals.orders, totals.gross_sales, totals.total_sales], [2, 1749, 1749], 'D1 D4: counted once');
});

test('a delivery counts only with the signature of its very bytes (D6 D7)', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  const secret = house.sim.clientSecret;
  const text = JSON.stringify(order(10));
  const good = sign(secret, text);
  const hex = createHmac('sha256', secret).update(text).digest('hex');
  const cookie = house.session.cookie.split('=')[1];
  const csrf = house.session.csrf;
  const forged = [
    ['no signature', undefined],
    ['an empty one', ''],
    ['hex for base64', hex],
    ['a truncated one', good.slice(0, -4)],
    ['the last byte missing', Buffer.from(good, 'base64').subarray(0, 31).toString('base64')],
    ['padded', `${good}====`],
    ['two joined by a comma', `${good}, ${good}`],
    ['two headers', [good, good]],
    ['another secret', sign('another', text)],
    ['an empty secret', sign('', text)],
    ['a re-serialised body', sign(secret, JSON.stringify(JSON.parse(text), null, 1))],
    ['a body with a newline', sign(secret, `${text}\n`)],
    ['our session cookie (D7)', cookie],
    ['our CSRF token (D7)', csrf],
    ['a signature made with our cookie (D7)', sign(cookie, text)],
    ['a signature made with our CSRF token (D7)', sign(csrf, text)],
    ['an OAuth signature of the same text (D7)', Buffer.from(hex).toString('base64')],
    ['base64 of nothing', 'AAAA'],
    ['32 zero bytes', Buffer.alloc(32).toString('base64')],
    ['no base64', '!!!!'],
  ];
  for (const [what, signature] of forged) {
    const answer = await house.send(shop, 'orders/create', text, { 'x-shopify-hmac-sha256': signature ?? [] });
    assert.equal(answer.status, 401, `${what}: ${answer.status ?? answer.error}`);
  }
  for (const broken of ['{', '', '[]', 'null'])
    assert.equal((await house.send(shop, 'orders/create', broken, { 'x-shopify-hmac-sha256': good })).status, 401, 'the signature is checked before the body is read');
  assert.equal((await house.session.get(`/api/v1/stores/${store.id}/webhooks`)).deliveries.accepted_24h, 0, 'nothing was stored');
  assert.match(await house.metrics(), /clique_webhooks_refused_total\{reason="bad_signature"\} 24/);
  const lower = await house.send(shop, 'orders/create', text);
  assert.equal(lower.status, 200, 'the name of the header is lower-case, as here');
});

test('wrong signatures take the same answer whichever byte differs (D9)', async (t) => {
  const house = await House.build(t);
  const text = JSON.stringify(order(11));
  const bytes = Buffer.from(sign(house.sim.clientSecret, text), 'base64');
  const answers = [];
  for (let i = 0; i < bytes.length; ++i) {
    const wrong = Buffer.from(bytes);
    wrong[i] ^= 1;
    const answer = await house.send(shop, 'orders/create', text, { 'x-shopify-hmac-sha256': wrong.toString('base64') });
    answers.push(`${answer.status} ${answer.headers['content-length']}`);
  }
  assert.equal(new Set(answers).size, 1, [...new Set(answers)].join(' / '));
  assert.ok(answers[0].startsWith('401'));
});

test('a captured signature opens no other door (D5)', async (t) => {
  const house = await House.build(t, { shops: ['linen', 'tea-house'] });
  const [store, neighbour] = [await house.store(shop), await house.store(other)];
  assert.equal((await house.send(shop, 'orders/create', order(20))).status, 200);
  await house.digested(store);
  const doors = ['app/uninstalled', 'shop/redact', 'customers/redact', 'orders/delete', 'products/delete'];
  for (const topic of doors)
    for (const domain of [shop, other]) {
      const answer = await house.send(domain, topic, order(20));
      assert.equal(answer.status, 400, `${topic} at ${domain}: ${answer.status}`);
    }
  const farewell = { id: 5, name: 'Linen', domain: shop, myshopify_domain: shop };
  assert.equal((await house.send(other, 'app/uninstalled', farewell)).status, 400, 'the farewell of another shop');
  assert.equal((await house.send(other, 'shop/redact', { shop_id: 5, shop_domain: shop })).status, 400, 'the deletion of another shop');
  for (const evil of ['evil.com', `${shop}.evil.com`, '', 'LINEN', `${shop}/x`]) {
    const answer = await house.send(evil, 'orders/create', order(21));
    assert.equal(answer.status, 404, `shop ${JSON.stringify(evil)}: ${answer.status}`);
  }
  await house.digested(neighbour);
  assert.deepEqual([...(await house.orders(store)).keys()], [20]);
  assert.equal((await house.orders(neighbour)).size, 0);
  assert.deepEqual([(await house.store(shop)).connection, (await house.store(other)).connection], ['connected', 'connected']);
});

test('during a rotation both secrets count, afterwards only the new one (D8)', async (t) => {
  const old = 'the-secret-of-last-year';
  const house = await House.build(t, { more: { 'shopify.previous_secret': old } });
  const text = JSON.stringify(order(30));
  const by = (secret) => house.send(shop, 'orders/create', text, { 'x-shopify-hmac-sha256': sign(secret, text) });
  assert.equal((await by(old)).status, 200);
  assert.equal((await by(house.sim.clientSecret)).status, 200);
  assert.equal((await by('neither of them')).status, 401);
  house.flags = house.flags.map((x) => (x.startsWith('shopify.previous_secret=') ? 'shopify.previous_secret=' : x));
  await house.restart('SIGTERM');
  assert.equal((await by(old)).status, 401);
  assert.equal((await by(house.sim.clientSecret)).status, 200);
});

test('unknown shops and topics make nothing (D10)', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  assert.equal((await house.send('nobody.myshopify.com', 'orders/create', order(40))).status, 404);
  for (const topic of ['', 'orders', '/create', 'orders/', 'Orders/Create', 'orders/create/x', '../orders', `${'x'.repeat(101)}/create`]) {
    const answer = await house.send(shop, topic, order(41));
    assert.equal(answer.status, 400, `topic ${JSON.stringify(topic)}: ${answer.status}`);
  }
  for (const topic of ['themes/publish', 'a_new/topic']) {
    const answer = await house.send(shop, topic, { id: 1 });
    assert.equal(answer.status, 200, 'what we do not use is taken, or it would come for four hours');
  }
  await house.digested(store);
  assert.equal((await house.orders(store)).size, 0);
  assert.equal((await house.session.get('/api/v1/stores')).items.length, 1);
  assert.match(await house.metrics(), /clique_webhooks_refused_total\{reason="unknown_shop"\} 1/);
});

test('a poisonous delivery is acked, parked with its reason, and can be replayed (D11 A10)', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  const base = `/api/v1/stores/${store.id}/dead-letters`;
  const poison = [
    '{"id": 1, ',
    'not json at all',
    '[]',
    '"text"',
    '{}',
    JSON.stringify({ ...order(51), id: 'x' }),
    JSON.stringify({ ...order(52), total_price: 'NaN', line_items: 'none' }),
    JSON.stringify({ ...order(53), currency: 5, line_items: [null] }),
    `{"id": 99999999999999999999999999, "updated_at": "2026-11-20T10:00:00Z"}`,
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    Buffer.from('7b226964223a2022c328227d', 'hex').toString('latin1'),
  ];
  for (const body of poison) {
    const answer = await house.send(shop, 'orders/create', body);
    assert.equal(answer.status, 200, `${body.slice(0, 40)}: ${answer.status ?? answer.error}`);
  }
  assert.equal((await house.send(shop, 'orders/create', order(59))).status, 200);
  await house.digested(store);
  const parked = await letters(house, store);
  assert.equal(parked.length, poison.length, JSON.stringify(parked.map((x) => x.error)));
  for (const letter of parked) assert.ok(letter.error.length > 0, 'a letter says why');
  assert.deepEqual([...(await house.orders(store)).keys()], [59], 'what comes behind it goes on');
  assert.equal((await fetch(`${house.url}/healthz`)).status, 200);

  const [first, second, ...rest] = parked;
  assert.equal((await house.session.call('POST', `${base}/${first.id}/replay`, {})).status, 202);
  await eventually('the replayed letter is parked again: it has not become better', async () => {
    const now = await letters(house, store);
    return now.length === poison.length && !now.some((x) => x.id === first.id);
  });
  assert.equal((await house.session.call('DELETE', `${base}/${second.id}`)).status, 204);
  assert.equal((await house.session.call('DELETE', `${base}/${second.id}`)).status, 404);
  assert.equal((await letters(house, store)).length, rest.length + 1);
});

test('a burst is answered 200 or 503, and what was acked is there (E1 E2)', async (t) => {
  const house = await House.build(t, { shops: ['linen', 'tea-house'], more: { 'tree.waiting_acks': 40 } });
  const [loud, quiet] = [await house.store(shop), await house.store(other)];
  const acked = new Set();
  const statuses = new Set();
  const post = async (id) => {
    const answer = await house.send(shop, 'orders/create', order(id));
    statuses.add(answer.status);
    if (answer.status === 200) acked.add(id);
    else assert.ok(Number(answer.headers?.['retry-after']) > 0, `a refusal says when to come again: ${answer.status ?? answer.error}`);
  };
  house.sender.agent.maxSockets = 128;
  const storm = Promise.all(Array.from({ length: 2000 }, (_, i) => post(i + 1)));
  const calm = [];
  for (let i = 1; i <= 10; ++i)
    calm.push(await eventually('the quiet shop is heard during the storm', async () => (await house.send(other, 'orders/create', order(i))).status === 200));
  await storm;
  assert.ok([...statuses].every((x) => x === 200 || x === 503), [...statuses].join());
  await house.digested(quiet);
  assert.equal((await house.orders(quiet)).size, calm.length);
  await house.digested(loud);
  const there = await house.orders(loud);
  assert.deepEqual([...acked].filter((id) => !there.has(id)), [], 'acked but lost');
  assert.equal((await day(house, loud)).orders, there.size);
});
