import { describe, expect, it } from "vitest";
import {
  formatDecimal,
  multiplyDecimals,
  normalizeDecimal,
  parseDecimal,
  type RoundingMode,
  ratioText,
  roundDecimal,
  subtractDecimals,
} from "#shared/domain/decimal.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

describe("parseDecimal", () => {
  it.each([
    ["0", 0n, 0],
    ["-0.0", 0n, 1],
    ["007", 7n, 0],
    ["+5", 5n, 0],
    ["-5", -5n, 0],
    ["1.10", 110n, 2],
    ["12345678901234567.89", 1_234_567_890_123_456_789n, 2],
    ["1e-7", 1n, 7],
    ["-2.5E-1", -25n, 2],
    ["2.5e1", 25n, 0],
    ["2.5e3", 2_500n, 0],
    ["1E+2", 100n, 0],
  ])("reads %j exactly", (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale });
  });

  it.each([
    "",
    " ",
    "1 ",
    ".5",
    "5.",
    "1,000",
    "1.000,50",
    "€5",
    "--1",
    "1e",
    "1e1e1",
    "0x10",
    "NaN",
    "Infinity",
    "١٢",
    "1\n",
    "1e9999",
    "9".repeat(41),
  ])("refuses %j", (text) => {
    expect(() => parseDecimal(text)).toThrow(
      new SyncError({ kind: "invalid-input", code: "number-unreadable" }),
    );
  });
});

describe("normalizeDecimal", () => {
  it.each([
    ["2.50", "2.5"],
    ["2.5", "2.5"],
    ["-0.0", "0"],
    ["100", "100"],
    ["1e3", "1000"],
    ["0.000", "0"],
    ["-0.10", "-0.1"],
    ["1e-7", "0.0000001"],
    ["007.00", "7"],
  ])("writes %j as %j", (text, shortest) => {
    expect(normalizeDecimal(text)).toBe(shortest);
  });
});

describe("roundDecimal", () => {
  const table: readonly (readonly [string, number, Record<RoundingMode, bigint>])[] = [
    ["0.5", 0, { "half-up": 1n, "half-even": 0n, down: 0n }],
    ["1.5", 0, { "half-up": 2n, "half-even": 2n, down: 1n }],
    ["2.5", 0, { "half-up": 3n, "half-even": 2n, down: 2n }],
    ["-0.5", 0, { "half-up": -1n, "half-even": 0n, down: 0n }],
    ["-1.5", 0, { "half-up": -2n, "half-even": -2n, down: -1n }],
    ["-2.5", 0, { "half-up": -3n, "half-even": -2n, down: -2n }],
    ["2.4999", 0, { "half-up": 2n, "half-even": 2n, down: 2n }],
    ["2.5001", 0, { "half-up": 3n, "half-even": 3n, down: 2n }],
    ["-2.5001", 0, { "half-up": -3n, "half-even": -3n, down: -2n }],
    ["1.005", 2, { "half-up": 101n, "half-even": 100n, down: 100n }],
    ["1.015", 2, { "half-up": 102n, "half-even": 102n, down: 101n }],
    ["76.305", 2, { "half-up": 7_631n, "half-even": 7_630n, down: 7_630n }],
    ["76.3", 2, { "half-up": 7_630n, "half-even": 7_630n, down: 7_630n }],
    ["-3", 2, { "half-up": -300n, "half-even": -300n, down: -300n }],
  ];

  it.each(table)("cuts %s to %i digits as the mode says", (text, scale, expected) => {
    const value = parseDecimal(text);

    expect({
      "half-up": roundDecimal(value, scale, "half-up"),
      "half-even": roundDecimal(value, scale, "half-even"),
      down: roundDecimal(value, scale, "down"),
    }).toEqual(expected);
  });
});

describe("ratioText", () => {
  it.each([
    [1n, 3n, "half-even", "0.3333"],
    [2n, 3n, "half-even", "0.6667"],
    [2n, 3n, "down", "0.6666"],
    [-1n, 3n, "half-even", "-0.3333"],
    [1n, -3n, "half-even", "-0.3333"],
    [-2n, -3n, "half-even", "0.6667"],
    [1n, 20_000n, "half-even", "0"],
    [3n, 20_000n, "half-even", "0.0002"],
    [3n, -20_000n, "half-up", "-0.0002"],
    [7n, 7n, "down", "1"],
    [99_999n, 100_000n, "down", "0.9999"],
    [0n, 5n, "down", "0"],
  ] as const)("writes %i of %i, %s, as %s", (dividend, divisor, mode, text) => {
    expect(ratioText(dividend, divisor, 4, mode)).toBe(text);
  });
});

describe("arithmetic", () => {
  it("multiplies without losing a digit", () => {
    const product = multiplyDecimals(parseDecimal("19.99"), parseDecimal("0.0825"));

    expect(formatDecimal(product)).toBe("1.649175");
  });

  it("subtracts numbers of different scales", () => {
    expect(formatDecimal(subtractDecimals(parseDecimal("1"), parseDecimal("0.05")))).toBe("0.95");
    expect(formatDecimal(subtractDecimals(parseDecimal("0.1"), parseDecimal("3")))).toBe("-2.9");
  });
});
