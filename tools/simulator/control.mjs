// The control API under /_sim/: what a test or a demo tells the simulated world to do. JSON in, JSON out.

import { install } from './merchant.mjs';
import * as books from './books.mjs';
import { in_stock } from './shop.mjs';
import * as math from './order_math.mjs';
import { order_body, refund_body } from './payloads.mjs';
import { read_body, send_json } from './server.mjs';
import { privacy_topics } from './subscriptions.mjs';
import { to_json } from './json.mjs';

/** A wrong request: status and a sentence. */
class Refusal extends Error {
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}

const need = (value, message) => {
  if (value === undefined || value === null || value === false) throw new Refusal(message);
  return value;
};
const whole = (value, name) => {
  if (value !== undefined && !Number.isSafeInteger(value)) throw new Refusal(`${name} must be a whole number`);
  return value;
};
const exact = (value) => JSON.parse(to_json(value, false).replace(/:(\d{16,})([,}\]])/g, ':"$1"$2'));

function order_in(shop, body) {
  const id = String(need(body.order_id ?? body.id, 'order_id is missing')).replace(/^gid:.*\//, '');
  return need([...shop.orders.values()].find((x) => x.id === id || x.name === id || x.legacy === id), `no order "${id}" in this shop`);
}

function variant_in(shop, id) {
  const bare = String(id).replace(/^gid:.*\//, '');
  return need(shop.variants.get(bare) ?? [...shop.variants.values()].find((x) => x.sku === bare), `no variant "${bare}" in this shop`);
}

function line_in(order, id) {
  const bare = String(id).replace(/^gid:.*\//, '');
  return need(order.lines.find((x) => x.id === bare), `no line "${bare}" in this order`);
}

const time_of = (text, name) => {
  if (text === undefined || text === null) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Refusal(`${name} must be an RFC 3339 time`);
  return at;
};

function make_order(world, shop, body) {
  const traffic = world.traffic.get(shop.domain);
  const now = shop.now();
  let spec;
  for (let i = 0; !spec && !body.lines && i < 50; ++i) spec = traffic?.order_spec(now);
  spec = { ...need(spec ?? (body.lines && {}), 'lines are missing'), ...body };
  if (!spec.order_discount) spec.discount_code = body.discount_code ?? null;
  if (body.lines) {
    if (!Array.isArray(body.lines)) throw new Refusal('lines must be a list');
    spec.lines = body.lines.map((x) => ({
      ...x, variant: x.variant_id === undefined ? null : variant_in(shop, x.variant_id), quantity: whole(x.quantity ?? 1, 'quantity'),
    }));
    spec.tax_rate = body.tax_rate ?? 0;
  }
  spec.created_at = time_of(body.created_at, 'created_at') ?? now;
  spec.processed_at = body.processed_at === null ? null : (time_of(body.processed_at, 'processed_at') ?? spec.created_at);
  for (const name of ['shipping', 'tip', 'order_discount', 'total_tax', 'shipping_tax']) whole(spec[name], name);
  if (typeof spec.customer === 'string') spec.customer = shop.customers.find((x) => x.id === spec.customer) ?? null;
  return exact(order_body(shop, shop.create_order(spec, body.silent ?? false)));
}

function make_refund(world, shop, body) {
  const order = order_in(shop, body);
  const lines = (body.lines ?? []).map((x) => {
    const line = line_in(order, x.line_id ?? x.id);
    const quantity = whole(x.quantity ?? math.current_quantity(line), 'quantity');
    if (quantity < 1 || quantity > math.current_quantity(line)) throw new Refusal(`line ${line.id} has ${math.current_quantity(line)} units left`);
    return { line, quantity };
  });
  if (body.all) for (const line of order.lines) if (math.current_quantity(line) > 0) lines.push({ line, quantity: math.current_quantity(line) });
  const shipping = whole(body.shipping ?? (body.all ? order.shipping - math.refunded_shipping(order) : 0), 'shipping');
  const shipping_tax = whole(body.shipping_tax ?? (body.all ? order.shipping_tax - math.refunded_shipping_tax(order) : 0), 'shipping_tax');
  return exact(refund_body(shop, shop.refund(order, {
    lines, shipping, shipping_tax, goodwill: whole(body.goodwill ?? 0, 'goodwill'), note: body.note ?? null,
    restock: body.restock === false ? 'no_restock' : 'return', created_at: time_of(body.created_at, 'created_at'),
  }, body.silent ?? false)));
}

function make_edit(world, shop, body) {
  const order = order_in(shop, body);
  const add = (body.add ?? []).map((x) => ({ ...x, variant: variant_in(shop, x.variant_id), quantity: whole(x.quantity ?? 1, 'quantity') }));
  const remove = (body.remove ?? []).map((x) => ({ line: line_in(order, x.line_id ?? x.id), quantity: whole(x.quantity ?? 1, 'quantity') }));
  for (const { line, quantity } of remove)
    if (quantity > math.current_quantity(line)) throw new Refusal(`line ${line.id} has ${math.current_quantity(line)} units left`);
  if (!add.length && !remove.length) { // any small edit
    const line = order.lines.find((x) => math.current_quantity(x) > 1);
    if (line) remove.push({ line, quantity: 1 });
    else add.push({ variant: need([...shop.variants.values()][0], 'the shop has no products'), quantity: 1 });
  }
  shop.edit(order, { add, remove, at: time_of(body.at, 'at') }, body.silent ?? false);
  return exact(order_body(shop, order));
}

function make_stock(world, shop, body) {
  const variant = variant_in(shop, need(body.variant_id, 'variant_id is missing'));
  const location = body.location_id ? need(shop.locations.find((x) => x.id === String(body.location_id)), 'no such location') : shop.locations[0];
  const level = variant.item.levels.find((x) => x.location === location);
  const available = whole(body.available ?? (level?.available ?? 0) + (body.delta ?? 0), 'available');
  shop.set_stock(variant, location, available, body.silent ?? false);
  return { variant_id: variant.id, location_id: location.id, available };
}

function make_price(world, shop, body) {
  const variant = variant_in(shop, need(body.variant_id, 'variant_id is missing'));
  shop.set_price(variant, { price: whole(body.price, 'price'), compare_at: body.compare_at, cost: body.cost }, body.silent ?? false);
  return { variant_id: variant.id, price: variant.price, compare_at: variant.compare_at, cost: variant.item.cost };
}

function make_cancel(world, shop, body) {
  return exact(order_body(shop, shop.cancel(order_in(shop, body), {
    reason: body.reason, at: time_of(body.at, 'at'), ...(body.refund === undefined ? {} : { refund: body.refund }),
  }, body.silent ?? false)));
}

function make_delete(world, shop, body) {
  if (body.product_id) {
    const product = need(shop.products.get(String(body.product_id)), 'no such product');
    shop.delete_product(product, body.silent ?? false);
    return { deleted: product.id };
  }
  const order = order_in(shop, body);
  shop.delete_order(order, body.silent ?? false);
  return { deleted: order.id };
}

function privacy(world, shop, body) {
  if (!privacy_topics.includes(body.topic)) throw new Refusal(`topic must be one of ${privacy_topics.join(', ')}`);
  if (!world.subscriptions.hears(shop, body.topic)) throw new Refusal('no address for privacy topics; set one with POST /_sim/app or --app-webhook-url');
  const customer = shop.customers.find((x) => x.id === String(body.customer_id)) ?? shop.customers.find((x) => x.orders > 0) ?? null;
  const orders = [...shop.orders.values()].filter((x) => x.customer === customer && customer);
  world.announce(shop, body.topic, { customer, orders }, {});
  return { topic: body.topic, customer_id: customer?.id ?? null, orders: orders.map((x) => x.id) };
}

function state(shop) {
  return {
    domain: shop.domain, currency: shop.currency, zone: shop.zone, now: new Date(shop.now()).toISOString(),
    orders: [...shop.orders.values()].map((x) => ({
      id: x.id, name: x.name, source_id: x.legacy, created_at: x.created_at, processed_at: x.processed_at, updated_at: x.updated_at,
      cancelled_at: x.cancelled_at, test: x.test, financial_status: math.financial_status(x), total: math.total(x), subtotal: math.subtotal(x),
      discounts: math.discounts(x), shipping: x.shipping, tax: math.tax(x), tip: x.tip, current_total: math.current(x).total,
      lines: x.lines.map((l) => ({ id: l.id, variant_id: l.variant?.id ?? null, quantity: l.quantity, current_quantity: math.current_quantity(l), price: l.price, discount: l.discount, tax: l.tax })),
    })),
    refunds: [...shop.refunds.values()].map((x) => ({ id: x.id, order_id: x.order.id, created_at: x.created_at, paid_back: x.paid_back, ...math.refund_totals(x) })),
    products: [...shop.products.values()].map((x) => ({
      id: x.id, title: x.title, status: x.status,
      variants: x.variants.map((v) => ({ id: v.id, sku: v.sku, price: v.price, cost: v.item.cost, tracked: v.item.tracked, stock: in_stock(v) })),
    })),
  };
}

const of_shop = {
  'GET state': (world, shop) => state(shop),
  'GET truth': (world, shop) => books.sales_by_day(shop.orders.values(), shop.zone),
  'POST orders': make_order, 'POST refunds': make_refund, 'POST cancel': make_cancel, 'POST edit': make_edit, 'POST stock': make_stock,
  'POST price': make_price, 'POST delete': make_delete, 'POST privacy': privacy,
  'POST install': (world, shop, body) => install(world, shop, body),
  'POST session_token': (world, shop, body) => ({ token: world.oauth.session_token(shop.domain, body.claims) }),
  'POST uninstall': (world, shop) => (world.uninstall(shop), { uninstalled: shop.domain }),
  'POST revoke': (world, shop) => (world.oauth.revoke(shop.domain), { revoked: shop.domain }),
  'POST expire_token': (world, shop) => (world.oauth.expire(shop.domain), { expired: shop.domain }),
  'POST unsubscribe': (world, shop, body) => {
    const gone = world.subscriptions.of(shop).filter((x) => !body.topic || x.name === body.topic);
    for (const x of gone) world.subscriptions.remove(shop, x.id, 'removed by request');
    return { removed: gone.map((x) => x.name) };
  },
};

function move_clock(world, body) {
  if (body.advance_seconds !== undefined) {
    if (!(body.advance_seconds >= 0)) throw new Refusal('advance_seconds must not be negative');
    world.clock.advance(body.advance_seconds * 1000);
  }
  if (body.speed !== undefined) {
    if (!(body.speed > 0)) throw new Refusal('speed must be above 0');
    world.clock.set_speed(body.speed);
  }
  return clock_of(world);
}

const clock_of = (world) => ({ now: new Date(world.clock.now()).toISOString(), speed: world.clock.speed, manual: world.clock.manual });

function replay(world, body) {
  const one = need(world.replays.get(body.shop) ?? (world.replays.size === 1 && !body.shop && [...world.replays.values()][0]), `no replay "${body.shop}"`);
  if (body.speed !== undefined && body.speed !== 'max' && !(body.speed > 0)) throw new Refusal('speed must be above 0 or "max"');
  if (body.pause) one.pause();
  else one.start({ speed: body.speed, until: time_of(body.until, 'until') });
  return one.report();
}

function app(world, body) {
  const one = world.subscriptions.app;
  if (body.webhook_url !== undefined) one.url = body.webhook_url;
  if (body.topics) one.topics = new Set(body.topics);
  if (body.signing_secret !== undefined) world.oauth.signing_secret = body.signing_secret;
  world.changed();
  return { webhook_url: one.url, topics: [...one.topics] };
}

function add_fault(world, body) {
  const { fault, problem } = world.faults.add(body);
  if (problem) throw new Refusal(problem);
  return fault;
}

const pause = (world, paused) => {
  for (const x of world.traffic.values()) x.paused = paused;
  return { paused };
};

const general = {
  'GET shops': (world) => [...world.shops.values()].map((x) => ({
    domain: x.domain, name: x.facts.name, currency: x.currency, zone: x.zone, orders: x.orders.size, products: x.products.size,
    installed: world.oauth.installs.has(x.domain), scopes: world.oauth.installs.get(x.domain)?.scopes ?? [],
    subscriptions: world.subscriptions.of(x).map((s) => ({ id: s.id, topic: s.name, uri: s.uri })), replay: world.replays.has(x.domain),
  })),
  'GET clock': clock_of, 'POST clock': move_clock,
  'GET faults': (world) => world.faults.list, 'POST faults': add_fault,
  'DELETE faults': (world) => (world.faults.clear(), []),
  'GET calls': (world) => [...world.calls.values()],
  'GET deliveries': (world, body, query) => ({
    totals: { ...world.sender.totals, waiting: world.sender.load, retrying: world.sender.retrying },
    removed_subscriptions: world.subscriptions.removed,
    deliveries: world.sender.list({ shop: query.get('shop'), topic: query.get('topic'), status: query.get('status'), limit: Number(query.get('limit') ?? 1000) }),
  }),
  'POST pause': (world) => pause(world, true), 'POST resume': (world) => pause(world, false),
  'GET replay': (world) => [...world.replays.values()].map((x) => x.report()), 'POST replay': replay, 'POST app': app,
};

async function body_of(request) {
  const raw = await read_body(request);
  if (raw === null) throw new Refusal('the body is too large', 413);
  if (!raw.length) return {};
  try {
    const body = JSON.parse(raw.toString('utf8'));
    if (body && typeof body === 'object' && !Array.isArray(body)) return body;
  } catch {
    // told below
  }
  throw new Refusal('the body must be a JSON object');
}

/** Serves /_sim/... */
export async function control(world, url, request, response) {
  try {
    const body = request.method === 'POST' ? await body_of(request) : {};
    const parts = url.pathname.split('/').slice(2);
    let result;
    if (parts[0] === 'shops' && parts.length === 3) {
      const shop = world.shops.get(parts[1]) ?? world.shops.get(`${parts[1]}.myshopify.com`);
      if (!shop) throw new Refusal(`no shop "${parts[1]}"; known: ${[...world.shops.keys()].join(', ')}`, 404);
      const run = of_shop[`${request.method} ${parts[2]}`];
      if (!run) throw new Refusal(`no ${request.method} ${parts[2]} for a shop; known: ${Object.keys(of_shop).join(', ')}`, 404);
      result = await run(world, shop, body);
    } else {
      const run = parts.length === 1 && general[`${request.method} ${parts[0]}`];
      if (!run) throw new Refusal(`no ${request.method} ${url.pathname}; known: ${Object.keys(general).join(', ')}`, 404);
      result = await run(world, body, url.searchParams);
    }
    send_json(response, 200, result);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send_json(response, error.status, { error: error.message });
  }
}
