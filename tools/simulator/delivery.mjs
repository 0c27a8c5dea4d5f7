// Sends webhooks: signed, bounded in parallel, five seconds each, eight retries over four simulated hours with the
// original body, then the shop-specific subscription is removed.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import { to_json } from './json.mjs';
import { webhook_signature } from './sign.mjs';
import { webhook_body } from './payloads.mjs';

/** Minutes between tries: eight retries that end four hours after the first try. The page names only the sum. */
export const retry_gaps = [0.25, 1, 5, 14, 30, 45, 60, 84.75];
const remembered = 200_000;

export class Sender {
  /** @param world {clock, faults, oauth, subscriptions, log}; @param parallel most deliveries in flight */
  constructor(world, { parallel = 16, timeout_ms = 5000, gaps = retry_gaps } = {}) {
    this.world = world;
    this.parallel = parallel;
    this.timeout_ms = timeout_ms;
    this.gaps = gaps;
    const options = { keepAlive: true, maxSockets: parallel, maxFreeSockets: parallel };
    this.agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
    this.queue = [];
    this.head = 0;
    this.flying = 0;
    this.retrying = 0;
    this.held = [];
    this.deliveries = new Map();
    this.totals = { sent: 0, delivered: 0, failed: 0, dropped: 0, retries: 0 };
    this.on_room = () => {};
  }

  /** Deliveries that wait or fly; retries that wait for their time are not counted. */
  get load() {
    return this.queue.length - this.head + this.flying;
  }

  /** Sends *topic* about *subject* to everybody who listens. */
  announce(shop, topic, subject, extra = {}) {
    const targets = this.world.subscriptions.targets(shop, topic, this.world.version);
    if (!targets.length) return;
    const value = webhook_body(shop, topic, subject, extra);
    const body = Buffer.from(to_json(value, true));
    for (const target of targets) {
      const own = target.include.length ? Buffer.from(to_json(pick(value, target.include), true)) : body;
      this.enqueue(shop, topic, own, target, extra.event_id ?? randomUUID());
    }
  }

  enqueue(shop, topic, body, target, event_id) {
    const triggered_at = shop.now();
    const delivery = {
      id: randomUUID(), event_id, topic, shop, uri: target.uri, subscription: target.subscription, body, attempts: [], status: 'queued',
      headers: {
        'content-type': 'application/json', 'user-agent': 'Shopify-Captain-Hook', accept: '*/*', 'x-shopify-topic': topic,
        'x-shopify-shop-domain': shop.domain, 'x-shopify-api-version': target.version,
        'x-shopify-event-id': event_id, 'x-shopify-triggered-at': nanoseconds(triggered_at),
      },
      triggered_at,
    };
    delivery.headers['x-shopify-webhook-id'] = delivery.id;
    this.remember(delivery);
    const fault = this.world.faults.strike('webhook', shop.domain, topic);
    if (fault) this.disturb(delivery, fault);
    else this.push(delivery);
    return delivery;
  }

  remember(delivery) {
    this.deliveries.set(delivery.id, delivery);
    if (this.deliveries.size <= remembered) return;
    const [oldest, one] = this.deliveries.entries().next().value;
    if (one.body === null) this.deliveries.delete(oldest);
  }

  disturb(delivery, fault) {
    delivery.fault = fault.kind;
    switch (fault.kind) {
      case 'drop':
        ++this.totals.dropped;
        this.finish(delivery, 'dropped');
        return;
      case 'duplicate':
        delivery.copies = 1;
        this.push(delivery);
        return;
      case 'delay':
        delivery.status = 'delayed';
        delivery.timer = setTimeout(() => this.push(delivery), fault.ms);
        return;
      case 'reorder': // leaves after the next delivery of this shop, or after `ms`
        delivery.status = 'held';
        this.held.push(delivery);
        delivery.timer = setTimeout(() => this.release(delivery), fault.ms);
        return;
      default:
        this.push(delivery);
    }
  }

  release(delivery) {
    const at = this.held.indexOf(delivery);
    if (at < 0) return;
    this.held.splice(at, 1);
    clearTimeout(delivery.timer);
    this.push(delivery);
  }

  push(delivery) {
    delivery.status = 'queued';
    this.queue.push(delivery);
    const late = this.held.filter((x) => x.shop === delivery.shop);
    this.pump();
    for (const one of late) this.release(one);
  }

  pump() {
    while (this.flying < this.parallel && this.head < this.queue.length) {
      const delivery = this.queue[this.head++];
      if (this.head > 1024) {
        this.queue.splice(0, this.head);
        this.head = 0;
      }
      this.send(delivery);
    }
  }

  send(delivery) {
    ++this.flying;
    ++this.totals.sent;
    delivery.status = 'sending';
    const attempt = { at: new Date().toISOString(), status: null, ms: null };
    delivery.attempts.push(attempt);
    const started = performance.now();
    this.post(delivery, (status, retry_after) => {
      attempt.status = status;
      attempt.ms = Math.round(performance.now() - started);
      if (retry_after) attempt.retry_after = retry_after;
      --this.flying;
      this.settle(delivery, status);
      this.pump();
      this.on_room();
    });
  }

  /** One HTTP exchange; *done* is called once with the HTTP status or a word for what went wrong. */
  post(delivery, done) {
    const first = delivery.attempts.length === 1;
    const cut = first && delivery.fault === 'truncated';
    const lost = first && delivery.fault === 'timeout_after_apply';
    let over = false;
    const end = (status, more) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      done(status, more);
    };
    const url = new URL(delivery.uri);
    const secret = this.world.oauth.signing_secret ?? this.world.oauth.client_secret;
    delivery.signature ??= webhook_signature(secret, delivery.body);
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST', agent: this.agents[url.protocol],
      headers: { ...delivery.headers, 'x-shopify-hmac-sha256': delivery.signature, 'content-length': delivery.body.length },
    });
    const timer = setTimeout(() => {
      end('timeout');
      request.destroy();
    }, this.timeout_ms);
    request.on('error', (error) => {
      // A kept connection that the app closed while we picked it up has carried nothing: once more on a fresh one.
      if (!over && !cut && request.reusedSocket && error.code === 'ECONNRESET' && !delivery.again) {
        delivery.again = true;
        over = true;
        clearTimeout(timer);
        this.post(delivery, done);
      } else end(error.code ?? 'error');
    });
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => end(lost ? 'timeout' : response.statusCode, response.headers['retry-after']));
      response.on('error', () => end('broken answer'));
    });
    if (cut) {
      request.write(delivery.body.subarray(0, Math.floor(delivery.body.length / 2)), () => request.destroy());
      return;
    }
    request.end(delivery.body);
  }

  settle(delivery, status) {
    if (status >= 200 && status < 300) {
      if (delivery.copies) {
        --delivery.copies;
        this.push(delivery);
        return;
      }
      ++this.totals.delivered;
      if (delivery.subscription) delivery.subscription.failures = 0;
      this.finish(delivery, 'delivered');
      return;
    }
    const retries = delivery.attempts.length - 1;
    if (retries >= this.gaps.length) {
      this.give_up(delivery);
      return;
    }
    ++this.totals.retries;
    ++this.retrying;
    delivery.status = 'retrying';
    delivery.retry = this.world.clock.after(this.gaps[retries] * 60_000, () => {
      --this.retrying;
      delivery.retry = null;
      this.push(delivery);
    });
  }

  give_up(delivery) {
    ++this.totals.failed;
    this.finish(delivery, 'failed');
    const { subscription, shop, topic } = delivery;
    if (!subscription || !this.world.subscriptions.get(shop, subscription.id)) return;
    this.world.subscriptions.remove(shop, subscription.id, 'removed after repeated failures');
    this.world.log(`${shop.domain}: subscription ${topic} removed after repeated failures`);
  }

  finish(delivery, status) {
    delivery.status = status;
    delivery.body = null;
    delivery.headers = null;
    this.on_room();
  }

  /** Deliveries for the control API, newest last. */
  list({ shop, topic, status, limit = 1000 } = {}) {
    const result = [];
    for (const x of this.deliveries.values()) {
      if ((shop && x.shop.domain !== shop) || (topic && x.topic !== topic) || (status && x.status !== status)) continue;
      result.push({
        id: x.id, event_id: x.event_id, topic: x.topic, shop: x.shop.domain, uri: x.uri, status: x.status, fault: x.fault ?? null,
        triggered_at: new Date(x.triggered_at).toISOString(), attempts: x.attempts,
      });
    }
    return result.slice(-limit);
  }

  stop() {
    for (const x of this.deliveries.values()) clearTimeout(x.timer);
    for (const agent of Object.values(this.agents)) agent.destroy();
    this.queue = [];
    this.head = 0;
  }
}

function pick(value, names) {
  const result = {};
  for (const name of names) {
    const key = name.split('.')[0];
    if (key in value) result[key] = value[key];
  }
  return result;
}

const nanoseconds = (at) => new Date(at).toISOString().replace('Z', '000000Z');
