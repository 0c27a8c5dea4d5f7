import { describe, expect, test } from "vitest";

import { differing, draft_of, faults_of, merge, settings_of, type Draft, type Field } from "~/state/settings_rules";

const good: Draft = {
  display_name: "Linen & Oak",
  comparison_default: "previous_week_day",
  low_stock_threshold: "5",
  freshness_alert_minutes: "30",
  week_start: "monday",
  sync_paused: false,
  retention_days: "365",
};

describe("validation", () => {
  test("a good draft has no fault and survives the way there and back", () => {
    expect(faults_of(good)).toEqual({});
    expect(draft_of(settings_of(good))).toEqual(good);
  });

  test.each<[Field, string, boolean]>([
    ["display_name", "   ", false],
    ["display_name", "x".repeat(80), true],
    ["display_name", "x".repeat(81), false],
    ["display_name", "🌿".repeat(80), true],
    ["low_stock_threshold", "0", true],
    ["low_stock_threshold", "100000", true],
    ["low_stock_threshold", "100001", false],
    ["low_stock_threshold", "-1", false],
    ["low_stock_threshold", "", false],
    ["low_stock_threshold", "5.0", false],
    ["low_stock_threshold", "1e3", false],
    ["low_stock_threshold", "0x10", false],
    ["low_stock_threshold", " 7 ", true],
    ["freshness_alert_minutes", "4", false],
    ["freshness_alert_minutes", "5", true],
    ["freshness_alert_minutes", "1440", true],
    ["freshness_alert_minutes", "1441", false],
    ["retention_days", "29", false],
    ["retention_days", "30", true],
    ["retention_days", "3650", true],
    ["retention_days", "3651", false],
    ["comparison_default", "yesterday", false],
    ["week_start", "tuesday", false],
  ])("%s %j: good is %s", (field, value, is_good) => {
    const faults = faults_of({ ...good, [field]: value });
    expect(Object.keys(faults)).toEqual(is_good ? [] : [field]);
  });

  test("all faults are named at once", () => {
    expect(Object.keys(faults_of({ ...good, display_name: "", retention_days: "x", week_start: "" })).sort()).toEqual(["display_name", "retention_days", "week_start"]);
  });
});

describe("merging with what somebody else saved", () => {
  test("changes of different fields are both kept without a question", () => {
    const mine = { ...good, low_stock_threshold: "9" };
    const theirs = { ...good, week_start: "sunday" };
    expect(merge(good, mine, theirs)).toEqual({ merged: { ...good, low_stock_threshold: "9", week_start: "sunday" }, conflicts: [] });
  });

  test("a field that both changed is a conflict that keeps mine until decided", () => {
    const result = merge(good, { ...good, retention_days: "90" }, { ...good, retention_days: "60" });
    expect(result.conflicts).toEqual([{ field: "retention_days", mine: "90", theirs: "60" }]);
    expect(result.merged.retention_days).toBe("90");
  });

  test("the same change on both sides is no conflict", () => {
    expect(merge(good, { ...good, sync_paused: true }, { ...good, sync_paused: true }).conflicts).toEqual([]);
  });

  test("differences are listed in the form's order", () => {
    expect(differing(good, { ...good, sync_paused: true, display_name: "x" })).toEqual(["display_name", "sync_paused"]);
  });
});
