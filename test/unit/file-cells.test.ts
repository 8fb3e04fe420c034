import { describe, expect, it } from "vitest";
import { readCell } from "#shared/domain/file-cells.ts";
import type { Conversion } from "#shared/domain/file-profile.ts";
import { choice } from "#shared/domain/lenses.ts";
import { formatMoney } from "#shared/domain/money.ts";
import { isMoney } from "#shared/domain/records.ts";

function read(as: Exclude<Conversion["as"], "reference" | "lens" | "one-of">, text: string) {
  const reading = readCell(text, { as }, { connection: "files", currency: "EUR" });
  return reading.kind === "value" ? reading.value : reading.code;
}

describe("readCell", () => {
  it.each([
    ["text", "Łódź\n2nd line", "Łódź\n2nd line"],
    ["text", "Mataderos  12", "Mataderos  12"],
    ["text", "bell\u0007", "text-unreadable"],
    ["text", "x".repeat(65_537), "cell-too-long"],
    ["key", "00012-A", "00012-A"],
    ["key", "two\nlines", "text-unreadable"],
    ["key", "k".repeat(513), "cell-too-long"],
    ["date", "2026-02-28", "2026-02-28"],
    ["date", "1996-07-04 00:00:00.000", "1996-07-04"],
    ["date", "2026-02-28T23:59", "2026-02-28"],
    ["date", "2026-02-30", "date-unreadable"],
    ["date", "2026-02-28 25:00:00", "date-unreadable"],
    ["date", "28.02.2026", "date-unreadable"],
    ["date", "46081", "date-is-serial"],
    ["decimal", "-0012.500", "-12.5"],
    ["decimal", "+7", "7"],
    ["decimal", "1,234.50", "number-unreadable"],
    ["decimal", "3,10", "number-unreadable"],
    ["decimal", "1.23E+15", "number-unreadable"],
    ["decimal", "$5", "number-unreadable"],
    ["decimal", "(5.00)", "number-unreadable"],
    ["decimal", "NaN", "number-unreadable"],
    ["decimal", "1".repeat(26), "number-unreadable"],
    ["whole-number", "30", 30],
    ["whole-number", "30.0", "number-unreadable"],
    ["whole-number", "9999999999", "number-unreadable"],
    ["currency", "usd", "USD"],
    ["currency", "US$", "currency-unreadable"],
    ["fraction", "0.05", "0.05"],
    ["fraction", "1.000", "1"],
    ["fraction", "1.001", "fraction-out-of-range"],
    ["fraction", "-0.1", "fraction-out-of-range"],
    ["fraction", "5%", "number-unreadable"],
  ] as const)("reads %s %j as %j", (as, text, expected) => {
    expect(read(as, text)).toBe(expected);
  });

  it.each([
    ["7.90", "EUR", "7.90 EUR"],
    ["-7.900", "EUR", "-7.90 EUR"],
    ["7.905", "KWD", "7.905 KWD"],
    ["7.905", "EUR", "amount-too-precise"],
    ["7.9", "JPY", "amount-too-precise"],
    ["7,90", "EUR", "number-unreadable"],
    ["7.90", undefined, "currency-unreadable"],
  ])("reads the amount %j of %s as %j", (text, currency, expected) => {
    const reading = readCell(text, { as: "amount" }, { connection: "files", currency });
    const value = reading.kind === "value" ? reading.value : reading.code;
    expect(isMoney(value) ? `${formatMoney(value)} ${value.currency}` : value).toBe(expected);
  });

  it("takes one of some words in any case, and names them where it is none", () => {
    const treatment = { as: "one-of", values: ["exclusive", "half-yearly"] } as const;

    expect(readCell("Half-Yearly", treatment, { connection: "files" })).toEqual({
      kind: "value",
      value: "half-yearly",
    });
    expect(readCell("netto", treatment, { connection: "files" })).toEqual({
      kind: "fault",
      code: "choice-unknown",
      fix: "Write one of exclusive, half-yearly.",
    });
  });

  it("reads a reference as a place in the file's own connection", () => {
    const reading = readCell(
      "BJORK",
      { as: "reference", to: "customer" },
      { connection: "northwind" },
    );

    expect(reading).toEqual({
      kind: "value",
      value: { connection: "northwind", recordType: "customer", externalId: "BJORK" },
    });
  });

  it("refuses a reference that could not be a key", () => {
    const reading = readCell(
      "BJ\tORK",
      { as: "reference", to: "customer" },
      { connection: "northwind" },
    );

    expect(reading).toEqual({
      kind: "fault",
      code: "text-unreadable",
      fix: "Take out the control characters; a key has no line breaks either.",
    });
  });

  it("reads by the transform of a custom field, and says what it refuses", () => {
    const tiers = { as: "lens", lens: choice({ G: "gold", S: "silver" }) } as const;

    expect(readCell("G", tiers, { connection: "files" })).toEqual({ kind: "value", value: "gold" });
    expect(readCell("B", tiers, { connection: "files" })).toEqual({
      kind: "fault",
      code: "choice-unknown",
      fix: "Choose one of G, S, or add the value to the field's table in shared/flows/custom-fields.ts.",
    });
    expect(readCell("G\u0007", tiers, { connection: "files" })).toMatchObject({
      code: "text-unreadable",
    });
  });
});
