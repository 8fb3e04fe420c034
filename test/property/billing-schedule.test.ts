import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BillingTerms,
  type Instalment,
  instalmentOf,
  instalmentsThrough,
  lineOfInstalment,
  splitByDays,
} from "#shared/domain/billing-schedule.ts";
import { addDays, addMonths } from "#shared/domain/calendar.ts";
import { add, type Money, money, sum } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const end = "9000-01-01";
const terms: fc.Arbitrary<BillingTerms & { readonly endsOn: string }> = fc
  .record({
    start: fc.integer({ min: 0, max: 40_000 }),
    length: fc.integer({ min: 0, max: 7_000 }),
    periodMonths: fc.constantFrom(1, 3, 6, 12),
  })
  .map(({ start, length, periodMonths }) => {
    const startsOn = addDays("1990-01-01", start);
    return { startsOn, endsOn: addDays(startsOn, length), periodMonths };
  });
const amount = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.constantFrom("EUR", "JPY", "KWD"))
  .map(([minor, currency]) => money(minor, currency));

function all(of: BillingTerms): readonly Instalment[] {
  const schedule = instalmentsThrough(of, end);
  if (schedule === undefined) throw new Error("the schedule is too long");
  return schedule.due;
}

function aLine(whole: Money): DocumentLine {
  return {
    product: null,
    productCode: "S-1",
    description: "Support",
    quantity: "2",
    unitPrice: "1",
    discountRate: "0",
    amount: whole,
  };
}

describe("a billing schedule", () => {
  it("covers every day from the first to the last, and none twice", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const schedule = all(given);

        expect(schedule[0]?.billedOn).toBe(given.startsOn);
        expect(schedule.at(-1)?.endsOn).toBe(given.endsOn);
        for (const [index, { endsOn }] of schedule.slice(0, -1).entries()) {
          expect(schedule[index + 1]?.billedOn).toBe(addDays(endsOn, 1));
        }
      }),
    );
  });

  it("bills on the start's own day of the month, or the month's last where it has no such day", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const anchor = given.startsOn.slice(8);
        for (const { billedOn } of all(given)) {
          const isLastDay = addDays(billedOn, 1).slice(8) === "01";
          expect(billedOn.slice(8) === anchor || (isLastDay && billedOn.slice(8) < anchor)).toBe(
            true,
          );
        }
      }),
    );
  });

  it("cuts no period short but the last", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const cut = all(given).map(({ days, periodDays }) => days < periodDays);

        expect(cut.slice(0, -1)).not.toContain(true);
      }),
    );
  });

  it("sums to the amount times its periods, the last one by its days", () => {
    fc.assert(
      fc.property(terms, amount, (given, whole) => {
        const schedule = all(given);
        const billed = schedule.map((one) => lineOfInstalment(aLine(whole), one).amount);
        const last = schedule.at(-1) ?? { days: 1, periodDays: 1 };
        const { rest } = splitByDays(whole, last);
        const expected = money(whole.minor * BigInt(schedule.length), whole.currency);

        expect(add(sum(billed, whole.currency), rest)).toEqual(expected);
      }),
    );
  });

  it("of whole periods alone sums to the amount times their number", () => {
    fc.assert(
      fc.property(terms, amount, fc.integer({ min: 1, max: 20 }), (given, whole, count) => {
        const afterLast = addMonths(given.startsOn, count * given.periodMonths);
        const schedule = all({ ...given, endsOn: addDays(afterLast, -1) });
        const billed = schedule.map((one) => lineOfInstalment(aLine(whole), one));

        expect(schedule).toHaveLength(count);
        expect(billed).toEqual(Array.from({ length: count }, () => aLine(whole)));
      }),
    );
  });

  it("on a day is what was billed until then, and names the day of the next", () => {
    fc.assert(
      fc.property(terms, fc.integer({ min: -40, max: 7_100 }), (given, offset) => {
        const today = addDays(given.startsOn, offset);
        const whole = all(given);
        const due = whole.filter(({ billedOn }) => billedOn <= today);

        expect(instalmentsThrough(given, today)).toEqual({
          due,
          nextOn: whole[due.length]?.billedOn,
        });
      }),
    );
  });

  it("has a part of days that is between nothing and the whole", () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 366 }), fc.nat(366), (whole, of, some) => {
        const days = 1 + (some % of);
        const { billed, rest } = splitByDays(whole, { days, periodDays: of });

        expect(add(billed, rest)).toEqual(whole);
        expect(billed.minor * whole.minor >= 0n && rest.minor * whole.minor >= 0n).toBe(true);
      }),
    );
  });

  it("is numbered from one, each number one period", () => {
    fc.assert(
      fc.property(terms, (given) => {
        const schedule = all(given);

        expect(schedule.map(({ number }) => instalmentOf(given, number))).toEqual(schedule);
        expect(schedule.map(({ number }) => number)).toEqual(schedule.map((_, index) => index + 1));
      }),
    );
  });
});
