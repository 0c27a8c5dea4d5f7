// The life of a generated shop: orders through the day, refunds, cancellations, edits, deliveries of stock, new prices.

import { Random } from './prng.mjs';
import * as math from './order_math.mjs';
import { in_stock } from './shop.mjs';
import { hour_of } from './zones.mjs';

// Share of a day's orders per local hour relative to the mean: quiet nights, an evening peak.
const hours = [0.35, 0.2, 0.15, 0.1, 0.1, 0.2, 0.45, 0.75, 1, 1.15, 1.25, 1.3, 1.35, 1.25, 1.2, 1.2, 1.25, 1.35, 1.5, 1.75, 1.9, 1.75, 1.2, 0.7];
const busiest = Math.max(...hours);
const hour = 3_600_000;
const day = 24 * hour;

const sources = [
  { weight: 5, landing: (x) => `/products/${x}?utm_source=facebook&utm_medium=paid_social&utm_campaign=prospecting_spring&fbclid=IwAR0x`, referrer: 'https://www.facebook.com/', utm: { source: 'facebook', medium: 'paid_social', campaign: 'prospecting_spring' }, source: 'facebook', source_type: 'AD' },
  { weight: 3, landing: (x) => `/products/${x}?utm_source=instagram&utm_medium=paid_social&utm_campaign=retargeting`, referrer: 'https://l.instagram.com/', utm: { source: 'instagram', medium: 'paid_social', campaign: 'retargeting' }, source: 'instagram', source_type: 'RETARGETING' },
  { weight: 3, landing: (x) => `/products/${x}?gclid=Cj0KCQ`, referrer: 'https://www.google.com/', utm: null, source: 'Google', source_type: 'SEO' },
  { weight: 2, landing: () => '/?utm_source=newsletter&utm_medium=email&utm_campaign=weekly', referrer: null, utm: { source: 'newsletter', medium: 'email', campaign: 'weekly' }, source: 'newsletter', source_type: 'NEWSLETTER' },
  { weight: 4, landing: () => '/', referrer: null, utm: null, source: 'direct', source_type: null },
];

export class Traffic {
  /** @param rate orders per hour on average */
  constructor(shop, { seed, rate, clock }) {
    this.shop = shop;
    this.rate = rate;
    this.clock = clock;
    this.random = new Random(seed, `traffic ${shop.domain}`);
    this.paused = false;
  }

  /** A random order at *at*. */
  order_spec(at) {
    const { random, shop } = this;
    const sellable = [...shop.products.values()].filter((x) => x.status === 'active');
    const lines = [];
    const count = random.weighted([1, 2, 3, 4], [55, 25, 13, 7]);
    for (let i = 0; i < count; ++i) {
      const product = sellable[Math.floor(random.unit() ** 1.7 * sellable.length)];
      const variant = random.pick(product.variants);
      if (variant.item.tracked && variant.policy === 'deny' && in_stock(variant) < 3) continue;
      lines.push({ variant, quantity: random.weighted([1, 2, 3], [80, 15, 5]), gift_card: product.product_type === 'Gift Cards' });
    }
    if (!lines.length) return null;
    const worth = lines.reduce((sum, x) => sum + x.quantity * x.variant.price, 0);
    const foreign = Object.keys(shop.facts.presentment ?? {});
    const source = random.weighted(sources, sources.map((x) => x.weight));
    const journey = source_of(source, lines[0].variant.product.handle, at);
    return {
      lines, created_at: at, processed_at: at, tax_rate: shop.facts.tax_rate, tip: random.chance(0.04) ? random.integer(1, 5) * 100 : 0,
      shipping: worth > 7500 || random.chance(0.15) ? 0 : random.pick([495, 695]),
      order_discount: random.chance(0.18) ? Math.floor(worth * random.pick([0.05, 0.1, 0.15, 0.2])) : 0,
      discount_code: random.chance(0.7) ? random.pick(['WELCOME10', 'SPRING', 'FRIENDS']) : null,
      presentment: foreign.length && random.chance(0.12) ? random.pick(foreign) : undefined, test: random.chance(0.01),
      paid: !random.chance(0.03), customer: random.chance(0.9) ? random.pick(shop.customers) : null,
      gateway: random.weighted(['shopify_payments', 'paypal', 'manual'], [80, 17, 3]),
      source_name: random.weighted(['web', 'pos', 'shopify_draft_order'], [93, 5, 2]), ...journey,
    };
  }

  /** Makes an order and decides its later fate. @returns [{at, run}] */
  order(at, silent) {
    const spec = this.order_spec(at);
    if (!spec) return [];
    if (!spec.order_discount) spec.discount_code = null;
    const order = this.shop.create_order(spec, silent);
    return this.fate(order, at);
  }

  fate(order, at) {
    const { random, shop } = this;
    const later = (run, mean) => [{ at: at + 10 * 60_000 + random.exponential(mean), run }];
    if (!order.paid) return later((when, silent) => shop.cancel(order, { reason: 'declined', at: when }, silent), 12 * hour);
    const dice = random.unit();
    if (dice < 0.06) return later((when, silent) => this.refund_some(order, when, silent), 6 * day);
    if (dice < 0.075) return later((when, silent) => this.goodwill(order, when, silent), 4 * day);
    if (dice < 0.095) return later((when, silent) => shop.cancel(order, { at: when }, silent), 8 * hour);
    if (dice < 0.105) return later((when, silent) => this.edit_some(order, when, silent), 2 * hour);
    return [];
  }

  part(order, share) {
    return Math.max(1, Math.floor(math.subtotal(order) * share));
  }

  goodwill(order, at, silent) {
    if (order.cancelled_at !== null || order.refunds.length) return;
    this.shop.refund(order, { goodwill: this.part(order, 0.15), note: 'Late delivery', created_at: at }, silent);
  }

  refund_some(order, at, silent) {
    const { random, shop } = this;
    const left = order.lines.filter((x) => math.current_quantity(x) > 0);
    if (order.cancelled_at !== null || !left.length) return; // somebody was faster
    const chosen = left.filter(() => random.chance(0.7));
    const lines = (chosen.length ? chosen : left.slice(0, 1)).map((line) => ({ line, quantity: random.integer(1, math.current_quantity(line)) }));
    const shipping = random.chance(0.2) && !order.refunds.length;
    shop.refund(order, {
      lines, shipping: shipping ? order.shipping : 0, shipping_tax: shipping ? order.shipping_tax : 0, created_at: at,
      restock: random.chance(0.8) ? 'return' : 'no_restock', note: random.pick(['Wrong size', 'Damaged', null]),
    }, silent);
  }

  edit_some(order, at, silent) {
    const { random, shop } = this;
    if (order.cancelled_at !== null || order.refunds.length) return;
    const line = order.lines.find((x) => x.quantity > 1);
    if (line && random.chance(0.5)) shop.edit(order, { remove: [{ line, quantity: 1 }], at }, silent);
    else {
      const variant = random.pick([...shop.variants.values()].filter((x) => x.product.status === 'active'));
      shop.edit(order, { add: [{ variant, quantity: 1 }], at }, silent);
    }
  }

  /** A delivery of stock or a new price. */
  upkeep(at, silent) {
    const { random, shop } = this;
    const variant = random.pick([...shop.variants.values()]);
    if (variant.item.tracked && (in_stock(variant) < 30 || random.chance(0.5)))
      shop.set_stock(variant, shop.locations[0], variant.item.levels[0].available + random.integer(20, 200), silent, at);
    else if (!silent && random.chance(0.3)) {
      const price = Math.max(100, Math.round((variant.price * random.pick([0.9, 0.95, 1.05, 1.1])) / 100) * 100);
      shop.set_price(variant, { price, compare_at: price < variant.price ? variant.price : null });
    }
  }

  next_order(at) {
    for (let t = at; ; ) { // thinning: candidates at the busiest rate, kept by the hour's share
      t += this.random.exponential(hour / (this.rate * busiest));
      if (this.random.unit() * busiest < hours[hour_of(this.shop.zone, t)]) return t;
    }
  }

  /** Lives from *from* to *to* without telling anybody; what falls later is scheduled. */
  history(from, to) {
    const due = [];
    const push = (items) => due.push(...items);
    for (let t = this.next_order(from); t < to; t = this.next_order(t)) {
      due.sort((a, b) => a.at - b.at);
      while (due.length && due[0].at <= t) this.happen(due.shift(), true);
      push(this.order(t, true));
      if (this.random.chance(0.3)) this.upkeep(t, true);
    }
    due.sort((a, b) => a.at - b.at);
    for (const x of due) {
      if (x.at < to) this.happen(x, true);
      else this.clock.at(x.at, () => this.happen(x, false));
    }
  }

  happen({ at, run }, silent) {
    run(at, silent);
  }

  /** Goes on by itself on the clock. */
  start() {
    if (this.rate <= 0) return;
    const next = () => {
      const at = this.next_order(this.clock.now());
      this.clock.at(at, () => {
        if (!this.paused) {
          for (const x of this.order(at, false)) this.clock.at(x.at, () => this.happen(x, false));
          if (this.random.chance(0.3)) this.upkeep(at, false);
        }
        next();
      });
    };
    next();
  }
}

function source_of(source, handle, at) {
  const landing_site = source.landing(handle);
  const visit = {
    id: String(at), landing_page: landing_site, referrer: source.referrer, source: source.source, source_type: source.source_type,
    at: at - 1_800_000, utm: source.utm,
  };
  return { landing_site, referring_site: source.referrer, journey: { order_index: 1, days: 0, first: visit, last: visit } };
}
