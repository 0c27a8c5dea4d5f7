import { expect, test } from "vitest";

import { longest_wait, reconnect_wait } from "~/live/backoff";

test("full jitter spreads every wait from nothing to its ceiling", () => {
  expect(reconnect_wait(3, 0)).toBe(0);
  expect(reconnect_wait(3, 0.5)).toBe(1000);
  expect(reconnect_wait(3, 0.999999)).toBe(1999);
});

test("no number of failures exceeds the longest wait", () => {
  for (const failures of [6, 20, 1000, 1e9]) expect(reconnect_wait(failures, 0.999999)).toBeLessThan(longest_wait);
});
