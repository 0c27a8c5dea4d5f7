// The part of the Admin schema that apps of our kind read: types, fields and how to get them from a shop's state.

import { convert, decimal, short_decimal } from '../money.mjs';
import * as math from '../order_math.mjs';
import { adjustments, shipping_line_id } from '../payloads.mjs';
import { in_stock } from '../shop.mjs';
import { offset_at, utc_iso } from '../zones.mjs';

// -- building blocks ----------------------------------------------------------

const scalar = (get, type = 'String', args) => ({ shape: 'scalar', type, get, args });
const object = (type, get, args, more) => ({ shape: 'object', type, get, args, ...more });
const list = (type, get, args) => ({ shape: 'list', type, get, args });

export const paging = { first: 'Int', last: 'Int', after: 'String', before: 'String' };
const searching = { ...paging, query: 'String', sortKey: 'Enum', reverse: 'Boolean', savedSearchId: 'ID' };
/** *get* returns {items, key?}; with a key (item) => value the items are sorted by it and cursors survive changes. */
export const connection = (type, get, args = paging, more) => ({ shape: 'connection', type, get, args, ...more });
export const search = (type, get, more) => connection(type, get, searching, more);

const gid = (type) => scalar((x) => `gid://shopify/${type}/${x.id}`, 'ID');
const legacy = scalar((x) => x.id, 'UnsignedInt64');
const own = (name, type) => scalar((x) => x[name] ?? null, type);
const time = (name) => scalar((x) => (x[name] === null || x[name] === undefined ? null : utc_iso(x[name])), 'DateTime');
const plain = (get) => ({ items: get });
const upper = (get) => scalar((x) => get(x)?.toUpperCase() ?? null, 'Enum');

/** A money bag: shop money and what the buyer saw. */
const bag = (get) => object('MoneyBag', (x, args, ctx) => ({ minor: get(x), order: x.order ?? x, shop: ctx.shop }));
/** Same, on things that know their order by `of`. */
const bag_in = (of, get) => object('MoneyBag', (x, args, ctx) => ({ minor: get(x), order: of(x, ctx), shop: ctx.shop }));
const zero = bag(() => 0);

// Lines, refund lines and adjustments are handed down together with their order.
const with_order = (order, items) => items.map((x) => ({ ...x, order, self: x }));
const line_bag = (get) => bag_in((x) => x.order, (x) => get(x.self));

export const types = {};
const define = (name, fields, more = {}) => (types[name] = { name, fields, ...more });

// -- money --------------------------------------------------------------------

define('MoneyV2', { amount: own('amount', 'Decimal'), currencyCode: own('currency', 'CurrencyCode') });
define('MoneyBag', {
  shopMoney: object('MoneyV2', ({ minor, shop }) => ({ amount: short_decimal(minor, shop.currency), currency: shop.currency })),
  presentmentMoney: object('MoneyV2', ({ minor, order, shop }) => ({
    amount: short_decimal(convert(minor, shop.currency, order.presentment, order.rate), order.presentment),
    currency: order.presentment,
  })),
});

// -- orders -------------------------------------------------------------------

define('Attribute', { key: own('name'), value: own('value') });
define('Customer', {
  id: gid('Customer'), legacyResourceId: legacy, numberOfOrders: scalar((x) => String(x.orders), 'UnsignedInt64'),
  email: own('email'), createdAt: time('created_at'),
}, { scope: 'read_customers' });
define('UTMParameters', {
  source: own('source'), medium: own('medium'), campaign: own('campaign'), content: own('content'), term: own('term'),
});
define('CustomerVisit', {
  id: gid('CustomerVisit'), landingPage: own('landing_page', 'URL'), referrerUrl: own('referrer', 'URL'), source: own('source'),
  sourceType: own('source_type', 'Enum'), occurredAt: time('at'), utmParameters: object('UTMParameters', (x) => x.utm ?? null),
});
define('CustomerJourneySummary', {
  ready: scalar(() => true, 'Boolean'), customerOrderIndex: own('order_index', 'Int'), daysToConversion: own('days', 'Int'),
  firstVisit: object('CustomerVisit', (x) => x.first ?? null), lastVisit: object('CustomerVisit', (x) => x.last ?? null),
});
define('PricingPercentageValue', { percentage: own('percentage', 'Float') });
define('PricingValue', {}, { members: ['MoneyV2', 'PricingPercentageValue'] });
const application = {
  index: scalar(() => 0, 'Int'), allocationMethod: scalar(() => 'ACROSS', 'Enum'), targetType: scalar(() => 'LINE_ITEM', 'Enum'),
  targetSelection: scalar(() => 'ALL', 'Enum'), value: object('PricingValue', (x) => x.value),
};
define('DiscountApplication', application, { members: ['DiscountCodeApplication', 'AutomaticDiscountApplication'] });
define('DiscountCodeApplication', { ...application, code: own('code') });
define('AutomaticDiscountApplication', { ...application, title: own('title') });
const applied = (x, ctx) => ({
  type: x.discount_code ? 'DiscountCodeApplication' : 'AutomaticDiscountApplication', code: x.discount_code, title: 'Automatic discount',
  value: { type: 'MoneyV2', amount: short_decimal(math.discounts(x), ctx.shop.currency), currency: ctx.shop.currency },
});
define('DiscountAllocation', {
  allocatedAmountSet: bag_in((x) => x.order, (x) => x.discount),
  discountApplication: object('DiscountApplication', (x, args, ctx) => applied(x.order, ctx)),
});
define('TaxLine', {
  title: scalar(() => 'Tax'), rate: scalar((x) => x.order.tax_rate, 'Float'), priceSet: bag_in((x) => x.order, (x) => x.tax),
});

const living = (line) => line.variant && !line.variant.gone;
define('LineItem', {
  id: gid('LineItem'), sku: own('sku'), title: own('title'), name: own('title'), quantity: own('quantity', 'Int'),
  variantTitle: scalar((x) => x.variant?.title ?? null), vendor: scalar((x) => x.variant?.product.vendor ?? null),
  currentQuantity: scalar((x) => math.current_quantity(x.self), 'Int'),
  refundableQuantity: scalar((x) => math.current_quantity(x.self), 'Int'), isGiftCard: own('gift_card', 'Boolean'),
  variant: object('ProductVariant', (x) => (living(x) ? x.variant : null)),
  product: object('Product', (x) => (living(x) ? x.variant.product : null)),
  originalUnitPriceSet: line_bag((x) => x.price), originalTotalSet: line_bag((x) => x.quantity * x.price),
  discountedTotalSet: line_bag((x) => x.quantity * x.price - x.discount), totalDiscountSet: line_bag((x) => x.discount),
  discountedUnitPriceSet: line_bag((x) => (math.units(x) ? Math.round(math.line_net(x) / math.units(x)) : x.price)),
  discountAllocations: list('DiscountAllocation', (x) => (x.discount ? [{ order: x.order, discount: x.discount }] : [])),
  taxLines: list('TaxLine', (x) => (x.tax ? [{ order: x.order, tax: x.tax }] : [])),
});
define('RefundLineItem', {
  id: gid('RefundLineItem'), quantity: own('quantity', 'Int'), restockType: upper((x) => x.restock),
  subtotalSet: line_bag((x) => x.subtotal), totalTaxSet: line_bag((x) => x.tax),
  lineItem: object('LineItem', (x) => with_order(x.order, [x.line])[0]),
});
define('OrderTransaction', {
  id: gid('OrderTransaction'), kind: own('kind', 'Enum'), status: scalar(() => 'SUCCESS', 'Enum'), gateway: own('gateway'),
  amountSet: bag_in((x) => x.order, (x) => x.amount), createdAt: time('at'), processedAt: time('at'),
});
define('OrderAdjustment', {
  id: gid('OrderAdjustment'), amountSet: line_bag((x) => x.amount), taxAmountSet: line_bag((x) => x.tax),
  kind: upper((x) => x.kind), reason: upper((x) => x.reason.replace(' ', '_')),
});
define('ShippingLine', { id: gid('ShippingLine'), title: scalar(() => 'Standard'), originalPriceSet: bag_in((x) => x.order, (x) => x.order.shipping) });
define('RefundShippingLine', {
  id: gid('RefundShippingLine'), subtotalAmountSet: bag_in((x) => x.order, (x) => x.shipping), taxAmountSet: bag_in((x) => x.order, (x) => x.shipping_tax),
  shippingLine: object('ShippingLine', (x) => ({ id: shipping_line_id(x.order), order: x.order })),
});
const shipped_back = (x) => (x.shipping || x.shipping_tax ? [{ id: x.adjustment_ids[0], order: x.order, shipping: x.shipping, shipping_tax: x.shipping_tax }] : []);
const paid_back = (x) =>
  x.paid_back === 0 ? [] : [{ id: x.transaction_id, kind: 'REFUND', gateway: x.order.gateway, order: x.order, amount: x.paid_back, at: x.created_at }];
define('Refund', {
  id: gid('Refund'), legacyResourceId: legacy, createdAt: time('created_at'), updatedAt: time('created_at'), processedAt: time('created_at'),
  note: own('note'), totalRefundedSet: bag((x) => x.paid_back), order: object('Order', (x) => x.order),
  refundLineItems: connection('RefundLineItem', (x) => plain(with_order(x.order, x.lines))),
  transactions: connection('OrderTransaction', (x) => plain(paid_back(x))),
  orderAdjustments: connection('OrderAdjustment', (x) => plain(with_order(x.order, adjustments(x)))),
  refundShippingLines: connection('RefundShippingLine', (x) => plain(shipped_back(x))),
}, { scope: 'read_orders', node: true });

const charged = (x) =>
  x.paid ? [{ id: `${BigInt(x.id) + 2n}`, kind: 'SALE', gateway: x.gateway, order: x, amount: math.total(x), at: x.processed_at ?? x.created_at }] : [];
const some = (args, items) => items.slice(0, args.first ?? items.length);
define('Order', {
  id: gid('Order'), legacyResourceId: legacy, name: own('name'), number: own('number', 'Int'), createdAt: time('created_at'),
  processedAt: time('processed_at'), updatedAt: time('updated_at'), cancelledAt: time('cancelled_at'), closedAt: scalar(() => null, 'DateTime'),
  cancelReason: upper((x) => x.cancel_reason), test: own('test', 'Boolean'), sourceName: own('source_name'),
  sourceIdentifier: own('legacy'), email: scalar((x) => x.customer?.email ?? null), note: scalar(() => null),
  tags: scalar(() => [], 'Tags'), edited: scalar((x) => x.edits.length > 0, 'Boolean'), confirmed: scalar(() => true, 'Boolean'),
  taxesIncluded: own('taxes_included', 'Boolean'), displayFinancialStatus: upper(math.financial_status),
  displayFulfillmentStatus: scalar(() => 'UNFULFILLED', 'Enum'), currencyCode: scalar((x, a, ctx) => ctx.shop.currency, 'CurrencyCode'),
  presentmentCurrencyCode: own('presentment', 'CurrencyCode'), discountCodes: scalar((x) => (x.discount_code ? [x.discount_code] : []), 'Codes'),
  discountCode: own('discount_code'), landingPageUrl: own('landing_site', 'URL'), referrerUrl: own('referring_site', 'URL'),
  paymentGatewayNames: scalar((x) => [x.gateway], 'Names'), customAttributes: list('Attribute', (x) => x.note_attributes),
  customer: object('Customer', (x) => x.customer), customerJourneySummary: object('CustomerJourneySummary', (x) => x.journey),
  totalPriceSet: bag(math.total), originalTotalPriceSet: bag(math.total), subtotalPriceSet: bag(math.subtotal),
  totalDiscountsSet: bag(math.discounts), totalTaxSet: bag(math.tax), totalShippingPriceSet: bag((x) => x.shipping),
  totalTipReceivedSet: bag((x) => x.tip), totalRefundedSet: bag(math.refunded_money), totalRefundedShippingSet: bag(math.refunded_shipping),
  totalReceivedSet: bag((x) => (x.paid ? math.total(x) : 0)), totalOutstandingSet: bag((x) => (x.paid ? 0 : math.current(x).total)),
  netPaymentSet: bag((x) => (x.paid ? math.total(x) - math.refunded_money(x) : 0)), currentTotalDutiesSet: object('MoneyBag', () => null),
  currentTotalPriceSet: bag((x) => math.current(x).total), currentSubtotalPriceSet: bag((x) => math.current(x).subtotal),
  currentTotalDiscountsSet: bag((x) => math.current(x).discounts), currentTotalTaxSet: bag((x) => math.current(x).tax),
  currentShippingPriceSet: bag((x) => math.current(x).shipping), totalDutiesSet: zero,
  lineItems: connection('LineItem', (x) => plain(with_order(x, x.lines))),
  shippingLines: connection('ShippingLine', (x) => plain(x.shipping ? [{ id: shipping_line_id(x), order: x }] : [])),
  discountApplications: connection('DiscountApplication', (x, args, ctx) => plain(math.discounts(x) ? [applied(x, ctx)] : [])),
  refunds: list('Refund', (x, args) => some(args, x.refunds), { first: 'Int' }),
  transactions: list('OrderTransaction', (x, args) => some(args, [...charged(x), ...x.refunds.flatMap(paid_back)]), { first: 'Int' }),
  taxLines: list('TaxLine', (x) => (math.tax(x) ? [{ order: x, tax: math.tax(x) }] : [])),
}, { scope: 'read_orders', node: true });

// -- products and stock -------------------------------------------------------

const option_of = (product) => ({ id: product.id, name: product.option, values: product.variants.map((x) => x.title) });
define('ProductOption', { id: gid('ProductOption'), name: own('name'), values: own('values', 'Values'), position: scalar(() => 1, 'Int') });
define('Count', { count: own('count', 'Int'), precision: own('precision', 'Enum') });
define('SelectedOption', { name: own('name'), value: own('value') });
define('Product', {
  id: gid('Product'), legacyResourceId: legacy, title: own('title'), handle: own('handle'), vendor: own('vendor'),
  productType: own('product_type'), status: upper((x) => x.status), tags: own('tags', 'Tags'),
  totalInventory: scalar((x) => x.variants.reduce((sum, v) => sum + in_stock(v), 0), 'Int'),
  tracksInventory: scalar((x) => x.variants.some((v) => v.item.tracked), 'Boolean'), createdAt: time('created_at'),
  updatedAt: time('updated_at'), publishedAt: time('published_at'), hasVariantsThatRequiresComponents: scalar(() => false, 'Boolean'),
  variantsCount: object('Count', (x) => ({ count: x.variants.length, precision: 'EXACT' })),
  options: list('ProductOption', (x) => [option_of(x)], { first: 'Int' }),
  variants: connection('ProductVariant', (x) => plain(x.variants), { ...paging, sortKey: 'Enum', reverse: 'Boolean' }),
}, { scope: 'read_products', node: true });
define('ProductVariant', {
  id: gid('ProductVariant'), legacyResourceId: legacy, title: own('title'), sku: own('sku'), barcode: own('barcode'),
  displayName: scalar((x) => `${x.product.title} - ${x.title}`), price: scalar((x, a, ctx) => decimal(x.price, ctx.shop.currency), 'Money'),
  compareAtPrice: scalar((x, a, ctx) => (x.compare_at === null ? null : decimal(x.compare_at, ctx.shop.currency)), 'Money'),
  inventoryQuantity: scalar((x) => (x.item.tracked ? in_stock(x) : 0), 'Int'), inventoryPolicy: upper((x) => x.policy),
  position: own('position', 'Int'), taxable: scalar(() => true, 'Boolean'), createdAt: time('created_at'), updatedAt: time('updated_at'),
  availableForSale: scalar((x) => !x.item.tracked || x.policy === 'continue' || in_stock(x) > 0, 'Boolean'),
  selectedOptions: list('SelectedOption', (x) => [{ name: x.product.option, value: x.title }]),
  inventoryItem: object('InventoryItem', (x) => x.item), product: object('Product', (x) => x.product),
}, { scope: 'read_products', node: true });
define('InventoryItem', {
  id: gid('InventoryItem'), legacyResourceId: legacy, sku: scalar((x) => x.variant.sku), tracked: own('tracked', 'Boolean'),
  unitCost: object('MoneyV2', (x, a, ctx) => (x.cost === null ? null : { amount: short_decimal(x.cost, ctx.shop.currency), currency: ctx.shop.currency })),
  createdAt: scalar((x) => utc_iso(x.variant.created_at), 'DateTime'), updatedAt: time('updated_at'), variant: object('ProductVariant', (x) => x.variant),
  inventoryLevels: connection('InventoryLevel', (x) => plain(x.levels), { ...paging, query: 'String' }),
  inventoryLevel: object('InventoryLevel', (x, args) => x.levels.find((l) => args.locationId?.endsWith(`/${l.location.id}`)) ?? null, { locationId: 'ID!' }),
  locationsCount: object('Count', (x) => ({ count: x.levels.length, precision: 'EXACT' })),
}, { scope: 'read_inventory', node: true });
define('InventoryQuantity', { name: own('name'), quantity: own('quantity', 'Int') });
const quantity = (level, name) => ['available', 'on_hand'].includes(name) ? level.available : 0;
define('InventoryLevel', {
  id: scalar((x) => `gid://shopify/InventoryLevel/${x.location.id}?inventory_item_id=${x.item.id}`, 'ID'), updatedAt: time('updated_at'),
  location: object('Location', (x) => x.location), item: object('InventoryItem', (x) => x.item),
  quantities: list('InventoryQuantity', (x, args) => args.names.map((name) => ({ name, quantity: quantity(x, name) })), { names: '[String!]!' }),
}, { scope: 'read_inventory' });
define('Location', {
  id: gid('Location'), legacyResourceId: legacy, name: own('name'), isActive: scalar(() => true, 'Boolean'),
  fulfillsOnlineOrders: scalar(() => true, 'Boolean'),
}, { scope: 'read_locations', node: true });

// -- shop, app, webhooks, bulk ------------------------------------------------

define('Domain', { host: own('host'), url: scalar((x) => `https://${x.host}`, 'URL') });
define('ShopPlan', {
  publicDisplayName: own('name'), displayName: own('name'), shopifyPlus: scalar((x) => x.name === 'Plus', 'Boolean'),
  partnerDevelopment: scalar(() => false, 'Boolean'),
});
define('Shop', {
  id: gid('Shop'), name: scalar((x) => x.facts.name), myshopifyDomain: own('domain'), primaryDomain: object('Domain', (x) => ({ host: x.domain })),
  url: scalar((x) => `https://${x.domain}`, 'URL'), email: scalar((x) => `owner@${x.domain}`), currencyCode: own('currency', 'CurrencyCode'),
  ianaTimezone: own('zone'), timezoneOffsetMinutes: scalar((x) => offset_at(x.zone, x.now()) / 60_000, 'Int'),
  timezoneAbbreviation: own('zone'), taxesIncluded: scalar((x) => x.facts.taxes_included ?? false, 'Boolean'),
  enabledPresentmentCurrencies: scalar((x) => [x.currency, ...Object.keys(x.facts.presentment ?? {})], 'Codes'),
  countryCode: scalar((x) => x.facts.country), billingAddress: object('ShopAddress', (x) => x.facts),
  shopAddress: object('ShopAddress', (x) => x.facts), plan: object('ShopPlan', (x) => ({ name: x.facts.plan })),
  createdAt: scalar((x) => utc_iso(x.facts.created_at), 'DateTime'),
});
define('ShopAddress', { countryCodeV2: own('country', 'Enum'), country: own('country'), city: scalar(() => null), zip: scalar(() => null) });
define('AccessScope', { handle: scalar((x) => x), description: scalar((x) => x) });
define('App', { id: gid('App'), title: own('title'), handle: own('title') });
define('AppInstallation', {
  id: gid('AppInstallation'), accessScopes: list('AccessScope', (x) => x.scopes), app: object('App', () => ({ id: '1', title: 'simulated app' })),
});
define('ApiVersion', { handle: own('handle'), displayName: own('handle'), supported: own('supported', 'Boolean') });
define('WebhookSubscription', {
  id: gid('WebhookSubscription'), legacyResourceId: legacy, topic: own('topic', 'Enum'), uri: own('uri'), callbackUrl: own('uri', 'URL'),
  format: scalar(() => 'JSON', 'Enum'), includeFields: scalar((x) => x.include, 'Names'), filter: scalar(() => null),
  apiVersion: object('ApiVersion', (x) => ({ handle: x.version, supported: true })), createdAt: time('created_at'), updatedAt: time('updated_at'),
  endpoint: object('WebhookHttpEndpoint', (x) => x),
}, { node: true });
define('WebhookHttpEndpoint', { callbackUrl: own('uri', 'URL') });
const text = (name) => scalar((x) => (x[name] === null ? null : String(x[name])), 'UnsignedInt64');
define('BulkOperation', {
  id: gid('BulkOperation'), status: own('status', 'Enum'), errorCode: own('error_code', 'Enum'), createdAt: time('created_at'),
  completedAt: time('completed_at'), objectCount: text('objects'), rootObjectCount: text('roots'), fileSize: text('size'),
  url: own('url', 'URL'), partialDataUrl: scalar(() => null, 'URL'), query: own('query'), type: scalar(() => 'QUERY', 'Enum'),
}, { node: true });
define('UserError', { field: own('field', 'Names'), message: own('message'), code: own('code', 'Enum') });
const payload = (name, fields) => define(name, { ...fields, userErrors: list('UserError', (x) => x.userErrors) });
payload('WebhookSubscriptionCreatePayload', { webhookSubscription: object('WebhookSubscription', (x) => x.webhookSubscription) });
payload('WebhookSubscriptionUpdatePayload', { webhookSubscription: object('WebhookSubscription', (x) => x.webhookSubscription) });
payload('WebhookSubscriptionDeletePayload', { deletedWebhookSubscriptionId: own('deletedWebhookSubscriptionId', 'ID') });
payload('BulkOperationRunQueryPayload', { bulkOperation: object('BulkOperation', (x) => x.bulkOperation) });
payload('BulkOperationCancelPayload', { bulkOperation: object('BulkOperation', (x) => x.bulkOperation) });
payload('ProductVariantsBulkUpdatePayload', {
  product: object('Product', (x) => x.product), productVariants: list('ProductVariant', (x) => x.productVariants),
});
define('PageInfo', {
  hasNextPage: own('next', 'Boolean'), hasPreviousPage: own('previous', 'Boolean'), startCursor: own('start'), endCursor: own('end'),
});

/** Adds `XConnection` and `XEdge` for a node type on first use. */
export function connection_type(type) {
  const name = `${type}Connection`;
  if (types[name]) return name;
  define(name, {
    nodes: list(type, (x) => x.page), edges: list(`${type}Edge`, (x) => x.page.map((node, i) => ({ node, cursor: x.cursors[i] }))),
    pageInfo: object('PageInfo', (x) => x),
  });
  define(`${type}Edge`, { node: object(type, (x) => x.node), cursor: own('cursor') });
  return name;
}
