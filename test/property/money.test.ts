import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  allocate,
  compare,
  formatMoney,
  money,
  negate,
  parseMoney,
  subtract,
  sum,
  zero,
} from "#shared/domain/money.ts";

const minor = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");
const euros = minor.map((units) => money(units, "EUR"));
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 12 })
  .filter((list) => list.some((weight) => weight > 0n));

describe("money", () => {
  it("is the same amount once written and read again, in every currency", () => {
    fc.assert(
      fc.property(minor, currency, (units, code) => {
        expect(parseMoney(formatMoney(money(units, code)), code)).toEqual(money(units, code));
      }),
    );
  });

  it("has a text that reading and writing leaves as it is", () => {
    fc.assert(
      fc.property(minor, currency, (units, code) => {
        const text = formatMoney(money(units, code));

        expect(formatMoney(parseMoney(text, code))).toBe(text);
      }),
    );
  });

  it("comes back when what was added is taken away", () => {
    fc.assert(
      fc.property(euros, euros, (left, right) => {
        expect(subtract(add(left, right), right)).toEqual(left);
        expect(add(left, negate(right))).toEqual(subtract(left, right));
        expect(add(left, negate(left))).toEqual(zero("EUR"));
      }),
    );
  });

  it("sums to the same whatever the order", () => {
    fc.assert(
      fc.property(fc.array(euros), (amounts) => {
        expect(sum([...amounts].reverse(), "EUR")).toEqual(sum(amounts, "EUR"));
      }),
    );
  });

  it("compares as its difference does", () => {
    fc.assert(
      fc.property(euros, euros, (left, right) => {
        const difference = subtract(left, right).minor;

        expect(compare(left, right)).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
        expect(compare(left, right) + compare(right, left)).toBe(0);
      }),
    );
  });
});

describe("an allocation", () => {
  it("sums to the whole", () => {
    fc.assert(
      fc.property(minor, currency, weights, (units, code, by) => {
        const whole = money(units, code);

        expect(sum(allocate(whole, by), code)).toEqual(whole);
      }),
    );
  });

  it("gives each part its exact share, to within one unit", () => {
    fc.assert(
      fc.property(minor, weights, (units, by) => {
        const total = by.reduce((left, right) => left + right, 0n);
        const parts = allocate(money(units, "EUR"), by);
        for (const [index, weight] of by.entries()) {
          const off = (parts[index]?.minor ?? 0n) * total - units * weight;
          expect(off < total && -off < total).toBe(true);
        }
      }),
    );
  });

  it("gives nothing to a weight of zero, and as much to the same weight within one unit", () => {
    fc.assert(
      fc.property(minor, weights, fc.bigInt({ min: 1n, max: 1_000n }), (units, by, twin) => {
        const parts = allocate(money(units, "EUR"), [...by, 0n, twin, twin]);
        const [none, left, right] = parts.slice(by.length).map((part) => part.minor);

        expect(none).toBe(0n);
        expect([-1n, 0n, 1n]).toContain((left ?? 0n) - (right ?? 0n));
      }),
    );
  });

  it("turns round with its sign", () => {
    fc.assert(
      fc.property(minor, weights, (units, by) => {
        const whole = money(units, "EUR");

        expect(allocate(negate(whole), by)).toEqual(allocate(whole, by).map(negate));
      }),
    );
  });
});
