import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { once } from 'node:events';
import test from 'node:test';

import { query_signature, read_session_token, webhook_signature } from '../../tools/simulator/sign.mjs';
import { start_sim } from './support.mjs';

const shop_query = '{ shop { name } }';

test('webhook signatures equal the published vectors', () => {
  const vectors = [
    ['secret', 'foo=anything', 'yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI='],
    ['7008c5f4da4718b9b45d26d3fcbbb157', '{"foo":"bar"}', '+R9TwYM4mbLTk3hEAOBkpA7zW2lc9vNFmVKs2u2jtyY='],
    ['test_secret_key', '{"foo": "bar"}', 'B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g='],
  ];
  for (const [secret, body, wanted] of vectors) assert.equal(webhook_signature(secret, body), wanted);
});

test('query signatures equal the published vector whatever the order of the parameters', () => {
  const params = { timestamp: '1337178173', shop: 'some-shop.myshopify.com', code: 'a94a110d86d2452eb3e2af4cfb8a3828', hmac: 'x', signature: 'y' };
  assert.equal(query_signature('hush', params), '2cb1a277650a659f1b11e92a4a64275b128e037f2c3390e3c8fd2d8721dac9e2');
});

test('authorize sends back a signed callback with code host shop state and timestamp', async (t) => {
  const sim = await start_sim(t);
  const { status, url } = await sim.authorize('read_orders,read_products', sim.shop, 'c0ffee');
  assert.equal(status, 302);
  const params = Object.fromEntries(url.searchParams);
  assert.deepEqual(Object.keys(params).sort(), ['code', 'hmac', 'host', 'shop', 'state', 'timestamp']);
  const message = Object.keys(params).filter((x) => x !== 'hmac').sort().map((x) => `${x}=${params[x]}`).join('&');
  assert.equal(params.hmac, createHmac('sha256', sim.client_secret).update(message).digest('hex'));
  assert.equal(params.state, 'c0ffee');
  assert.equal(params.shop, sim.shop);
  assert.ok(Math.abs(Number(params.timestamp) - Date.now() / 1000) < 90);
});

test('authorize refuses a wrong client and a scope that does not exist', async (t) => {
  const sim = await start_sim(t);
  assert.equal((await sim.authorize('read_everything')).status, 400);
  sim.client_id = 'other';
  assert.equal((await sim.authorize('read_orders')).status, 400);
});

test('a code works once and only with the right secret', async (t) => {
  const sim = await start_sim(t);
  const code = (await sim.authorize('read_orders')).url.searchParams.get('code');
  assert.equal((await sim.token({ code, expiring: '1', client_secret: 'wrong' })).status, 400);
  const first = await sim.token({ code, expiring: '1' });
  assert.equal(first.status, 200);
  assert.equal(first.body.expires_in, 3600);
  assert.equal(first.body.refresh_token_expires_in, 7776000);
  assert.equal(first.body.scope, 'read_orders');
  const again = await sim.token({ code, expiring: '1' });
  assert.equal(again.status, 400);
  assert.equal(again.body.error, 'invalid_request');
});

test('a token without expiry is answered but refused by the API until it is migrated', async (t) => {
  const sim = await start_sim(t);
  const code = (await sim.authorize('read_products')).url.searchParams.get('code');
  const { body } = await sim.token({ code });
  assert.deepEqual(Object.keys(body), ['access_token', 'scope']);
  assert.equal((await sim.graphql(shop_query, {}, { access: body.access_token })).status, 403);
  const offline = 'urn:shopify:params:oauth:token-type:offline-access-token';
  const moved = await sim.token({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: body.access_token, subject_token_type: offline,
    requested_token_type: offline, expiring: '1',
  });
  assert.equal((await sim.graphql(shop_query, {}, { access: moved.body.access_token })).status, 200);
});

test('access tokens end after an hour of simulated time', async (t) => {
  const sim = await start_sim(t, ['--manual-clock']);
  await sim.connect();
  await sim.post('clock', { advance_seconds: 3599 });
  assert.equal((await sim.graphql(shop_query)).status, 200);
  await sim.post('clock', { advance_seconds: 1 });
  assert.equal((await sim.graphql(shop_query)).status, 401);
});

test('the previous refresh token stays valid until the new pair is used', async (t) => {
  const sim = await start_sim(t);
  const first = await sim.connect();
  const refresh = (token) => sim.token({ grant_type: 'refresh_token', refresh_token: token });
  const lost = await refresh(first.refresh_token); // the answer gets lost
  assert.equal((await sim.graphql(shop_query, {}, { access: first.access_token })).status, 401);
  const second = await refresh(first.refresh_token);
  assert.equal(second.status, 200);
  assert.notEqual(second.body.refresh_token, lost.body.refresh_token);
  assert.equal((await sim.graphql(shop_query, {}, { access: second.body.access_token })).status, 200);
  const late = await refresh(first.refresh_token);
  assert.equal(late.status, 400);
  assert.equal(late.body.error, 'invalid_grant');
});

test('a session token is exchanged for an offline token of the same shop only', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one,two']);
  await sim.connect();
  await sim.connect('read_orders', 'two.myshopify.com');
  const { token } = await sim.to_shop('session_token');
  assert.equal(read_session_token(sim.client_secret, token, Date.now() / 1000).dest, `https://${sim.shop}`);
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: token, expiring: '1',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token', requested_token_type: 'urn:shopify:params:oauth:token-type:offline-access-token',
  };
  const { status, body } = await sim.token(form);
  assert.equal(status, 200);
  assert.equal((await sim.graphql(shop_query, {}, { access: body.access_token })).status, 200);
  assert.equal((await sim.token(form, 'two.myshopify.com')).status, 400);
});

test('after an uninstall and after a revocation the token is refused', async (t) => {
  const sim = await start_sim(t);
  for (const how of ['uninstall', 'revoke']) {
    await sim.connect();
    assert.equal((await sim.graphql(shop_query)).status, 200);
    await sim.to_shop(how);
    assert.equal((await sim.graphql(shop_query)).status, 401);
  }
});

test('the played merchant goes through the whole installation', async (t) => {
  const sim = await start_sim(t);
  const app = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://app');
    if (url.pathname === '/auth/shopify') {
      const wanted = query_signature(sim.client_secret, Object.fromEntries(url.searchParams));
      if (wanted !== url.searchParams.get('hmac')) return response.writeHead(401).end();
      const query = new URLSearchParams({
        client_id: sim.client_id, scope: 'read_orders', state: 'dead', redirect_uri: `http://127.0.0.1:${app.address().port}/auth/shopify/callback`,
      });
      response.writeHead(302, { 'set-cookie': 'state=dead; Path=/', location: `${sim.base}/${url.searchParams.get('shop')}/admin/oauth/authorize?${query}` });
      return response.end();
    }
    if (!request.headers.cookie?.includes('state=dead')) return response.writeHead(400).end();
    await sim.token({ code: url.searchParams.get('code'), expiring: '1' });
    response.writeHead(302, { location: '/dashboard', 'set-cookie': 'session=s1; HttpOnly' });
    return response.end();
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  t.after(() => app.close());
  const result = await sim.to_shop('install', { app_url: `http://127.0.0.1:${app.address().port}` });
  assert.equal(result.ok, true);
  assert.equal(result.location, '/dashboard');
  assert.ok(result.set_cookie.includes('session=s1'));
});
