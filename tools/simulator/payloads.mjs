// Webhook bodies in the REST shape of 2024-10: ids are bare 64-bit integers, money is text, times carry the shop's
// offset. Refund subtotals are JSON numbers, as on the wire.

import { Verbatim } from './json.mjs';
import { convert, decimal } from './money.mjs';
import * as math from './order_math.mjs';
import { in_stock } from './shop.mjs';
import { local_iso, utc_iso } from './zones.mjs';

const gid = (type, id) => `gid://shopify/${type}/${id}`;

/** Writers for one order: money texts and *_set objects, the same amount written once. */
function money_of(shop, order) {
  const texts = new Map();
  const sets = new Map();
  const text = (minor) => {
    if (!texts.has(minor)) texts.set(minor, decimal(minor, shop.currency));
    return texts.get(minor);
  };
  const set = (minor) => {
    if (!sets.has(minor)) sets.set(minor, new Verbatim(JSON.stringify({
      shop_money: { amount: text(minor), currency_code: shop.currency },
      presentment_money: {
        amount: decimal(convert(minor, shop.currency, order.presentment, order.rate), order.presentment),
        currency_code: order.presentment,
      },
    })));
    return sets.get(minor);
  };
  return { text, set };
}

function tax_lines(amount, order, money) {
  if (amount === 0) return [];
  return [{
    price: money.text(amount), rate: order.tax_rate || 0, title: 'Tax', price_set: money.set(amount), channel_liable: false,
  }];
}

function order_line(shop, order, line, money) {
  const { variant } = line;
  const exists = variant !== null && !variant.gone;
  const title = variant && variant.title !== 'Default Title' ? variant.title : null;
  return {
    id: BigInt(line.id), admin_graphql_api_id: gid('LineItem', line.id), attributed_staffs: [],
    current_quantity: math.current_quantity(line), fulfillable_quantity: math.current_quantity(line),
    fulfillment_service: 'manual', fulfillment_status: null, gift_card: line.gift_card, grams: 0,
    name: title ? `${line.title} - ${title}` : line.title, price: money.text(line.price), price_set: money.set(line.price),
    product_exists: exists, product_id: exists ? BigInt(variant.product.id) : null, properties: [], quantity: line.quantity,
    requires_shipping: !line.gift_card, sku: line.sku, taxable: !line.gift_card, title: line.title,
    total_discount: money.text(0), total_discount_set: money.set(0), variant_id: exists ? BigInt(variant.id) : null,
    variant_inventory_management: variant?.item.tracked ? 'shopify' : null, variant_title: title,
    vendor: variant?.product.vendor ?? null, tax_lines: tax_lines(line.tax, order, money), duties: [],
    discount_allocations: line.discount
      ? [{ amount: money.text(line.discount), amount_set: money.set(line.discount), discount_application_index: 0 }]
      : [],
  };
}

function customer_body(customer, shop) {
  if (!customer) return null;
  return {
    id: BigInt(customer.id), email: customer.email, created_at: local_iso(shop.zone, customer.created_at),
    updated_at: local_iso(shop.zone, customer.created_at), first_name: null, last_name: null, state: 'disabled', note: null,
    verified_email: true, multipass_identifier: null, tax_exempt: false, phone: null, tags: '', currency: shop.currency,
    tax_exemptions: [], admin_graphql_api_id: gid('Customer', customer.id), default_address: null,
  };
}

/** orders/create, updated, paid, cancelled. */
export function order_body(shop, order) {
  const money = money_of(shop, order);
  const at = (x) => (x === null ? null : local_iso(shop.zone, x));
  const now = math.current(order);
  const total = math.total(order);
  const discounts = math.discounts(order);
  const both = (name, minor) => ({ [name]: money.text(minor), [`${name}_set`]: money.set(minor) });
  return {
    id: BigInt(order.id), admin_graphql_api_id: gid('Order', order.id), app_id: 580111n, browser_ip: null,
    buyer_accepts_marketing: false, cancel_reason: order.cancel_reason, cancelled_at: at(order.cancelled_at), cart_token: null,
    checkout_id: null, checkout_token: null, client_details: null, closed_at: null, confirmation_number: null, confirmed: true,
    contact_email: order.customer?.email ?? null, created_at: at(order.created_at), currency: shop.currency,
    ...both('current_subtotal_price', now.subtotal), current_total_additional_fees_set: null,
    ...both('current_total_discounts', now.discounts), current_total_duties_set: null,
    ...both('current_total_price', now.total), ...both('current_total_tax', now.tax),
    current_shipping_price_set: money.set(now.shipping), customer_locale: 'en', device_id: null,
    discount_codes: order.discount_code ? [{ code: order.discount_code, amount: money.text(discounts), type: 'fixed_amount' }] : [],
    email: order.customer?.email ?? null, estimated_taxes: false, financial_status: math.financial_status(order),
    fulfillment_status: null, landing_site: order.landing_site, landing_site_ref: null, location_id: null,
    merchant_of_record_app_id: null, name: order.name, note: null, note_attributes: order.note_attributes,
    number: order.number - 1000, order_number: order.number,
    order_status_url: `https://${shop.domain}/${shop.id}/orders/${order.id}/authenticate`,
    original_total_additional_fees_set: null, original_total_duties_set: null, payment_gateway_names: [order.gateway],
    phone: null, po_number: null, presentment_currency: order.presentment, processed_at: at(order.processed_at), reference: null,
    referring_site: order.referring_site, source_identifier: order.legacy, source_name: order.source_name, source_url: null,
    ...both('subtotal_price', math.subtotal(order)), tags: '', tax_exempt: false,
    tax_lines: tax_lines(math.tax(order), order, money), taxes_included: order.taxes_included, test: order.test,
    token: order.id, ...both('total_discounts', discounts), ...both('total_line_items_price', math.gross(order)),
    total_outstanding: order.paid || order.cancelled_at !== null ? money.text(0) : money.text(now.total),
    ...both('total_price', total), total_shipping_price_set: money.set(order.shipping), ...both('total_tax', math.tax(order)),
    total_tip_received: money.text(order.tip), total_weight: 0, updated_at: at(order.updated_at), user_id: null,
    billing_address: null, customer: customer_body(order.customer, shop),
    discount_applications: discounts ? [discount_application(order, discounts, money)] : [], fulfillments: [],
    line_items: order.lines.map((x) => order_line(shop, order, x, money)), payment_terms: null,
    refunds: order.refunds.map((x) => refund_body(shop, x)), shipping_address: null, shipping_lines: shipping_lines(order, money),
  };
}

function discount_application(order, amount, money) {
  const common = {
    target_type: 'line_item', value: money.text(amount), value_type: 'fixed_amount', allocation_method: 'across',
    target_selection: 'all',
  };
  return order.discount_code
    ? { ...common, type: 'discount_code', code: order.discount_code }
    : { ...common, type: 'automatic', title: 'Automatic discount' };
}

/** Shipping lines have no life of their own here: the id follows from the order's. */
export const shipping_line_id = (order) => (BigInt(order.id) + 4_000_000_000_000_000n).toString();

function shipping_lines(order, money) {
  if (!order.shipping) return [];
  return [{
    id: BigInt(shipping_line_id(order)), carrier_identifier: null, code: 'Standard', discounted_price: money.text(order.shipping),
    discounted_price_set: money.set(order.shipping), is_removed: false, phone: null, price: money.text(order.shipping),
    price_set: money.set(order.shipping), requested_fulfillment_service_id: null, source: 'shopify', title: 'Standard',
    tax_lines: tax_lines(order.shipping_tax, order, money), discount_allocations: [],
  }];
}

/** Money that moved beside the lines; negative when it went back to the buyer. */
export function adjustments(refund) {
  const result = [];
  const [shipping_id, goodwill_id] = refund.adjustment_ids;
  if (refund.shipping || refund.shipping_tax)
    result.push({ id: shipping_id, amount: -refund.shipping, tax: -refund.shipping_tax || 0, kind: 'shipping_refund', reason: 'Shipping refund' });
  if (refund.goodwill)
    result.push({ id: goodwill_id, amount: -refund.goodwill, tax: 0, kind: 'refund_discrepancy', reason: 'Refund discrepancy' });
  return result;
}

/** refunds/create, and the refunds inside an order. */
export function refund_body(shop, refund) {
  const { order } = refund;
  const money = money_of(shop, order);
  const at = local_iso(shop.zone, refund.created_at);
  const number = (minor) => {
    const text = decimal(minor, shop.currency);
    return new Verbatim(text.includes('.') ? text.replace(/0$/, '') : `${text}.0`);
  };
  return {
    id: BigInt(refund.id), order_id: BigInt(order.id), created_at: at, note: refund.note, user_id: null, processed_at: at,
    restock: refund.lines.some((x) => x.restock !== 'no_restock'), duties: [], total_duties_set: money.set(0), return: null,
    admin_graphql_api_id: gid('Refund', refund.id),
    refund_shipping_lines: refund.shipping || refund.shipping_tax ? [{
      id: BigInt(refund.adjustment_ids[0]), subtotal_amount_set: money.set(refund.shipping), tax_amount_set: money.set(refund.shipping_tax),
      shipping_line: shipping_lines(order, money)[0] ?? null,
    }] : [],
    refund_line_items: refund.lines.map((x) => ({
      id: BigInt(x.id), quantity: x.quantity, line_item_id: BigInt(x.line.id), location_id: null, restock_type: x.restock,
      subtotal: number(x.subtotal), total_tax: number(x.tax), subtotal_set: money.set(x.subtotal),
      total_tax_set: money.set(x.tax), line_item: order_line(shop, order, x.line, money),
    })),
    transactions: refund.paid_back === 0 ? [] : [{
      id: BigInt(refund.transaction_id), order_id: BigInt(order.id), kind: 'refund', gateway: order.gateway, status: 'success',
      message: null, created_at: at, test: order.test, authorization: null, parent_id: null, processed_at: at, device_id: null,
      error_code: null, amount: money.text(refund.paid_back), currency: shop.currency, source_name: order.source_name,
      admin_graphql_api_id: gid('OrderTransaction', refund.transaction_id),
    }],
    order_adjustments: adjustments(refund).map((x) => ({
      id: BigInt(x.id), order_id: BigInt(order.id), refund_id: BigInt(refund.id), amount: money.text(x.amount),
      tax_amount: money.text(x.tax), kind: x.kind, reason: x.reason, amount_set: money.set(x.amount),
      tax_amount_set: money.set(x.tax),
    })),
  };
}

function order_edited_body(shop, order, { edit }) {
  const deltas = (list) => list.map((x) => ({ id: BigInt(x.line.id), delta: x.delta }));
  const none = { additions: [], removals: [] };
  return {
    order_edit: {
      id: BigInt(edit.id), app_id: null, created_at: local_iso(shop.zone, edit.at), committed_at: local_iso(shop.zone, edit.at),
      notify_customer: false, order_id: BigInt(order.id), staff_note: '', user_id: null,
      line_items: { additions: deltas(edit.additions), removals: deltas(edit.removals) }, discounts: { line_item: none },
      shipping_lines: none,
    },
  };
}

function variant_body(shop, variant, flat = false) {
  const stock = in_stock(variant);
  const inventory = flat ? {} : { inventory_item_id: BigInt(variant.item.id) };
  return {
    admin_graphql_api_id: gid('ProductVariant', variant.id), barcode: variant.barcode,
    compare_at_price: variant.compare_at === null ? null : decimal(variant.compare_at, shop.currency),
    created_at: local_iso(shop.zone, variant.created_at), id: BigInt(variant.id), inventory_policy: variant.policy,
    position: variant.position, price: decimal(variant.price, shop.currency), product_id: BigInt(variant.product.id),
    sku: variant.sku, taxable: true, title: variant.title, updated_at: local_iso(shop.zone, variant.updated_at),
    option1: variant.title, option2: null, option3: null, image_id: null, ...inventory, inventory_quantity: stock,
    old_inventory_quantity: stock,
  };
}

function product_body(shop, product) {
  return {
    admin_graphql_api_id: gid('Product', product.id), body_html: null, created_at: local_iso(shop.zone, product.created_at),
    handle: product.handle, id: BigInt(product.id), product_type: product.product_type,
    published_at: product.published_at === null ? null : local_iso(shop.zone, product.published_at), template_suffix: null,
    title: product.title, updated_at: local_iso(shop.zone, product.updated_at), vendor: product.vendor, status: product.status,
    published_scope: 'web', tags: product.tags.join(', '), variants: product.variants.slice(0, 100).map((x) => variant_body(shop, x)),
    options: [{
      name: product.option, product_id: BigInt(product.id), position: 1, values: product.variants.map((x) => x.title),
    }],
    images: [], image: null, media: [],
    variant_gids: product.variants.map((x) => ({
      admin_graphql_api_id: gid('ProductVariant', x.id), updated_at: utc_iso(x.updated_at).replace('Z', '.000Z'),
    })),
    has_variants_that_requires_components: false,
  };
}

function inventory_item_body(shop, item) {
  return {
    id: BigInt(item.id), sku: item.variant.sku, created_at: local_iso(shop.zone, item.variant.created_at),
    updated_at: local_iso(shop.zone, item.updated_at), requires_shipping: true,
    cost: item.cost === null ? null : decimal(item.cost, shop.currency), country_code_of_origin: null,
    province_code_of_origin: null, harmonized_system_code: null, tracked: item.tracked, country_harmonized_system_codes: [],
    admin_graphql_api_id: gid('InventoryItem', item.id),
  };
}

function level_body(shop, level) {
  return {
    inventory_item_id: BigInt(level.item.id), location_id: BigInt(level.location.id), available: level.available,
    updated_at: local_iso(shop.zone, level.updated_at),
    admin_graphql_api_id: `${gid('InventoryLevel', level.location.id)}?inventory_item_id=${level.item.id}`,
  };
}

/** app/uninstalled, shop/update. */
export function shop_body(shop) {
  const { facts } = shop;
  return {
    id: BigInt(shop.id), name: facts.name, email: `owner@${facts.domain}`, domain: facts.domain, country: facts.country,
    created_at: local_iso(shop.zone, facts.created_at), updated_at: local_iso(shop.zone, Math.floor(shop.now() / 1000) * 1000),
    country_code: facts.country, currency: shop.currency, iana_timezone: shop.zone, plan_display_name: facts.plan,
    plan_name: facts.plan.toLowerCase(), myshopify_domain: facts.domain, taxes_included: facts.taxes_included ?? false,
    primary_location_id: shop.locations.length ? BigInt(shop.locations[0].id) : null, has_storefront: true,
    enabled_presentment_currencies: [shop.currency, ...Object.keys(facts.presentment ?? {})],
  };
}

function privacy_body(shop, topic, { customer, orders = [] } = {}) {
  const result = { shop_id: BigInt(shop.id), shop_domain: shop.domain };
  if (topic === 'shop/redact') return result;
  const who = { id: BigInt(customer?.id ?? 1), email: customer?.email ?? 'someone@example.com', phone: null };
  const ids = orders.map((x) => BigInt(x.id));
  if (topic === 'customers/redact') return { ...result, customer: who, orders_to_redact: ids };
  return { ...result, orders_requested: ids, customer: who, data_request: { id: BigInt(shop.next_id()) } };
}

const only_id = (_, x) => ({ id: BigInt(x.id) });

const writers = {
  'orders/create': order_body, 'orders/paid': order_body, 'orders/updated': order_body, 'orders/cancelled': order_body,
  'orders/edited': order_edited_body, 'orders/delete': only_id, 'refunds/create': refund_body,
  'products/create': product_body, 'products/update': product_body, 'products/delete': only_id,
  'inventory_levels/update': level_body, 'inventory_items/update': inventory_item_body,
  'variants/out_of_stock': (shop, x) => variant_body(shop, x, true), 'app/uninstalled': shop_body, 'shop/update': shop_body,
  'app/scopes_update': (_, x) => x, 'bulk_operations/finish': (_, x) => x,
  'customers/data_request': (shop, x) => privacy_body(shop, 'customers/data_request', x),
  'customers/redact': (shop, x) => privacy_body(shop, 'customers/redact', x),
  'shop/redact': (shop) => privacy_body(shop, 'shop/redact'),
};

/** The body of a webhook as a value for to_json(). */
export function webhook_body(shop, topic, subject, extra) {
  return writers[topic](shop, subject, extra);
}
