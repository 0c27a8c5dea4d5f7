// Everything one simulator holds: shops, clock, app credentials, faults, subscriptions, deliveries, bulk operations, replays.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Bulk } from './bulk.mjs';
import { generated_facts, stock_shop } from './catalog.mjs';
import { Clock } from './clock.mjs';
import { load_dataset } from './dataset.mjs';
import { Sender } from './delivery.mjs';
import { Faults } from './faults.mjs';
import { Bucket } from './graphql/engine.mjs';
import { OAuth } from './oauth.mjs';
import { Replay } from './replay.mjs';
import { Shop } from './shop.mjs';
import { random_hex } from './sign.mjs';
import { Subscriptions } from './subscriptions.mjs';
import { Traffic } from './traffic.mjs';

const day = 86_400_000;
const remembered_calls = 10_000;

export class World {
  /** @param options as made by options.mjs; @param log (text) => void */
  constructor(options, log = () => {}) {
    this.options = options;
    this.log = log;
    this.version = options.api_version;
    const world_speed = options.speed === 'max' ? 1 : options.speed;
    this.clock = new Clock({ origin: options.origin ?? Date.now(), speed: world_speed, manual: options.manual_clock });
    const app_now = options.app_clock === 'wall' ? () => Date.now() : () => this.clock.now();
    this.app_now = app_now;
    const changed = () => this.changed();
    this.oauth = new OAuth({
      client_id: options.client_id ?? random_hex(16), client_secret: options.client_secret ?? `shpss_${random_hex(16)}`,
      all_orders: options.all_orders, now: app_now, changed,
    });
    this.faults = new Faults(options.seed);
    this.subscriptions = new Subscriptions(changed);
    this.subscriptions.app = { url: options.app_webhook_url, topics: new Set(options.app_topics) };
    this.sender = new Sender(this, { parallel: options.parallel, timeout_ms: options.webhook_timeout_ms });
    this.sender.on_room = () => this.replays.forEach((x) => x.on_room());
    this.bulk = new Bulk(this, { seed: options.seed, parallel: options.bulk_parallel, lenient: options.lenient_bulk });
    this.shops = new Map();
    this.traffic = new Map();
    this.replays = new Map();
    this.buckets = new Map();
    this.calls = new Map();
    this.temp = null;
    this.base = '';
  }

  announce = (shop, topic, subject, extra) => this.sender.announce(shop, topic, subject, extra);

  /** Makes the shops of the options; datasets are read first, so that a bad one stops everything. */
  async populate() {
    const { options } = this;
    const datasets = [];
    for (const { name, folder } of options.datasets) datasets.push({ name, data: await load_dataset(folder, this.log) });
    options.shops.forEach((name, i) => this.add_generated(name, i));
    for (const { name, data } of datasets) this.add_replay(name, data);
    if (options.state_file) this.restore(options.state_file);
  }

  add_generated(name, i) {
    const { seed, rate, days_of_history } = this.options;
    const now = this.clock.now();
    const domain = name.includes('.') ? name : `${name}.myshopify.com`;
    const shop = new Shop(generated_facts(domain, i, now), () => this.clock.now(), this.announce);
    const begin = now - days_of_history * day;
    stock_shop(shop, seed, begin - day);
    const traffic = new Traffic(shop, { seed, rate, clock: this.clock });
    if (days_of_history > 0 && rate > 0) traffic.history(begin, now);
    this.shops.set(domain, shop);
    this.traffic.set(domain, traffic);
    traffic.start();
    return shop;
  }

  add_replay(name, data) {
    const { options } = this;
    const domain = `${name.replaceAll('_', '-').toLowerCase()}.myshopify.com`;
    const replay = new Replay(this, data, {
      domain, speed: options.replay_speed ?? options.speed, start: options.origin, announce: this.announce,
    });
    this.shops.set(domain, replay.shop);
    this.replays.set(domain, replay);
  }

  /** Something that must survive a restart has changed, or somebody may have begun to listen. */
  changed() {
    for (const replay of this.replays?.values() ?? [])
      if (replay.state === 'waiting' && !this.options.replay_by_hand && this.subscriptions.hears(replay.shop, 'orders/create')) replay.start();
    if (!this.options.state_file || this.saving) return;
    this.saving = setTimeout(() => {
      this.saving = null;
      this.save(this.options.state_file);
    }, 50);
  }

  /** Writes the state file whole or not at all; a folder that is gone is told, not fatal. */
  save(file) {
    try {
      this.write_state(file);
    } catch (error) {
      this.log(`cannot write the state file: ${error.message}`);
    }
  }

  write_state(file) {
    const state = {
      client_id: this.oauth.client_id, client_secret: this.oauth.client_secret, installs: [...this.oauth.installs],
      app: { url: this.subscriptions.app.url, topics: [...this.subscriptions.app.topics] },
      subscriptions: [...this.shops.values()].flatMap((shop) => this.subscriptions.of(shop).map((x) => ({ shop: shop.domain, ...x }))),
    };
    fs.writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
  }

  restore(file) {
    if (!fs.existsSync(file)) return;
    const state = JSON.parse(fs.readFileSync(file, 'utf8'));
    this.oauth.client_id = this.options.client_id ?? state.client_id;
    this.oauth.client_secret = this.options.client_secret ?? state.client_secret;
    this.oauth.installs = new Map(state.installs);
    if (!this.options.app_webhook_url) this.subscriptions.app = { url: state.app.url, topics: new Set(state.app.topics) };
    for (const x of state.subscriptions) if (this.shops.has(x.shop)) this.subscriptions.add(this.shops.get(x.shop), x);
  }

  bucket(shop) {
    if (!this.buckets.has(shop.domain)) this.buckets.set(shop.domain, new Bucket(this.options.graphql_rate, this.app_now));
    return this.buckets.get(shop.domain);
  }

  versions() {
    return ['2026-01', '2026-04', '2026-07', '2026-10'].map((handle) => ({ handle, supported: true })).concat({ handle: 'unstable', supported: false });
  }

  /** The version that really serves a request for *asked*: retired ones fall forward to the oldest supported. */
  serve(asked) {
    const handles = this.versions().map((x) => x.handle);
    if (handles.includes(asked)) return asked;
    return /^\d{4}-(01|04|07|10)$/.test(asked) && asked < handles[0] ? handles[0] : null;
  }

  record(shop, kind, names) {
    for (const name of names) {
      const key = `${shop} ${name}`;
      if (!this.calls.has(key)) this.calls.set(key, { shop, operation: name, mutating: kind === 'mutation', count: 0, at: [] });
      const entry = this.calls.get(key);
      ++entry.count;
      if (entry.at.length < remembered_calls) entry.at.push({ wall: new Date().toISOString(), simulated: new Date(this.clock.now()).toISOString() });
    }
  }

  /** The merchant removes the app: tokens die, shop-specific subscriptions go, the app is told. */
  uninstall(shop) {
    this.announce(shop, 'app/uninstalled', shop, {});
    this.oauth.uninstall(shop.domain);
    this.subscriptions.clear(shop);
    this.clock.after(2 * day, () => { // 48 hours later, unless the app is back
      if (!this.oauth.installs.has(shop.domain)) this.announce(shop, 'shop/redact', shop, {});
    });
  }

  temp_dir() {
    this.temp ??= fs.mkdtempSync(path.join(os.tmpdir(), 'clique-sim-'));
    return this.temp;
  }

  url(of) {
    return this.base + of;
  }

  stop() {
    this.clock.stop();
    this.bulk.stop();
    this.sender.stop();
    for (const replay of this.replays.values()) replay.pause();
    if (this.saving) {
      clearTimeout(this.saving);
      this.save(this.options.state_file);
    }
    if (this.temp) fs.rmSync(this.temp, { recursive: true, force: true });
  }
}
