// One server with its simulated platform, an operator who may see everything, and one connected shop.
import assert from 'node:assert/strict';

import { eventually, Sender, Session } from './client.mjs';
import { afterwards, end, run, settings, startServer, startSimulator, temporaryFolder } from './processes.mjs';

export const operator = { email: 'operator@example.com', password: 'correct horse battery' };

export class House {
  /** *shop*: connected by a real OAuth round; *simulator*: flags of clique-sim; *more*: settings. */
  static async build(t, { shops = ['linen'], simulator = [], more = {}, connect = true } = {}) {
    const house = new House();
    house.t = t;
    house.data = temporaryFolder(t);
    house.sim = await startSimulator(t, ['--shops', shops.join(','), '--seed', '7', '--rate', '0', '--days-of-history', '0', ...simulator]);
    house.flags = settings(house.sim, house.data, more);
    const made = run(['users', 'add', '--email', operator.email, '--name', 'Operator', '--operator', '--password-stdin', ...house.flags], {
      input: `${operator.password}\n`,
    });
    assert.equal(made.status, 0, made.stderr);
    house.sender = new Sender(house.sim.clientSecret);
    afterwards(t, () => house.sender.close());
    await house.start();
    if (connect) for (const shop of shops) await house.connect(`${shop}.myshopify.com`);
    return house;
  }

  async start() {
    this.server = await startServer(this.t, this.flags);
    this.url = this.server.url;
    this.session = await Session.login(this.url, operator.email, operator.password);
    return this.server;
  }

  /** SIGKILL by default: nothing is said good-bye to. */
  async stop(signal = 'SIGKILL') {
    await end(this.server.child, signal);
  }

  async restart(signal) {
    await this.stop(signal);
    return this.start();
  }

  async control(path, body, method = 'POST') {
    const answer = await fetch(`${this.sim.url}/_sim${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Plays the merchant who installs the app; answers the store as the API shows it, once its first jobs are done. */
  async connect(shop, { settled = true } = {}) {
    const installed = await this.control(`/shops/${shop}/install`, { app_url: this.url });
    assert.ok(installed.status < 400, JSON.stringify(installed));
    const store = await eventually(`${shop} is connected`, async () => {
      const { items } = await this.session.get('/api/v1/stores');
      return items.find((x) => x.shop === shop && x.currency && x.connection === 'connected');
    });
    if (settled) await this.settled(store);
    return store;
  }

  /** Every subscription stands, and products and past orders have been read. */
  async settled(store) {
    const base = `/api/v1/stores/${store.id}`;
    await eventually(`${store.shop} has settled`, async () => {
      const { subscriptions } = await this.session.get(`${base}/webhooks`);
      const { jobs } = await this.session.get(`${base}/sync`);
      const done = (name) => jobs.some((x) => x.feature === name && x.state === 'done');
      return subscriptions.length > 0 && subscriptions.every((x) => x.state === 'registered') && done('product_sync') && done('historical_import');
    });
  }

  /** Every delivery of the store has been worked off. */
  async digested(store) {
    return eventually('no delivery is open', async () => {
      const { deliveries } = await this.session.get(`/api/v1/stores/${store.id}/webhooks`);
      return deliveries.open === 0 && deliveries;
    });
  }

  /** Orders by id, each once. */
  async orders(store) {
    const all = await this.session.all(`/api/v1/stores/${store.id}/orders`);
    const result = new Map(all.map((x) => [Number(x.id), x]));
    assert.equal(result.size, all.length, 'an order stands twice');
    return result;
  }

  async metrics() {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  async store(shop = 'linen.myshopify.com') {
    const { items } = await this.session.get('/api/v1/stores');
    return items.find((x) => x.shop === shop);
  }

  send(shop, topic, body, headers) {
    return this.sender.send(this.url, shop, topic, body, headers);
  }
}
