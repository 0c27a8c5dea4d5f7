import assert from 'node:assert/strict';
import test from 'node:test';

import { sales_by_day } from '../../tools/simulator/books.mjs';
import { Clock } from '../../tools/simulator/clock.mjs';
import { generated_facts, stock_shop } from '../../tools/simulator/catalog.mjs';
import * as math from '../../tools/simulator/order_math.mjs';
import { Random } from '../../tools/simulator/prng.mjs';
import { Shop } from '../../tools/simulator/shop.mjs';
import { Traffic } from '../../tools/simulator/traffic.mjs';
import { start_sim } from './support.mjs';

const origin = Date.parse('2026-11-20T12:00:00Z');
const day = 86_400_000;

function shop_with_history(seed, i = 0, days = 30) {
  const clock = new Clock({ origin, manual: true });
  const shop = new Shop(generated_facts(`s${i}.myshopify.com`, i, origin), () => clock.now(), () => {});
  stock_shop(shop, seed, origin - (days + 1) * day);
  new Traffic(shop, { seed, rate: 8, clock }).history(origin - days * day, origin);
  return shop;
}

const facts_of = (shop) => JSON.stringify([...shop.orders.values()].map((x) => [x.id, x.created_at, math.total(x), math.current(x), x.refunds.length]));

test('the same seed gives the same life and another seed another', () => {
  assert.equal(facts_of(shop_with_history(7)), facts_of(shop_with_history(7)));
  assert.notEqual(facts_of(shop_with_history(7)), facts_of(shop_with_history(8)));
});

test('a shop of every kind has everything that happens in shops', () => {
  const shop = shop_with_history(7, 0, 60);
  const orders = [...shop.orders.values()];
  const some = {
    'several lines': (x) => x.lines.length > 1, discount: (x) => math.discounts(x) > 0, shipping: (x) => x.shipping > 0, tax: (x) => math.tax(x) > 0,
    tip: (x) => x.tip > 0, 'gift card': (x) => x.lines.some((l) => l.gift_card), 'other currency': (x) => x.presentment !== shop.currency,
    'partial refund': (x) => x.refunds.length > 0 && math.current(x).total > 0, goodwill: (x) => math.goodwill(x) > 0,
    cancelled: (x) => x.cancelled_at !== null, voided: (x) => x.cancelled_at !== null && !x.paid, test: (x) => x.test, edited: (x) => x.edits.length > 0,
    'no customer': (x) => x.customer === null,
  };
  for (const [what, is] of Object.entries(some)) assert.ok(orders.some(is), what);
});

test('orders close whatever happens to them', () => {
  const random = new Random(1, 'property');
  for (const i of [0, 2]) { // dollars and yen
    const shop = shop_with_history(11 + i, i, 5);
    for (const order of [...shop.orders.values()]) {
      if (order.test || order.cancelled_at !== null) continue;
      for (let k = 0; k < 3; ++k) {
        const line = random.pick(order.lines);
        const left = math.current_quantity(line);
        const dice = random.integer(0, 3);
        if (dice === 0 && left) shop.refund(order, { lines: [{ line, quantity: random.integer(1, left) }] });
        if (dice === 1 && left) shop.edit(order, { remove: [{ line, quantity: 1 }] });
        if (dice === 2) shop.edit(order, { add: [{ variant: random.pick([...shop.variants.values()]), quantity: 2 }] });
        if (dice === 3) shop.refund(order, { goodwill: random.integer(1, 50) });
      }
      const left = math.current(order);
      assert.equal(left.subtotal, order.lines.reduce((sum, x) => sum + math.next_units(x, math.current_quantity(x)).net, 0), 'what is left is what the lines still cost');
      shop.cancel(order);
      assert.ok(order.lines.every((x) => math.current_quantity(x) === 0 || !order.paid));
      const { net, tax } = math.edited(order);
      if (order.paid) assert.equal(math.refunded_money(order), math.total(order) + net + tax, 'all the money went back, and no more');
      const rows = Object.values(sales_by_day([order], shop.zone));
      const total = (name) => rows.reduce((sum, x) => sum + x[name], 0);
      assert.deepEqual(['net_sales', 'shipping', 'taxes', 'tips', 'total_sales'].map(total), [0, 0, 0, 0, 0]);
    }
  }
});

test('sales of each day are what a hand count gives', () => {
  const clock = new Clock({ origin: Date.parse('2026-03-28T12:00:00Z'), manual: true });
  const shop = new Shop({ domain: 'x.myshopify.com', name: 'X', currency: 'EUR', zone: 'Europe/Berlin', plan: 'Basic', created_at: 0 }, () => clock.now(), () => {});
  const at = (text) => Date.parse(text);
  const line = (price, quantity) => ({ price, quantity, variant: null });
  const one = shop.create_order({ lines: [line(1000, 3), line(500, 2)], order_discount: 400, shipping: 300, tip: 100, tax_rate: 0.1, created_at: at('2026-03-28T23:30:00Z') });
  shop.create_order({ lines: [line(9999, 1)], test: true });
  shop.refund(one, { lines: [{ line: one.lines[0], quantity: 1 }], shipping: 300, shipping_tax: 30, goodwill: 50, created_at: at('2026-03-30T08:00:00Z') });
  shop.edit(one, { remove: [{ line: one.lines[1], quantity: 1 }], at: at('2026-04-01T08:00:00Z') });
  shop.cancel(one, { at: at('2026-04-02T08:00:00Z') });
  const zero = { orders: 0, gross_sales: 0, discounts: 0, returns: 0, net_sales: 0, shipping: 0, taxes: 0, tips: 0, total_sales: 0 };
  assert.deepEqual(sales_by_day(shop.orders.values(), shop.zone), {
    // 23:30 UTC is already the 29th in Berlin, the night when the clocks go forward
    '2026-03-29': { ...zero, orders: 1, gross_sales: 4000, discounts: -400, net_sales: 3600, shipping: 300, taxes: 390, tips: 100, total_sales: 4390 },
    '2026-03-30': { ...zero, returns: -950, net_sales: -950, shipping: -300, taxes: -120, total_sales: -1370 },
    '2026-04-01': { ...zero, gross_sales: -500, discounts: 50, net_sales: -450, taxes: -45, total_sales: -495 },
    '2026-04-02': { ...zero, returns: -2200, net_sales: -2200, taxes: -225, tips: -100, total_sales: -2525 },
  });
});

test('installs and secrets survive a restart with a state file', async (t) => {
  const fs = await import('node:fs');
  const os = await import('node:os');
  const path = await import('node:path');
  const { once } = await import('node:events');
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'state-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  const args = ['--shops', 'one', '--rate', '0', '--state', path.join(dir, 'state.json')];
  const first = await start_sim(t, args);
  const { access_token } = await first.connect();
  await first.subscribe('ORDERS_CREATE', 'https://app.example.com/hook');
  first.child.kill('SIGTERM');
  const [status] = await once(first.child, 'exit');
  assert.equal(status, 0);
  const second = await start_sim(t, args);
  assert.equal(second.client_secret, first.client_secret);
  const { webhookSubscriptions } = await second.data('{ webhookSubscriptions(first: 5) { nodes { uri } } }', {}, { access: access_token });
  assert.deepEqual(webhookSubscriptions.nodes, [{ uri: 'https://app.example.com/hook' }]);
});

test('live traffic goes on with the clock and can be paused', async (t) => {
  const sim = await start_sim(t, ['--shops', 'one', '--rate', '30', '--manual-clock']);
  const count = async () => (await sim.get('shops'))[0].orders;
  await sim.post('clock', { advance_seconds: 24 * 3600 });
  const after_a_day = await count();
  assert.ok(after_a_day > 500 && after_a_day < 950, String(after_a_day));
  await sim.post('pause');
  await sim.post('clock', { advance_seconds: 24 * 3600 });
  assert.equal(await count(), after_a_day);
  await sim.post('resume');
  await sim.post('clock', { advance_seconds: 3600 });
  assert.ok((await count()) > after_a_day);
});

test('wrong options are told all at once', async (t) => {
  const wrong = ['--seed', 'x', '--speed=-1', '--dataset', 'nope', '--origin', 'yesterday', '--shops', 'a,_', '--port', '70000'];
  await assert.rejects(() => start_sim(t, wrong), (error) => {
    for (const text of ['--seed "x"', '--speed "-1"', '--dataset "nope"', '--origin "yesterday"', '--shops "_"', '--port "70000"']) assert.ok(error.message.includes(text), text);
    return true;
  });
});
