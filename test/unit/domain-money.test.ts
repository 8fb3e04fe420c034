import { describe, expect, it } from "vitest";
import { parseDecimal } from "#shared/domain/decimal.ts";
import { parseExact } from "#shared/domain/json.ts";
import {
  add,
  allocate,
  compare,
  formatMoney,
  minorDigitsOf,
  money,
  negate,
  parseCurrency,
  parseMoney,
  roundToMoney,
  subtract,
  sum,
} from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

function refusal(code: string): SyncError {
  return new SyncError({ kind: "invalid-input", code });
}

describe("minorDigitsOf", () => {
  it.each([
    ["EUR", 2],
    ["USD", 2],
    ["CHE", 2],
    ["ZWG", 2],
    ["HRK", 2],
    ["CLF", 4],
    ["UYW", 4],
  ])("%s has %i", (currency, digits) => {
    expect(minorDigitsOf(parseCurrency(currency))).toBe(digits);
  });

  it.each([
    [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
    [3, "BHD IQD JOD KWD LYD OMR TND"],
  ])("knows all that have %i", (digits, currencies) => {
    for (const currency of currencies.split(" ")) {
      expect(minorDigitsOf(parseCurrency(currency))).toBe(digits);
    }
  });
});

describe("parseMoney and formatMoney", () => {
  it.each([
    ["10.50", "EUR", 1_050n, "10.50"],
    ["10.5", "EUR", 1_050n, "10.50"],
    ["10.500", "EUR", 1_050n, "10.50"],
    ["0", "EUR", 0n, "0.00"],
    ["-0.01", "EUR", -1n, "-0.01"],
    ["-12.30", "USD", -1_230n, "-12.30"],
    ["1000", "JPY", 1_000n, "1000"],
    ["1000.00", "JPY", 1_000n, "1000"],
    ["-7", "JPY", -7n, "-7"],
    ["1.234", "KWD", 1_234n, "1.234"],
    ["0.0001", "CLF", 1n, "0.0001"],
    ["12345678901234567.89", "EUR", 1_234_567_890_123_456_789n, "12345678901234567.89"],
  ])("%s %s is %s minor units", (text, currency, minor, formatted) => {
    const amount = parseMoney(text, currency);

    expect(amount).toEqual({ minor, currency });
    expect(formatMoney(amount)).toBe(formatted);
  });

  it.each([
    ["10.505", "EUR"],
    ["0.5", "JPY"],
    ["1.2345", "KWD"],
    ["0.00001", "CLF"],
    ["-0.001", "EUR"],
  ])("refuses %s %s rather than rounding it", (text, currency) => {
    expect(() => parseMoney(text, currency)).toThrow(refusal("amount-too-precise"));
  });

  it("refuses an amount that is no number", () => {
    expect(() => parseMoney("ten", "EUR")).toThrow(refusal("number-unreadable"));
  });
});

describe("an amount in JSON", () => {
  it.each([
    ["4495.16", "EUR", 449_516n],
    ["12345678901234567.89", "EUR", 1_234_567_890_123_456_789n],
    ["0.1", "EUR", 10n],
    ["1.005", "KWD", 1_005n],
    ["1e3", "JPY", 1_000n],
    ["-0.0", "EUR", 0n],
  ])("%s %s keeps the digits that were written", (digits, currency, minor) => {
    const parsed = parseExact(`{"Total":${digits}}`) as { Total: string };

    expect(parseMoney(parsed.Total, currency)).toEqual({ minor, currency });
  });
});

describe("parseCurrency", () => {
  it("takes any case and outer blanks", () => {
    expect(parseCurrency(" eur ")).toBe("EUR");
  });

  // The last are codes of ISO 4217 without being money that a document is in.
  it.each(["", "EU", "EURO", "€", "E1R", "ÄÖÜ", "ABC", "DEM", "XAU", "XDR", "XTS"])(
    "refuses %j",
    (text) => {
      expect(() => parseCurrency(text)).toThrow(refusal("currency-unreadable"));
    },
  );
});

describe("arithmetic", () => {
  it("adds, subtracts, negates and compares amounts of one currency", () => {
    const left = money(1_050n, "EUR");
    const right = money(2_000n, "EUR");

    expect(add(left, right)).toEqual(money(3_050n, "EUR"));
    expect(subtract(left, right)).toEqual(money(-950n, "EUR"));
    expect(negate(left)).toEqual(money(-1_050n, "EUR"));
    expect([compare(left, right), compare(right, left), compare(left, left)]).toEqual([-1, 1, 0]);
    expect(sum([left, right, left], "EUR")).toEqual(money(4_100n, "EUR"));
    expect(sum([], "JPY")).toEqual(money(0n, "JPY"));
  });

  it("refuses to mix currencies", () => {
    const euro = money(1n, "EUR");
    const yen = money(1n, "JPY");

    for (const mix of [add, subtract, compare]) {
      expect(() => mix(euro, yen)).toThrow(refusal("currencies-differ"));
    }
    expect(() => sum([yen], "EUR")).toThrow(refusal("currencies-differ"));
  });
});

describe("roundToMoney", () => {
  it("rounds to the currency's own digits", () => {
    const value = parseDecimal("1649.175");

    expect(roundToMoney(value, "EUR", "half-up")).toEqual(money(164_918n, "EUR"));
    expect(roundToMoney(value, "EUR", "half-even")).toEqual(money(164_918n, "EUR"));
    expect(roundToMoney(value, "EUR", "down")).toEqual(money(164_917n, "EUR"));
    expect(roundToMoney(value, "JPY", "half-up")).toEqual(money(1_649n, "JPY"));
    expect(roundToMoney(value, "KWD", "half-up")).toEqual(money(1_649_175n, "KWD"));
  });
});

describe("allocate", () => {
  it.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [5n, [3n, 7n], [2n, 3n]],
    [1n, [0n, 1n, 0n], [0n, 1n, 0n]],
    [2n, [1n, 1n, 1n, 1n], [1n, 1n, 0n, 0n]],
    [0n, [1n, 2n], [0n, 0n]],
    [-7n, [0n, 2n, 1n], [0n, -5n, -2n]],
  ])("splits %s by %s", (whole, weights, parts) => {
    expect(allocate(money(whole, "EUR"), weights).map(({ minor }) => minor)).toEqual(parts);
  });

  it.each([[[]], [[0n, 0n]], [[2n, -1n]]])("calls weights of %s a bug", (weights) => {
    expect(() => allocate(money(1n, "EUR"), weights)).toThrow(
      new SyncError({ kind: "bug", code: "allocate-needs-positive-weights" }),
    );
  });
});
