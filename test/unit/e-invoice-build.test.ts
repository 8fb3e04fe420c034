import { describe, expect, it } from "vitest";
import { buildEInvoice, type EInvoiceSource } from "#shared/domain/e-invoice/build-e-invoice.ts";
import { money, parseMoney } from "#shared/domain/money.ts";
import { type DocumentLine, isLines } from "#shared/domain/records.ts";
import {
  type ADocument,
  aSeller,
  aSource,
  eInvoiceSettings as settings,
} from "#test/support/e-invoices.ts";

function built(document: ADocument) {
  const outcome = buildEInvoice(aSource(document), settings);
  if (outcome.kind === "built") return outcome;
  throw new Error(`${outcome.code} ${JSON.stringify(outcome.findings)}`);
}

function refusalOf(source: EInvoiceSource, given = settings): string {
  const outcome = buildEInvoice(source, given);
  if (outcome.kind === "built") throw new Error("the document was not refused");
  return `${outcome.code} ${outcome.field ?? ""}`.trim();
}

const euro = (text: string) => parseMoney(text, "EUR");

function linesIn({ lines }: EInvoiceSource["document"]): readonly DocumentLine[] {
  return isLines(lines) ? lines : [];
}
const cheese = { description: "Cheese", quantity: "3", unitPrice: "10.00" };

describe("buildEInvoice", () => {
  it("takes a discount as an allowance of the line, with what it is a percentage of", () => {
    const { invoice } = built({ lines: [{ ...cheese, discountRate: "0.15", productCode: "11" }] });

    expect(invoice.lines).toEqual([
      {
        id: "1",
        name: "Cheese",
        productCode: "11",
        quantity: "3",
        unitCode: "C62",
        price: "10",
        baseQuantity: "1",
        adjustments: [
          {
            isCharge: false,
            amount: euro("4.50"),
            base: euro("30.00"),
            percent: "15",
            reason: "Discount",
            reasonCode: "95",
          },
        ],
        amount: euro("25.50"),
        tax: { code: "S", percent: "25" },
      },
    ]);
  });

  it("takes freight as a charge of the document", () => {
    const freight = { description: "Freight", quantity: "1", unitPrice: "32.38", role: "shipping" };
    const { invoice } = built({ lines: [cheese, { ...freight, role: "shipping" }] });

    expect(invoice.lines).toHaveLength(1);
    expect(invoice.adjustments).toMatchObject([
      { isCharge: true, amount: euro("32.38"), reason: "Freight", reasonCode: "FC" },
    ]);
    expect(invoice.totals).toMatchObject({
      lines: euro("30.00"),
      charges: euro("32.38"),
      withoutTax: euro("62.38"),
    });
  });

  it("keeps freight a line where there is nothing else", () => {
    const { invoice } = built({ lines: [{ ...cheese, role: "shipping" }] });

    expect(invoice.lines).toHaveLength(1);
    expect(invoice.adjustments).toEqual([]);
  });

  it("takes the books' tax out of amounts that include it, at an exact price for all of them", () => {
    const { invoice } = built({
      treatment: "inclusive",
      lines: [{ ...cheese, unitPrice: "3.33" }],
    });

    expect(invoice.lines).toMatchObject([
      { quantity: "3", price: "7.99", baseQuantity: "3", amount: euro("7.99") },
    ]);
    expect(invoice.totals).toMatchObject({ tax: euro("2.00"), withTax: euro("9.99") });
  });

  it("turns a price below zero into a quantity below zero", () => {
    const { invoice } = built({ lines: [cheese, { ...cheese, unitPrice: "-1.50" }] });

    expect(invoice.lines[1]).toMatchObject({
      quantity: "-3",
      price: "4.5",
      baseQuantity: "3",
      amount: euro("-4.50"),
    });
  });

  it("sums tax as the books took it, and notes what they rounded line by line", () => {
    const lines = ["30.09", "46.21"].map((unitPrice) => ({
      quantity: "1",
      unitPrice,
      taxCode: "fifteen",
    }));
    const source = aSource({ lines });
    const taxes = [euro("4.51"), euro("6.93")];
    const document = {
      ...source.document,
      lines: linesIn(source.document).map((line, index) => ({ ...line, tax: taxes[index] })),
      tax: euro("11.44"),
      total: euro("87.74"),
      amountDue: euro("87.74"),
    };
    const fifteen = { code: "S", percent: "15", exemptionReason: null } as const;
    const outcome = buildEInvoice({ ...source, document }, { ...settings, taxes: { fifteen } });

    expect(outcome).toMatchObject({
      kind: "built",
      invoice: { totals: { tax: euro("11.44") } },
      notes: [
        {
          rule: "BR-CO-17",
          severity: "note",
          where: "tax S 15",
          expected: "11.45",
          found: "11.44",
        },
      ],
    });
  });

  it("keeps the rates of one category apart", () => {
    const lines = ["standard", "reduced", "standard"].map((taxCode) => ({ ...cheese, taxCode }));
    const { invoice } = built({ lines });

    expect(invoice.taxes.map(({ percent, taxable, tax }) => [percent, taxable, tax])).toEqual([
      ["25", euro("60.00"), euro("15.00")],
      ["8.25", euro("30.00"), euro("2.48")],
    ]);
  });

  it("gives a credit note the invoice it takes back, and terms in place of a due date", () => {
    const { invoice } = built({ kind: "credit-note", lines: [cheese] });

    expect(invoice).toMatchObject({
      kind: "credit-note",
      number: "CN-0007",
      precedingInvoice: "INV-0001",
      dueOn: null,
      transfer: null,
      paymentTerms: "Set off against invoices or paid back",
    });
  });

  it("shows what was paid, and what is left", () => {
    const { invoice } = built({ lines: [cheese], paid: 1_000n });

    expect(invoice.totals).toMatchObject({ prepaid: euro("10.00"), payable: euro("27.50") });
  });

  it("claims Peppol where both sides can be reached there, else the standard alone", () => {
    const source = aSource({ lines: [cheese] });
    const customer = { ...source.customer, taxNumber: "98-7654321" };
    const profiles = [source, { ...source, customer }].map((one) => buildEInvoice(one, settings));

    expect(profiles).toMatchObject([
      {
        invoice: {
          profile: "peppol",
          seller: { endpoint: { scheme: "9930", id: "DE123456789" } },
          buyer: { endpoint: { scheme: "9955", id: "SE556677889901" }, countryCode: "SE" },
        },
      },
      { invoice: { profile: "en-16931", buyer: { vatNumber: null, registration: "98-7654321" } } },
    ]);
  });

  it("takes what XML cannot hold out of texts", () => {
    const { invoice } = built({
      lines: [{ ...cheese, description: " \u0001Bel\u0000 \ud800x\r\n" }],
    });

    expect(invoice.lines[0]?.name).toBe("Bel   x");
  });
});

describe("a document that is refused", () => {
  const source = aSource({ lines: [cheese] });
  const withFields = (fields: EInvoiceSource["document"]): EInvoiceSource => ({
    ...source,
    document: { ...source.document, ...fields },
  });
  const withCustomer = (fields: EInvoiceSource["customer"]): EInvoiceSource => ({
    ...source,
    customer: { ...source.customer, ...fields },
  });

  it.each<[what: string, source: EInvoiceSource, refusal: string]>([
    ["is a draft", withFields({ status: "draft" }), "document-not-issued"],
    ["waits for approval", withFields({ status: "submitted" }), "document-not-issued"],
    ["says nothing of its state", withFields({ status: null }), "document-not-issued"],
    ["was voided", withFields({ status: "void" }), "document-ended"],
    ["was deleted", withFields({ status: "deleted" }), "document-ended"],
    ["has no number", withFields({ number: null }), "e-invoice-field-missing number"],
    ["has no lines", withFields({ lines: [] }), "e-invoice-field-missing lines"],
    [
      "says nothing of tax",
      withFields({ taxTreatment: undefined }),
      "e-invoice-field-missing taxTreatment",
    ],
    [
      "has a customer without a name",
      withCustomer({ name: " " }),
      "e-invoice-field-missing customer.name",
    ],
    [
      "has a customer in no known country",
      withCustomer({ country: "Atlantis" }),
      "country-unknown customer.country",
    ],
    [
      "has a customer without a country",
      withCustomer({ country: null }),
      "country-unknown customer.country",
    ],
    [
      "has a tax that nobody explained",
      aSource({ lines: [{ ...cheese, taxCode: "luxury" }] }),
      "e-invoice-tax-unknown lines[0].taxCode",
    ],
    [
      "has a total of its own",
      withFields({ total: euro("37.51") }),
      "e-invoice-rule-broken BR-CO-15",
    ],
    [
      "has a tax of its own",
      withFields({ tax: euro("7.51") }),
      "e-invoice-rule-broken BR-CO-14, BR-CO-15",
    ],
    [
      "has a sum of its own",
      withFields({ subtotal: euro("29.99") }),
      "e-invoice-rule-broken BR-CO-13, BR-CO-15",
    ],
  ])("%s", (_, refused, refusal) => {
    expect(refusalOf(refused)).toBe(refusal);
  });

  it("has amounts with more digits than the standard has, unless those are zeros", () => {
    const inDinar = (unitPrice: string) =>
      aSource({ currency: "KWD", lines: [{ quantity: "1", unitPrice, taxCode: "zero" }] });

    expect(refusalOf(inDinar("1.235"))).toContain("BR-DEC-12");
    expect(buildEInvoice(inDinar("1.230"), settings).kind).toBe("built");
  });

  it("includes a tax that the books did not tell for each line", () => {
    const inclusive = aSource({ treatment: "inclusive", lines: [cheese] });
    const lines = linesIn(inclusive.document).map((line) => ({ ...line, tax: null }));

    expect(refusalOf({ ...inclusive, document: { ...inclusive.document, lines } })).toBe(
      "e-invoice-tax-missing lines[0].tax",
    );
  });

  it("has two taxes and tells neither for its lines; with one it is clear", () => {
    const untold = (taxCodes: readonly string[]): EInvoiceSource => {
      const one = aSource({ lines: taxCodes.map((taxCode) => ({ ...cheese, taxCode })) });
      const lines = linesIn(one.document).map((line) => ({ ...line, tax: null }));
      return { ...one, document: { ...one.document, lines } };
    };

    expect(refusalOf(untold(["standard", "reduced"]))).toBe("e-invoice-tax-missing lines");
    expect(buildEInvoice(untold(["standard", "standard"]), settings)).toMatchObject({
      kind: "built",
      invoice: { taxes: [{ tax: money(1_500n, "EUR") }] },
    });
  });

  it.each<[what: string, seller: Partial<typeof aSeller>, refusal: string]>([
    ["is in no known country", { country: "Atlantis" }, "country-unknown seller.country"],
    [
      "has no number at all",
      { taxNumber: null, registration: null },
      "e-invoice-rule-broken BR-CO-26, BR-S-02",
    ],
    ["has no tax number", { taxNumber: null }, "e-invoice-rule-broken BR-S-02"],
  ])("is of a seller who %s", (_, seller, refusal) => {
    const given = { ...settings, seller: { ...aSeller, ...seller } };

    expect(refusalOf(source, given)).toBe(refusal);
  });
});
