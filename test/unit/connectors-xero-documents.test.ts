/** Tax, exchange rates and settlement of Xero's invoices and credit notes, both ways, without a call. */
import { describe, expect, it } from "vitest";
import { booksOf } from "#shared/connectors/xero/books.ts";
import { fromCreditNote, toCreditNote } from "#shared/connectors/xero/mapping-credit-note.ts";
import { fromInvoice, toInvoice } from "#shared/connectors/xero/mapping-invoice.ts";
import { readingFailure } from "#shared/connectors/xero/resources.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { parseExact } from "#shared/domain/json.ts";
import { parseMoney } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";

const books = booksOf({
  id: "books",
  salesAccountCode: "200",
  shippingAccountCode: "260",
  taxTypes: { standard: "OUTPUT2", exempt: "NONE" },
});
const customer = { connection: "books", recordType: "customer" as const, externalId: "c-1" };
const key = { reference: "7", customer };

describe("tax on a document", () => {
  it.each([
    ["Exclusive", "exclusive"],
    ["Inclusive", "inclusive"],
    ["NoTax", "none"],
  ] as const)("of %s amounts is %s, and goes back as it came", (LineAmountTypes, taxTreatment) => {
    const { fields } = toInvoice(anInvoice({ LineAmountTypes }), "whole", books);
    const element = fromInvoice(aWrite({ ...key, taxTreatment, lines: [aLine({})] }), books);

    expect(fields["taxTreatment"]).toBe(taxTreatment);
    expect(element).toMatchObject({ LineAmountTypes });
  });

  it("is read with each line and as the document's, and never sent", () => {
    const LineItems = [
      { UnitAmount: 10, Quantity: 1, LineAmount: 10, TaxType: "OUTPUT2", TaxAmount: 1.5 },
      { UnitAmount: 5, Quantity: 1, LineAmount: 5, TaxType: "CUSTOM7", TaxAmount: 0.4 },
    ];
    const shown = anInvoice({ LineAmountTypes: "Exclusive", LineItems, TotalTax: 1.9 });

    const { fields } = toInvoice(shown, "whole", books);
    const sent = fromInvoice(aWrite({ ...fields, ...key, status: "draft" }), books);

    expect(fields["tax"]).toEqual(nzd("1.90"));
    expect(fields["lines"]).toMatchObject([
      { taxCode: "standard", tax: nzd("1.50"), amount: nzd("10.00") },
      { taxCode: null, tax: nzd("0.40") },
    ]);
    expect(JSON.stringify(sent)).not.toMatch(/TaxAmount|TotalTax/);
  });

  it("has no names on a document without tax, whose lines all say NONE", () => {
    const LineItems = [{ UnitAmount: 10, Quantity: 1, LineAmount: 10, TaxType: "NONE" }];
    const { fields } = toInvoice(
      anInvoice({ LineAmountTypes: "NoTax", LineItems }),
      "whole",
      books,
    );
    const lines = [aLine({ taxCode: "unheard of" })];
    const write = aWrite({ ...key, taxTreatment: "none", lines });

    expect(fields["lines"]).toEqual([expect.not.objectContaining({ taxCode: expect.anything() })]);
    expect(wire(fromInvoice(write, books))).toMatchObject({
      LineItems: [expect.not.objectContaining({ TaxType: expect.anything() })],
    });
  });

  it("goes by the name in the settings, and is left to the account where a line has none", () => {
    const lines = [aLine({ taxCode: "standard" }), aLine({ taxCode: null }), aLine({})];
    const element = fromInvoice(aWrite({ ...key, taxTreatment: "inclusive", lines }), books);

    expect(wire(element)).toMatchObject({
      LineAmountTypes: "Inclusive",
      LineItems: [
        { TaxType: "OUTPUT2", LineAmount: 10 },
        expect.not.objectContaining({ TaxType: expect.anything() }),
        expect.not.objectContaining({ TaxType: expect.anything() }),
      ],
    });
  });

  it("that has no name in the settings is refused before the call", () => {
    const lines = [aLine({ taxCode: "reduced" })];
    const refuse = () => fromInvoice(aWrite({ ...key, taxTreatment: "exclusive", lines }), books);

    expect(failureOf(refuse)).toMatchObject({
      kind: "rejected",
      code: "tax-code-unmapped",
      field: "lines.taxCode",
      fix: expect.stringContaining('"reduced"'),
    });
  });

  it("cannot be set up with two names for one TaxType", () => {
    const settings = (taxTypes: object) => xeroSettings.shape.taxTypes.safeParse(taxTypes).success;

    expect(settings({ standard: "OUTPUT2", reduced: "OUTPUT3" })).toBe(true);
    expect(settings({ standard: "OUTPUT2", normal: "OUTPUT2" })).toBe(false);
  });

  it("goes with the lines, and the lines with it: the one says what the other means", () => {
    const record = { ...key, taxTreatment: "exclusive", lines: [aLine({ taxCode: "standard" })] };
    const changes = [{ lines: record.lines }, { taxTreatment: "exclusive" }].map((owed) =>
      wire(fromInvoice(aWrite(owed, record, "v-1"), books)),
    );

    const [first, second] = changes;
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      InvoiceID: "v-1",
      LineAmountTypes: "Exclusive",
      LineItems: [{ TaxType: "OUTPUT2" }],
    });
  });

  it("is none where nobody said, and left as it is on what is there", () => {
    const lines = [aLine({})];

    expect(fromInvoice(aWrite({ ...key, lines }), books)).toMatchObject({
      LineAmountTypes: "NoTax",
    });
    expect(fromInvoice(aWrite({ lines }, {}, "v-1"), books)).not.toHaveProperty("LineAmountTypes");
  });
});

describe("freight", () => {
  it("goes to its own account, and is known by it", () => {
    const lines = [
      aLine({ description: "Shipping", role: "shipping" }),
      aLine({ productCode: "A" }),
      aLine({}),
    ];

    const element = wire(fromInvoice(aWrite({ ...key, lines }), books));

    expect(element).toMatchObject({
      LineItems: [
        { Description: "Shipping", AccountCode: "260" },
        expect.not.objectContaining({ AccountCode: expect.anything() }),
        { AccountCode: "200" },
      ],
    });
    const { LineItems } = element as { LineItems: object[] };
    const { fields } = toInvoice(anInvoice({ LineItems }), "whole", books);
    const goods = expect.not.objectContaining({ role: "shipping" });
    expect(fields["lines"]).toEqual([expect.objectContaining({ role: "shipping" }), goods, goods]);
  });

  it("is no more than a line where it has the account of sales", () => {
    const plain = booksOf({
      id: "books",
      salesAccountCode: "200",
      shippingAccountCode: undefined,
      taxTypes: {},
    });
    const lines = [aLine({ role: "shipping" })];
    const element = wire(fromInvoice(aWrite({ ...key, lines }), plain));
    const { LineItems } = element as { LineItems: object[] };

    expect(LineItems).toMatchObject([{ AccountCode: "200" }]);
    const { fields } = toInvoice(anInvoice({ LineItems }), "whole", plain);
    expect(fields["lines"]).toEqual([expect.not.objectContaining({ role: "shipping" })]);
  });
});

describe("an exchange rate", () => {
  it("is the reciprocal of Xero's, which says what one of the books' currency buys", () => {
    const { fields } = toInvoice(anInvoice({ CurrencyRate: 0.8 }), "whole", books);
    const element = fromInvoice(aWrite({ ...key, lines: [], exchangeRate: "1.25" }), books);

    expect(fields["exchangeRate"]).toBe("1.25");
    expect(JSON.stringify(element)).toContain('"CurrencyRate":0.8');
  });

  it("is sent only where it is given", () => {
    const element = fromInvoice(aWrite({ ...key, lines: [], exchangeRate: null }), books);
    expect(element).not.toHaveProperty("CurrencyRate");
  });

  it.each(["0", "-1", "3000000"])("of %s is refused: Xero cannot hold it", (exchangeRate) => {
    const refuse = () => fromInvoice(aWrite({ ...key, lines: [], exchangeRate }), books);
    expect(failureOf(refuse)).toMatchObject({
      kind: "rejected",
      code: "exchange-rate-unsuitable",
      field: "exchangeRate",
    });
  });

  it("is blanked only together with another currency", () => {
    const alone = () => fromInvoice(aWrite({ exchangeRate: null }, {}, "v-1"), books);
    const both = fromInvoice(aWrite({ exchangeRate: null, currency: "EUR" }, {}, "v-1"), books);

    expect(failureOf(alone)).toMatchObject({ code: "field-not-clearable", field: "exchangeRate" });
    expect(both).toEqual({ InvoiceID: "v-1", Type: "ACCREC", CurrencyCode: "EUR" });
  });
});

describe("what settled an invoice", () => {
  const settled = {
    Total: 100,
    AmountDue: 20,
    Payments: [
      { PaymentID: "p-1", Date: date("2026-10-02"), Amount: 30 },
      { PaymentID: "p-2", Status: "DELETED", Amount: 99 },
    ],
    CreditNotes: [{ CreditNoteID: "n-1", Date: date("2026-10-03"), AppliedAmount: 25 }],
    Prepayments: [{ PrepaymentID: "d-1", AppliedAmount: 15 }],
    Overpayments: [
      { OverpaymentID: "o-1", AppliedAmount: 10 },
      { OverpaymentID: "o-2", AppliedAmount: 0 },
    ],
  };

  it("is told from four lists, and adds up with what is open to the total", () => {
    const { fields } = toInvoice(anInvoice(settled), "whole", books);

    const target = "v-1";
    expect(fields["allocations"]).toEqual([
      { kind: "payment", source: "p-1", target, amount: nzd("30.00"), allocatedOn: "2026-10-02" },
      { kind: "credit-note", source: "n-1", target, amount: nzd("25.00"), allocatedOn: null },
      { kind: "deposit", source: "d-1", target, amount: nzd("15.00"), allocatedOn: null },
      { kind: "overpayment", source: "o-1", target, amount: nzd("10.00"), allocatedOn: null },
    ]);
    expect(fields["amountDue"]).toEqual(nzd("20.00"));
  });

  it("that does not add up makes the invoice unreadable, in the code that says so", () => {
    const refuse = () => toInvoice(anInvoice({ ...settled, AmountDue: 19.99 }), "whole", books);

    expect(failureOf(refuse)).toEqual({
      kind: "invalid-input",
      code: "allocations-unbalanced",
      field: "AmountDue",
    });
  });

  it("is not told by the answer to a write, nor where the customer kept a part back", () => {
    const part = toInvoice(anInvoice(settled), "part", books).fields;
    const kept = anInvoice({ ...settled, CISDeduction: 5, AmountDue: 15 });

    expect(part["allocations"]).toBeUndefined();
    expect(toInvoice(kept, "whole", books).fields["allocations"]).toBeUndefined();
  });

  it.each(["VOIDED", "DELETED"])("need not add up once it is %s", (Status) => {
    const { fields } = toInvoice(anInvoice({ Status, Total: 100, AmountDue: 0 }), "whole", books);
    expect(fields["allocations"]).toEqual([]);
  });

  it.each([
    ["amount-missing", "CreditNotes[0].AppliedAmount", { CreditNotes: [{ CreditNoteID: "n-1" }] }],
    ["record-unreadable", "Prepayments[0]", { Prepayments: [{ AppliedAmount: 5 }] }],
    ["amount-missing", "Payments[0].Amount", { Payments: [{ PaymentID: "p-1" }] }],
  ])("with %s at %s cannot be read", (code, field, part) => {
    const failure = failureOf(() => toInvoice(anInvoice(part), "whole", books));
    expect(failure).toEqual({ kind: "invalid-input", code, field });
  });
});

describe("a credit note", () => {
  it("is read with its amounts, what it was used for, and what is left", () => {
    const Allocations = [
      { Invoice: { InvoiceID: "v-1" }, Amount: 40, Date: date("2026-10-04") },
      { Invoice: { InvoiceID: "v-2" }, Amount: 9, IsDeleted: true },
    ];
    const Payments = [{ PaymentID: "p-9", Date: date("2026-10-05"), Amount: 15 }];

    const record = toCreditNote(aCreditNote({ Allocations, Payments }), "whole", books);

    expect(record).toMatchObject({
      recordType: "creditNote",
      externalId: "n-1",
      life: "live",
      fields: {
        number: "CN-1",
        reference: "7",
        customer,
        status: "issued",
        issuedOn: "2026-10-02",
        currency: "NZD",
        exchangeRate: "1",
        taxTreatment: "exclusive",
        lines: [{ taxCode: "standard", tax: nzd("15.00"), amount: nzd("100.00") }],
        subtotal: nzd("100.00"),
        tax: nzd("15.00"),
        total: nzd("115.00"),
        amountOpen: nzd("60.00"),
      },
    });
    expect(record.fields["allocations"]).toEqual([
      {
        kind: "credit-note",
        source: "n-1",
        target: "v-1",
        amount: nzd("40.00"),
        allocatedOn: "2026-10-04",
      },
      {
        kind: "payment",
        source: "p-9",
        target: "n-1",
        amount: nzd("15.00"),
        allocatedOn: "2026-10-05",
      },
    ]);
  });

  it("whose uses do not add up cannot be read", () => {
    const failure = failureOf(() =>
      toCreditNote(aCreditNote({ RemainingCredit: 100 }), "whole", books),
    );
    expect(failure).toMatchObject({ code: "allocations-unbalanced", field: "RemainingCredit" });
  });

  it("of a supplier takes no part", () => {
    const record = toCreditNote(aCreditNote({ Type: "ACCPAYCREDIT" }), "whole", books);
    expect(record).toMatchObject({ excluded: "bill", fields: {} });
  });

  it("is sent as a draft, with prices after the discount, since it takes none", () => {
    const lines = [
      aLine({ taxCode: "standard", discountRate: "0.125", amount: nzd("8.75") }),
      aLine({ quantity: "3", discountRate: "0.3333", unitPrice: "0.01", amount: nzd("0.02") }),
    ];
    const fields = { ...key, taxTreatment: "exclusive", currency: "NZD", issuedOn: "2026-11-01" };

    expect(wire(fromCreditNote(aWrite({ ...fields, lines }), books))).toEqual({
      Type: "ACCRECCREDIT",
      Status: "DRAFT",
      LineAmountTypes: "Exclusive",
      Contact: { ContactID: "c-1" },
      Reference: "7",
      Date: "2026-11-01",
      CurrencyCode: "NZD",
      LineItems: [
        {
          Description: "Work",
          Quantity: 1,
          UnitAmount: 8.75,
          LineAmount: 8.75,
          AccountCode: "200",
          TaxType: "OUTPUT2",
        },
        {
          Description: "Work",
          Quantity: 3,
          UnitAmount: 0.0067,
          LineAmount: 0.02,
          AccountCode: "200",
        },
      ],
    });
  });

  it("falls back to one at the line's amount where no price of four digits gives it", () => {
    const lines = [aLine({ quantity: "1000", discountRate: "0.55555", amount: nzd("4444.50") })];
    const odd = [aLine({ quantity: "1000", discountRate: "0.0000055", amount: nzd("9999.95") })];

    expect(wire(fromCreditNote(aWrite({ ...key, lines }), books))).toMatchObject({
      LineItems: [{ Quantity: 1000, UnitAmount: 4.4445, LineAmount: 4444.5 }],
    });
    expect(wire(fromCreditNote(aWrite({ ...key, lines: odd }), books))).toMatchObject({
      LineItems: [{ Quantity: 1, UnitAmount: 9999.95, LineAmount: 9999.95 }],
    });
  });

  it("is changed in what is owed alone, and withdrawn with nothing else", () => {
    const owed = { issuedOn: "2026-11-02", total: nzd("1.00"), amountOpen: nzd("1.00") };

    expect(fromCreditNote(aWrite(owed, {}, "n-1"), books)).toEqual({
      CreditNoteID: "n-1",
      Type: "ACCRECCREDIT",
      Date: "2026-11-02",
    });
    expect(fromCreditNote(aWrite({ amountOpen: nzd("1.00") }, {}, "n-1"), books)).toBeUndefined();
    expect(fromCreditNote(aWrite({ ...owed, status: "deleted" }, {}, "n-1"), books)).toEqual({
      CreditNoteID: "n-1",
      Type: "ACCRECCREDIT",
      Status: "DELETED",
    });
  });

  it.each([
    ["status", { status: "issued" }, "v-1", "status-not-writable"],
    ["reference", { customer }, undefined, "field-missing"],
    ["customer", { reference: "7" }, undefined, "field-missing"],
    ["lines", { lines: null }, "n-1", "field-not-clearable"],
  ])("with %s Xero does not take is refused", (field, fields, externalId, code) => {
    const refuse = () => fromCreditNote(aWrite(fields, {}, externalId), books);
    expect(failureOf(refuse)).toMatchObject({ kind: "rejected", code, field });
  });

  it("is neither archived nor brought back", () => {
    const write = { ...aWrite({}, {}, "n-1"), life: "archived" as const };
    expect(failureOf(() => fromCreditNote(write, books))).toMatchObject({
      code: "life-not-writable",
    });
  });
});

function anInvoice(overrides: object): unknown {
  return exact({
    Type: "ACCREC",
    InvoiceID: "v-1",
    Contact: { ContactID: "c-1" },
    Status: "AUTHORISED",
    CurrencyCode: "NZD",
    UpdatedDateUTC: date("2026-10-01"),
    ...overrides,
  });
}

function aCreditNote(overrides: object): unknown {
  return exact({
    Type: "ACCRECCREDIT",
    CreditNoteID: "n-1",
    CreditNoteNumber: "CN-1",
    Reference: "7",
    Contact: { ContactID: "c-1", Name: "ABC Limited" },
    Status: "AUTHORISED",
    Date: date("2026-10-02"),
    CurrencyCode: "NZD",
    CurrencyRate: 1,
    LineAmountTypes: "Exclusive",
    LineItems: [
      {
        Description: "Work",
        Quantity: 1,
        UnitAmount: 100,
        LineAmount: 100,
        TaxType: "OUTPUT2",
        TaxAmount: 15,
      },
    ],
    SubTotal: 100,
    TotalTax: 15,
    Total: 115,
    RemainingCredit: 60,
    UpdatedDateUTC: date("2026-10-02"),
    ...overrides,
  });
}

function aLine(overrides: object) {
  return {
    product: null,
    productCode: null,
    description: "Work",
    quantity: "1",
    unitPrice: "10",
    discountRate: "0",
    amount: nzd("10.00"),
    ...overrides,
  };
}

function aWrite(fields: Fields, record: Fields = fields, externalId?: string): RemoteWrite {
  return { canonicalId: "invoice-1", idempotencyKey: "key-1", externalId, fields, record };
}

/** As it arrives: numbers as text. */
function exact(value: unknown): unknown {
  return parseExact(JSON.stringify(value));
}

/** As Xero would parse what is sent. */
function wire(element: unknown): unknown {
  return JSON.parse(JSON.stringify(element));
}

function date(day: string): string {
  return `/Date(${Date.parse(day)}+0000)/`;
}

function nzd(text: string) {
  return parseMoney(text, "NZD");
}

function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (cause) {
    return cause instanceof SyncError ? cause.failure : readingFailure(cause);
  }
}
