/** Lines to Xero and back: what holds for every line, taxed or not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { booksOf } from "#shared/connectors/xero/books.ts";
import { documentFields } from "#shared/connectors/xero/mapping-document.ts";
import { fromInvoice } from "#shared/connectors/xero/mapping-invoice.ts";
import { fromLines, toLines } from "#shared/connectors/xero/mapping-lines.ts";
import { invoiceSchema } from "#shared/connectors/xero/schema.ts";
import { type Decimal, multiplyDecimals, parseDecimal } from "#shared/domain/decimal.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { parseExact } from "#shared/domain/json.ts";
import { parseMoney, roundToMoney, subtract } from "#shared/domain/money.ts";
import { type DocumentLine, taxTreatments } from "#shared/domain/records.ts";

const taxTypes = { standard: "OUTPUT2", exempt: "NONE", reduced: "TAX003" };
const books = booksOf({
  id: "books",
  salesAccountCode: "200",
  shippingAccountCode: "260",
  taxTypes,
});

const decimal = (unitsMax: number, scale: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: unitsMax }).map((units) => {
    const text = String(units).padStart(scale + 1, "0");
    return `${text.slice(0, -scale)}.${text.slice(-scale)}`;
  });

const line: fc.Arbitrary<DocumentLine> = fc
  .record({
    productCode: fc.constantFrom(null, "A-1"),
    quantity: decimal(9_999_999, 4),
    unitPrice: decimal(99_999_999, 4),
    discountRate: fc.constantFrom("0", "0.05", "0.125", "1"),
    taxCode: fc.constantFrom(null, ...Object.keys(taxTypes)),
    isShipping: fc.boolean(),
  })
  .map(({ isShipping, ...parts }) => ({
    ...parts,
    product: null,
    description: "Work",
    amount: roundToMoney(discounted(parts), "NZD", "half-up"),
    ...(isShipping && parts.productCode === null ? { role: "shipping" as const } : {}),
  }));

const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const treatment = fc.constantFrom(...taxTreatments);
const cases = { treatment, lines };

describe("lines that are sent", () => {
  it("come back as they were, with the taxes where the document has any", () => {
    fc.assert(
      fc.property(fc.record(cases), (document) => {
        const sent = sentLines(document, true);
        const back = toLines(invoiceSchema.shape.LineItems.parse(sent) ?? [], "NZD", {
          books,
          treatment: document.treatment,
        });

        const expected = document.lines.map(({ taxCode, ...kept }) =>
          document.treatment === "none" ? kept : { ...kept, taxCode },
        );
        expect(digestField(back)).toBe(digestField(expected));
        expect(back.map(({ role }) => role)).toEqual(document.lines.map(({ role }) => role));
      }),
    );
  });

  it("have the amounts that Xero works out from their prices, discounts taken or not", () => {
    fc.assert(
      fc.property(fc.record(cases), fc.boolean(), (document, takesDiscounts) => {
        const sent = sentLines(document, takesDiscounts);

        expect(sent.map(workedOut)).toEqual(document.lines.map(({ amount }) => amount));
        expect(sent.map(({ LineAmount }) => parseMoney(LineAmount ?? "", "NZD"))).toEqual(
          document.lines.map(({ amount }) => amount),
        );
        if (takesDiscounts) return;
        const discounts = sent.flatMap(({ DiscountRate, DiscountAmount }) => [
          ...(DiscountRate === undefined ? [] : [DiscountRate]),
          ...(DiscountAmount === undefined ? [] : [DiscountAmount]),
        ]);
        expect(discounts).toEqual([]);
      }),
    );
  });

  it("never say a tax amount", () => {
    fc.assert(
      fc.property(fc.record(cases), (document) => {
        const taxed = document.lines.map((one) => ({ ...one, tax: one.amount }));
        expect(
          JSON.stringify(fromLines(taxed, { ...rulesOf(document), takesDiscounts: true })),
        ).not.toContain("TaxAmount");
      }),
    );
  });
});

describe("an exchange rate of Xero", () => {
  it("comes back digit by digit, though we hold its reciprocal", () => {
    const rate = fc.integer({ min: 1, max: 999_999_999_999 }).map((units) => {
      const text = String(units).padStart(7, "0");
      return `${text.slice(0, -6)}.${text.slice(-6)}`;
    });
    fc.assert(
      fc.property(rate, (CurrencyRate) => {
        const shown = invoiceSchema.parse({
          InvoiceID: "v-1",
          Type: "ACCREC",
          Status: "DRAFT",
          CurrencyCode: "USD",
          CurrencyRate,
          UpdatedDateUTC: "/Date(0)/",
        });
        const { exchangeRate } = documentFields(shown, "part", books);
        const fields = { exchangeRate: exchangeRate ?? null };
        const write = { canonicalId: "invoice-1", idempotencyKey: "key-1", externalId: "v-1" };
        const element = fromInvoice({ ...write, fields, record: fields }, books);

        expect(JSON.stringify(element)).toContain(
          `"CurrencyRate":${JSON.stringify(JSON.rawJSON(normal(CurrencyRate)))}`,
        );
      }),
    );
  });
});

type SentLine = Readonly<Record<string, string | undefined>>;

function rulesOf(document: { readonly treatment: (typeof taxTreatments)[number] }) {
  return { books, treatment: document.treatment };
}

/** As Xero would read them: numbers by their digits. */
function sentLines(
  document: {
    readonly treatment: (typeof taxTreatments)[number];
    readonly lines: readonly DocumentLine[];
  },
  takesDiscounts: boolean,
): readonly SentLine[] {
  const sent = fromLines(document.lines, { ...rulesOf(document), takesDiscounts });
  return parseExact(JSON.stringify(sent)) as readonly SentLine[];
}

/** Quantity times price less the per cent, rounded, less the amount. */
function workedOut(sent: SentLine) {
  const percent = parseDecimal(sent["DiscountRate"] ?? "0");
  const kept = { units: 100n * 10n ** BigInt(percent.scale) - percent.units, scale: percent.scale };
  const gross = multiplyDecimals(
    multiplyDecimals(parseDecimal(sent["Quantity"] ?? ""), parseDecimal(sent["UnitAmount"] ?? "")),
    { units: kept.units, scale: kept.scale + 2 },
  );
  const off = parseMoney(sent["DiscountAmount"] ?? "0", "NZD");
  return subtract(roundToMoney(gross, "NZD", "half-up"), off);
}

function discounted(line: Pick<DocumentLine, "quantity" | "unitPrice" | "discountRate">): Decimal {
  const rate = parseDecimal(line.discountRate);
  const kept = { units: 10n ** BigInt(rate.scale) - rate.units, scale: rate.scale };
  const gross = multiplyDecimals(parseDecimal(line.quantity), parseDecimal(line.unitPrice));
  return multiplyDecimals(gross, kept);
}

function normal(text: string): string {
  return text.replace(/0+$/, "").replace(/\.$/, "");
}
