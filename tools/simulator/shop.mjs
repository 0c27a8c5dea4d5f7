// One shop: its facts, its products, stock, customers and orders, and the things that can happen to them. Every
// change is announced by topic; who listens decides what to send.

import { randomUUID } from 'node:crypto';

import { hash32 } from './prng.mjs';
import * as math from './order_math.mjs';
import { allocate } from './money.mjs';

export class Shop {
  /**
   * @param facts {domain, name, currency, zone, country, plan, presentment: {EUR: 0.92}, taxes_included, created_at}
   * @param now () => ms; @param announce (shop, topic, subject, extra) => void
   */
  constructor(facts, now, announce) {
    this.facts = facts;
    this.domain = facts.domain;
    this.zone = facts.zone;
    this.currency = facts.currency;
    this.now = now;
    this.announce_to = announce;
    // Ids exceed 2^53 on purpose and never meet those of another shop.
    this.base = 4_000_000_000_000_000_000n + BigInt(hash32(facts.domain) & 0xffffff) * 100_000_000_000n;
    this.count = 0;
    this.id = this.next_id();
    this.locations = [];
    this.products = new Map();
    this.variants = new Map();
    this.inventory_items = new Map();
    this.orders = new Map();
    this.refunds = new Map();
    this.customers = [];
    this.order_number = 1000;
    this.installed = false;
  }

  next_id() {
    return (this.base + BigInt(++this.count)).toString();
  }

  announce(topic, subject, extra = {}) {
    this.announce_to(this, topic, subject, extra);
  }

  // Two versions of one thing never carry the same second, which is the resolution of webhook bodies.
  touch(thing, at = this.now()) {
    const second = Math.floor(at / 1000) * 1000;
    thing.updated_at = thing.updated_at === undefined ? second : Math.max(second, thing.updated_at + 1000);
  }

  add_location(name) {
    const location = { id: this.next_id(), name };
    this.locations.push(location);
    return location;
  }

  /** @param spec {title, vendor, product_type, status, tags, options, variants: [{title, sku, price, compare_at, cost, stock, tracked, policy}]} */
  add_product(spec, at = this.now()) {
    const product = {
      id: this.next_id(), title: spec.title, handle: spec.handle ?? handle_of(spec.title), vendor: spec.vendor ?? null,
      product_type: spec.product_type ?? '', status: spec.status ?? 'active', tags: spec.tags ?? [],
      option: spec.option ?? 'Title', created_at: at, published_at: spec.status === 'draft' ? null : at, variants: [],
    };
    this.touch(product, at);
    for (const one of spec.variants) this.add_variant(product, one, at);
    this.products.set(product.id, product);
    return product;
  }

  add_variant(product, spec, at) {
    const variant = {
      id: this.next_id(), product, title: spec.title ?? 'Default Title', sku: spec.sku ?? null, barcode: spec.barcode ?? null,
      price: spec.price, compare_at: spec.compare_at ?? null, policy: spec.policy ?? 'deny',
      position: product.variants.length + 1, created_at: at,
      item: { id: this.next_id(), tracked: spec.tracked ?? true, cost: spec.cost ?? null, levels: [] },
    };
    variant.item.variant = variant;
    this.touch(variant, at);
    this.touch(variant.item, at);
    for (const [i, location] of this.locations.entries()) {
      const level = { location, item: variant.item, available: spec.stock?.[i] ?? 0 };
      this.touch(level, at);
      variant.item.levels.push(level);
    }
    product.variants.push(variant);
    this.variants.set(variant.id, variant);
    this.inventory_items.set(variant.item.id, variant.item);
    return variant;
  }

  /**
   * Takes an order.
   * @param spec {lines: [{variant, quantity, price?, discount?, tax?, title?, gift_card?}], order_discount, discount_code,
   *   shipping, tip, tax_rate, presentment, test, paid, customer, created_at, processed_at, source_name, landing_site,
   *   referring_site, gateway, name, note_attributes}
   */
  create_order(spec, silent = false) {
    const created_at = spec.created_at ?? this.now();
    const number = ++this.order_number;
    const order = {
      id: this.next_id(), number, name: spec.name ?? `#${number}`, created_at,
      processed_at: spec.processed_at === undefined ? created_at : spec.processed_at,
      cancelled_at: null, cancel_reason: null, test: spec.test ?? false, paid: spec.paid ?? true,
      presentment: spec.presentment ?? this.currency, taxes_included: spec.taxes_included ?? this.facts.taxes_included ?? false,
      source_name: spec.source_name ?? 'web', landing_site: spec.landing_site ?? null,
      referring_site: spec.referring_site ?? null, gateway: spec.gateway ?? 'shopify_payments',
      note_attributes: spec.note_attributes ?? [], customer: spec.customer ?? null,
      discount_code: spec.discount_code ?? null, shipping: spec.shipping ?? 0, shipping_tax: spec.shipping_tax ?? 0,
      tip: spec.tip ?? 0, lines: [], refunds: [], edits: [], tax_rate: spec.tax_rate ?? 0,
      legacy: spec.legacy ?? null, journey: spec.journey ?? null,
    };
    order.rate = order.presentment === this.currency ? 1 : (this.facts.presentment?.[order.presentment] ?? 1);
    for (const line of spec.lines) order.lines.push(this.new_line(line, order));
    if (spec.order_discount) this.spread_discount(order, spec.order_discount);
    if (spec.total_tax !== undefined) this.spread_tax(order, spec.total_tax);
    else if (order.tax_rate) this.charge_tax(order, spec);
    this.touch(order, created_at);
    if (order.customer) order.customer.orders += order.test ? 0 : 1;
    this.orders.set(order.id, order);
    if (!silent) this.announce_order(order);
    for (const line of order.lines) if (!order.test) this.move_stock(line.variant, -line.quantity, silent, created_at);
    return order;
  }

  announce_order(order) {
    const event_id = randomUUID();
    this.announce('orders/create', order, { event_id });
    if (order.paid) this.announce('orders/paid', order, { event_id });
  }

  new_line(spec, order, added = false) {
    const variant = spec.variant ?? null;
    return {
      id: this.next_id(), variant, sku: spec.sku ?? variant?.sku ?? null,
      title: spec.title ?? variant?.product.title ?? 'Custom item', quantity: added ? 0 : spec.quantity,
      price: spec.price ?? variant?.price ?? 0, discount: spec.discount ?? 0, tax: spec.tax ?? 0,
      gift_card: spec.gift_card ?? false, added: added ? spec.quantity : 0, removed: 0, refunded: 0,
      order_id: order.id,
    };
  }

  spread_discount(order, amount) {
    const parts = allocate(amount, order.lines.map((x) => x.quantity * x.price - x.discount));
    order.lines.forEach((line, i) => (line.discount += parts[i]));
  }

  spread_tax(order, amount) {
    const weights = order.lines.map((x) => Math.max(0, x.quantity * x.price - x.discount));
    if (!order.lines.length) order.shipping_tax = amount;
    else allocate(amount, weights).forEach((part, i) => (order.lines[i].tax = part));
  }

  charge_tax(order, spec) {
    const of = (amount) =>
      Math.round(order.taxes_included ? amount - amount / (1 + order.tax_rate) : amount * order.tax_rate);
    for (const line of order.lines) if (!line.gift_card) line.tax = of(line.quantity * line.price - line.discount);
    if (spec.shipping_tax === undefined) order.shipping_tax = of(order.shipping);
  }

  /**
   * Gives money back.
   * @param spec {lines: [{line, quantity, subtotal?, tax?}], shipping, shipping_tax, goodwill, restock, note, created_at}
   */
  refund(order, spec, silent = false) {
    const at = spec.created_at ?? this.now();
    const lines = (spec.lines ?? []).map(({ line, quantity }) => {
      const worth = math.next_units(line, quantity);
      line.refunded += quantity;
      return { id: this.next_id(), line, quantity, subtotal: worth.net, tax: worth.tax, restock: spec.restock ?? 'return' };
    });
    const refund = {
      id: this.next_id(), order, created_at: at, note: spec.note ?? null, lines, shipping: spec.shipping ?? 0,
      shipping_tax: spec.shipping_tax ?? 0, goodwill: spec.goodwill ?? 0, transaction_id: this.next_id(),
      adjustment_ids: [this.next_id(), this.next_id()], legacy: spec.legacy ?? null,
    };
    const money = math.refund_totals(refund);
    refund.paid_back = order.paid ? money.returns + money.shipping + (order.taxes_included ? 0 : money.tax) + (spec.tip ?? 0) : 0;
    order.refunds.push(refund);
    this.refunds.set(refund.id, refund);
    this.touch(order, at);
    const event_id = randomUUID();
    if (!silent) this.announce('refunds/create', refund, { event_id });
    if (!silent && !spec.part_of_cancel) this.announce('orders/updated', order, { event_id });
    if (refund.lines.some((x) => x.restock !== 'no_restock') && !order.test)
      for (const x of refund.lines) this.move_stock(x.line.variant, x.quantity, silent, at);
    return refund;
  }

  /** Cancels the rest of the order: paid orders get a refund of all that is left, unpaid ones are voided. */
  cancel(order, { reason = 'customer', at = this.now(), refund = order.paid } = {}, silent = false) {
    if (order.cancelled_at !== null) return order;
    const left = order.lines.filter((x) => math.current_quantity(x) > 0);
    if (refund)
      this.refund(order, {
        lines: left.map((line) => ({ line, quantity: math.current_quantity(line) })),
        shipping: order.shipping - math.refunded_shipping(order),
        shipping_tax: order.shipping_tax - math.refunded_shipping_tax(order),
        // Earlier goodwill has already given back a part of what the lines cost.
        goodwill: -math.goodwill(order) || 0, tip: order.tip, restock: 'cancel', created_at: at, part_of_cancel: true,
      }, silent);
    order.cancelled_at = Math.floor(at / 1000) * 1000;
    order.cancel_reason = reason;
    this.touch(order, at);
    const event_id = randomUUID();
    if (!silent) this.announce('orders/cancelled', order, { event_id });
    if (!silent) this.announce('orders/updated', order, { event_id });
    if (!refund && !order.test)
      for (const line of left) this.move_stock(line.variant, math.current_quantity(line), silent, at);
    return order;
  }

  /** Edits the order. @param spec {add: [{variant, quantity, price?}], remove: [{line, quantity}], at} */
  edit(order, spec, silent = false) {
    const edit = { id: this.next_id(), at: spec.at ?? this.now(), gross: 0, net: 0, tax: 0, additions: [], removals: [] };
    for (const one of spec.add ?? []) {
      const line = this.new_line(one, order, true);
      line.tax = Math.round(line.added * line.price * order.tax_rate) || 0;
      order.lines.push(line);
      edit.gross += line.added * line.price;
      edit.net += line.added * line.price;
      edit.tax += line.tax;
      edit.additions.push({ line, delta: line.added });
    }
    for (const { line, quantity } of spec.remove ?? []) {
      const worth = math.next_units(line, quantity);
      line.removed += quantity;
      edit.gross -= quantity * line.price;
      edit.net -= worth.net;
      edit.tax -= worth.tax;
      edit.removals.push({ line, delta: quantity });
    }
    order.edits.push(edit);
    this.touch(order, edit.at);
    const event_id = randomUUID();
    if (!silent) this.announce('orders/edited', order, { edit, event_id });
    if (!silent) this.announce('orders/updated', order, { event_id });
    for (const x of edit.additions) this.move_stock(x.line.variant, -x.delta, silent, edit.at);
    for (const x of edit.removals) this.move_stock(x.line.variant, x.delta, silent, edit.at);
    return edit;
  }

  delete_order(order, silent = false) {
    this.orders.delete(order.id);
    for (const refund of order.refunds) this.refunds.delete(refund.id);
    if (!silent) this.announce('orders/delete', order);
  }

  delete_product(product, silent = false) {
    this.products.delete(product.id);
    for (const variant of product.variants) {
      this.variants.delete(variant.id);
      this.inventory_items.delete(variant.item.id);
      variant.gone = true;
    }
    if (!silent) this.announce('products/delete', product);
  }

  move_stock(variant, delta, silent = false, at = this.now()) {
    if (!variant || variant.gone || !variant.item.tracked || !variant.item.levels.length) return;
    this.set_stock(variant, variant.item.levels[0].location, variant.item.levels[0].available + delta, silent, at);
  }

  set_stock(variant, location, available, silent = false, at = this.now()) {
    let level = variant.item.levels.find((x) => x.location === location);
    if (!level) variant.item.levels.push((level = { location, item: variant.item, available: 0 }));
    const before = in_stock(variant);
    level.available = available;
    this.touch(level, at);
    const event_id = randomUUID();
    if (!silent) this.announce('inventory_levels/update', level, { event_id });
    if (before > 0 && in_stock(variant) <= 0 && !silent) this.announce('variants/out_of_stock', variant, { event_id });
    return level;
  }

  set_price(variant, { price = variant.price, compare_at = variant.compare_at, cost }, silent = false) {
    variant.price = price;
    variant.compare_at = compare_at;
    this.touch(variant);
    this.touch(variant.product);
    const event_id = randomUUID();
    if (cost !== undefined) {
      variant.item.cost = cost;
      this.touch(variant.item);
      if (!silent) this.announce('inventory_items/update', variant.item, { event_id });
    }
    if (!silent) this.announce('products/update', variant.product, { event_id });
  }
}

/** Units available over all locations; may be negative. */
export function in_stock(variant) {
  return variant.item.levels.reduce((sum, x) => sum + x.available, 0);
}

function handle_of(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'product';
}
