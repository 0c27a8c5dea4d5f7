// Money as integer minor units; decimal texts only at the borders.

// ISO 4217 currencies whose minor unit is not 1/100.
const digits_of = new Map([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((x) => [x, 0]),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((x) => [x, 3]),
]);

/** Number of decimals of a currency. */
export function digits(currency) {
  return digits_of.get(currency) ?? 2;
}

/** "10.00", the form of webhooks and of the scalar Money. */
export function decimal(minor, currency) {
  const n = digits(currency);
  if (n === 0) return String(minor);
  const sign = minor < 0 ? '-' : '';
  const text = String(Math.abs(minor)).padStart(n + 1, '0');
  return `${sign}${text.slice(0, -n)}.${text.slice(-n)}`;
}

/** "10.0", the form of MoneyV2.amount: no trailing zeros, at least one decimal. */
export function short_decimal(minor, currency) {
  const text = decimal(minor, currency);
  if (!text.includes('.')) return `${text}.0`;
  return text.replace(/0+$/, '').replace(/\.$/, '.0');
}

/**
 * Decimal text to minor units.
 * @returns null when the text is not a number or has more decimals than the currency.
 */
export function parse_decimal(text, currency) {
  const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (!match) return null;
  const n = digits(currency);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > n) return null;
  const minor = Number(match[2]) * 10 ** n + Number(fraction.padEnd(n, '0') || 0);
  return match[1] && minor ? -minor : minor;
}

/** Rounds half away from zero. */
export function round(x) {
  return x < 0 ? -Math.round(-x) : Math.round(x);
}

/** Shop money to presentment money at *rate* (presentment major per shop major). */
export function convert(minor, from, to, rate) {
  if (from === to) return minor;
  return round(minor * rate * 10 ** (digits(to) - digits(from))) || 0;
}

/** Splits *total* by *weights* so that the parts add up (largest remainder, earlier parts first). */
export function allocate(total, weights) {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (sum === 0) return weights.map((_, i) => (i === 0 ? total : 0));
  const exact = weights.map((w) => (total * w) / sum);
  const result = exact.map(Math.trunc);
  let left = total - result.reduce((a, b) => a + b, 0);
  const step = Math.sign(left);
  const order = exact
    .map((x, i) => [Math.abs(x - result[i]), i])
    .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  for (let k = 0; left !== 0; k = (k + 1) % order.length, left -= step) result[order[k][1]] += step;
  return result;
}
