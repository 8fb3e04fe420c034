import { describe, expect, it } from "vitest";
import { addDays, addMonths, dateOfEpochMs, parseDate } from "#shared/domain/calendar.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const unreadable = new SyncError({ kind: "invalid-input", code: "date-unreadable" });

describe("parseDate", () => {
  it.each(["2026-11-22", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])(
    "takes %s",
    (text) => {
      expect(parseDate(text)).toBe(text);
    },
  );

  it.each([
    "2026-02-30",
    "2026-02-29",
    "1900-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-1-1",
    "22/11/2026",
    "2026-11-22T00:00:00Z",
    " 2026-11-22",
    "",
  ])("refuses %j", (text) => {
    expect(() => parseDate(text)).toThrow(unreadable);
  });
});

describe("addDays", () => {
  it.each([
    ["2026-01-31", 1, "2026-02-01"],
    ["2024-02-28", 1, "2024-02-29"],
    ["2026-02-28", 1, "2026-03-01"],
    ["2026-12-31", 1, "2027-01-01"],
    ["2026-01-01", -1, "2025-12-31"],
    ["2026-11-22", 30, "2026-12-22"],
    ["2026-11-22", 0, "2026-11-22"],
    // Days on which clocks change in Europe and America are days like any other.
    ["2026-03-28", 2, "2026-03-30"],
    ["2026-10-31", 2, "2026-11-02"],
  ])("%s and %i days is %s", (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected);
  });

  it.each([
    ["9999-12-31", 1],
    ["0000-01-01", -1],
    ["2026-01-01", Number.MAX_SAFE_INTEGER],
    ["2026-01-01", Number.NaN],
  ])("refuses %s and %d days: no date of four digits", (date, days) => {
    expect(() => addDays(date, days)).toThrow(unreadable);
  });

  it("refuses to count from what is no date", () => {
    expect(() => addDays("2026-02-30", 1)).toThrow(unreadable);
  });
});

describe("addMonths", () => {
  it.each([
    ["2026-01-15", 1, "2026-02-15"],
    ["2026-01-31", 1, "2026-02-28"],
    ["2026-01-31", 2, "2026-03-31"],
    ["2024-01-31", 1, "2024-02-29"],
    ["2100-01-30", 1, "2100-02-28"],
    ["2000-02-29", 12, "2001-02-28"],
    ["2026-11-30", 3, "2027-02-28"],
    ["2026-12-01", 1, "2027-01-01"],
    ["2026-01-01", -1, "2025-12-01"],
    ["2026-03-31", -13, "2025-02-28"],
    ["2026-08-31", 0, "2026-08-31"],
  ])("%s and %i months is %s", (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected);
  });

  it.each([
    ["9999-12-31", 1],
    ["0000-01-01", -1],
    ["2026-01-01", Number.MAX_SAFE_INTEGER],
    ["2026-01-01", Number.NaN],
    ["2026-02-30", 1],
  ])("refuses %s and %d months", (date, months) => {
    expect(() => addMonths(date, months)).toThrow(unreadable);
  });
});

describe("dateOfEpochMs", () => {
  it("is the date in UTC, to the last millisecond", () => {
    expect(dateOfEpochMs(Date.UTC(2026, 10, 22))).toBe("2026-11-22");
    expect(dateOfEpochMs(Date.UTC(2026, 10, 22) - 1)).toBe("2026-11-21");
    expect(dateOfEpochMs(0)).toBe("1970-01-01");
    expect(dateOfEpochMs(-1)).toBe("1969-12-31");
  });
});
