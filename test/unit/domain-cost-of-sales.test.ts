import { describe, expect, it } from "vitest";
import { type CostSources, costOfSales } from "#shared/domain/cost-of-sales.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const widget = { canonicalId: "product-1" };
const nothing: CostSources = { orderLines: [], unitCosts: new Map() };

function aLine(overrides: Partial<DocumentLine> = {}, currency = "EUR"): DocumentLine {
  return {
    product: widget,
    productCode: "W-1",
    description: "Widget",
    quantity: "3",
    unitPrice: "25.00",
    discountRate: "0",
    amount: money(7_500n, currency),
    ...overrides,
  };
}

const freight = aLine({
  product: null,
  productCode: null,
  description: "Shipping",
  quantity: "1",
  role: "shipping",
});

describe("costOfSales", () => {
  it("is quantity times what one cost, rounded half-up for each line", () => {
    const lines = [
      aLine({ unitCost: "11.125" }),
      aLine({ unitCost: "0.335", quantity: "1" }),
      aLine({ unitCost: "0.334", quantity: "1" }),
      aLine({ unitCost: "1.005", quantity: "-1" }),
    ];

    // 33.375, 0.335, 0.334 and -1.005.
    expect(costOfSales({ lines }, nothing)).toEqual(money(3_338n + 34n + 33n - 101n, "EUR"));
  });

  it.each([
    ["JPY", 33n],
    ["KWD", 33_375n],
  ])("has the digits of %s", (currency, minor) => {
    const lines = [aLine({ unitCost: "11.125" }, currency)];

    expect(costOfSales({ lines }, nothing)).toEqual(money(minor, currency));
  });

  it("is not known where the cost of one line is not", () => {
    const lines = [aLine({ unitCost: "11.25" }), aLine({ product: null, productCode: null })];

    expect(costOfSales({ lines }, nothing)).toBeNull();
  });

  it.each([{ lines: [] }, { lines: null }, {}])("is not known of a document without lines", (f) => {
    expect(costOfSales(f, nothing)).toBeNull();
  });

  it("asks nothing of freight and of lines of words alone, but counts a cost that was entered", () => {
    const goods = aLine({ unitCost: "10" });
    const words = aLine({ product: null, productCode: null, quantity: "0" });

    expect(costOfSales({ lines: [goods, freight, words] }, nothing)).toEqual(money(3_000n, "EUR"));
    expect(costOfSales({ lines: [goods, { ...freight, unitCost: "4" }] }, nothing)).toEqual(
      money(3_400n, "EUR"),
    );
  });

  it("takes the order's cost of the same goods, and knows its freight again by its words", () => {
    const orderLines = [aLine({ unitCost: "9.99" }), freight];
    const { role: _, ...unmarked } = freight;

    expect(costOfSales({ lines: [aLine(), unmarked] }, { ...nothing, orderLines })).toEqual(
      money(2_997n, "EUR"),
    );
  });

  it.each([
    ["the order is in another currency", [aLine({ unitCost: "9.99" }, "USD")]],
    ["the order sells it at two costs", [aLine({ unitCost: "9" }), aLine({ unitCost: "8" })]],
    ["the order sells other goods", [aLine({ product: { canonicalId: "product-2" } })]],
    ["the order does not know either", [aLine()]],
  ])("is not known where %s", (_name, orderLines) => {
    const costed = orderLines.map((line) => ({ ...line, unitCost: line.unitCost }));

    expect(costOfSales({ lines: [aLine()] }, { ...nothing, orderLines: costed })).toBeNull();
  });

  it.each([
    ["1", 3_337n],
    ["0.9", 3_708n],
    ["1.25", 2_670n],
  ])("turns a product's cost into the document's currency at a rate of %s", (rate, minor) => {
    const unitCosts = new Map([["product-1", "11.1234"]]);
    const document = { lines: [aLine()], exchangeRate: rate };

    expect(costOfSales(document, { ...nothing, unitCosts })).toEqual(money(minor, "EUR"));
  });

  it("finds a product by its code where a line names no more", () => {
    const unitCosts = new Map([["W-1", "2"]]);
    const document = { lines: [aLine({ product: null })], exchangeRate: "1" };

    expect(costOfSales(document, { ...nothing, unitCosts })).toEqual(money(600n, "EUR"));
  });

  it.each([null, undefined, "0"])("has no use for a product's cost at a rate of %s", (rate) => {
    const unitCosts = new Map([["product-1", "11.25"]]);
    const document = { lines: [aLine()], exchangeRate: rate };

    expect(costOfSales(document, { ...nothing, unitCosts })).toBeNull();
  });
});
