import assert from 'node:assert/strict';
import test from 'node:test';

import { start_app, start_sim, until } from './support.mjs';

const history = ['--shops', 'one', '--days-of-history', '10', '--rate', '20', '--manual-clock'];
const orders_query = '{ orders(query: "test:false") { edges { node { id name createdAt totalPriceSet { shopMoney { amount } } lineItems { edges { node { id sku quantity } } } } } } }';

const run = (sim, query, group = false) => sim.data(
  `mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) { bulkOperation { id status } userErrors { field message code } } }`,
  { q: query, g: group },
).then((x) => x.bulkOperationRunQuery);

const fields = 'status errorCode objectCount rootObjectCount fileSize url completedAt';
const poll = (sim, id) => sim.data(`query($id: ID!) { bulkOperation(id: $id) { ${fields} } }`, { id }).then((x) => x.bulkOperation);
const finish = (sim, id) => until(() => poll(sim, id), (x) => !['CREATED', 'RUNNING', 'CANCELING'].includes(x.status));

test('a result comes after some polls as lines whose children may stand anywhere', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const { bulkOperation, userErrors } = await run(sim, orders_query);
  assert.deepEqual(userErrors, []);
  assert.equal(bulkOperation.status, 'CREATED');
  assert.equal((await poll(sim, bulkOperation.id)).status, 'RUNNING');
  const done = await finish(sim, bulkOperation.id);
  assert.equal(done.status, 'COMPLETED');
  const answer = await fetch(done.url);
  const text = await answer.text();
  assert.equal(String(Buffer.byteLength(text)), done.fileSize);
  assert.ok(text.endsWith('\n') && text.includes('gid:\\/\\/shopify\\/Order\\/'));
  const lines = text.trimEnd().split('\n').map((x) => JSON.parse(x));
  assert.equal(String(lines.length), done.objectCount);
  const { orders } = await sim.get(`shops/${sim.shop}/state`);
  const wanted = orders.filter((x) => !x.test);
  const roots = lines.filter((x) => !x.__parentId);
  assert.equal(String(roots.length), done.rootObjectCount);
  assert.deepEqual(roots.map((x) => x.id.split('/').pop()).sort(), wanted.map((x) => x.id).sort());
  const children = lines.filter((x) => x.__parentId);
  assert.equal(children.length, wanted.reduce((sum, x) => sum + x.lines.length, 0));
  const ids = new Set(roots.map((x) => x.id));
  assert.ok(children.every((x) => ids.has(x.__parentId)));
  assert.ok(lines.some((x, i) => x.__parentId && lines.findIndex((y) => y.id === x.__parentId) > i), 'some child stands before its parent');
});

test('grouped results keep children behind their parent', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const { bulkOperation } = await run(sim, orders_query, true);
  const { url } = await finish(sim, bulkOperation.id);
  const lines = (await (await fetch(url)).text()).trimEnd().split('\n').map((x) => JSON.parse(x));
  let parent = null;
  for (const x of lines) {
    if (x.__parentId) assert.equal(x.__parentId, parent);
    else parent = x.id;
  }
});

test('an empty result has no url', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const { bulkOperation } = await run(sim, '{ orders(query: "created_at:>2100-01-01") { edges { node { id } } } }');
  const done = await finish(sim, bulkOperation.id);
  assert.deepEqual([done.status, done.objectCount, done.url], ['COMPLETED', '0', null]);
});

test('what bulk queries may not contain is refused', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const cases = [
    ['{ shop { name } }', /at least one connection/],
    ['{ orders { edges { node { colour } } } }', /doesn't exist on type 'Order'/],
    ['{ orders { edges { node { id refunds { refundLineItems { edges { node { id } } } } } } } }', /connection field within a list field/],
    ['mutation { webhookSubscriptionDelete(id: "x") { userErrors { message } } }', /must be a query/],
    ['{ orders { edges', /syntax error/],
  ];
  for (const [query, message] of cases) {
    const { bulkOperation, userErrors } = await run(sim, query);
    assert.equal(bulkOperation, null);
    assert.match(userErrors[0].message, message);
    assert.equal(userErrors[0].code, 'INVALID');
  }
});

test('an operation too many names the running one', async (t) => {
  const sim = await start_sim(t, [...history, '--bulk-parallel', '1']);
  await sim.connect();
  const first = await run(sim, orders_query);
  const second = await run(sim, orders_query);
  assert.equal(second.userErrors[0].code, 'OPERATION_IN_PROGRESS');
  assert.ok(second.userErrors[0].message.includes(first.bulkOperation.id));
});

test('a running operation can be cancelled and a finished one cannot', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const cancel = (id) => sim.data('mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }', { id }).then((x) => x.bulkOperationCancel);
  const { bulkOperation } = await run(sim, orders_query);
  assert.deepEqual((await cancel(bulkOperation.id)).userErrors, []);
  assert.equal((await finish(sim, bulkOperation.id)).status, 'CANCELED');
  assert.match((await cancel(bulkOperation.id)).userErrors[0].message, /cannot be canceled/);
});

test('the end is told by webhook and the url is worth nothing when changed', async (t) => {
  const sim = await start_sim(t, history);
  const app = await start_app(t);
  await sim.connect();
  await sim.subscribe('BULK_OPERATIONS_FINISH', app.url);
  const { bulkOperation } = await run(sim, orders_query);
  const { url } = await finish(sim, bulkOperation.id);
  const [{ body }] = await app.wait_for((x) => x.length >= 1);
  const told = JSON.parse(body);
  assert.deepEqual([told.admin_graphql_api_id, told.status, told.type, told.error_code], [bulkOperation.id, 'completed', 'query', null]);
  assert.equal((await fetch(url.replace(/Signature=./, 'Signature=x'))).status, 403);
});

test('a missing scope fails the operation', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect('read_products');
  const { bulkOperation } = await run(sim, '{ orders { edges { node { id } } } }');
  const done = await finish(sim, bulkOperation.id);
  assert.deepEqual([done.status, done.errorCode, done.url], ['FAILED', 'ACCESS_DENIED', null]);
});

test('a download can break off in the middle', async (t) => {
  const sim = await start_sim(t, history);
  await sim.connect();
  const { bulkOperation } = await run(sim, orders_query);
  const { url } = await finish(sim, bulkOperation.id);
  await sim.post('faults', { target: 'bulk', kind: 'truncated', times: 1 });
  await assert.rejects(async () => (await fetch(url)).text());
  assert.equal((await fetch(url)).status, 200);
});
