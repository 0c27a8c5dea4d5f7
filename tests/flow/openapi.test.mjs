// The real server answers as its own description says, for what is there and for what is refused.
import assert from 'node:assert/strict';
import test from 'node:test';

import { answer_faults, contract, faults, operations } from '../contract/contract.mjs';
import { House } from './support/house.mjs';
import { order } from './support/orders.mjs';

const shop = 'linen.myshopify.com';

test('every route answers as the contract says', async (t) => {
  const house = await House.build(t);
  const store = await house.store(shop);
  const now = new Date().toISOString();
  await house.send(shop, 'orders/create', order(1, { at: now, price: 1250, quantity: 2, shipping: 495 }));
  await house.send(shop, 'orders/create', order(2, { at: now, unit: 'USD' }));
  await house.send(shop, 'orders/create', '{"broken": ');
  await house.digested(store);
  const base = `/api/v1/stores/${store.id}`;
  assert.equal((await house.session.call('POST', `${base}/jobs/reconciliation`, {})).status, 202);
  const made = await house.session.call('POST', '/api/v1/keys', { name: 'Sheet', role: 'viewer', store_id: store.id });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const [letter] = (await house.session.get(`${base}/dead-letters`)).items;

  const asked = [
    ['GET', '/api/v1/me'],
    ['GET', '/api/v1/stores'],
    ['GET', `${base}/overview`],
    ['GET', `${base}/overview?from=2026-11-01&to=2026-11-25&compare=previous_year`],
    ['GET', `${base}/overview?from=yesterday`],
    ['GET', `${base}/orders`],
    ['GET', `${base}/orders?limit=1`],
    ['GET', `${base}/orders?limit=0`],
    ['GET', `${base}/orders/1`],
    ['GET', `${base}/orders/12345`],
    ['GET', `${base}/products?limit=3`],
    ['GET', `${base}/products?sort=colour`],
    ['GET', `${base}/sync`],
    ['GET', `${base}/webhooks`],
    ['GET', `${base}/reconciliation`],
    ['GET', `${base}/settings`],
    ['GET', `${base}/dead-letters`],
    ['POST', `${base}/dead-letters/${letter.id}/replay`, {}],
    ['DELETE', `${base}/dead-letters/4242`],
    ['POST', `${base}/jobs/manual_sync`, {}],
    ['POST', `${base}/jobs/nothing`, {}],
    ['DELETE', `${base}/jobs/manual_sync`],
    ['PUT', `${base}/settings`, {}, { 'if-match': '"99"' }],
    ['GET', '/api/v1/keys'],
    ['POST', '/api/v1/keys', { name: '', role: 'king' }],
    ['DELETE', `/api/v1/keys/${made.body.key.id}`],
    ['DELETE', `/api/v1/keys/${made.body.key.id}`],
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/api/v1/openapi.json'],
    ['POST', '/auth/login', { email: 'nobody@example.com', password: 'wrong' }],
    ['POST', '/auth/once', { secret: 'wrong' }],
    ['POST', '/auth/shopify/session', {}],
    ['POST', '/auth/logout'],
  ];
  const wrong = [...answer_faults(operation_of('POST', '/api/v1/keys'), made.status, made.body)];
  const reached = new Set(['POST /webhooks/shopify', 'GET /ws/v1', 'GET /metrics', 'GET /auth/shopify', 'GET /auth/shopify/callback']);
  for (const [method, path, body, headers] of asked) {
    const answer = await house.session.call(method, path, body, headers);
    const which = operation_of(method, path.split('?')[0]);
    assert.ok(which, `${method} ${path} is not described`);
    reached.add(`${method} ${which.path}`);
    if (answer.status >= 400) {
      assert.match(answer.headers.get('content-type'), /^application\/problem\+json/, `${method} ${path}`);
      wrong.push(...faults(answer.body, contract.components.schemas.problem, `${method} ${path} ${answer.status}`));
      if (!answer.body.detail) wrong.push(`${method} ${path}: no detail`);
    }
    wrong.push(...answer_faults(which, answer.status, answer.body));
  }
  assert.deepEqual(wrong, []);
  const missed = operations().map((x) => `${x.method} ${x.path}`).filter((x) => !reached.has(x));
  assert.deepEqual(missed, [], 'operations that this test never asks');
});

function operation_of(method, path) {
  const fits = (pattern) => new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
  const all = operations().filter((x) => x.method === method);
  return all.find((x) => x.path === path) ?? all.find((x) => fits(x.path));
}
