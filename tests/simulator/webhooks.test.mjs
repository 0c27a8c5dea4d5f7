import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';

import { retry_gaps } from '../../tools/simulator/delivery.mjs';
import { start_app, start_sim, until } from './support.mjs';

const quiet = ['--shops', 'one', '--rate', '0'];
const deliveries = (sim, query = '') => sim.get(`deliveries${query}`);

test('a delivery is signed over its bytes and carries every header', async (t) => {
  const sim = await start_sim(t, quiet);
  const app = await start_app(t);
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url);
  const made = await sim.to_shop('orders', { paid: false });
  const [{ headers, body }] = await app.wait_for((x) => x.length >= 1);
  assert.equal(headers['x-shopify-hmac-sha256'], createHmac('sha256', sim.client_secret).update(body).digest('base64'));
  assert.equal(headers['x-shopify-topic'], 'orders/create');
  assert.equal(headers['x-shopify-shop-domain'], sim.shop);
  assert.equal(headers['x-shopify-api-version'], '2026-10');
  assert.match(headers['x-shopify-webhook-id'], /^[0-9a-f-]{36}$/);
  assert.match(headers['x-shopify-event-id'], /^[0-9a-f-]{36}$/);
  assert.match(headers['x-shopify-triggered-at'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  const text = body.toString();
  assert.ok(text.includes(`"id":${made.id},"admin_graphql_api_id":"gid:\\/\\/shopify\\/Order\\/${made.id}"`), 'ids are bare integers, slashes are escaped');
  assert.match(JSON.parse(text).created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00$/);
});

test('one action shares an event id while webhook ids differ', async (t) => {
  const sim = await start_sim(t, quiet);
  const app = await start_app(t);
  await sim.connect();
  for (const topic of ['ORDERS_CREATE', 'ORDERS_PAID', 'REFUNDS_CREATE', 'ORDERS_UPDATED']) await sim.subscribe(topic, app.url);
  const made = await sim.to_shop('orders', { paid: true });
  await sim.to_shop('refunds', { order_id: made.id, all: true });
  const got = await app.wait_for((x) => x.length >= 4);
  const by_topic = Object.fromEntries(got.map((x) => [x.headers['x-shopify-topic'], x]));
  const event = (topic) => by_topic[topic].headers['x-shopify-event-id'];
  assert.equal(event('orders/create'), event('orders/paid'));
  assert.equal(event('refunds/create'), event('orders/updated'));
  assert.notEqual(event('orders/create'), event('refunds/create'));
  assert.equal(new Set(got.map((x) => x.headers['x-shopify-webhook-id'])).size, 4);
  const refund = by_topic['refunds/create'].body.toString();
  assert.match(refund, /"subtotal":\d+\.\d+,"total_tax":\d+\.\d+/);
  assert.ok(JSON.parse(by_topic['orders/create'].body).updated_at < JSON.parse(by_topic['orders/updated'].body).updated_at);
});

test('every event has a body of its topic', async (t) => {
  const sim = await start_sim(t, quiet);
  const app = await start_app(t);
  await sim.connect();
  const topics = ['ORDERS_CANCELLED', 'ORDERS_EDITED', 'ORDERS_DELETE', 'PRODUCTS_UPDATE', 'PRODUCTS_DELETE', 'INVENTORY_LEVELS_UPDATE', 'INVENTORY_ITEMS_UPDATE', 'VARIANTS_OUT_OF_STOCK'];
  for (const topic of topics) await sim.subscribe(topic, app.url);
  const { products } = await sim.get(`shops/${sim.shop}/state`);
  const product = products.find((x) => x.variants[0].tracked && x.variants[0].stock > 0);
  const variant_id = product.variants[0].id;
  const order = await sim.to_shop('orders', { lines: [{ variant_id, quantity: 2 }], paid: true });
  await sim.to_shop('edit', { order_id: order.id, remove: [{ line_id: order.line_items[0].id, quantity: 1 }] });
  await sim.to_shop('cancel', { order_id: order.id });
  await sim.to_shop('delete', { order_id: order.id });
  for (const x of products.find((p) => p.id === product.id).variants)
    await sim.to_shop('price', { variant_id: x.id, price: 1234, cost: 500 });
  const { data } = (await sim.graphql('{ locations(first: 5) { nodes { id } } }')).body;
  for (const x of data.locations.nodes) await sim.to_shop('stock', { variant_id, location_id: x.id.split('/').pop(), available: 0 });
  await sim.to_shop('delete', { product_id: product.id });
  const got = await app.wait_for((x) => topics.every((topic) => x.some((d) => d.headers['x-shopify-topic'].replace('/', '_').toUpperCase() === topic)));
  const body = (topic) => JSON.parse(got.find((x) => x.headers['x-shopify-topic'] === topic).body);
  assert.deepEqual(Object.keys(body('orders/delete')), ['id']);
  assert.deepEqual(Object.keys(body('products/delete')), ['id']);
  assert.deepEqual(body('orders/edited').order_edit.line_items.removals.map((x) => x.delta), [1]);
  assert.equal(body('products/update').variants[0].price, '12.34');
  assert.equal(body('inventory_items/update').cost, '5.00');
  assert.ok('available' in body('inventory_levels/update'));
  assert.equal(body('variants/out_of_stock').inventory_quantity, 0);
  const cancelled = body('orders/cancelled');
  assert.equal(cancelled.financial_status, 'refunded');
  assert.equal(cancelled.current_total_price, '0.00');
});

test('a second subscription of the same topic and address is refused', async (t) => {
  const sim = await start_sim(t, quiet);
  await sim.connect('read_products');
  const uri = 'https://app.example.com/hook';
  assert.deepEqual((await sim.subscribe('PRODUCTS_UPDATE', uri)).userErrors, []);
  const cases = [
    ['PRODUCTS_UPDATE', uri, 'Address for this topic has already been taken'],
    ['ORDERS_CREATE', uri, 'You cannot create a webhook subscription with the specified topic'],
    ['PRODUCTS_CREATE', 'http://app.example.com/hook', 'Address protocol http:// is not supported'],
    ['PRODUCTS_CREATE', 'nonsense', 'Address is invalid'],
  ];
  for (const [topic, address, message] of cases) assert.equal((await sim.subscribe(topic, address)).userErrors[0].message, message);
  const unknown = await sim.graphql('mutation { webhookSubscriptionCreate(topic: SHOP_REDACT, webhookSubscription: {uri: "https://a.example"}) { userErrors { message } } }');
  assert.equal(unknown.body.errors[0].extensions.code, 'INVALID_VARIABLE');
});

test('subscriptions are listed updated and deleted', async (t) => {
  const sim = await start_sim(t, quiet);
  await sim.connect();
  const { webhookSubscription: one } = await sim.subscribe('ORDERS_CREATE', 'https://app.example.com/a');
  await sim.data('mutation($id: ID!) { webhookSubscriptionUpdate(id: $id, webhookSubscription: {uri: "https://app.example.com/b"}) { webhookSubscription { uri } userErrors { message } } }', { id: one.id });
  const list = () => sim.data('{ webhookSubscriptions(first: 100) { nodes { id topic uri format apiVersion { handle } createdAt updatedAt } pageInfo { hasNextPage endCursor } } }');
  const [listed] = (await list()).webhookSubscriptions.nodes;
  assert.deepEqual([listed.topic, listed.uri, listed.format, listed.apiVersion.handle], ['ORDERS_CREATE', 'https://app.example.com/b', 'JSON', '2026-10']);
  const gone = await sim.data('mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }', { id: one.id });
  assert.equal(gone.webhookSubscriptionDelete.deletedWebhookSubscriptionId, one.id);
  assert.deepEqual((await list()).webhookSubscriptions.nodes, []);
});

test('include fields narrow the body', async (t) => {
  const sim = await start_sim(t, quiet);
  const app = await start_app(t);
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url, { includeFields: ['id', 'updated_at'] });
  await sim.to_shop('orders');
  const [{ body }] = await app.wait_for((x) => x.length >= 1);
  assert.deepEqual(Object.keys(JSON.parse(body)).sort(), ['id', 'updated_at']);
});

test('a refused delivery comes again with the same body and id until it is taken', async (t) => {
  const sim = await start_sim(t, [...quiet, '--manual-clock']);
  const answers = [500, 302, 503, 200];
  const app = await start_app(t, (_, n) => answers[n - 1] ?? 200);
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url);
  await sim.to_shop('orders', { paid: false });
  for (let i = 1; i < answers.length; ++i) {
    await app.wait_for((x) => x.length >= i);
    await until(() => deliveries(sim), (x) => x.deliveries[0].status === 'retrying');
    await sim.post('clock', { advance_seconds: 600 });
  }
  const got = await app.wait_for((x) => x.length >= 4);
  const { deliveries: [one] } = await until(() => deliveries(sim), (x) => x.deliveries[0].status === 'delivered');
  assert.deepEqual(one.attempts.map((x) => x.status), answers);
  assert.equal(new Set(got.map((x) => x.body.toString())).size, 1);
  assert.equal(new Set(got.map((x) => x.headers['x-shopify-webhook-id'])).size, 1);
});

test('after eight retries in four hours the subscription of the shop is removed', async (t) => {
  const sim = await start_sim(t, [...quiet, '--manual-clock']);
  const app = await start_app(t, () => 500);
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url);
  assert.deepEqual([retry_gaps.length, retry_gaps.reduce((sum, x) => sum + x, 0)], [8, 240]);
  await sim.to_shop('orders', { paid: false });
  const left = async () => (await sim.get('shops'))[0].subscriptions.length;
  for (const [i, minutes] of retry_gaps.entries()) {
    await until(() => deliveries(sim), (x) => x.deliveries[0].attempts.length === i + 1 && x.deliveries[0].status === 'retrying');
    await sim.post('clock', { advance_seconds: minutes * 60 - 1 });
    assert.equal((await deliveries(sim)).deliveries[0].status, 'retrying');
    assert.equal(await left(), 1);
    await sim.post('clock', { advance_seconds: 1 });
  }
  await until(() => deliveries(sim), (x) => x.deliveries[0].status === 'failed');
  assert.equal(app.got.length, 9);
  assert.equal(await left(), 0);
  assert.equal((await deliveries(sim)).removed_subscriptions[0].reason, 'removed after repeated failures');
});

test('an app that does not answer within the time limit is tried again', async (t) => {
  const sim = await start_sim(t, [...quiet, '--manual-clock', '--webhook-timeout-ms', '50']);
  const app = await start_app(t, (_, n) => (n === 1 ? null : 200));
  await sim.connect();
  await sim.subscribe('ORDERS_CREATE', app.url);
  await sim.to_shop('orders', { paid: false });
  await until(() => deliveries(sim), (x) => x.deliveries[0]?.status === 'retrying');
  await sim.post('clock', { advance_seconds: 60 });
  const { deliveries: [one] } = await until(() => deliveries(sim), (x) => x.deliveries[0].status === 'delivered');
  assert.deepEqual(one.attempts.map((x) => x.status), ['timeout', 200]);
});

test('uninstall and privacy topics reach the configured address', async (t) => {
  const sim = await start_sim(t, [...quiet, '--manual-clock']);
  const app = await start_app(t);
  await sim.post('app', { webhook_url: app.url });
  await sim.connect();
  const order = await sim.to_shop('orders', {});
  await sim.to_shop('privacy', { topic: 'customers/data_request' });
  await sim.to_shop('privacy', { topic: 'customers/redact' });
  await sim.to_shop('uninstall');
  await sim.post('clock', { advance_seconds: 48 * 3600 });
  const got = await app.wait_for((x) => x.length >= 4);
  assert.deepEqual(got.map((x) => x.headers['x-shopify-topic']).sort(), ['app/uninstalled', 'customers/data_request', 'customers/redact', 'shop/redact']);
  const redact = JSON.parse(got.find((x) => x.headers['x-shopify-topic'] === 'shop/redact').body);
  assert.equal(redact.shop_domain, sim.shop);
  assert.ok(order.id);
});
