// Webhook subscriptions: shop-specific ones made by API, and the app's own configuration (app-specific and privacy topics).

// Which scope lets an app hear a topic; null: always.
const topics = {
  APP_UNINSTALLED: null, APP_SCOPES_UPDATE: null, SHOP_UPDATE: null, BULK_OPERATIONS_FINISH: null,
  ORDERS_CREATE: 'orders', ORDERS_PAID: 'orders', ORDERS_UPDATED: 'orders', ORDERS_CANCELLED: 'orders', ORDERS_EDITED: 'orders',
  ORDERS_DELETE: 'orders', ORDERS_FULFILLED: 'orders', ORDERS_PARTIALLY_FULFILLED: 'orders', REFUNDS_CREATE: 'orders',
  PRODUCTS_CREATE: 'products', PRODUCTS_UPDATE: 'products', PRODUCTS_DELETE: 'products', VARIANTS_OUT_OF_STOCK: 'products',
  VARIANTS_IN_STOCK: 'products', INVENTORY_LEVELS_UPDATE: 'inventory', INVENTORY_LEVELS_CONNECT: 'inventory',
  INVENTORY_LEVELS_DISCONNECT: 'inventory', INVENTORY_ITEMS_CREATE: 'inventory', INVENTORY_ITEMS_UPDATE: 'inventory',
  INVENTORY_ITEMS_DELETE: 'inventory', CUSTOMERS_CREATE: 'customers', CUSTOMERS_UPDATE: 'customers', CUSTOMERS_DELETE: 'customers',
  CHECKOUTS_CREATE: 'orders', CHECKOUTS_UPDATE: 'orders', DISCOUNTS_CREATE: 'discounts', DISCOUNTS_UPDATE: 'discounts',
  DISCOUNTS_DELETE: 'discounts', ATTRIBUTED_SESSIONS_FIRST: 'reports', ATTRIBUTED_SESSIONS_LAST: 'reports',
};
export const privacy_topics = ['customers/data_request', 'customers/redact', 'shop/redact'];

const groups = ['app_subscriptions', 'attributed_sessions', 'bulk_operations', 'inventory_levels', 'inventory_items'];

/** "ORDERS_CREATE" -> "orders/create", "INVENTORY_LEVELS_UPDATE" -> "inventory_levels/update". */
export function header_form(topic) {
  const text = topic.toLowerCase();
  const group = groups.find((x) => text.startsWith(`${x}_`)) ?? text.split('_')[0];
  return `${group}/${text.slice(group.length + 1)}`;
}

export class Subscriptions {
  constructor(changed = () => {}) {
    this.by_shop = new Map();
    this.changed = changed;
    this.app = { url: null, topics: new Set() };
    this.removed = [];
  }

  known(topic) {
    return topic in topics;
  }

  covered(topic, scopes) {
    const group = topics[topic];
    return group === null || scopes.has(`read_${group}`) || scopes.has(`write_${group}`);
  }

  of(shop) {
    return [...(this.by_shop.get(shop.domain)?.values() ?? [])];
  }

  get(shop, id) {
    return this.by_shop.get(shop.domain)?.get(id);
  }

  add(shop, { topic, uri, include = [], version, id = shop.next_id() }) {
    const one = { id, topic, name: header_form(topic), uri, include, version, created_at: shop.now(), updated_at: shop.now(), failures: 0 };
    if (!this.by_shop.has(shop.domain)) this.by_shop.set(shop.domain, new Map());
    this.by_shop.get(shop.domain).set(id, one);
    this.changed();
    return one;
  }

  remove(shop, id, reason = 'deleted') {
    const one = this.get(shop, id);
    if (!one) return;
    this.by_shop.get(shop.domain).delete(id);
    this.removed.push({ shop: shop.domain, topic: one.name, uri: one.uri, reason });
    this.changed();
  }

  clear(shop) {
    this.by_shop.delete(shop.domain);
    this.changed();
  }

  /** Where an event of this shop goes: [{uri, subscription?, include, version}]. */
  targets(shop, name, version) {
    const result = this.of(shop).filter((x) => x.name === name).map((x) => ({ uri: x.uri, subscription: x, include: x.include, version: x.version }));
    const { url, topics: own } = this.app;
    if (url && (own.has(name) || privacy_topics.includes(name)) && !result.some((x) => x.uri === url))
      result.push({ uri: url, subscription: null, include: [], version });
    return result;
  }

  hears(shop, name) {
    return this.targets(shop, name).length > 0;
  }
}
