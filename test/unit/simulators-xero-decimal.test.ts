import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  divideHalfUp,
  rounded,
  scaled,
  scaledOf,
  textOf,
} from "#infra/local/simulators/xero/decimal.ts";
import { exact, parseExact } from "#infra/local/simulators/xero/exact-json.ts";

describe("decimal text", () => {
  it.each([
    ["1.005", 2, "1.01"],
    ["-1.005", 2, "-1.01"],
    ["1.0049999999999999999999", 2, "1.00"],
    ["33.33335", 4, "33.3334"],
    ["1e3", 2, "1000.00"],
    ["12.5E-1", 2, "1.25"],
    [".5", 0, "1"],
    ["-0.004", 2, "0.00"],
    ["9999999999.99", 2, "9999999999.99"],
  ])("rounds %s to %i digits as %s", (text, scale, expected) => {
    expect(rounded(text, scale)).toBe(expected);
  });

  it.each(["", ".", "1,5", "0x10", "1e9999", "NaN", "1.2.3"])("reads %j as no number", (text) => {
    expect(scaledOf(text, 2)).toBeUndefined();
  });

  it("reads back what it writes, at every scale", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: 0, max: 8 }), (value, scale) => {
        expect(scaled(textOf(value, scale), scale)).toBe(value);
      }),
    );
  });

  it("never rounds further than half a unit, and away from zero on a tie", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 20n }), (dividend, divisor) => {
        const twiceError = (divideHalfUp(dividend, divisor) * divisor - dividend) * 2n;
        const size = twiceError < 0n ? -twiceError : twiceError;
        expect(size <= divisor).toBe(true);
        if (size === divisor) expect(twiceError > 0n).toBe(dividend > 0n);
      }),
    );
  });
});

describe("exact JSON", () => {
  it("keeps the digits of every number through a parse and a write", () => {
    const text = '{"a":[1.10,12345678901234567890.0001],"b":-0.50,"c":"1.10"}';
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  it("writes decimal text as a number", () => {
    expect(JSON.stringify({ Total: exact("115.00") })).toBe('{"Total":115.00}');
  });
});
