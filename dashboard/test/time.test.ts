import { expect, test } from "vitest";

import { clock, day, day_after, moment, month, span } from "~/format/time";

const en = { locale: "en-GB" };

test.each([
  ["Europe/Berlin", "16:09:26"],
  ["America/New_York", "11:09:26"],
  ["Asia/Tokyo", "00:09:26"],
])("one instant is %s %s", (zone, text) => {
  expect(clock("2026-03-14T15:09:26Z", zone, en)).toBe(text);
});

test("the day of an instant is the store's and not the browser's", () => {
  // 23:30 UTC is already the 15th in Tokyo, where it is also the day of the view.
  expect(moment("2026-03-14T23:30:00Z", "Asia/Tokyo", "2026-03-15T03:00:00Z", en)).toBe("08:30");
  expect(moment("2026-03-14T14:30:00Z", "Asia/Tokyo", "2026-03-15T03:00:00Z", en)).toBe("14 Mar, 23:30");
});

test("another year is named", () => {
  expect(moment("2025-03-14T12:00:00Z", "UTC", "2026-03-15T03:00:00Z", en)).toBe("14 Mar 2025, 12:00");
});

test("days of the store's calendar are never shifted by a zone", () => {
  expect(day("2026-03-14", "short", en)).toMatch(/^Sat,? 14 Mar$/);
  expect(day("2026-03-14", "long", en)).toMatch(/^Saturday,? 14 March 2026$/);
  expect(month("2026-03", en)).toBe("March 2026");
});

test.each([
  ["2026-03-01", -1, "2026-02-28"],
  ["2024-02-28", 1, "2024-02-29"],
  ["2026-12-31", 1, "2027-01-01"],
  ["2026-03-29", -1, "2026-03-28"],
])("%s and %i days is %s", (from, count, to) => {
  expect(day_after(from, count)).toBe(to);
});

test.each([
  [-3, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [3599, "59 min"],
  [3600, "1 h"],
  [172_800, "2 d"],
])("%d seconds are %s", (seconds, text) => {
  expect(span(seconds)).toBe(text);
});
