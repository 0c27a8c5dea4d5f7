import { expect, test } from "vitest";

import { change } from "~/format/change";

test.each([
  [110, 100, "up", "+10.0 %"],
  [100, 110, "down", "\u22129.1 %"],
  [100, 100, "flat", "no change"],
  [0, 0, "flat", "no change"],
  [5, 0, "up", "was zero"],
  [-5, 0, "down", "was zero"],
  [0, 50, "down", "\u2212100.0 %"],
  [1_000_001, 1_000_000, "flat", "under 0.1 %"],
  [-50, -100, "up", "+50.0 %"],
  [50, -100, "up", "+150.0 %"],
])("%i after %i is %s, %s", (now, before, direction, text) => {
  expect(change(now, before)).toEqual({ direction, text });
});

test("large changes lose their tenths", () => {
  expect(change(5_000_000, 100).text).toMatch(/^\+4.?999.?900 %$/);
});

test("what does not exist is not compared", () => {
  expect(change(null, 5).direction).toBe("none");
  expect(change(5, null).text).toBe("nothing to compare");
});
