// Reads a dataset folder: store, products, orders, lines, refunds, stock. Either all of it or an error that says where.

import fs from 'node:fs';
import path from 'node:path';

import { DataProblem, rows } from './csv.mjs';
import { parse_decimal } from './money.mjs';
import { is_zone } from './zones.mjs';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const readers = {
  id: (text) => (Buffer.byteLength(text) <= 64 ? text : undefined),
  text: (text) => text,
  time: (text) => (instant.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : undefined),
  money: (text, unit) => parse_decimal(text, unit) ?? undefined,
  integer: (text) => (/^-?\d{1,12}$/.test(text) ? Number(text) : undefined),
  flag: (text) => (text === '0' ? false : text === '1' ? true : undefined),
  currency: (text) => (/^[A-Z]{3}$/.test(text) ? text : undefined),
  zone: (text) => (is_zone(text) ? text : undefined),
  status: (text) => (['active', 'draft', 'archived'].includes(text) ? text : undefined),
};

const wording = {
  id: 'an id of at most 64 bytes', time: 'an RFC 3339 time with offset', money: 'a decimal amount with no more decimals than the currency has',
  integer: 'a whole number', flag: '0 or 1', currency: 'a three-letter currency code', zone: 'a time zone of the IANA database',
  status: 'active, draft or archived', text: 'text',
};

// `*` marks what must not be empty.
const files = {
  store: { store_id: 'id*', currency: 'currency*', timezone: 'zone*', country: 'text', name: 'text', created_at: 'time' },
  products: {
    product_id: 'id*', variant_id: 'id*', sku: 'text', title: 'text', product_type: 'text', vendor: 'text', price: 'money*',
    compare_at_price: 'money', unit_cost: 'money', status: 'status', created_at: 'time', published_at: 'time', continue_selling: 'flag', tracked: 'flag',
  },
  orders: {
    order_id: 'id*', created_at: 'time*', currency: 'currency', customer_id: 'id', total: 'money*', subtotal: 'money', discounts: 'money',
    shipping: 'money', tax: 'money', financial_status: 'text', cancelled_at: 'time', test: 'flag', landing_site: 'text', referring_site: 'text',
    discount_codes: 'text', source_name: 'text', gateway: 'text',
  },
  order_lines: { order_id: 'id*', variant_id: 'id*', product_id: 'id', sku: 'text', quantity: 'integer*', unit_price: 'money*', discount: 'money' },
  refunds: {
    order_id: 'id*', refund_id: 'id*', refunded_at: 'time*', amount: 'money*', variant_id: 'id', quantity: 'integer', restocked: 'flag',
  },
  stock: { variant_id: 'id*', location_id: 'id', at: 'time*', available: 'integer*' },
};

function find(folder, name) {
  for (const ending of ['.csv', '.csv.gz']) {
    const file = path.join(folder, name + ending);
    if (fs.existsSync(file)) return file;
  }
  return null;
}

function columns_of(file, header, wanted, warn) {
  const seen = new Map();
  header.forEach((name, i) => {
    const clean = i === 0 ? name.replace(/^\ufeff/, '') : name;
    if (seen.has(clean)) throw new DataProblem(file, 1, clean, 'the column occurs twice');
    seen.set(clean, i);
  });
  const missing = Object.keys(wanted).filter((x) => wanted[x].endsWith('*') && !seen.has(x));
  if (missing.length) throw new DataProblem(file, 1, missing[0], 'required column is missing');
  const extra = [...seen.keys()].filter((x) => !(x in wanted));
  if (extra.length) warn(`${path.basename(file)}: columns not used: ${extra.join(', ')}`);
  return Object.keys(wanted).filter((x) => seen.has(x)).map((name) => {
    const kind = wanted[name].replace('*', '');
    return { name, kind, read: readers[kind], required: wanted[name].endsWith('*'), at: seen.get(name) };
  });
}

/** Calls *each*(row, line) for every row of a file; cells that are empty are null. */
async function read(folder, name, unit, warn, each) {
  const file = find(folder, name);
  if (!file) return false;
  let columns = null;
  let width = 0;
  for await (const { line, cells } of rows(file)) {
    if (!columns) {
      columns = columns_of(file, cells, files[name], warn);
      width = cells.length;
      continue;
    }
    if (cells.length !== width) throw new DataProblem(file, line, null, `${cells.length} cells where the header has ${width}`);
    const row = {};
    for (const { name: column, kind, read: parse, required, at } of columns) {
      const text = cells[at];
      if (text === '') {
        if (required) throw new DataProblem(file, line, column, 'must not be empty');
        row[column] = null;
        continue;
      }
      const value = parse(text, unit);
      if (value === undefined) throw new DataProblem(file, line, column, `"${text.slice(0, 40)}" is not ${wording[kind]}`);
      row[column] = value;
    }
    each(row, (column, what) => { throw new DataProblem(file, line, column, what); });
  }
  if (!columns) throw new DataProblem(file, 1, null, 'the header row is missing');
  return true;
}

/**
 * Loads the folder.
 * @returns {store, products: Map, orders: Map(order_id -> {..., lines, refunds}), stock: [], has: {products, ...}}
 * @throws DataProblem naming file, line and column; nothing is half-loaded
 */
export async function load_dataset(folder, warn = () => {}) {
  if (!find(folder, 'store')) throw new DataProblem(path.join(folder, 'store.csv'), null, null, `not found in ${folder}`);
  const stores = [];
  await read(folder, 'store', null, warn, (row) => stores.push(row));
  if (stores.length !== 1) throw new DataProblem(find(folder, 'store'), null, null, `must have exactly one row, has ${stores.length}`);
  const [store] = stores;
  const unit = store.currency;
  const has = {};
  const variants = new Map();
  has.products = await read(folder, 'products', unit, warn, (row, fail) => {
    if (variants.has(row.variant_id)) fail('variant_id', `"${row.variant_id}" occurs twice`);
    if (row.price < 0) fail('price', 'must not be negative');
    variants.set(row.variant_id, row);
  });
  const orders = new Map();
  has.orders = await read(folder, 'orders', unit, warn, (row, fail) => {
    if (orders.has(row.order_id)) fail('order_id', `"${row.order_id}" occurs twice`);
    if (row.currency !== null && row.currency !== undefined && row.currency !== unit)
      fail('currency', `${row.currency} is not the shop's currency ${unit}, and there is no rate for it`);
    orders.set(row.order_id, Object.assign(row, { lines: [], refunds: [] }));
  });
  const order_of = (row, fail) => orders.get(row.order_id) ?? fail('order_id', `no order "${row.order_id}" in orders.csv`);
  has.order_lines = await read(folder, 'order_lines', unit, warn, (row, fail) => {
    const order = order_of(row, fail);
    if (row.quantity < 0) fail('quantity', 'must not be negative; what came back belongs into refunds.csv');
    if (row.unit_price < 0) fail('unit_price', 'must not be negative');
    order.lines.push({ variant_id: row.variant_id, sku: row.sku ?? null, quantity: row.quantity, price: row.unit_price, discount: row.discount ?? 0 });
  });
  has.refunds = await read(folder, 'refunds', unit, warn, (row, fail) => {
    const order = order_of(row, fail);
    if (row.refunded_at < order.created_at) fail('refunded_at', 'is before the order');
    order.refunds.push(row);
  });
  const stock = [];
  has.stock = await read(folder, 'stock', unit, warn, (row, fail) => {
    if (has.products && !variants.has(row.variant_id)) fail('variant_id', `no variant "${row.variant_id}" in products.csv`);
    stock.push(row);
  });
  return { store, variants, orders, stock, has };
}
