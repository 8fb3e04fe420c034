import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { settleDocuments } from "#shared/domain/file-documents.ts";
import { findProfile } from "#shared/domain/file-header.ts";
import { type FileReading, planReading, readRow } from "#shared/domain/file-rows.ts";
import { formatMoney } from "#shared/domain/money.ts";
import { isLines, isMoney } from "#shared/domain/records.ts";
import { tieoutOrders } from "#shared/flows/files/tieout-orders.ts";

const HEADER =
  "order_number,customer_id,order_date,currency,product_code,description,unit_price,quantity,discount";

function settle(...rows: readonly string[]): FileReading {
  return settleUnder(HEADER, ...rows);
}

function settleUnder(header: string, ...rows: readonly string[]): FileReading {
  const choice = findProfile([tieoutOrders], header.split(","), "orders.csv");
  if (choice.kind === "refused") throw new Error(choice.problem.code);
  const { bound } = choice;
  const reading = planReading(bound);
  return settleDocuments(
    bound,
    rows.map((row, index) => readRow(reading, index + 2, row.split(","), 100)),
  );
}

function codesOf(reading: FileReading): string[] {
  return reading.rows.map(({ row, faults }) =>
    [row, ...faults.map(({ column, code }) => `${column} ${code}`.trim())].join(" "),
  );
}

function landedOf(reading: FileReading): string[] {
  return reading.records.map(({ externalId, fields }) => {
    const total = fields["total"];
    return isMoney(total) ? `${externalId} ${formatMoney(total)} ${total.currency}` : externalId;
  });
}

describe("settleDocuments", () => {
  it("makes one record of the rows of a document", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,P1,Syrup,12.50,3,",
      "A1,K1,2026-03-02,EUR,,Delivery,4,1,0.5",
    );

    expect(reading.records).toEqual([
      {
        externalId: "A1",
        fields: {
          number: "A1",
          status: "won",
          customer: { connection: "files", recordType: "customer", externalId: "K1" },
          orderedOn: "2026-03-02",
          currency: "EUR",
          lines: [
            {
              product: { connection: "files", recordType: "product", externalId: "P1" },
              productCode: "P1",
              description: "Syrup",
              quantity: "3",
              unitPrice: "12.5",
              discountRate: "0",
              amount: { minor: 3750n, currency: "EUR" },
            },
            {
              product: null,
              productCode: null,
              description: "Delivery",
              quantity: "1",
              unitPrice: "4",
              discountRate: "0.5",
              amount: { minor: 200n, currency: "EUR" },
            },
          ],
          total: { minor: 3950n, currency: "EUR" },
        },
      },
    ]);
  });

  const FULL = `${HEADER},tax_treatment,shipping,billing_period,billing_start,billing_end,exchange_rate,tax_code,unit_cost`;

  it("takes tax, shipping, cost and terms from the columns for them, and counts shipping in the total", () => {
    const reading = settleUnder(
      FULL,
      "A1,K1,2026-03-02,EUR,P1,Syrup,12.50,3,,Inclusive,7.90,quarterly,2026-04-01,2027-03-31,1.0832,reduced,6.1250",
      "A1,K1,2026-03-02,EUR,,Delivery,4,1,0.5,inclusive,7.9,quarterly,2026-04-01,2027-03-31,1.08320,,",
    );

    expect(codesOf(reading)).toEqual(["2", "3"]);
    expect(landedOf(reading)).toEqual(["A1 47.40 EUR"]);
    expect(reading.records[0]?.fields).toMatchObject({
      taxTreatment: "inclusive",
      shipping: { minor: 790n, currency: "EUR" },
      billingPeriod: "quarterly",
      billingStartsOn: "2026-04-01",
      billingEndsOn: "2027-03-31",
      exchangeRate: "1.0832",
      lines: [
        { taxCode: "reduced", unitCost: "6.125" },
        { taxCode: null, unitCost: null },
      ],
    });
  });

  it("says blank of what such a column leaves blank, and nothing without it", () => {
    const full = settleUnder(FULL, "A1,K1,2026-03-02,EUR,P1,Syrup,12.50,3,,,,,,,,,");
    const plain = settle("A1,K1,2026-03-02,EUR,P1,Syrup,12.50,3,");

    expect(full.records[0]?.fields).toMatchObject({ shipping: null, billingPeriod: null });
    expect(landedOf(full)).toEqual(["A1 37.50 EUR"]);
    expect(plain.records[0]?.fields).not.toHaveProperty("shipping");
    const lines = plain.records[0]?.fields["lines"];
    expect(isLines(lines) ? Object.keys(lines[0] ?? {}) : []).not.toContain("unitCost");
  });

  it("rejects shipping that the currency cannot hold, or on which the rows disagree", () => {
    const header = `${HEADER},shipping`;
    const reading = settleUnder(
      header,
      "A1,K1,2026-03-02,JPY,P1,Syrup,1200,3,,7.5",
      "A2,K1,2026-03-02,euro,P1,Syrup,12,3,,7.5",
      "A3,K1,2026-03-02,EUR,P1,Syrup,12,3,,7.5",
      "A3,K1,2026-03-02,EUR,P2,Trout,12,3,,",
      "A4,K1,2026-03-02,EUR,P2,Trout,12,3,,7.5",
      "A4,K1,2026-03-02,EUR,P2,Trout,12,3,,7.50",
    );

    expect(codesOf(reading)).toEqual([
      "2 shipping amount-too-precise",
      "3 currency currency-unreadable shipping currency-unreadable",
      "4 document-has-bad-line",
      "5 shipping document-header-differs",
      "6",
      "7",
    ]);
    expect(landedOf(reading)).toEqual(["A4 79.50 EUR"]);
    expect(reading.rows[0]?.faults[0]?.fix).toBe(
      "Write the amount with no more digits than its currency has.",
    );
  });

  it("finds the rows of a document wherever they stand, and keeps their order", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,first,1,1,",
      "A2,K1,2026-03-02,EUR,,other,5,1,",
      "A1,K1,2026-03-02,EUR,,second,2,1,",
    );

    const lines = reading.records[0]?.fields["lines"];
    expect(landedOf(reading)).toEqual(["A1 3.00 EUR", "A2 5.00 EUR"]);
    expect(isLines(lines) ? lines.map((line) => line.description) : []).toEqual([
      "first",
      "second",
    ]);
  });

  it.each([
    ["8.35", "1", "0.1", "EUR", "7.52"],
    ["-8.35", "1", "0.1", "EUR", "-7.52"],
    ["3.10", "5", "0.05", "EUR", "14.73"],
    ["1.005", "1", "", "EUR", "1.01"],
    ["333", "0.5", "", "JPY", "167"],
    ["0.3335", "1", "", "KWD", "0.334"],
    ["19.99", "3", "1", "EUR", "0.00"],
  ])("rounds %s times %s less %s half up to the digits of %s", (price, count, off, code, total) => {
    const reading = settle(`A1,K1,2026-03-02,${code},,x,${price},${count},${off}`);

    expect(landedOf(reading)).toEqual([`A1 ${total} ${code}`]);
  });

  it("rejects a whole document for one bad line, and lists each of its rows", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,x,1,1,",
      "A2,K1,2026-03-02,EUR,,x,1,1,",
      "A1,K1,2026-03-02,EUR,,x,1,many,",
    );

    expect(codesOf(reading)).toEqual([
      "2 document-has-bad-line",
      "3",
      "4 quantity number-unreadable",
    ]);
    expect(landedOf(reading)).toEqual(["A2 1.00 EUR"]);
  });

  it("rejects a document whose rows disagree about it, and says which row and column", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,x,1,1,",
      "A1,K1,2026-03-02,USD,,x,1,1,",
      "A1,K2,2026-03-02,EUR,,x,1,1,",
    );

    expect(codesOf(reading)).toEqual([
      "2 document-has-bad-line",
      "3 currency document-header-differs",
      "4 customer_id document-header-differs",
    ]);
    expect(reading.rows[2]?.faults[0]).toMatchObject({
      value: "K2",
      fix: "Write in this column what row 2 has: the rows of a document agree in it.",
    });
    expect(reading.records).toEqual([]);
  });

  it("takes a date with and without a time of day for the same", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,x,1,1,",
      "A1,K1,2026-03-02 00:00:00.000,EUR,,x,1,1,",
    );

    expect(landedOf(reading)).toEqual(["A1 2.00 EUR"]);
  });

  it("counts a row without a number to the document above it", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,x,1,1,",
      ",K1,2026-03-02,EUR,,x,1,1,",
      "A2,K1,2026-03-02,EUR,,x,1,1,",
    );

    expect(codesOf(reading)).toEqual([
      "2 document-has-bad-line",
      "3 order_number cell-required",
      "4",
    ]);
  });

  it("rejects the document that a row of the wrong width may belong to", () => {
    const reading = settle(
      "A1,K1,2026-03-02,EUR,,x,1,1,",
      "A2,K1,2026-03-02,EUR,,x,1,1,",
      "A1,K1,2026-03-02,EUR,,small, round,1,1,",
    );

    expect(codesOf(reading)).toEqual(["2 document-has-bad-line", "3", "4 row-width-wrong"]);
  });

  it("looks for it from the end of the row, too, where the number does not come first", () => {
    const reading = settleUnder(
      "description,order_number,customer_id,order_date,currency,unit_price,quantity",
      "x,A1,K1,2026-03-02,EUR,1,1",
      "x,A2,K1,2026-03-02,EUR,1,1",
      "small, round,A1,K1,2026-03-02,EUR,1,1",
    );

    expect(codesOf(reading)).toEqual(["2 document-has-bad-line", "3", "4 row-width-wrong"]);
  });

  it("rejects a document with more lines than a document may have", () => {
    const row = "A1,K1,2026-03-02,EUR,,x,1,1,";

    const full = settle(...Array.from({ length: limits.documentLinesMax }, () => row));
    const over = settle(...Array.from({ length: limits.documentLinesMax + 1 }, () => row));

    expect(full.records.length).toBe(1);
    expect(over.records).toEqual([]);
    expect(new Set(over.rows.map(({ faults }) => faults[0]?.code))).toEqual(
      new Set(["document-too-long"]),
    );
  });
});
