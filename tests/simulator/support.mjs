// Starts simulators and small apps for the tests, and asks them things.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

export const tools = fileURLToPath(new URL('../../tools/', import.meta.url));

/** Starts tools/clique-sim; it ends with the test. */
export async function start_sim(t, args = []) {
  const child = spawn(`${tools}clique-sim`, ['--exit-with-parent', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (x) => (errors += x));
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const line = await Promise.race([
    once(readline.createInterface(child.stdout), 'line').then((x) => x[0]),
    once(child, 'exit').then(() => null),
  ]);
  if (line === null) throw new Error(`clique-sim did not start: ${errors}`);
  return new Sim({ ...JSON.parse(line), child });
}

export class Sim {
  constructor(facts) {
    Object.assign(this, facts);
    this.base = `http://127.0.0.1:${this.port}`;
    this.shop = this.shops[0];
  }

  async control(method, path, body) {
    const answer = await fetch(`${this.base}/_sim/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const result = await answer.json();
    if (answer.status !== 200) throw Object.assign(new Error(result.error), { status: answer.status });
    return result;
  }

  get(path) {
    return this.control('GET', path);
  }

  post(path, body = {}) {
    return this.control('POST', path, body);
  }

  to_shop(what, body = {}, shop = this.shop) {
    return this.post(`shops/${shop}/${what}`, body);
  }

  /** POST to the token endpoint. @returns {status, body} */
  async token(form, shop = this.shop) {
    const answer = await fetch(`${this.base}/${shop}/admin/oauth/access_token`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: this.client_id, client_secret: this.client_secret, ...form }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** The query that the app's callback would get. */
  async authorize(scope, shop = this.shop, state = 'ab12') {
    const query = new URLSearchParams({ client_id: this.client_id, scope, redirect_uri: 'http://127.0.0.1:9/callback', state });
    const answer = await fetch(`${this.base}/${shop}/admin/oauth/authorize?${query}`, { redirect: 'manual' });
    return { status: answer.status, url: answer.headers.get('location') && new URL(answer.headers.get('location')), text: await answer.text() };
  }

  /** Installs without an app. @returns the token answer */
  async connect(scope = 'read_orders,read_products,read_inventory,read_locations,write_products,read_all_orders', shop = this.shop) {
    const { url } = await this.authorize(scope, shop);
    const { body } = await this.token({ code: url.searchParams.get('code'), expiring: '1' }, shop);
    this.access = body.access_token;
    return body;
  }

  /** A GraphQL call. @returns {status, headers, body} */
  async graphql(query, variables = {}, { shop = this.shop, access = this.access, version = '2026-10' } = {}) {
    const answer = await fetch(`${this.base}/${shop}/admin/api/${version}/graphql.json`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-shopify-access-token': access ?? '' }, body: JSON.stringify({ query, variables }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  async data(query, variables, more) {
    const { body } = await this.graphql(query, variables, more);
    if (!body.data || body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  }

  subscribe(topic, uri, more = {}) {
    return this.data(
      `mutation($t: WebhookSubscriptionTopic!, $w: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $t, webhookSubscription: $w) {
        webhookSubscription { id topic uri } userErrors { field message } } }`,
      { t: topic, w: { uri, format: 'JSON', ...more } },
    ).then((x) => x.webhookSubscriptionCreate);
  }
}

/** A listening app that keeps what it gets; *answer*(delivery, n) gives the status, or null to say nothing. */
export async function start_app(t, answer = () => 200) {
  const got = [];
  const waiting = [];
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (x) => parts.push(x));
    request.on('error', () => {});
    request.on('end', () => {
      const delivery = { url: request.url, headers: request.headers, body: Buffer.concat(parts) };
      got.push(delivery);
      for (const x of waiting.splice(0)) x();
      const status = answer(delivery, got.length);
      if (status === null) return;
      response.writeHead(status);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}/webhooks/shopify`;
  const wait_for = async (enough) => {
    while (!enough(got)) await new Promise((resolve) => waiting.push(resolve));
    return got;
  };
  return { url, origin: new URL(url).origin, got, wait_for };
}

/** Asks again until the answer satisfies, yielding to I/O between the tries. */
export async function until(ask, enough) {
  for (;;) {
    const result = await ask();
    if (enough(result)) return result;
    await new Promise(setImmediate);
  }
}
