// Converts the "Online Retail" CSV into a dataset folder; the rules are in online_retail.md. Run it as a program:
// node online_retail.mjs INPUT.csv[.xz] OUTDIR [--limit-days N]

import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { csv_line, DataProblem, rows } from './csv.mjs';
import { decimal } from './money.mjs';
import { from_local, utc_iso } from './zones.mjs';

const zone = 'Europe/London';
const currency = 'GBP';
const wanted = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'];
const services = new Map([
  ['POST', 'Postage'], ['DOT', 'Postage'], ['C2', 'Postage'], ['M', 'Manual'], ['m', 'Manual'], ['D', 'Discount'], ['S', 'Samples'],
  ['BANK CHARGES', 'Fees'], ['AMAZONFEE', 'Fees'], ['CRUK', 'Donation'], ['B', 'Bad debt'], ['PADS', 'Manual'],
]);

/** Exact thousandths of a pound from the file's decimal text, null when it is no number. */
function thousandths(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match || (match[3] ?? '').replace(/0+$/, '').length > 3) return null;
  const value = Number(match[2]) * 1000 + Number((match[3] ?? '').slice(0, 3).padEnd(3, '0'));
  return match[1] ? -value : value;
}

/** Thousandths to pence, half away from zero. */
const pence = (x) => Math.sign(x) * Math.floor((Math.abs(x) + 5) / 10) || 0;

const gbp = (minor) => decimal(minor, currency);

export class Converter {
  constructor() {
    this.orders = new Map(); // invoice -> {id, at, customer, lines, total}
    this.refunds = [];
    this.variants = new Map(); // stock code -> {title, price, first}
    this.bought = new Map(); // customer|code -> [{order, left}] in order of time
    this.classes = {};
    this.times = new Map();
    this.last_day = null;
  }

  /** Takes one row of the file. @param fail (column, what) => never */
  take(row, fail) {
    const quantity = Number(row.Quantity);
    const price = thousandths(row.UnitPrice);
    if (!Number.isSafeInteger(quantity) || row.Quantity === '') fail('Quantity', `"${row.Quantity}" is not a whole number`);
    if (price === null) fail('UnitPrice', `"${row.UnitPrice}" is not a decimal number with at most 3 decimals`);
    if (row.InvoiceNo === '') fail('InvoiceNo', 'must not be empty');
    if (row.StockCode === '') fail('StockCode', 'must not be empty');
    const at = this.instant(row.InvoiceDate) ?? fail('InvoiceDate', `"${row.InvoiceDate}" is not a time like 2010-12-01 08:26:00`);
    const item = { invoice: row.InvoiceNo, code: row.StockCode, quantity, at, amount: pence(quantity * price), customer: row.CustomerID.replace(/\.0$/, '') };
    this.know(item, row.Description, pence(price));
    if (item.amount < 0) this.take_return(item);
    else if (quantity <= 0) this.count(quantity < 0 ? 'stock written off (quantity below zero, price 0)' : 'empty row (quantity 0)', item);
    else if (price === 0 && item.customer === '') this.count('stock found or corrected (price 0, no customer)', item);
    else this.take_sale(item, pence(price));
  }

  instant(text) {
    if (!this.times.has(text)) {
      const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
      this.times.set(text, match ? from_local(zone, Date.UTC(match[1], match[2] - 1, match[3], match[4], match[5], match[6])) : null);
      if (this.times.size > 5000) this.times.delete(this.times.keys().next().value);
    }
    return this.times.get(text);
  }

  know({ code, quantity, at }, description, price) {
    if (!this.variants.has(code)) this.variants.set(code, { title: '', price: 0, first: at });
    const variant = this.variants.get(code);
    variant.first = Math.min(variant.first, at);
    if (price > 0) variant.price = price;
    // Descriptions of corrections ("damaged", "?") are not names; those of priced rows are.
    if (description.trim() && (price > 0 || !variant.title)) variant.title = description.trim();
    return quantity;
  }

  count(name, { amount }) {
    const one = (this.classes[name] ??= { rows: 0, pence: 0 });
    ++one.rows;
    one.pence += amount;
  }

  take_sale(item, price) {
    const name = item.customer === '' ? 'sale without customer' : 'sale';
    this.count(item.invoice.startsWith('A') ? 'adjustment, positive' : services.has(item.code) ? `${name}, service code` : price === 0 ? 'free item' : name, item);
    const order = this.order(item.invoice, item);
    order.lines.push({ code: item.code, quantity: item.quantity, price });
    order.total += item.quantity * price;
    if (item.customer === '') return;
    const key = `${item.customer}|${item.code}`;
    if (!this.bought.has(key)) this.bought.set(key, []);
    this.bought.get(key).push({ order, left: item.quantity });
  }

  take_return(item) {
    const units = -item.quantity;
    const list = item.customer === '' ? [] : (this.bought.get(`${item.customer}|${item.code}`) ?? []);
    let match = null;
    for (let i = list.length - 1; i >= 0 && !match; --i) if (list[i].left >= units && list[i].order.at <= item.at && units > 0) match = list[i];
    if (match) {
      match.left -= units;
      this.count('return of an earlier order', item);
    } else this.count(item.invoice.startsWith('A') ? 'adjustment, negative' : services.has(item.code) ? 'stand-alone credit, service code' : 'stand-alone credit', item);
    const order = match?.order ?? this.order(item.invoice, item);
    this.refunds.push({ order, id: `${item.invoice}-${order.id}`, at: item.at, amount: -item.amount, code: item.code, quantity: match ? units : null });
  }

  order(id, item) {
    if (!this.orders.has(id)) this.orders.set(id, { id, at: item.at, customer: item.customer, lines: [], total: 0 });
    return this.orders.get(id);
  }

  /** What became of every row. */
  account() {
    const all = Object.values(this.classes);
    return {
      rows: all.reduce((sum, x) => sum + x.rows, 0), pence: all.reduce((sum, x) => sum + x.pence, 0), orders: this.orders.size,
      refunds: new Set(this.refunds.map((x) => x.id)).size, variants: this.variants.size, classes: this.classes,
    };
  }
}

async function write(file, header, lines) {
  const stream = fs.createWriteStream(file);
  let text = `${header}\n`;
  for (const cells of lines) {
    text += csv_line(cells);
    if (text.length < 1 << 16) continue;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  }
  await new Promise((done, fail) => stream.on('error', fail).end(text, done));
}

async function write_folder(folder, converter) {
  const { orders, refunds, variants } = converter;
  const of = (name) => path.join(folder, `${name}.csv`);
  const first = Math.min(...[...orders.values()].map((x) => x.at));
  fs.mkdirSync(folder, { recursive: true });
  await write(of('store'), 'store_id,currency,timezone,country,name,created_at', [['online_retail', currency, zone, 'GB', 'Online Retail', utc_iso(first)]]);
  await write(of('products'), 'product_id,variant_id,sku,title,product_type,price,status,created_at,tracked',
    [...variants].map(([code, x]) => [code, code, code, x.title || code, services.get(code) ?? (code.startsWith('gift_') ? 'Gift card' : 'Giftware'), gbp(x.price), 'active', utc_iso(x.first), '0']));
  const sorted = [...orders.values()].sort((a, b) => a.at - b.at);
  await write(of('orders'), 'order_id,created_at,currency,customer_id,total,discounts,shipping,tax,financial_status,test,source_name',
    sorted.map((x) => [x.id, utc_iso(x.at), currency, x.customer, gbp(x.total), '0.00', '0.00', '0.00', 'paid', '0', 'web']));
  await write(of('order_lines'), 'order_id,variant_id,product_id,sku,quantity,unit_price,discount',
    sorted.flatMap((x) => x.lines.map((l) => [x.id, l.code, l.code, l.code, String(l.quantity), gbp(l.price), '0.00'])));
  await write(of('refunds'), 'order_id,refund_id,refunded_at,amount,variant_id,quantity,restocked',
    refunds.map((x) => [x.order.id, x.id, utc_iso(x.at), gbp(x.amount), x.code, x.quantity === null ? '' : String(x.quantity), '0']));
  fs.writeFileSync(path.join(folder, 'account.json'), `${JSON.stringify(converter.account(), null, 1)}\n`);
}

/**
 * Converts *input* into *folder*.
 * @param limit_days only the first so many days that have rows; null: all
 * @returns the account of rows and pence
 * @throws DataProblem with line and column
 */
export async function convert(input, folder, limit_days = null) {
  const converter = new Converter();
  let header = null;
  const days = new Set();
  for await (const { line, cells } of rows(input)) {
    if (!header) {
      header = cells;
      const missing = wanted.find((x) => !header.includes(x));
      if (missing) throw new DataProblem(input, 1, missing, 'required column is missing');
      continue;
    }
    if (cells.length !== header.length) throw new DataProblem(input, line, null, `${cells.length} cells where the header has ${header.length}`);
    const row = {};
    header.forEach((name, i) => (row[name] = cells[i]));
    days.add(row.InvoiceDate.slice(0, 10));
    if (limit_days !== null && days.size > limit_days) break;
    converter.take(row, (column, what) => { throw new DataProblem(input, line, column, what); });
  }
  if (!header) throw new DataProblem(input, 1, null, 'the header row is missing');
  if (!converter.orders.size) throw new DataProblem(input, null, null, 'no orders found');
  await write_folder(folder, converter);
  return converter.account();
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--limit-days');
  const limit = at < 0 ? null : Number(args.splice(at, 2)[1]);
  if (args.length !== 2 || (limit !== null && !(Number.isInteger(limit) && limit > 0))) {
    process.stderr.write('usage: online_retail.mjs INPUT.csv[.xz] OUTDIR [--limit-days N]\n');
    process.exit(2);
  }
  try {
    process.stdout.write(`${JSON.stringify(await convert(args[0], args[1], limit), null, 1)}\n`);
  } catch (error) {
    process.stderr.write(`online_retail: ${error instanceof DataProblem ? error.message : error.stack}\n`);
    process.exit(1);
  }
}
