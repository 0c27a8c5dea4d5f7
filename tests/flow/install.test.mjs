// G5: a shop is connected by its owner's consent and by nothing else.
import assert from 'node:assert/strict';
import test from 'node:test';

import { eventually } from './support/client.mjs';
import { House } from './support/house.mjs';
import { grant, look, signed_query } from './support/oauth.mjs';

const shop = 'linen.myshopify.com';
const now = () => Math.floor(Date.now() / 1000);

const stores = async (house) => (await house.session.get('/api/v1/stores')).items;

test('a stranger cannot connect a shop (G5)', async (t) => {
  const house = await House.build(t, { connect: false });
  const secret = house.sim.clientSecret;
  const begin = (query) => `${house.url}/auth/shopify?${query}`;

  const beginnings = [
    ['no parameters', ''],
    ['no shop', signed_query(secret, { host: 'x' })],
    ['an unsigned query', `shop=${shop}&timestamp=${now()}`],
    ['another secret', signed_query('not the secret', { shop })],
    ['a shop changed after signing', signed_query(secret, { shop: 'other.myshopify.com' }).replace('other', 'linen')],
    ['a shop given twice', `${signed_query(secret, { shop })}&shop=evil.myshopify.com`],
    ['an array of shops', signed_query(secret, { 'shop[]': shop })],
    ['91 seconds ago', signed_query(secret, { shop }, now() - 91)],
    ['92 seconds ahead', signed_query(secret, { shop }, now() + 92)],
    ['a timestamp that is no number', signed_query(secret, { shop, timestamp: 'soon' })],
    ...[
      'evil.com',
      'linen.myshopify.com.evil.com',
      'linen.myshopify.com@evil.com',
      'evil.com/linen.myshopify.com',
      'linen.myshopify.com/evil',
      'linen.myshopify.com\0.evil.com',
      'linen\r\nlocation: x.myshopify.com',
      '-linen.myshopify.com',
      'lin_en.myshopify.com',
      'lіnen.myshopify.com',
      '.myshopify.com',
      `${'a'.repeat(64)}.myshopify.com`,
      'linen.myshopify.io',
    ].map((evil) => [`the shop ${JSON.stringify(evil)}`, signed_query(secret, { shop: evil })]),
  ];
  for (const [what, query] of beginnings) {
    const answer = await look(begin(query));
    assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
    assert.ok(JSON.parse(answer.text).detail, `${what}: no problem document`);
    assert.equal(answer.location, null, what);
  }
  assert.equal((await look(begin(signed_query(secret, { shop }, now() - 85)))).status, 302, '85 seconds ago is in time');
  assert.equal((await look(begin(signed_query(secret, { shop: shop.toUpperCase() })))).status, 302, 'case is no difference');

  const { values, cookie } = await grant(house, shop);
  const { hmac, timestamp, ...plain } = values;
  const callback = (query) => `${house.url}/auth/shopify/callback?${query}`;
  const without = (name) => Object.fromEntries(Object.entries(plain).filter(([key]) => key !== name));
  const endings = [
    ['no state', signed_query(secret, without('state'))],
    ['no code', signed_query(secret, without('code'))],
    ['a made-up state', signed_query(secret, { ...plain, state: 'f'.repeat(64) })],
    ['the state of another shop', signed_query(secret, { ...plain, shop: 'other.myshopify.com' })],
    ['another secret', signed_query('not the secret', plain)],
    ['a code changed after signing', new URLSearchParams({ ...values, code: 'f'.repeat(32) }).toString()],
    ['a code given twice', `${signed_query(secret, plain)}&code=other`],
    ['91 seconds ago', signed_query(secret, plain, now() - 91)],
    ['92 seconds ahead', signed_query(secret, plain, now() + 92)],
  ];
  for (const [what, query] of endings) {
    const answer = await look(callback(query), { cookie });
    assert.ok(answer.status >= 400 && answer.status < 500, `callback with ${what}: ${answer.status} ${answer.text}`);
    assert.ok(JSON.parse(answer.text).detail, `callback with ${what}: no problem document`);
  }
  assert.deepEqual(await stores(house), [], 'nothing was connected');
  const honest = await grant(house, shop);
  const finished = await look(honest.callback, { cookie: honest.cookie });
  assert.equal(finished.status, 302, `the honest way still works: ${finished.text}`);
  assert.equal((await stores(house)).length, 1);
});

test('two callbacks at once make one store, and a third is refused (G5)', async (t) => {
  const house = await House.build(t, { connect: false });
  const { callback, cookie } = await grant(house, shop);
  const both = await Promise.all([look(callback, { cookie }), look(callback, { cookie })]);
  assert.deepEqual(both.map((x) => x.status < 400).sort(), [false, true], both.map((x) => x.status).join());
  const again = await look(callback, { cookie });
  assert.ok(again.status >= 400 && again.status < 500, 'a state counts once');
  const all = await stores(house);
  assert.deepEqual(all.map((x) => x.shop), [shop]);
});

test('who installs from the Shopify admin is signed in as the owner, in that browser only', async (t) => {
  const house = await House.build(t, { connect: false });
  const elsewhere = await grant(house, shop);
  const stranger = await look(elsewhere.callback);
  assert.ok(!stranger.cookies.some((x) => x.startsWith('clique=') && !x.startsWith('clique=;')), 'no session for a browser that did not begin');
  const own = await grant(house, shop);
  const finished = await look(own.callback, { cookie: own.cookie });
  assert.equal(finished.status, 302);
  const session = finished.cookies.find((x) => x.startsWith('clique='));
  assert.match(session ?? '', /HttpOnly/);
  const me = await fetch(`${house.url}/api/v1/me`, { headers: { cookie: session.split(';')[0] } });
  assert.deepEqual((await me.json()).stores.map((x) => [x.shop, x.role]), [[shop, 'owner']]);
});

test('a store that leaves is left alone and comes back with its history', async (t) => {
  const house = await House.build(t);
  const before = await house.store(shop);
  await house.control(`/shops/${shop}/uninstall`);
  await eventually('the store shows that it has left', async () => (await house.store(shop)).connection === 'uninstalled');
  const later = await house.send(shop, 'orders/create', { id: 1 });
  assert.equal(later.status, 404, 'no deliveries for a shop that has left');
  await house.connect(shop);
  await eventually('the store is connected again', async () => (await house.store(shop)).connection === 'connected');
  assert.equal((await house.store(shop)).id, before.id, 'with its history');
});
