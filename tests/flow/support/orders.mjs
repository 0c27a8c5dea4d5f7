// Orders in the shape of Shopify's webhooks (REST, 2024-10), made for tests.

const amount = (minor) => (minor / 100).toFixed(2);
const set = (minor, unit) => ({
  shop_money: { amount: amount(minor), currency_code: unit },
  presentment_money: { amount: amount(minor), currency_code: unit },
});

/** An order of one line: *quantity* x *price* (minor units) + *shipping*, tax free. */
export function order(id, { at = '2026-11-20T10:00:00Z', updated = at, price = 1000, quantity = 1, shipping = 0, unit = 'USD', ...more } = {}) {
  const goods = price * quantity;
  const total = goods + shipping;
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    created_at: at,
    processed_at: at,
    updated_at: updated,
    cancelled_at: null,
    test: false,
    currency: unit,
    presentment_currency: unit,
    financial_status: 'paid',
    fulfillment_status: null,
    source_name: 'web',
    taxes_included: false,
    customer: null,
    discount_codes: [],
    note_attributes: [],
    subtotal_price: amount(goods),
    total_line_items_price: amount(goods),
    total_discounts: '0.00',
    total_tax: '0.00',
    total_tip_received: '0.00',
    total_price: amount(total),
    total_price_set: set(total, unit),
    total_shipping_price_set: set(shipping, unit),
    current_subtotal_price: amount(goods),
    current_total_discounts: '0.00',
    current_total_tax: '0.00',
    current_total_price: amount(total),
    line_items: [
      {
        id: id * 10 + 1,
        variant_id: 501,
        product_id: 401,
        sku: 'A-1',
        title: 'Mug',
        quantity,
        current_quantity: quantity,
        price: amount(price),
        total_discount: '0.00',
        discount_allocations: [],
        tax_lines: [],
      },
    ],
    shipping_lines: shipping ? [{ id: id * 10 + 2, title: 'Standard', price: amount(shipping), discounted_price: amount(shipping) }] : [],
    refunds: [],
  };
}
