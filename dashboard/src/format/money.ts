// Money as the server sends it: integer minor units. Nothing here goes through a floating point amount.

/** What an amount is counted in: ISO 4217 code and how many minor digits it has (EUR 2, JPY 0, KWD 3). */
export interface Unit {
  currency: string;
  exponent: number;
}

export interface MoneyOptions {
  locale?: string | undefined;
  /** Always show + or -. */
  signed?: boolean;
  /** Leave the minor digits out (axis labels): cuts, never rounds up. */
  whole?: boolean;
}

const formats = new Map<string, Intl.NumberFormat>();

function format_of(unit: Unit, options: MoneyOptions): Intl.NumberFormat {
  const key = `${options.locale ?? ""}|${unit.currency}|${unit.exponent}|${options.signed}|${options.whole}`;
  let result = formats.get(key);
  if (!result) {
    const digits = options.whole ? 0 : unit.exponent;
    result = new Intl.NumberFormat(options.locale, {
      // A shop that was never read yet has no currency; its amounts are bare numbers.
      ...(/^[A-Z]{3}$/.test(unit.currency) ? { style: "currency" as const, currency: unit.currency } : {}),
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: options.signed ? "exceptZero" : "auto",
    });
    formats.set(key, result);
  }
  return result;
}

/**
 * Renders an amount in minor units, exact for every 64-bit amount.
 * The locale decides grouping and where the sign goes; the digits are ours.
 */
export function money(minor: number | bigint, unit: Unit, options: MoneyOptions = {}): string {
  const amount = BigInt(minor);
  const negative = amount < 0n;
  const digits = (negative ? -amount : amount).toString().padStart(unit.exponent + 1, "0");
  const cut = digits.length - unit.exponent;
  const whole = BigInt(digits.slice(0, cut));
  const fraction = digits.slice(cut);
  // A zero has no sign of its own, so that -0.50 is laid out as -1 and its digits replaced.
  const laid_out = whole === 0n && amount !== 0n ? 1n : whole;
  return format_of(unit, options)
    .formatToParts(negative ? -laid_out : laid_out)
    .map((part) => {
      if (part.type === "fraction") return fraction;
      if (part.type === "minusSign") return "\u2212"; // as wide as the plus sign, unlike the hyphen
      if (part.type === "integer" && whole === 0n) return "0";
      return part.value;
    })
    .join("");
}

/** Rounds half away from zero; the divisor must be positive. */
export function divide(amount: bigint, by: bigint): bigint {
  const negative = amount < 0n;
  const size = negative ? -amount : amount;
  const result = (2n * size + by) / (2n * by);
  return negative ? -result : result;
}

/** Average of a sum over a count in minor units; null when there is nothing to divide by. */
export function average(sum: number, count: number): number | null {
  return count > 0 ? Number(divide(BigInt(sum), BigInt(count))) : null;
}
