import assert from 'node:assert/strict';
import test from 'node:test';

import { start_sim } from './support.mjs';

const history = ['--shops', 'one', '--days-of-history', '20', '--rate', '10', '--manual-clock'];

const order_fields = `id legacyResourceId name createdAt processedAt updatedAt cancelledAt test edited taxesIncluded
  totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
  totalShippingPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } totalTipReceivedSet { shopMoney { amount } }
  totalDiscountsSet { shopMoney { amount } } currentTotalPriceSet { shopMoney { amount } }
  refunds { id createdAt totalRefundedSet { shopMoney { amount } }
    refundLineItems(first: 2) { nodes { quantity subtotalSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } } lineItem { id } } }
    transactions(first: 1) { nodes { kind status amountSet { shopMoney { amount } } } }
    orderAdjustments(first: 2) { nodes { amountSet { shopMoney { amount } } taxAmountSet { shopMoney { amount } } kind reason } } }`;

test('aliases variables fragments and inline fragments are understood', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const data = await sim.data(
    `query Some($n: Int = 2, $id: ID!, $yes: Boolean!) {
      newest: orders(first: $n, sortKey: CREATED_AT, reverse: true) { ...page }
      oldest: orders(last: 1, sortKey: CREATED_AT, reverse: true) { nodes { __typename id } }
      shop { n: name @include(if: $yes) currencyCode @skip(if: $yes) }
      node(id: $id) { id ... on Product { title } ... on Order { name } }
    }
    fragment page on OrderConnection { nodes { ...order } pageInfo { hasNextPage } }
    fragment order on Order { id createdAt }`,
    { id: (await sim.data('{ products(first: 1) { nodes { id } } }')).products.nodes[0].id, yes: true },
  );
  assert.equal(data.newest.nodes.length, 2);
  assert.ok(data.newest.nodes[0].createdAt >= data.newest.nodes[1].createdAt);
  assert.equal(data.newest.pageInfo.hasNextPage, true);
  assert.equal(data.oldest.nodes[0].__typename, 'Order');
  assert.deepEqual(Object.keys(data.shop), ['n']);
  assert.deepEqual(Object.keys(data.node), ['id', 'title']);
});

test('mistakes are named as the platform names them', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '0']);
  await sim.connect();
  const cases = [
    ['{ orders(first: 1) { nodes { colour } } }', "Field 'colour' doesn't exist on type 'Order'"],
    ['{ shop }', 'Field must have selections (field \'shop\' returns Shop but has no selections. Did you mean \'shop { ... }\'?)'],
    ['{ shop { name { x } } }', "Selections can't be made on scalars (field 'name' returns String but has selections)"],
    ['{ orders(first: 1, colour: 2) { nodes { id } } }', "Field 'orders' doesn't accept argument 'colour'"],
    ['{ order { id } }', "Field 'order' is missing required arguments: id"],
    ['{ orders { nodes { id } } }', 'you must provide one of first or last'],
    ['{ orders(first: 251) { nodes { id } } }', 'first cannot exceed 250'],
    ['query($x: Int!) { orders(first: $x) { nodes { id } } }', 'Variable $x of type Int! was provided invalid value'],
    ['{ shop { ...f } }', 'Fragment f was used, but not defined'],
    ['{ shop { name ', 'syntax error, unexpected end of file, expecting a name'],
  ];
  for (const [query, message] of cases) {
    const { status, body } = await sim.graphql(query);
    assert.equal(status, 200);
    assert.equal(body.data, undefined, query);
    assert.equal(body.errors[0].message, message);
  }
});

test('pages cover every order once in order and survive new orders between them', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const seen = [];
  let after = null;
  for (;;) {
    const { orders } = await sim.data(
      `query($after: String) { orders(first: 60, after: $after, sortKey: UPDATED_AT, query: "test:false") { edges { cursor node { id updatedAt test } } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    seen.push(...orders.edges.map((x) => x.node));
    if (seen.length === 60) await sim.to_shop('orders', { test: true, silent: true });
    if (!orders.pageInfo.hasNextPage) break;
    after = orders.pageInfo.endCursor;
    assert.equal(after, orders.edges[orders.edges.length - 1].cursor);
  }
  const { orders } = await sim.get(`shops/${sim.shop}/state`);
  assert.deepEqual(seen.map((x) => x.id.split('/').pop()).sort(), orders.filter((x) => !x.test).map((x) => x.id).sort());
  for (let i = 1; i < seen.length; ++i) assert.ok(seen[i - 1].updatedAt <= seen[i].updatedAt);
  assert.ok(seen.every((x) => x.test === false));
});

test('search strings filter by time id and status and the count agrees', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const { orders } = await sim.get(`shops/${sim.shop}/state`);
  const middle = new Date(orders[Math.floor(orders.length / 2)].created_at).toISOString().slice(0, 19) + 'Z';
  const at = Date.parse(middle);
  const second = (x) => Math.floor(x / 1000) * 1000;
  const one = orders[3];
  const cases = [
    [`created_at:>='${middle}'`, (x) => second(x.created_at) >= at],
    [`created_at:<${middle} AND test:false`, (x) => second(x.created_at) < at && !x.test],
    [`updated_at:>"${middle}"`, (x) => x.updated_at > at],
    [`processed_at:>=${middle.slice(0, 10)}`, (x) => x.processed_at >= Date.parse(middle.slice(0, 10))],
    [`id:${one.id}`, (x) => x.id === one.id],
    [`id:>${one.id}`, (x) => BigInt(x.id) > BigInt(one.id)],
    ['status:cancelled', (x) => x.cancelled_at !== null],
    ['status:any', () => true],
    ['-test:true', (x) => !x.test],
  ];
  for (const [query, test_of] of cases) {
    const { ordersCount } = await sim.data('query($q: String) { ordersCount(query: $q, limit: null) { count precision } }', { q: query });
    assert.deepEqual(ordersCount, { count: orders.filter(test_of).length, precision: 'EXACT' }, query);
  }
  const few = await sim.data('{ ordersCount(limit: 5) { count precision } }');
  assert.deepEqual(few.ordersCount, { count: 5, precision: 'AT_LEAST' });
});

test('orders carry what a sales ledger needs and ids beyond 2^53', async (t) => {
  const sim = await start_sim(t, [...history.slice(0, 2), '--rate', '0', '--manual-clock']);
  await sim.connect();
  const { products } = await sim.data('{ products(first: 1) { nodes { variants(first: 1) { nodes { id price } } } } }');
  const variant_id = products.nodes[0].variants.nodes[0].id;
  const made = await sim.to_shop('orders', {
    lines: [{ variant_id, quantity: 4, price: 1000 }], order_discount: 400, shipping: 500, tip: 200, tax_rate: 0.1, presentment: 'EUR', paid: true,
  });
  assert.ok(BigInt(made.id) > 2n ** 53n);
  await sim.post('clock', { advance_seconds: 600 });
  const half = { line_id: made.line_items[0].id, quantity: 1 };
  await sim.to_shop('refunds', { order_id: made.id, lines: [half], shipping: 500, shipping_tax: 50, goodwill: 100 });
  const { order } = await sim.data(`query($id: ID!) { order(id: $id) { ${order_fields} } }`, { id: made.admin_graphql_api_id });
  const amount = (x) => x.shopMoney.amount;
  const [refund] = order.refunds;
  const [shipping, goodwill] = refund.orderAdjustments.nodes;
  assert.deepEqual({
    total: amount(order.totalPriceSet), now: amount(order.currentTotalPriceSet), tax: amount(order.totalTaxSet), tip: amount(order.totalTipReceivedSet),
    presentment: order.totalPriceSet.presentmentMoney, back: amount(refund.totalRefundedSet), paid: amount(refund.transactions.nodes[0].amountSet),
    line: amount(refund.refundLineItems.nodes[0].subtotalSet), shipping: [shipping.kind, amount(shipping.amountSet), amount(shipping.taxAmountSet)],
    goodwill: [goodwill.kind, amount(goodwill.amountSet)],
  }, {
    total: '47.1', now: '31.7', tax: '4.1', tip: '2.0', presentment: { amount: '43.33', currencyCode: 'EUR' }, back: '16.4', paid: '16.4', line: '9.0',
    shipping: ['SHIPPING_REFUND', '-5.0', '-0.5'], goodwill: ['REFUND_DISCREPANCY', '-1.0'],
  });
  assert.equal(refund.refundLineItems.nodes[0].lineItem.id, `gid://shopify/LineItem/${half.line_id}`);
  const { node } = await sim.data(
    'query($id: ID!) { node(id: $id) { ... on Refund { refundShippingLines(first: 1) { nodes { subtotalAmountSet { shopMoney { amount } } taxAmountSet { shopMoney { amount } } } } } } }',
    { id: refund.id },
  );
  assert.deepEqual(node.refundShippingLines.nodes.map((x) => [amount(x.subtotalAmountSet), amount(x.taxAmountSet)]), [['5.0', '0.5']]);
});

test('what the scopes do not cover is denied field by field', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect('read_products');
  const { body } = await sim.graphql('{ shop { name } orders(first: 1) { nodes { id } } products(first: 1) { nodes { id } } }');
  assert.equal(body.errors[0].extensions.code, 'ACCESS_DENIED');
  assert.deepEqual(body.errors[0].path, ['orders']);
  assert.equal(body.data.orders, null);
  assert.equal(body.data.products.nodes.length, 1);
  const { currentAppInstallation } = await sim.data('{ currentAppInstallation { accessScopes { handle } } }');
  assert.deepEqual(currentAppInstallation.accessScopes, [{ handle: 'read_products' }]);
});

test('without read_all_orders only sixty days are visible', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--days-of-history', '90', '--rate', '1', '--manual-clock', '--no-all-orders']);
  const { scope } = await sim.connect();
  assert.ok(!scope.includes('read_all_orders'));
  const { ordersCount } = await sim.data('{ ordersCount { count } }');
  const { orders, now } = await sim.get(`shops/${sim.shop}/state`);
  const since = Date.parse(now) - 60 * 86_400_000;
  assert.equal(ordersCount.count, orders.filter((x) => x.created_at >= since).length);
  assert.ok(ordersCount.count < orders.length);
});

test('the bucket empties throttles and fills again with time', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '0', '--manual-clock', '--graphql-rate', '10']);
  await sim.connect();
  const query = '{ orders(first: 200) { nodes { id customAttributes { key } } } }'; // 200 x (1 + 1) / 4
  const first = await sim.graphql(query);
  assert.deepEqual(first.body.extensions.cost, {
    requestedQueryCost: 100, actualQueryCost: 0, throttleStatus: { maximumAvailable: 200, currentlyAvailable: 200, restoreRate: 10 },
  });
  await sim.post('faults', { target: 'graphql', kind: 'throttled', times: 1 });
  const told = await sim.graphql(query);
  assert.equal(told.status, 200);
  assert.equal(told.body.errors[0].extensions.code, 'THROTTLED');
  const heavy = 'mutation { webhookSubscriptionDelete(id: "gid://shopify/WebhookSubscription/1") { userErrors { message } } }';
  for (let i = 0; i < 20; ++i) assert.ok((await sim.graphql(heavy)).body.data);
  const empty = (await sim.graphql(heavy)).body;
  assert.equal(empty.data, undefined);
  assert.equal(empty.errors[0].message, 'Throttled');
  assert.deepEqual(empty.extensions.cost, {
    requestedQueryCost: 10, actualQueryCost: null, throttleStatus: { maximumAvailable: 200, currentlyAvailable: 0, restoreRate: 10 },
  });
  await sim.post('clock', { advance_seconds: 1 });
  assert.ok((await sim.graphql(heavy)).body.data);
});

test('a query above a thousand points is refused before it runs', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '0']);
  await sim.connect();
  const { body } = await sim.graphql('{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { variant { id } } } } } }');
  assert.equal(body.errors[0].extensions.code, 'MAX_COST_EXCEEDED');
  assert.equal(body.errors[0].extensions.cost, Math.ceil((250 * (1 + Math.ceil((250 * 2) / 4))) / 4));
});

test('a retired version is served by the oldest supported one and says so', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '0']);
  await sim.connect();
  const old = await sim.graphql('{ publicApiVersions { handle supported } }', {}, { version: '2024-10' });
  assert.equal(old.headers.get('x-shopify-api-version'), '2026-01');
  assert.ok(old.body.data.publicApiVersions.some((x) => x.handle === '2026-10' && x.supported));
  assert.equal((await sim.graphql('{ shop { name } }', {}, { version: 'nonsense' })).status, 404);
});

test('prices are set all or nothing and mistakes carry their codes', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '0']);
  await sim.connect();
  const { products } = await sim.data('{ products(first: 1) { nodes { id variants(first: 5) { nodes { id price } } } } }');
  const [product] = products.nodes;
  const set = (variants) => sim.data(
    `mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) { productVariantsBulkUpdate(productId: $p, variants: $v) {
      productVariants { id price compareAtPrice } userErrors { field message code } } }`, { p: product.id, v: variants },
  ).then((x) => x.productVariantsBulkUpdate);
  const [variant] = product.variants.nodes;
  const bad = await set([{ id: variant.id, price: '12.34' }, { id: 'gid://shopify/ProductVariant/1', price: '1.00' }]);
  assert.deepEqual(bad.userErrors.map((x) => x.code), ['PRODUCT_VARIANT_DOES_NOT_EXIST']);
  const price = async () => (await sim.data('query($id: ID!) { productVariant(id: $id) { price } }', { id: variant.id })).productVariant.price;
  assert.equal(await price(), variant.price);
  const good = await set([{ id: variant.id, price: '12.34', compareAtPrice: null }]);
  assert.deepEqual(good.productVariants, [{ id: variant.id, price: '12.34', compareAtPrice: null }]);
});
