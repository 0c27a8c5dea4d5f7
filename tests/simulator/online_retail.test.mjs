import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import test from 'node:test';

import { sales_by_day } from '../../tools/simulator/books.mjs';
import { load_dataset } from '../../tools/simulator/dataset.mjs';
import { convert } from '../../tools/simulator/online_retail.mjs';
import { Replay } from '../../tools/simulator/replay.mjs';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';
const small = `${header}1001,A,CUP,6,2011-06-01 08:26:00,2.55,17850.0,United Kingdom
1001,A,CUP,6,2011-06-01 08:26:00,2.55,17850.0,United Kingdom
1001,BB,"BOWL, ""BLUE""",2,2011-06-01 08:27:00,3.10,17850.0,United Kingdom
1001,POST,POSTAGE,1,2011-06-01 08:26:00,18.0,17850.0,United Kingdom
1002,A,CUP,1,2011-06-01 23:40:00,2.51,,United Kingdom
1003,C,,-10,2011-06-01 10:00:00,0.0,,United Kingdom
1004,C,found,56,2011-06-02 10:00:00,0.0,,United Kingdom
1005,C,PLATE,1,2011-06-02 11:00:00,0.0,17850.0,United Kingdom
1005,PADS,PADS TO MATCH ALL CUSHIONS,1,2011-06-02 11:00:00,0.001,17850.0,United Kingdom
C1006,A,CUP,-4,2011-06-03 09:00:00,2.55,17850.0,United Kingdom
C1006,BB,BOWL,-5,2011-06-03 09:00:00,3.10,17850.0,United Kingdom
C1007,D,Discount,-1,2011-06-03 12:00:00,27.5,14527.0,United Kingdom
C1008,A,CUP,-1,2011-06-03 12:00:00,2.51,,United Kingdom
A1009,B,Adjust bad debt,1,2011-06-04 14:50:00,11062.06,,United Kingdom
A1010,B,Adjust bad debt,1,2011-06-04 14:51:00,-11062.06,,United Kingdom
`;

function temp(t) {
  const result = fs.mkdtempSync(path.join(os.tmpdir(), 'retail-'));
  t.after(() => fs.rmSync(result, { recursive: true }));
  return result;
}

/** Plain recount of the file: pence per InvoiceDate day, split by sign; shares no code with the converter. */
async function recount(lines) {
  const days = {};
  let columns = null;
  for await (const line of lines) {
    const cells = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((x) => x.replace(/,$/, ''));
    if (!columns) {
      columns = cells;
      continue;
    }
    const at = (name) => cells[columns.indexOf(name)];
    const [whole, fraction = ''] = at('UnitPrice').replace('-', '').split('.');
    const mills = BigInt(at('Quantity')) * BigInt(whole + fraction.padEnd(3, '0').slice(0, 3)) * (at('UnitPrice').startsWith('-') ? -1n : 1n);
    const day = (days[at('InvoiceDate').slice(0, 10)] ??= { gross: 0n, returns: 0n });
    if (mills > 0n) day.gross += mills;
    else day.returns += mills;
  }
  const pence = (x) => Number((x < 0n ? x - 5n : x + 5n) / 10n);
  return Object.fromEntries(Object.entries(days).map(([day, x]) => [day, { gross: pence(x.gross), returns: pence(x.returns), net: pence(x.gross + x.returns) }]));
}

/** Plays a dataset without a clock or an app and returns its books. */
async function books_of(folder) {
  const world = { clock: { now: () => 0, speed: 1 }, sender: { load: 0 }, subscriptions: {} };
  const data = await load_dataset(folder);
  const replay = new Replay(world, data, { domain: 'online-retail.myshopify.com', speed: 'max', announce: () => {} });
  while (replay.next < replay.events.length) replay.step();
  return { days: sales_by_day(replay.shop.orders.values(), replay.shop.zone), replay };
}

function compare(days, wanted) {
  for (const [day, { gross, returns, net }] of Object.entries(wanted)) {
    const got = days[day] ?? { gross_sales: 0, returns: 0, net_sales: 0, total_sales: 0 };
    assert.deepEqual([got.gross_sales, got.returns, got.net_sales, got.total_sales], [gross, returns, net, net], day);
  }
  assert.deepEqual(Object.keys(days).filter((x) => !(x in wanted)), []);
}

test('every row of the file finds its class and every day its total', async (t) => {
  const dir = temp(t);
  fs.writeFileSync(path.join(dir, 'in.csv'), small);
  const account = await convert(path.join(dir, 'in.csv'), path.join(dir, 'out'));
  assert.equal(account.rows, 15);
  assert.deepEqual(Object.fromEntries(Object.entries(account.classes).map(([name, x]) => [name, [x.rows, x.pence]])), {
    sale: [3, 3680], 'sale, service code': [2, 1800], 'sale without customer': [1, 251],
    'stock written off (quantity below zero, price 0)': [1, 0], 'stock found or corrected (price 0, no customer)': [1, 0], 'free item': [1, 0],
    'return of an earlier order': [1, -1020], 'stand-alone credit': [2, -1801], 'stand-alone credit, service code': [1, -2750],
    'adjustment, positive': [1, 1106206], 'adjustment, negative': [1, -1106206],
  });
  const { days } = await books_of(path.join(dir, 'out'));
  compare(days, await recount(small.trimEnd().split('\n')));
});

test('a return goes to the latest earlier order of the customer that has enough left', async (t) => {
  const dir = temp(t);
  const row = (invoice, quantity, time, customer = '1.0') => `${invoice},A,CUP,${quantity},2011-06-01 ${time}:00,2.00,${customer},UK\n`;
  fs.writeFileSync(path.join(dir, 'in.csv'), header + row('1', 5, '08:00') + row('2', 9, '09:00') + row('3', 2, '10:00') + row('4', 50, '10:30', '2.0') +
    row('C5', -3, '11:00') + row('C6', -7, '11:30') + row('C7', -5, '12:00'));
  await convert(path.join(dir, 'in.csv'), path.join(dir, 'out'));
  const { orders } = await load_dataset(path.join(dir, 'out'));
  const back = Object.fromEntries([...orders].map(([id, x]) => [id, x.refunds.map((r) => r.amount)]));
  // C5: order 3 has only 2, so order 2; C6: order 2 has 6 left, order 1 has 5: nobody, stands alone; C7: order 2 again.
  assert.deepEqual(back, { 1: [], 2: [600, 1000], 3: [], 4: [], C6: [1400] });
});

test('times are London wall clock times', async (t) => {
  const dir = temp(t);
  fs.writeFileSync(path.join(dir, 'in.csv'), `${header}1,A,CUP,1,2011-06-01 00:30:00,2.00,1.0,UK\n2,A,CUP,1,2011-12-01 00:30:00,2.00,1.0,UK\n`);
  await convert(path.join(dir, 'in.csv'), path.join(dir, 'out'));
  const { orders } = await load_dataset(path.join(dir, 'out'));
  assert.deepEqual([...orders.values()].map((x) => new Date(x.created_at).toISOString()), ['2011-05-31T23:30:00.000Z', '2011-12-01T00:30:00.000Z']);
});

test('a bad row is named and nothing is written', async (t) => {
  const dir = temp(t);
  const cases = [
    ['1,A,CUP,x,2011-06-01 08:00:00,2.00,1.0,UK', /line 2, column Quantity/],
    ['1,A,CUP,1,01/06/2011 08:00,2.00,1.0,UK', /line 2, column InvoiceDate/],
    ['1,A,CUP,1,2011-06-01 08:00:00,2.00001,1.0,UK', /line 2, column UnitPrice/],
    ['1,A,CUP,1,2011-06-01 08:00:00', /line 2: 5 cells where the header has 8/],
  ];
  for (const [row, message] of cases) {
    fs.writeFileSync(path.join(dir, 'in.csv'), `${header}${row}\n`);
    await assert.rejects(() => convert(path.join(dir, 'in.csv'), path.join(dir, 'out')), (error) => (assert.match(error.message, message), true));
    assert.equal(fs.existsSync(path.join(dir, 'out')), false);
  }
});

test('a limit takes only the first days', async (t) => {
  const dir = temp(t);
  fs.writeFileSync(path.join(dir, 'in.csv'), small);
  const account = await convert(path.join(dir, 'in.csv'), path.join(dir, 'out'), 2);
  assert.equal(account.rows, 9);
});

const real = process.env.CLIQUE_REAL_DATA && path.join(process.env.CLIQUE_REAL_DATA, 'online_retail.csv.xz');
const there = real && fs.existsSync(real);

test('the whole real year equals a plain recount to the cent', { skip: there ? false : 'CLIQUE_REAL_DATA does not point at a folder with online_retail.csv.xz' }, async (t) => {
  const dir = temp(t);
  const account = await convert(real, path.join(dir, 'out'));
  assert.equal(account.rows, 541_909);
  const { days, replay } = await books_of(path.join(dir, 'out'));
  assert.equal(replay.warnings.totals, 0);
  const unpacked = spawn('xz', ['-dc', real], { stdio: ['ignore', 'pipe', 'inherit'] });
  const wanted = await recount(readline.createInterface({ input: unpacked.stdout }));
  assert.equal(Object.keys(wanted).length, 305);
  compare(days, wanted);
});
