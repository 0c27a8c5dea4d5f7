// Plays a dataset as a living shop: orders, refunds, cancellations and stock happen at their own time, at a speed of
// one's choice, or as fast as the app answers.

import { Shop } from './shop.mjs';
import * as math from './order_math.mjs';

const events_per_turn = 200;
const most_waiting = 5000; // deliveries; an app that is slower than the replay's speed holds it back here

/** A shop made of a dataset, empty of orders until they are played. */
export function shop_of(dataset, domain, now, announce) {
  const { store } = dataset;
  const shop = new Shop({
    domain, name: store.name ?? store.store_id, currency: store.currency, zone: store.timezone, country: store.country ?? null,
    plan: 'Advanced', created_at: store.created_at ?? 0,
  }, now, announce);
  const names = new Set(dataset.stock.map((x) => x.location_id ?? 'Main'));
  for (const name of names.size ? names : ['Main']) shop.add_location(name);
  shop.legacy_variants = new Map();
  const products = new Map();
  for (const row of dataset.variants.values()) {
    if (!products.has(row.product_id)) products.set(row.product_id, []);
    products.get(row.product_id).push(row);
  }
  const levels = new Set(dataset.stock.map((x) => x.variant_id));
  for (const group of products.values()) {
    const [first] = group;
    const product = shop.add_product({
      title: first.title ?? first.product_id, vendor: first.vendor, product_type: first.product_type, status: first.status ?? 'active',
      variants: group.map((x) => ({
        title: group.length > 1 ? (x.sku ?? x.variant_id) : undefined, sku: x.sku ?? null, price: x.price, compare_at: x.compare_at_price ?? null,
        cost: x.unit_cost ?? null, policy: x.continue_selling ? 'continue' : 'deny', tracked: x.tracked ?? levels.has(x.variant_id),
      })),
    }, first.created_at ?? shop.facts.created_at);
    group.forEach((row, i) => shop.legacy_variants.set(row.variant_id, product.variants[i]));
  }
  return shop;
}

/** Everything that happens, in order of time; at the same time in the order orders, refunds, cancellations, stock. */
export function events_of(dataset) {
  const result = [];
  for (const order of dataset.orders.values()) {
    result.push({ at: order.created_at, rank: 0, order });
    const groups = new Map();
    for (const row of order.refunds) {
      const key = `${row.refund_id}|${row.refunded_at}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    }
    for (const rows of groups.values()) result.push({ at: rows[0].refunded_at, rank: 1, order, rows });
    if (order.cancelled_at) result.push({ at: order.cancelled_at, rank: 2, order });
  }
  for (const row of dataset.stock) result.push({ at: row.at, rank: 3, row });
  return result.sort((a, b) => a.at - b.at || a.rank - b.rank);
}

export class Replay {
  /**
   * @param world {clock, sender, subscriptions}
   * @param speed simulated seconds per second of the world's clock, or 'max'
   * @param start ms; what is earlier has happened before anybody listened
   */
  constructor(world, dataset, { domain, speed, start = null, announce }) {
    this.world = world;
    this.dataset = dataset;
    this.speed = speed;
    this.events = events_of(dataset);
    this.next = 0;
    const first = this.events[0]?.at ?? world.clock.now();
    const last = this.events[this.events.length - 1]?.at ?? first;
    this.position = start !== null && start >= first && start <= last ? start : first - 1000;
    this.until = Infinity;
    this.state = 'waiting'; // for somebody who listens; then running, paused, done
    this.warnings = { totals: 0 };
    this.shop = shop_of(dataset, domain, () => this.now(), announce);
    this.made = new Map();
    this.counts = { orders: 0, refunds: 0, cancellations: 0, stock: 0 };
    while (this.next < this.events.length && this.events[this.next].at <= this.position) this.play(this.events[this.next++], true);
  }

  /** The shop's own now. */
  now() {
    if (this.playing !== undefined) return this.playing;
    if (this.state !== 'running' || this.speed === 'max') return this.position;
    return this.position + (this.world.clock.now() - this.anchor) * this.ratio;
  }

  get ratio() {
    return this.speed / this.world.clock.speed;
  }

  /** Starts or goes on. @param change {speed, until (ms)} */
  start({ speed = this.speed, until = Infinity } = {}) {
    this.hold();
    Object.assign(this, { speed, until, state: 'running', anchor: this.world.clock.now(), began: this.began ?? Date.now() });
    this.go();
  }

  pause() {
    this.hold();
    if (this.state === 'running') this.state = 'paused';
  }

  hold() {
    this.position = this.now();
    this.world.clock.cancel(this.timer);
    this.timer = null;
  }

  go() {
    if (this.state !== 'running' || this.turn || this.timer) return;
    const event = this.events[this.next];
    if (!event || event.at > this.until) {
      this.position = Math.max(this.position, Math.min(this.until, event ? this.until : this.position));
      this.state = event ? 'paused' : 'done';
      this.ended = Date.now();
      return;
    }
    this.stalled = this.speed !== 'max' && this.world.sender.load >= most_waiting;
    if (this.stalled) return; // on_room() comes back
    if (this.speed === 'max') this.rush();
    else {
      const due = this.anchor + (event.at - this.position) / this.ratio;
      this.timer = this.world.clock.at(due, () => {
        this.timer = null;
        this.anchor = Math.max(due, this.anchor);
        this.position = Math.max(this.position, event.at);
        this.step();
        this.go();
      });
    }
  }

  /** As many events as the sender takes, then waits for room; gives way to I/O every few hundred. */
  rush() {
    const { sender } = this.world;
    for (let i = 0; i < events_per_turn && this.state === 'running'; ++i) {
      const event = this.events[this.next];
      if (!event || event.at > this.until) return void this.again(() => this.go());
      if (sender.load >= 2 * sender.parallel) return; // on_room() comes back
      this.position = Math.max(this.position, event.at);
      this.step();
    }
    this.again(() => this.go());
  }

  again(run) {
    this.turn = setImmediate(() => {
      this.turn = null;
      run();
    });
  }

  /** Called by the sender when there is room. */
  on_room() {
    if (this.state !== 'running') return;
    if (this.speed === 'max' || (this.stalled && this.world.sender.load < most_waiting / 2)) this.go();
  }

  step() {
    const event = this.events[this.next++];
    this.playing = event.at;
    try {
      this.play(event, false);
    } finally {
      this.playing = undefined;
    }
  }

  play(event, silent) {
    if (event.rank === 0) this.play_order(event, silent);
    else if (event.rank === 1) this.play_refund(event, silent);
    else if (event.rank === 2) this.play_cancel(event, silent);
    else this.play_stock(event, silent);
  }

  play_order({ order }, silent) {
    ++this.counts.orders;
    this.made.set(order.order_id, this.shop.create_order(this.spec_of(order), silent));
  }

  spec_of(order) {
    const { shop } = this;
    const lines = order.lines.map((x) => ({
      variant: shop.legacy_variants.get(x.variant_id) ?? null, quantity: x.quantity, price: x.price, discount: x.discount, sku: x.sku ?? undefined,
      title: shop.legacy_variants.has(x.variant_id) ? undefined : x.variant_id,
    }));
    const shipping = order.shipping ?? 0;
    const tax = order.tax ?? 0;
    const net = lines.reduce((sum, x) => sum + x.quantity * x.price - x.discount, 0);
    const of_lines = lines.reduce((sum, x) => sum + x.discount, 0);
    let more = Math.max(0, (order.discounts ?? of_lines) - of_lines);
    const missing = order.total - (net - more + shipping + tax);
    // The order's total is what the buyer paid; what the lines do not explain becomes a line or a discount of its own.
    if (missing > 0) lines.push({ variant: null, title: order.lines.length ? 'Adjustment' : 'Order total', quantity: 1, price: missing });
    else more -= missing;
    if (missing !== 0 && order.lines.length) ++this.warnings.totals;
    return {
      lines, order_discount: more, shipping, total_tax: tax || undefined, created_at: order.created_at, name: `#${order.order_id}`,
      legacy: order.order_id, test: order.test ?? false, paid: !['pending', 'voided', 'authorized'].includes(order.financial_status),
      customer: this.customer(order.customer_id), landing_site: order.landing_site ?? null, referring_site: order.referring_site ?? null,
      discount_code: order.discount_codes?.split(';')[0] ?? null, source_name: order.source_name ?? 'web', gateway: order.gateway ?? 'manual',
    };
  }

  customer(id) {
    if (id === null || id === undefined) return null;
    this.customers ??= new Map();
    if (!this.customers.has(id)) {
      const one = { id: this.shop.next_id(), email: null, orders: 0, created_at: this.now() };
      this.customers.set(id, one);
      this.shop.customers.push(one);
    }
    return this.customers.get(id);
  }

  play_refund({ order, rows, at }, silent) {
    ++this.counts.refunds;
    const made = this.made.get(order.order_id);
    const lines = [];
    const planned = new Map();
    let explained = 0;
    for (const row of rows) {
      let wanted = row.quantity ?? 0;
      const variant = row.variant_id === null || row.variant_id === undefined ? null : this.shop.legacy_variants.get(row.variant_id);
      for (const line of variant ? made.lines.filter((x) => x.variant === variant) : []) {
        const quantity = Math.min(wanted, math.current_quantity(line) - (planned.get(line) ?? 0));
        if (quantity <= 0) continue;
        planned.set(line, (planned.get(line) ?? 0) + quantity);
        wanted -= quantity;
      }
    }
    for (const [line, quantity] of planned) {
      const worth = math.next_units(line, quantity);
      explained += worth.net + worth.tax;
      lines.push({ line, quantity });
    }
    const amount = rows.reduce((sum, x) => sum + x.amount, 0);
    this.shop.refund(made, {
      lines, goodwill: amount - explained, created_at: at, legacy: rows[0].refund_id,
      restock: rows.every((x) => x.restocked) ? 'return' : 'no_restock',
    }, silent);
  }

  play_cancel({ order, at }, silent) {
    ++this.counts.cancellations;
    this.shop.cancel(this.made.get(order.order_id), { reason: 'other', at }, silent);
  }

  play_stock({ row }, silent) {
    ++this.counts.stock;
    const variant = this.shop.legacy_variants.get(row.variant_id);
    const location = this.shop.locations.find((x) => x.name === (row.location_id ?? 'Main'));
    if (variant) this.shop.set_stock(variant, location, row.available, silent, row.at);
  }

  /** For the control API. */
  report() {
    const { sender } = this.world;
    const seconds = this.began ? ((this.ended ?? Date.now()) - this.began) / 1000 : 0;
    return {
      shop: this.shop.domain, state: this.state, speed: this.speed, position: new Date(this.now()).toISOString(),
      events: { done: this.next, total: this.events.length }, ...this.counts, orders_total: this.dataset.orders.size,
      orders_whose_total_is_not_their_lines: this.warnings.totals, seconds, waiting: sender.load, retrying: sender.retrying,
      settled: this.state !== 'running' && sender.load === 0 && sender.retrying === 0,
    };
  }
}
