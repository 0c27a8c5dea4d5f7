// productVariantsBulkUpdate: prices of one product's variants.

import { parse_decimal } from '../money.mjs';
import { number_of } from './roots.mjs';

const wrong = (field, message, code) => ({ field, message, code });

function change_of(input, i, product, ctx) {
  const at = (name) => ['variants', String(i), name];
  const id = number_of(input.id, 'ProductVariant');
  if (!id) return { error: wrong(at('id'), 'Product variant is missing ID attribute', 'PRODUCT_VARIANT_ID_MISSING') };
  const variant = product.variants.find((x) => x.id === id);
  if (!variant) return { error: wrong(at('id'), 'Product variant does not exist', 'PRODUCT_VARIANT_DOES_NOT_EXIST') };
  const change = {};
  for (const [name, key] of [['price', 'price'], ['compareAtPrice', 'compare_at']]) {
    if (!(name in input)) continue;
    if (input[name] === null && name === 'compareAtPrice') change[key] = null;
    else {
      const minor = parse_decimal(String(input[name]), ctx.shop.currency);
      if (minor === null) return { error: wrong(at(name), `${name} is not a number`, 'INVALID_VALUE') };
      if (minor < 0) return { error: wrong(at(name), `${name} must be greater than or equal to 0`, 'NEGATIVE_PRICE_VALUE') };
      change[key] = minor;
    }
  }
  return { variant, change };
}

function run(args, ctx) {
  const product = ctx.shop.products.get(number_of(args.productId, 'Product'));
  if (!product)
    return { product: null, productVariants: null, userErrors: [wrong(['productId'], 'Product does not exist', 'PRODUCT_DOES_NOT_EXIST')] };
  const wanted = args.variants.map((x, i) => change_of(x, i, product, ctx));
  const errors = wanted.flatMap((x) => x.error ?? []);
  if (errors.length && !args.allowPartialUpdates) return { product, productVariants: null, userErrors: errors };
  const done = wanted.filter((x) => !x.error);
  for (const { variant, change } of done) ctx.shop.set_price(variant, change);
  return { product, productVariants: done.map((x) => x.variant), userErrors: errors };
}

export const set_prices = {
  shape: 'object', type: 'ProductVariantsBulkUpdatePayload', scope: 'write_products', get: (x, args, ctx) => run(args, ctx),
  args: { productId: 'ID!', variants: '[ProductVariantsBulkInput!]!', allowPartialUpdates: 'Boolean' },
};
