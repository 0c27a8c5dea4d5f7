// Query and Mutation: the entry points of the schema.

import { connection, search, types } from './schema.mjs';
import { filter, item_fields, order_fields, product_fields, variant_fields } from './filters.mjs';
import * as bulk from './bulk_fields.mjs';
import * as webhooks from './webhook_fields.mjs';
import { set_prices } from './price_fields.mjs';

/** An error that belongs to one field of the answer. */
export class FieldProblem extends Error {
  constructor(message, extensions) {
    super(message);
    this.extensions = extensions;
  }
}

const object = (type, get, args, more) => ({ shape: 'object', type, get, args, ...more });
const sixty_days = 60 * 86_400_000;

/** Without read_all_orders a token sees the last 60 days only. */
const sees = (order, ctx) => ctx.scopes.has('read_all_orders') || order.created_at >= ctx.shop.now() - sixty_days;
const visible = (ctx) => [...ctx.shop.orders.values()].filter((x) => sees(x, ctx));

const order_keys = {
  PROCESSED_AT: (x) => x.processed_at ?? x.created_at, CREATED_AT: (x) => x.created_at, UPDATED_AT: (x) => x.updated_at,
  ID: () => 0, ORDER_NUMBER: (x) => x.number,
};
const product_keys = { ID: () => 0, TITLE: (x) => x.title, UPDATED_AT: (x) => x.updated_at, CREATED_AT: (x) => x.created_at };
const by_id = { ID: () => 0 };

function found(items, args, fields, keys, fallback, now) {
  const rule = filter(args.query, fields, now);
  if (rule.problem) throw new FieldProblem(`Invalid search query: ${rule.problem}`, { code: 'BAD_REQUEST' });
  const key = keys[args.sortKey ?? fallback];
  if (!key) throw new FieldProblem(`Argument 'sortKey' has an invalid value (${args.sortKey}).`, { code: 'argumentLiteralsIncompatible' });
  return { items: args.query ? items.filter(rule.test) : items, key, reverse: args.reverse ?? false };
}

const orders = (args, ctx) => found(visible(ctx), args, order_fields, order_keys, 'PROCESSED_AT', ctx.shop.now());

/** "gid://shopify/Order/1" -> "1" when the type fits, else null. */
export function number_of(text, type) {
  const match = /^gid:\/\/shopify\/(\w+)\/(\d+)$/.exec(text ?? '');
  return match && match[1] === type ? match[2] : null;
}

const one = (type, get) => object(type, (x, args, ctx) => get(number_of(args.id, type), ctx) ?? null, { id: 'ID!' });
const order_by_id = (id, ctx) => {
  const order = ctx.shop.orders.get(id);
  return order && sees(order, ctx) ? order : null;
};
const variants_of = (shop) => [...shop.variants.values()];

const finders = {
  Order: order_by_id,
  Refund: (id, ctx) => {
    const refund = ctx.shop.refunds.get(id);
    return refund && order_by_id(refund.order.id, ctx) ? refund : null;
  },
  Product: (id, ctx) => ctx.shop.products.get(id),
  ProductVariant: (id, ctx) => ctx.shop.variants.get(id),
  InventoryItem: (id, ctx) => ctx.shop.inventory_items.get(id),
  Location: (id, ctx) => ctx.shop.locations.find((x) => x.id === id),
  WebhookSubscription: (id, ctx) => ctx.world.subscriptions.get(ctx.shop, id),
  BulkOperation: (id, ctx) => ctx.world.bulk.get(ctx.shop, id),
};

function node(text, ctx) {
  const type = /^gid:\/\/shopify\/(\w+)\//.exec(text ?? '')?.[1];
  const result = finders[type]?.(number_of(text, type), ctx);
  return result ? { node_type: type, self: result } : null;
}

function count(args, ctx) {
  const total = orders({ query: args.query }, ctx).items.length;
  const limit = args.limit === undefined ? 10_000 : args.limit;
  return limit !== null && total > limit ? { count: limit, precision: 'AT_LEAST' } : { count: total, precision: 'EXACT' };
}

types.Node = { name: 'Node', fields: {}, any: true };
types.QueryRoot = {
  name: 'QueryRoot',
  fields: {
    orders: search('Order', (x, args, ctx) => orders(args, ctx)),
    order: one('Order', order_by_id),
    ordersCount: object('Count', (x, args, ctx) => count(args, ctx), { query: 'String', limit: 'Int', savedSearchId: 'ID' }, { scope: 'read_orders' }),
    products: search('Product', (x, args, ctx) => found([...ctx.shop.products.values()], args, product_fields, product_keys, 'ID', ctx.shop.now())),
    product: one('Product', finders.Product),
    productsCount: object('Count', (x, args, ctx) => ({
      count: found([...ctx.shop.products.values()], { query: args.query }, product_fields, product_keys, 'ID').items.length, precision: 'EXACT',
    }), { query: 'String', limit: 'Int' }, { scope: 'read_products' }),
    productVariants: search('ProductVariant', (x, args, ctx) => found(variants_of(ctx.shop), args, variant_fields, by_id, 'ID', ctx.shop.now())),
    productVariant: one('ProductVariant', finders.ProductVariant),
    inventoryItems: search('InventoryItem', (x, args, ctx) => found([...ctx.shop.inventory_items.values()], args, item_fields, by_id, 'ID', ctx.shop.now())),
    inventoryItem: one('InventoryItem', finders.InventoryItem),
    locations: search('Location', (x, args, ctx) => ({ items: ctx.shop.locations })),
    location: one('Location', finders.Location),
    shop: object('Shop', (x, args, ctx) => ctx.shop),
    node: object('Node', (x, args, ctx) => node(args.id, ctx), { id: 'ID!' }),
    nodes: { shape: 'list', type: 'Node', get: (x, args, ctx) => args.ids.map((id) => node(id, ctx)), args: { ids: '[ID!]!' } },
    webhookSubscriptions: connection('WebhookSubscription', (x, args, ctx) => webhooks.found(args, ctx), {
      first: 'Int', last: 'Int', after: 'String', before: 'String', topics: '[Enum]', uri: 'String', callbackUrl: 'URL',
      format: 'Enum', query: 'String', sortKey: 'Enum', reverse: 'Boolean',
    }),
    webhookSubscription: one('WebhookSubscription', finders.WebhookSubscription),
    bulkOperation: one('BulkOperation', finders.BulkOperation),
    currentBulkOperation: object('BulkOperation', (x, args, ctx) => ctx.world.bulk.current(ctx.shop), { type: 'Enum' }),
    currentAppInstallation: object('AppInstallation', (x, args, ctx) => ({ id: '1', scopes: [...ctx.scopes] })),
    publicApiVersions: { shape: 'list', type: 'ApiVersion', get: (x, args, ctx) => ctx.world.versions() },
  },
};
types.Mutation = { name: 'Mutation', fields: { ...webhooks.mutations, ...bulk.mutations, productVariantsBulkUpdate: set_prices } };
