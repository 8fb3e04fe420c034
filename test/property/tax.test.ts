import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideRounded } from "#shared/domain/decimal.ts";
import { add, money, sum, zero } from "#shared/domain/money.ts";
import { taxByDocument, taxByLine, taxResidual } from "#shared/domain/tax.ts";

const rates = fc.constantFrom("0", "0.05", "0.07", "0.15", "0.2", "0.09975", "0.255", "0.001");
const lines = fc.array(
  fc.record({ amount: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), rate: rates }),
  { maxLength: 40 },
);
const treatment = fc.constantFrom("exclusive" as const, "inclusive" as const);
const mode = fc.constantFrom("half-up" as const, "half-even" as const, "down" as const);
const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF");

function inCurrency(code: string, drawn: readonly { amount: bigint; rate: string }[]) {
  return drawn.map(({ amount, rate }) => ({ amount: money(amount, code), rate }));
}

function sizeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

describe("tax by line and by document", () => {
  it("differ by half a minor unit a line at the most, rounded half up", () => {
    fc.assert(
      fc.property(lines, treatment, currency, (drawn, how, code) => {
        const rule = { treatment: how, mode: "half-up", currency: code } as const;
        const { residual } = taxResidual(inCurrency(code, drawn), rule);

        expect(sizeOf(residual.minor) * 2n <= BigInt(drawn.length)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("differ by no more than a minor unit a line, however they are rounded", () => {
    fc.assert(
      fc.property(lines, treatment, mode, currency, (drawn, how, rounding, code) => {
        const rule = { treatment: how, mode: rounding, currency: code };
        const { residual } = taxResidual(inCurrency(code, drawn), rule);

        expect(sizeOf(residual.minor) <= BigInt(drawn.length)).toBe(true);
      }),
    );
  });

  it("leave nothing over: the residual is exactly what lies between them", () => {
    fc.assert(
      fc.property(lines, treatment, mode, (drawn, how, rounding) => {
        const rule = { treatment: how, mode: rounding, currency: "EUR" };
        const taxed = inCurrency("EUR", drawn);
        const { perLine, perDocument, residual } = taxResidual(taxed, rule);

        expect(add(perLine, residual)).toEqual(perDocument);
        expect(sum(taxByLine(taxed, rule).taxes, "EUR")).toEqual(perLine);
        expect(
          sum(
            taxByDocument(taxed, rule).taxes.map(({ tax }) => tax),
            "EUR",
          ),
        ).toEqual(perDocument);
      }),
    );
  });

  it("are the same for one line", () => {
    fc.assert(
      fc.property(lines, treatment, mode, (drawn, how, rounding) => {
        const rule = { treatment: how, mode: rounding, currency: "EUR" };
        for (const line of inCurrency("EUR", drawn)) {
          expect(taxResidual([line], rule).residual).toEqual(zero("EUR"));
        }
      }),
    );
  });
});

describe("a rounded quotient", () => {
  it("is within half of its divisor of the exact one, and as large with either sign", () => {
    const dividends = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    const divisors = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(dividends, divisors, mode, (dividend, divisor, rounding) => {
        const quotient = divideRounded(dividend, divisor, rounding);
        const off = sizeOf(quotient * divisor - dividend);

        expect(rounding === "down" ? off < divisor : off * 2n <= divisor).toBe(true);
        expect(divideRounded(-dividend, divisor, rounding)).toBe(-quotient);
      }),
    );
  });
});
