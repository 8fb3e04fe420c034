import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatDecimal,
  multiplyDecimals,
  normalizeDecimal,
  parseDecimal,
  roundDecimal,
  subtractDecimals,
} from "#shared/domain/decimal.ts";

const units = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const scale = fc.integer({ min: 0, max: 12 });
const decimal = fc.record({ units, scale });

describe("decimals", () => {
  it("are the same value once written and read again", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const read = parseDecimal(formatDecimal(value));

        expect(read.units * 10n ** BigInt(value.scale)).toBe(
          value.units * 10n ** BigInt(read.scale),
        );
      }),
    );
  });

  it("have one shortest text, which more zeros do not change", () => {
    fc.assert(
      fc.property(decimal, fc.nat(6), (value, zeros) => {
        const text = formatDecimal(value);
        const longer = { units: value.units * 10n ** BigInt(zeros), scale: value.scale + zeros };

        expect(formatDecimal(longer)).toBe(text);
        expect(normalizeDecimal(text)).toBe(text);
      }),
    );
  });

  it("have an exponent form of the same value", () => {
    fc.assert(
      fc.property(units, fc.integer({ min: -20, max: 20 }), (digits, exponent) => {
        const plain =
          exponent < 0
            ? { units: digits, scale: -exponent }
            : { units: digits * 10n ** BigInt(exponent), scale: 0 };

        expect(normalizeDecimal(`${digits}e${exponent}`)).toBe(formatDecimal(plain));
      }),
    );
  });

  it("minus themselves are zero, and times one are themselves", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        expect(formatDecimal(subtractDecimals(value, value))).toBe("0");
        expect(formatDecimal(multiplyDecimals(value, { units: 1n, scale: 0 }))).toBe(
          formatDecimal(value),
        );
      }),
    );
  });
});

describe("rounding", () => {
  it("is off by half a unit at most, or by less than one unit downwards", () => {
    fc.assert(
      fc.property(decimal, scale, (value, digits) => {
        const unit = 10n ** BigInt(Math.max(0, value.scale - digits));
        const exact = value.units * 10n ** BigInt(Math.max(0, digits - value.scale));
        const off = (rounded: bigint): bigint => absolute(rounded * unit - exact);

        expect(off(roundDecimal(value, digits, "half-up")) * 2n <= unit).toBe(true);
        expect(off(roundDecimal(value, digits, "half-even")) * 2n <= unit).toBe(true);
        expect(off(roundDecimal(value, digits, "down")) < unit).toBe(true);
      }),
    );
  });

  it("treats a value and its opposite alike", () => {
    fc.assert(
      fc.property(decimal, scale, (value, digits) => {
        const opposite = { units: -value.units, scale: value.scale };
        for (const mode of ["half-up", "half-even", "down"] as const) {
          expect(roundDecimal(opposite, digits, mode)).toBe(-roundDecimal(value, digits, mode));
        }
      }),
    );
  });

  it("gives an even unit to every tie, where it is half-even", () => {
    fc.assert(
      fc.property(units, (whole) => {
        const tie = { units: whole * 10n + (whole < 0n ? -5n : 5n), scale: 1 };

        expect(roundDecimal(tie, 0, "half-even") % 2n === 0n).toBe(true);
      }),
    );
  });
});

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
