import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';

import { load_dataset } from '../../tools/simulator/dataset.mjs';
import { start_app, start_sim, until } from './support.mjs';

const good = {
  'store.csv': 'store_id,currency,timezone,name,created_at\ns1,EUR,Europe/Berlin,Laden,2026-01-01T00:00:00+01:00\n',
  'products.csv': 'product_id,variant_id,title,price,unit_cost,tracked,extra\np1,v1,"Cup, ""large""",10.00,4.5,1,x\np1,v2,Cup small,8,,0,y\n',
  'orders.csv': 'order_id,created_at,total,discounts,shipping,tax,customer_id,cancelled_at,test,discount_codes\n' +
    'a1,2026-03-01T23:30:00+01:00,29.10,2.00,4.00,3.10,c1,,0,HELLO;X\n' +
    'a2,2026-03-02T10:00:00+01:00,16.00,,,,c1,2026-03-04T09:00:00+01:00,0,\n' +
    'a3,2026-03-02T11:00:00+01:00,5.00,,,,,,1,\n' +
    'a4,2026-03-29T00:30:00+01:00,7.50,,,,,,0,\n',
  'order_lines.csv': 'order_id,variant_id,quantity,unit_price,discount\r\na1,v1,1,10.00,\r\na1,v2,2,7.00,1.00\r\na2,v2,2,8.00,\r\na3,v2,1,5.00,\r\n',
  'refunds.csv': 'order_id,refund_id,refunded_at,amount,variant_id,quantity,restocked\na1,r1,2026-03-03T00:10:00+01:00,6.00,v2,1,1\na1,r1,2026-03-03T00:10:00+01:00,1.50,,,\n',
  'stock.csv': 'variant_id,location_id,at,available\nv1,l1,2026-03-01T08:00:00+01:00,5\nv1,l1,2026-03-05T08:00:00+01:00,-2\n',
};

function folder(t, changes = {}) {
  const result = fs.mkdtempSync(path.join(os.tmpdir(), 'dataset-'));
  t.after(() => fs.rmSync(result, { recursive: true }));
  for (const [name, text] of Object.entries({ ...good, ...changes })) {
    if (text === null) continue;
    fs.writeFileSync(path.join(result, name), text);
  }
  return result;
}

test('a folder is read with its conventions', async (t) => {
  const warnings = [];
  const data = await load_dataset(folder(t), (x) => warnings.push(x));
  assert.equal(data.store.currency, 'EUR');
  assert.deepEqual([data.variants.get('v1').title, data.variants.get('v1').price, data.variants.get('v1').unit_cost], ['Cup, "large"', 1000, 450]);
  assert.equal(data.variants.get('v2').unit_cost, null);
  assert.equal(data.orders.get('a1').created_at, Date.parse('2026-03-01T22:30:00Z'));
  assert.equal(data.orders.get('a1').lines.length, 2);
  assert.equal(data.orders.get('a1').refunds.length, 2);
  assert.deepEqual(warnings, ['products.csv: columns not used: extra']);
});

test('packed files and absent files are fine', async (t) => {
  const dir = folder(t, { 'orders.csv': null, 'stock.csv': null });
  fs.writeFileSync(path.join(dir, 'orders.csv.gz'), zlib.gzipSync(good['orders.csv']));
  const data = await load_dataset(dir);
  assert.equal(data.orders.size, 4);
  assert.equal(data.has.stock, false);
});

test('every mistake names file line and column', async (t) => {
  const orders = (row) => ({ 'orders.csv': `order_id,created_at,total\n${row}\n`, 'order_lines.csv': null, 'refunds.csv': null });
  const cases = [
    [{ 'store.csv': null }, /store\.csv: not found/],
    [{ 'store.csv': 'store_id,currency\ns,EUR\n' }, /^store\.csv, line 1, column timezone: required column is missing/],
    [{ 'store.csv': 'store_id,currency,timezone\ns,EUR,Mars/Base\n' }, /^store\.csv, line 2, column timezone: "Mars\/Base" is not a time zone/],
    [{ 'store.csv': good['store.csv'] + 's2,EUR,Europe/Berlin,x,\n' }, /^store\.csv: must have exactly one row, has 2/],
    [orders('x,2026-03-01T23:30:00,1.00'), /^orders\.csv, line 2, column created_at: .* is not an RFC 3339 time with offset/],
    [orders('x,2026-03-01T23:30:00Z,1.005'), /^orders\.csv, line 2, column total: "1\.005" is not a decimal amount/],
    [orders('x,2026-03-01T23:30:00Z,'), /^orders\.csv, line 2, column total: must not be empty/],
    [orders('x,2026-03-01T23:30:00Z'), /^orders\.csv, line 2: 2 cells where the header has 3/],
    [orders('x,2026-03-01T23:30:00Z,1\n"y,2026-03-01T23:30:00Z,1'), /^orders\.csv, line 3: a quoted cell does not end/],
    [orders('x,2026-03-01T23:30:00Z,1\nx,2026-03-01T23:30:00Z,1'), /^orders\.csv, line 3, column order_id: "x" occurs twice/],
    [{ 'order_lines.csv': 'order_id,variant_id,quantity,unit_price\nzz,v1,1,1\n' }, /^order_lines\.csv, line 2, column order_id: no order "zz"/],
    [{ 'order_lines.csv': 'order_id,variant_id,quantity,unit_price\na1,v1,1.5,1\n' }, /^order_lines\.csv, line 2, column quantity: "1\.5" is not a whole number/],
    [{ 'refunds.csv': 'order_id,refund_id,refunded_at,amount\na1,r,2020-01-01T00:00:00Z,1\n' }, /^refunds\.csv, line 2, column refunded_at: is before the order/],
    [{ 'products.csv': Buffer.from([0x70, 0x2c, 0xff, 0x0a]) }, /^products\.csv, line 1: not valid UTF-8/],
    [{ 'products.csv': '' }, /^products\.csv, line 1: the header row is missing/],
    [{ 'stock.csv': 'variant_id,at,available\nv9,2026-03-01T08:00:00Z,1\n' }, /^stock\.csv, line 2, column variant_id: no variant "v9"/],
  ];
  for (const [changes, message] of cases)
    await assert.rejects(() => load_dataset(folder(t, changes)), (error) => (assert.match(error.message, message), true));
});

test('a bad folder ends the program with its mistake', async (t) => {
  const dir = folder(t, { 'orders.csv': 'order_id\n' });
  await assert.rejects(() => start_sim(t, ['--dataset', `shop=${dir}`]), /orders\.csv, line 1, column created_at: required column is missing/);
});

const truth = {
  '2026-03-01': { orders: 1, gross_sales: 2400, discounts: -200, returns: 0, net_sales: 2200, shipping: 400, taxes: 310, tips: 0, total_sales: 2910 },
  '2026-03-02': { orders: 1, gross_sales: 1600, discounts: 0, returns: 0, net_sales: 1600, shipping: 0, taxes: 0, tips: 0, total_sales: 1600 },
  '2026-03-04': { orders: 0, gross_sales: 0, discounts: 0, returns: -1600, net_sales: -1600, shipping: 0, taxes: 0, tips: 0, total_sales: -1600 },
  '2026-03-29': { orders: 1, gross_sales: 750, discounts: 0, returns: 0, net_sales: 750, shipping: 0, taxes: 0, tips: 0, total_sales: 750 },
};

test('a replay makes orders and refunds visible at their time and its books close', async (t) => {
  const sim = await start_sim(t, ['--dataset', `my_shop=${folder(t)}`, '--manual-clock', '--replay-by-hand', '--speed', '1']);
  const app = await start_app(t);
  assert.deepEqual(sim.shops, ['my-shop.myshopify.com']);
  await sim.connect();
  for (const topic of ['ORDERS_CREATE', 'REFUNDS_CREATE', 'ORDERS_CANCELLED', 'INVENTORY_LEVELS_UPDATE']) await sim.subscribe(topic, app.url);
  const count = async () => (await sim.data('{ ordersCount { count } }')).ordersCount.count;
  assert.equal(await count(), 0);
  await sim.post('replay', {});
  const hour = 3600;
  await sim.post('clock', { advance_seconds: 15 * hour });
  await sim.connect();
  assert.equal(await count(), 0);
  await sim.post('clock', { advance_seconds: hour });
  await sim.connect();
  assert.equal(await count(), 1);
  await sim.post('clock', { advance_seconds: 28 * 24 * hour });
  const [report] = await until(() => sim.get('replay'), (x) => x[0].settled);
  assert.deepEqual([report.state, report.orders, report.refunds, report.cancellations, report.stock], ['done', 4, 1, 1, 2]);
  const [first] = await app.wait_for((x) => x.some((d) => d.headers['x-shopify-topic'] === 'orders/create'));
  assert.ok(first);
  const created = app.got.filter((x) => x.headers['x-shopify-topic'] === 'orders/create').map((x) => JSON.parse(x.body));
  assert.deepEqual(created.map((x) => x.name).sort(), ['#a1', '#a2', '#a3', '#a4']);
  const one = created.find((x) => x.name === '#a1');
  assert.deepEqual([one.created_at, one.total_price, one.total_discounts, one.total_tax, one.discount_codes[0].code], ['2026-03-01T23:30:00+01:00', '29.10', '2.00', '3.10', 'HELLO']);
  const books = await sim.get(`shops/${sim.shop}/truth`);
  // r1 gives back 7.50 on the day after, tax included: 1 of 2 v2 and what its line does not explain.
  const { '2026-03-03': third, ...rest } = books;
  assert.deepEqual(rest, truth);
  assert.equal(third.total_sales, -750);
  assert.ok(third.taxes < 0 && third.net_sales < 0);
});

test('at full speed every event is sent and the app is never given more than it takes', async (t) => {
  const sim = await start_sim(t, ['--dataset', `my_shop=${folder(t)}`, '--speed', 'max', '--parallel', '2']);
  const app = await start_app(t);
  await sim.connect();
  for (const topic of ['REFUNDS_CREATE', 'ORDERS_CANCELLED', 'ORDERS_CREATE']) await sim.subscribe(topic, app.url); // the last one starts it
  await until(() => sim.get('replay'), (x) => x[0].settled);
  assert.deepEqual(app.got.map((x) => x.headers['x-shopify-topic']).sort(), ['orders/cancelled', ...Array(4).fill('orders/create'), ...Array(2).fill('refunds/create')]);
  const until_day = await sim.get(`shops/${sim.shop}/truth`);
  assert.equal(until_day['2026-03-29'].orders, 1);
});

test('a replay stops where it is told and goes on from there', async (t) => {
  const sim = await start_sim(t, ['--dataset', `my_shop=${folder(t)}`, '--speed', 'max', '--replay-by-hand']);
  await sim.post('replay', { until: '2026-03-02T12:00:00Z' });
  const [report] = await until(() => sim.get('replay'), (x) => x[0].state === 'paused');
  assert.deepEqual([report.orders, report.position], [3, '2026-03-02T12:00:00.000Z']);
  await sim.post('replay', { shop: sim.shop });
  const [end] = await until(() => sim.get('replay'), (x) => x[0].state === 'done');
  assert.equal(end.orders, 4);
});
