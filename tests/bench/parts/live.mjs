// How long after an order was sent its patch reaches the dashboard that watches the store: 500 orders/s over 200
// stores, one watcher each.
import { createHmac } from 'node:crypto';
import http from 'node:http';

import { afterwards, drained, secret, sessions, until, WebSocket } from '../support/house.mjs';
import { median, quantile } from '../support/figures.mjs';

const stores = 200;
const per_second = 500;
const seconds = 12;

/** One dashboard on *store*'s live orders; *seen* hears of each order's number that a frame carries. */
async function watch(scope, server, store, cookie, seen) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/v1`, 'clique.v1', {
    origin: server.url,
    headers: { cookie: `clique=${cookie}` },
    perMessageDeflate: false,
  });
  afterwards(scope, () => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.send(JSON.stringify({ t: 'hello', vis: true }));
      socket.send(JSON.stringify({ t: 'sub', store: String(store), ch: 'orders.live' }));
    });
    socket.on('message', (text) => {
      const at = performance.now();
      const frame = JSON.parse(text);
      if (frame.t === 'snap') resolve();
      if (frame.t === 'error') reject(new Error(frame.detail));
      for (const key of Object.keys(frame.set ?? frame.data ?? {})) seen(Number(key.split(':')[1]), at);
    });
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`socket closed with ${code}`)));
  });
}

/** An order of 10.00 in the shape of the platform's webhook. */
function order(id) {
  const zero = '0.00';
  const at = new Date().toISOString().replace(/\.\d+Z/, 'Z');
  return JSON.stringify({
    id, name: `#${id}`, created_at: at, processed_at: at, updated_at: at, cancelled_at: null, test: false, currency: 'USD',
    presentment_currency: 'USD', financial_status: 'paid', fulfillment_status: null, source_name: 'web', taxes_included: false,
    customer: null, discount_codes: [], note_attributes: [], subtotal_price: '10.00', total_line_items_price: '10.00',
    total_discounts: zero, total_tax: zero, total_tip_received: zero, total_price: '10.00', current_subtotal_price: '10.00',
    current_total_discounts: zero, current_total_tax: zero, current_total_price: '10.00', refunds: [], shipping_lines: [],
    line_items: [{ id: id * 10, variant_id: 501, product_id: 401, sku: 'A-1', title: 'Mug', quantity: 1, current_quantity: 1, price: '10.00', total_discount: zero, discount_allocations: [], tax_lines: [] }],
  });
}

function send(agent, port, id) {
  const body = order(id);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        port, host: '127.0.0.1', path: '/webhooks/shopify', method: 'POST', agent,
        headers: {
          'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-shopify-topic': 'orders/create',
          'x-shopify-shop-domain': `bench-${id % stores}.myshopify.com`, 'x-shopify-webhook-id': `live-${id}`,
          'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`order ${id}: ${answer.statusCode}`))));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends at an even pace whatever the answers take; gives the patches' delays in ms. */
async function round_of(agent, server, first, seen) {
  const count = per_second * seconds;
  const sent = new Map();
  const delays = new Map();
  seen.now = (id, at) => {
    // Later frames may name it again; what counts is the first.
    if (sent.has(id) && !delays.has(id)) delays.set(id, at - sent.get(id));
  };
  const answers = [];
  const began = performance.now();
  await new Promise((resolve) => {
    const pace = setInterval(() => {
      const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * per_second));
      while (sent.size < due) {
        const id = first + sent.size;
        sent.set(id, performance.now());
        answers.push(send(agent, server.port, id));
      }
      if (sent.size === count) {
        clearInterval(pace);
        resolve();
      }
    }, 2);
  });
  await Promise.all(answers);
  await until('every order was shown', () => delays.size === count, 60, 50);
  return [...delays.values()];
}

export default async function live({ scope, tools, figures, rounds }) {
  const database = await tools.postgres(scope, stores);
  const server = await tools.server(scope, database);
  const cookies = await sessions(database.sql, stores);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  afterwards(scope, () => agent.destroy());
  const seen = { now: () => {} };
  for (let i = 0; i < stores; ++i) await watch(scope, server, i + 1, cookies[i], (id, at) => seen.now(id, at));

  const all = { p50: [], p99: [] };
  for (let round = 0; round <= rounds; ++round) {
    const delays = await round_of(agent, server, 1_000_000 * (round + 1), seen);
    await drained(database.sql);
    // The first round wakes 200 trees and is not counted.
    if (round === 0) continue;
    all.p50.push(quantile(delays, 0.5));
    all.p99.push(quantile(delays, 0.99));
  }
  figures.add('event to patch p50, 500/s, 200 watchers', median(all.p50), 'ms');
  figures.add('event to patch p99, 500/s, 200 watchers', median(all.p99), 'ms', { goal: { of: 'value', is: '<=', than: 250 } });
}
