import { expect, test } from "vitest";

import { counted, percent_done, words } from "~/format/number";

test.each([
  [0, 10, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [1200, 1000, 100],
  [5, 0, null],
  [5, null, null],
])("%i of %s is %s percent", (done, total, percent) => {
  expect(percent_done(done, total)).toBe(percent);
});

test("one is not many", () => {
  expect([counted(1, "order"), counted(0, "order"), counted(2, "entry", "entries")]).toEqual(["1 order", "0 orders", "2 entries"]);
});

test("names of the platform become words", () => {
  expect([words("partially_refunded"), words(""), words("shop-app")]).toEqual(["Partially refunded", "", "Shop app"]);
});
