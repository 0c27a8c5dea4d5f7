// Shops that do not exist: their facts, products, stock and customers, drawn from a seed.

import { Random } from './prng.mjs';

const profiles = [
  { currency: 'USD', zone: 'America/New_York', country: 'US', plan: 'Advanced', tax_rate: 0.0825, presentment: { CAD: 1.36, EUR: 0.92 }, theme: 'clothes' },
  { currency: 'EUR', zone: 'Europe/Berlin', country: 'DE', plan: 'Shopify', tax_rate: 0.19, presentment: { CHF: 0.95, USD: 1.09 }, theme: 'home' },
  { currency: 'JPY', zone: 'Asia/Tokyo', country: 'JP', plan: 'Plus', tax_rate: 0.1, presentment: { USD: 0.0067 }, theme: 'tea' },
  { currency: 'GBP', zone: 'Europe/London', country: 'GB', plan: 'Basic', tax_rate: 0.2, presentment: { EUR: 1.17 }, theme: 'home' },
  { currency: 'AUD', zone: 'Australia/Sydney', country: 'AU', plan: 'Advanced', tax_rate: 0.1, presentment: { NZD: 1.08, USD: 0.66 }, theme: 'clothes' },
];

const themes = {
  clothes: {
    adjectives: ['Linen', 'Merino', 'Organic', 'Relaxed', 'Vintage', 'Ribbed', 'Quilted', 'Everyday'],
    nouns: ['Tee', 'Hoodie', 'Overshirt', 'Dress', 'Jogger', 'Cardigan', 'Scarf', 'Beanie'], option: 'Size', values: ['S', 'M', 'L', 'XL'], price: [1800, 12000],
  },
  home: {
    adjectives: ['Oak', 'Stoneware', 'Woven', 'Brass', 'Smoked', 'Nordic', 'Felt', 'Marble'],
    nouns: ['Lamp', 'Bowl', 'Cushion', 'Candle', 'Tray', 'Vase', 'Throw', 'Mug'], option: 'Colour', values: ['Sand', 'Moss', 'Ink'], price: [900, 14000],
  },
  tea: {
    adjectives: ['Ceremonial', 'Roasted', 'First Flush', 'Smoky', 'Jasmine', 'Mountain', 'Shaded', 'Aged'],
    nouns: ['Matcha', 'Sencha', 'Hojicha', 'Oolong', 'Genmaicha', 'Gyokuro', 'Teapot', 'Whisk'], option: 'Weight', values: ['50 g', '100 g', '250 g'], price: [800, 9000],
  },
};

/** Facts of the *i*-th generated shop called *domain*. */
export function generated_facts(domain, i, now) {
  const { theme, tax_rate, ...facts } = profiles[i % profiles.length];
  const name = domain.split('.')[0].split('-').map((x) => x[0].toUpperCase() + x.slice(1)).join(' ');
  return { domain, name, ...facts, theme, tax_rate, created_at: now - 400 * 86_400_000 };
}

/** Fills a shop with locations, products and customers as of *at*. */
export function stock_shop(shop, seed, at) {
  const random = new Random(seed, `catalog ${shop.domain}`);
  const theme = themes[shop.facts.theme];
  const rounded = (x) => (shop.currency === 'JPY' ? Math.round(x / 100) * 100 : Math.round(x / 100) * 100 - 1);
  shop.add_location('Main warehouse');
  if (random.chance(0.5)) shop.add_location('Flagship shop');
  const titles = new Set();
  while (titles.size < 28) titles.add(`${random.pick(theme.adjectives)} ${random.pick(theme.nouns)}`);
  for (const title of titles) {
    const price = rounded(theme.price[0] + random.unit() ** 2 * (theme.price[1] - theme.price[0]));
    const cost = random.chance(0.85) ? Math.round(price * (0.25 + 0.35 * random.unit())) : null; // some merchants never enter it
    const on_sale = random.chance(0.2);
    const code = title.replace(/[^A-Z]/g, '') + random.integer(100, 999);
    const count = random.integer(1, theme.values.length);
    shop.add_product({
      title, vendor: shop.facts.name, product_type: title.split(' ').pop(), option: theme.option,
      status: random.weighted(['active', 'draft', 'archived'], [24, 2, 2]), tags: on_sale ? ['sale'] : [],
      variants: theme.values.slice(0, count).map((value) => ({
        title: value, sku: random.chance(0.95) ? `${code}-${value.replace(/\W/g, '').toUpperCase()}` : null, price,
        compare_at: on_sale ? rounded(price * 1.3) : null, cost, policy: random.chance(0.1) ? 'continue' : 'deny', tracked: !random.chance(0.05),
        stock: shop.locations.map(() => random.integer(40, 400)),
      })),
    }, at);
  }
  shop.add_product({
    title: 'Gift card', vendor: shop.facts.name, product_type: 'Gift Cards', option: 'Amount',
    variants: [{ title: 'Standard', price: rounded(5000), tracked: false }],
  }, at);
  for (let i = 0; i < 400; ++i)
    shop.customers.push({ id: shop.next_id(), email: `buyer${i + 1}@example.com`, orders: 0, created_at: at });
}
