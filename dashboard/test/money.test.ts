import { describe, expect, test } from "vitest";

import { average, divide, money } from "~/format/money";

const eur = { currency: "EUR", exponent: 2 };
const jpy = { currency: "JPY", exponent: 0 };
const kwd = { currency: "KWD", exponent: 3 };
const en = { locale: "en-US" };
/** No-break spaces are spaces here. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("money", () => {
  test.each([
    [0, eur, "€0.00"],
    [5, eur, "€0.05"],
    [99, eur, "€0.99"],
    [100, eur, "€1.00"],
    [123_456_789, eur, "€1,234,567.89"],
    [-5, eur, "\u2212€0.05"],
    [-50, eur, "\u2212€0.50"],
    [-100, eur, "\u2212€1.00"],
    [0, jpy, "¥0"],
    [1, jpy, "¥1"],
    [-1_234_567, jpy, "\u2212¥1,234,567"],
    [1, kwd, "KWD 0.001"],
    [12_345, kwd, "KWD 12.345"],
    [-999, kwd, "\u2212KWD 0.999"],
  ])("%i of %o is %s", (minor, unit, text) => {
    expect(plain(money(minor, unit, en))).toBe(text);
  });

  test("amounts beyond what a double can hold keep every digit", () => {
    expect(money(9_223_372_036_854_775_807n, eur, en)).toBe("€92,233,720,368,547,758.07");
    expect(money(-9_223_372_036_854_775_808n, jpy, en)).toBe("\u2212¥9,223,372,036,854,775,808");
  });

  test("the locale decides where the currency stands", () => {
    expect(plain(money(-123_456, eur, { locale: "de-DE" }))).toBe("\u22121.234,56 €");
    expect(plain(money(7, eur, { locale: "de-DE" }))).toBe("0,07 €");
  });

  test.each([
    [150, "+€1.50"],
    [5, "+€0.05"],
    [0, "€0.00"],
    [-5, "\u2212€0.05"],
  ])("a signed %i is %s", (minor, text) => {
    expect(money(minor, eur, { ...en, signed: true })).toBe(text);
  });

  test("whole amounts are cut and never rounded up", () => {
    expect(money(199_999, eur, { ...en, whole: true })).toBe("€1,999");
  });

  test("a shop whose currency is not known yet shows bare numbers", () => {
    expect(money(1234, { currency: "", exponent: 2 }, en)).toBe("12.34");
  });

  test("every amount can be read back to the same minor units", () => {
    let seed = 7;
    for (let i = 0; i < 2000; i += 1) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const minor = seed - 1_073_741_824;
      for (const unit of [eur, jpy, kwd]) {
        const digits = money(minor, unit, en).replace(/[^0-9]/g, "");
        expect(Number(digits)).toBe(Math.abs(minor));
      }
    }
  });
});

describe("dividing", () => {
  test.each([
    [10n, 4n, 3n],
    [9n, 4n, 2n],
    [-10n, 4n, -3n],
    [-9n, 4n, -2n],
    [0n, 3n, 0n],
  ])("%i by %i is %i", (amount, by, result) => {
    expect(divide(amount, by)).toBe(result);
  });

  test("an average of nothing does not exist", () => {
    expect(average(0, 0)).toBeNull();
    expect(average(1001, 2)).toBe(501);
    expect(average(-1001, 2)).toBe(-501);
  });
});
