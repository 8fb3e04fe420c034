import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, addMonths, dateOfEpochMs, parseDate } from "#shared/domain/calendar.ts";

/** Far enough from both ends that a century of days may be added. */
const date = fc
  .date({
    min: new Date("0200-01-01T00:00:00Z"),
    max: new Date("9799-12-31T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((instant) => dateOfEpochMs(instant.getTime()));
const days = fc.integer({ min: -36_500, max: 36_500 });

describe("calendar dates", () => {
  it("made by us are dates of the calendar", () => {
    fc.assert(
      fc.property(date, days, (start, count) => {
        expect(parseDate(addDays(start, count))).toBe(addDays(start, count));
      }),
    );
  });

  it("come back when the days that were added are taken away", () => {
    fc.assert(
      fc.property(date, days, (start, count) => {
        expect(addDays(addDays(start, count), -count)).toBe(start);
      }),
    );
  });

  it("add up: two spans one after the other are one span", () => {
    fc.assert(
      fc.property(date, days, days, (start, first, second) => {
        expect(addDays(addDays(start, first), second)).toBe(addDays(start, first + second));
      }),
    );
  });

  it("keep their day when months are added, but for months that lack it, whose last day it is", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -1_200, max: 1_200 }), (start, count) => {
        const end = addMonths(start, count);
        const isLastDay = addDays(end, 1).endsWith("-01");

        expect(
          end.slice(8) === start.slice(8) || (isLastDay && end.slice(8) < start.slice(8)),
        ).toBe(true);
        expect(monthNumber(end) - monthNumber(start)).toBe(count);
      }),
    );
  });

  it("stand in the order of their texts", () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 36_500 }), (start, count) => {
        expect(addDays(start, count) > start).toBe(true);
      }),
    );
  });
});

function monthNumber(text: string): number {
  const [year, month] = text.split("-").map(Number);
  return (year ?? 0) * 12 + (month ?? 0);
}
