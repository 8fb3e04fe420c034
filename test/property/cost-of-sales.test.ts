import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CostSources, costOfSales } from "#shared/domain/cost-of-sales.ts";
import { formatDecimal } from "#shared/domain/decimal.ts";
import { money, sum } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const nothing: CostSources = { orderLines: [], unitCosts: new Map() };
const decimal = fc
  .record({ units: fc.bigInt({ min: 0n, max: 10n ** 9n }), scale: fc.integer({ min: 0, max: 6 }) })
  .map(formatDecimal);

const line: fc.Arbitrary<DocumentLine> = fc
  .record({ quantity: decimal, unitCost: fc.option(decimal, { nil: undefined }) })
  .map(({ quantity, unitCost }) => ({
    product: null,
    productCode: null,
    description: null,
    quantity,
    unitPrice: "1",
    discountRate: "0",
    amount: money(1n, "EUR"),
    unitCost,
  }));
const lines = fc.array(line, { minLength: 1, maxLength: 8 });

describe("cost of sales", () => {
  it("is the sum of what each line costs alone, and not known where one is not", () => {
    fc.assert(
      fc.property(lines, (all) => {
        const alone = all.map((one) => costOfSales({ lines: [one] }, nothing));
        const known = alone.filter((cost) => cost !== null);
        const expected = known.length === alone.length ? sum(known, "EUR") : null;

        expect(costOfSales({ lines: all }, nothing)).toEqual(expected);
      }),
    );
  });

  it("of an order's lines is the same on its invoice, which lost them on the way through the books", () => {
    fc.assert(
      fc.property(lines, (all) => {
        const ordered = all.map((one, index) => ({ ...one, productCode: `P-${index}` }));
        const billed = ordered.map(({ unitCost: _, ...one }) => one);

        expect(costOfSales({ lines: billed }, { ...nothing, orderLines: ordered })).toEqual(
          costOfSales({ lines: ordered }, nothing),
        );
      }),
    );
  });
});
