import { describe, expect, it } from "vitest";
import { parseMoney } from "#shared/domain/money.ts";
import type { TaxTreatment } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type TaxRule, taxByDocument, taxByLine, taxResidual } from "#shared/domain/tax.ts";

function lines(currency: string, ...amounts: readonly (readonly [string, string])[]) {
  return amounts.map(([amount, rate]) => ({ amount: parseMoney(amount, currency), rate }));
}

function ruleFor(currency: string, treatment: TaxTreatment = "exclusive"): TaxRule {
  return { treatment, mode: "half-up", currency };
}

const euro = (text: string) => parseMoney(text, "EUR");

describe("taxByLine and taxByDocument", () => {
  const split = lines("EUR", ["30.09", "0.15"], ["46.21", "0.15"]);

  it("give 11.44 and 11.45 on 76.30 at 15 %, and show the cent between them", () => {
    expect(taxByLine(split, ruleFor("EUR"))).toEqual({
      taxes: [euro("4.51"), euro("6.93")],
      total: euro("11.44"),
    });
    expect(taxByDocument(split, ruleFor("EUR"))).toEqual({
      taxes: [{ rate: "0.15", taxable: euro("76.30"), tax: euro("11.45") }],
      total: euro("11.45"),
    });
    expect(taxResidual(split, ruleFor("EUR"))).toEqual({
      perLine: euro("11.44"),
      perDocument: euro("11.45"),
      residual: euro("0.01"),
    });
  });

  it("give 448.39 on 4,495.16 at 9.975 %", () => {
    const whole = lines("CAD", ["4495.16", "0.09975"]);

    expect(taxByLine(whole, ruleFor("CAD")).total).toEqual(parseMoney("448.39", "CAD"));
    expect(taxByDocument(whole, ruleFor("CAD")).total).toEqual(parseMoney("448.39", "CAD"));
  });

  it.each([
    ["JPY", "1005", "0.10", "101", "914"],
    ["KWD", "10.005", "0.05", "0.500", "9.529"],
    ["CLF", "1.0005", "0.19", "0.1901", "0.8408"],
  ])("round %s to its own digits", (currency, amount, rate, tax, net) => {
    const whole = lines(currency, [amount, rate]);
    const included = taxByLine(whole, ruleFor(currency, "inclusive")).total;

    expect(taxByLine(whole, ruleFor(currency)).total).toEqual(parseMoney(tax, currency));
    expect(parseMoney(amount, currency).minor - included.minor).toBe(
      parseMoney(net, currency).minor,
    );
  });

  it("take the tax out of amounts that include it, each rounded or all at once", () => {
    // Five times 4.00 at 20 % holds 3.35; once 20.00 holds 3.33.
    const five = lines("GBP", ...Array.from({ length: 5 }, () => ["4.00", "0.2"] as const));
    const rule = ruleFor("GBP", "inclusive");

    expect(taxByLine(five, rule).total).toEqual(parseMoney("3.35", "GBP"));
    expect(taxByDocument(five, rule).total).toEqual(parseMoney("3.33", "GBP"));
    expect(taxResidual(five, rule).residual).toEqual(parseMoney("-0.02", "GBP"));
  });

  it("round as they are told", () => {
    const half = lines("EUR", ["0.50", "0.05"]);
    const taxes = (["half-up", "half-even", "down"] as const).map(
      (mode) => taxByLine(half, { ...ruleFor("EUR"), mode }).total.minor,
    );

    expect(taxes).toEqual([3n, 2n, 2n]);
  });

  it("keep rates apart, and take 0.15 and 0.150 for one", () => {
    const mixed = lines("EUR", ["10.03", "0.15"], ["5.00", "0"], ["10.01", "0.150"]);

    expect(taxByDocument(mixed, ruleFor("EUR")).taxes).toEqual([
      { rate: "0.15", taxable: euro("20.04"), tax: euro("3.01") },
      { rate: "0", taxable: euro("5.00"), tax: euro("0.00") },
    ]);
  });

  it("turn round with the sign of a line", () => {
    const back = lines("EUR", ["-0.10", "0.15"], ["0.10", "0.15"]);

    expect(taxByLine(back, ruleFor("EUR"))).toEqual({
      taxes: [euro("-0.02"), euro("0.02")],
      total: euro("0.00"),
    });
  });

  it("give nothing where there is no tax, and nothing for no lines", () => {
    expect(taxByLine(split, ruleFor("EUR", "none")).total).toEqual(euro("0.00"));
    expect(taxByDocument([], ruleFor("EUR"))).toEqual({ taxes: [], total: euro("0.00") });
  });

  it("refuse a line in another currency than the document's", () => {
    expect(() => taxByLine(lines("USD", ["1.00", "0.1"]), ruleFor("EUR"))).toThrow(
      new SyncError({ kind: "invalid-input", code: "currencies-differ" }),
    );
  });
});
