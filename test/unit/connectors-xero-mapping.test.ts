/** Xero's shapes into canonical records and back, without a call. */
import { describe, expect, it } from "vitest";
import { booksOf } from "#shared/connectors/xero/books.ts";
import { fromCustomer, toCustomer } from "#shared/connectors/xero/mapping-customer.ts";
import { fromInvoice, toInvoice } from "#shared/connectors/xero/mapping-invoice.ts";
import { toEmbeddedPayment, toPayment } from "#shared/connectors/xero/mapping-payment.ts";
import { fromProduct, toProduct } from "#shared/connectors/xero/mapping-product.ts";
import { readingFailure } from "#shared/connectors/xero/resources.ts";
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
const version = 1_790_816_400_123;
const customerRef = { connection: "books", recordType: "customer" as const, externalId: "c-1" };

describe("a contact", () => {
  it("joins the phone, the lines of the postal address and the terms in days", () => {
    const record = toCustomer(aContact({}), "whole");

    expect(record).toEqual({
      recordType: "customer",
      externalId: "c-1",
      version,
      life: "live",
      registeredId: "customer-1",
      fields: {
        name: "ABC Limited",
        email: "ap@abc.example",
        phone: "+64 4 555 1234",
        street: "1 High St\nLevel 2",
        city: "Wellington",
        region: null,
        postalCode: "6011",
        country: "New Zealand",
        taxNumber: null,
        paymentTermsDays: 20,
        currency: null,
      },
    });
  });

  it.each([
    ["ACTIVE", "live"],
    ["ARCHIVED", "archived"],
    ["GDPRREQUEST", "archived"],
  ])("with status %s is %s", (ContactStatus, life) => {
    expect(toCustomer(aContact({ ContactStatus }), "whole").life).toBe(life);
  });

  it("that was merged says into which, for as long as it is archived", () => {
    const pointer = { MergedToContactID: "c-2" };

    expect(toCustomer(aContact({ ...pointer, ContactStatus: "ARCHIVED" }), "whole")).toMatchObject({
      life: "merged",
      mergedInto: "c-2",
    });
    const active = toCustomer(aContact({ ...pointer, ContactStatus: "ACTIVE" }), "whole");
    expect([active.life, active.mergedInto]).toEqual(["live", undefined]);
    const blank = aContact({ MergedToContactID: "", ContactStatus: "ARCHIVED" });
    expect(toCustomer(blank, "whole").life).toBe("archived");
  });

  it.each([
    ["archived", "ARCHIVED"],
    ["live", "ACTIVE"],
  ] as const)("that is to be %s is sent its status and nothing else", (life, ContactStatus) => {
    const write = { ...aWrite({ name: "Other" }, { name: "Other" }, "c-1"), life };

    expect(fromCustomer(write)).toEqual({ ContactID: "c-1", ContactStatus });
  });

  it.each([
    [true, false, "supplier-only"],
    [true, true, undefined],
    [false, false, undefined],
  ])(
    "with IsSupplier %s and IsCustomer %s is excluded as %s",
    (IsSupplier, IsCustomer, excluded) => {
      expect(toCustomer(aContact({ IsSupplier, IsCustomer }), "whole").excluded).toBe(excluded);
    },
  );

  it.each(["DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"])(
    "with terms of type %s has no count of days",
    (Type) => {
      const record = toCustomer(aContact({ PaymentTerms: { Sales: { Day: 20, Type } } }), "whole");
      expect(record.fields["paymentTermsDays"]).toBeNull();
    },
  );

  it("tells blank from unsaid in an answer that may show a part", () => {
    const bare = { ContactID: "c-1", Name: "ABC", EmailAddress: "", UpdatedDateUTC: date(version) };

    expect(toCustomer(bare, "part").fields).toEqual({ name: "ABC", email: null });
    expect(toCustomer({ ...bare, Addresses: [], Phones: [] }, "whole").fields).toMatchObject({
      email: null,
      taxNumber: null,
      street: null,
      phone: null,
      paymentTermsDays: null,
    });
  });

  it("is sent with our id when it is new, and its parts in Xero's groups", () => {
    const fields = {
      name: "ABC",
      phone: "+64 4",
      street: "1 High St\r\n\r\nLevel 2",
      city: "Wellington",
    };

    expect(wire(fromCustomer(aWrite(fields)))).toEqual({
      Name: "ABC",
      ContactNumber: "customer-1",
      Phones: [
        { PhoneType: "DEFAULT", PhoneNumber: "+64 4", PhoneAreaCode: "", PhoneCountryCode: "" },
      ],
      Addresses: [
        {
          AddressType: "POBOX",
          AddressLine1: "1 High St",
          AddressLine2: "Level 2",
          AddressLine3: "",
          AddressLine4: "",
          City: "Wellington",
          Region: "",
          PostalCode: "",
          Country: "",
        },
      ],
    });
  });

  it("is changed in what is owed alone, the address as a whole", () => {
    const record = { name: "ABC", city: null, postalCode: "6011", email: "kept@abc.example" };
    const write = aWrite({ city: null, website: "https://abc.example" }, record, "c-1");

    expect(wire(fromCustomer(write))).toEqual({
      ContactID: "c-1",
      Addresses: [expect.objectContaining({ City: "", PostalCode: "6011", AddressLine1: "" })],
    });
    expect(fromCustomer(aWrite({ website: null, segment: "A" }, record, "c-1"))).toBeUndefined();
  });

  it.each([
    ["name", "n".repeat(256), "field-too-long"],
    ["phone", "1".repeat(51), "field-too-long"],
    ["country", "c".repeat(51), "field-too-long"],
    ["street", "s".repeat(501), "field-too-long"],
    ["street", "a\nb\nc\nd\ne", "field-too-long"],
    ["name", null, "field-missing"],
    ["paymentTermsDays", null, "field-not-clearable"],
    ["currency", null, "field-not-clearable"],
  ])("with %s Xero does not take is refused: %s", (field, value, code) => {
    const refuse = () => fromCustomer(aWrite({ [field]: value }, {}, "c-1"));

    expect(failureOf(refuse)).toMatchObject({ kind: "rejected", code, field });
    expect(failureOf(refuse)).toHaveProperty("fix");
  });

  it("has the currency it is billed in", () => {
    const { fields } = toCustomer(aContact({ DefaultCurrency: "EUR" }), "whole");

    expect(fields["currency"]).toBe("EUR");
    expect(wire(fromCustomer(aWrite({ currency: "EUR" }, {}, "c-1")))).toEqual({
      ContactID: "c-1",
      DefaultCurrency: "EUR",
    });
  });

  it("is not sent under an id that could not be looked up again", () => {
    const write = { ...aWrite({ name: "ABC" }), canonicalId: 'customer-"1"' };
    expect(failureOf(() => fromCustomer(write))).toMatchObject({ code: "canonical-id-unsuitable" });
  });
});

describe("an item", () => {
  it("keeps the digits of its price", () => {
    const element = parseExact(
      `{"ItemID":"i-1","Code":"A","Name":"","SalesDetails":{"UnitPrice":33.3330},
        "UpdatedDateUTC":"${date(version)}"}`,
    );

    expect(toProduct(element, "whole").fields).toEqual({
      code: "A",
      name: null,
      description: null,
      unitPrice: "33.333",
      unitCost: null,
    });
  });

  it("is sent with exact digits, and with an account only when new", () => {
    const fields = { code: "A", unitPrice: "12345678901.1001" };

    expect(JSON.stringify(fromProduct(aWrite(fields), books))).toBe(
      '{"Code":"A","SalesDetails":{"UnitPrice":12345678901.1001,"AccountCode":"200"}}',
    );
    expect(wire(fromProduct(aWrite({ name: null }, { code: "A" }, "i-1"), books))).toEqual({
      ItemID: "i-1",
      Code: "A",
      Name: "",
    });
  });

  it.each([
    ["unitPrice", "1.00001", "unit-price-too-precise"],
    ["unitPrice", null, "field-not-clearable"],
    ["unitCost", "1.00001", "unit-price-too-precise"],
    ["unitCost", null, "field-not-clearable"],
    ["code", null, "field-missing"],
    ["code", "c".repeat(31), "field-too-long"],
    ["name", "n".repeat(51), "field-too-long"],
  ])("with %s Xero does not take is refused: %s", (field, value, code) => {
    const refuse = () => fromProduct(aWrite({ [field]: value }, { code: "A" }, "i-1"), books);
    expect(failureOf(refuse)).toMatchObject({ kind: "rejected", code, field });
  });

  it("has a cost of its own, which is sent only when it is owed", () => {
    const element = exact({
      ItemID: "i-1",
      Code: "A",
      SalesDetails: { UnitPrice: 40 },
      PurchaseDetails: { UnitPrice: 12.5, AccountCode: "300" },
      UpdatedDateUTC: date(version),
    });

    expect(toProduct(element, "whole").fields).toMatchObject({ unitPrice: "40", unitCost: "12.5" });
    expect(wire(fromProduct(aWrite({ unitCost: "12.5" }, { code: "A" }, "i-1"), books))).toEqual({
      ItemID: "i-1",
      Code: "A",
      PurchaseDetails: { UnitPrice: 12.5 },
    });
  });

  it("takes a price whose further digits are zeros", () => {
    const element = fromProduct(aWrite({ unitPrice: "1.100000" }, { code: "A" }, "i-1"), books);
    expect(wire(element)).toMatchObject({ SalesDetails: { UnitPrice: 1.1 } });
  });
});

describe("an invoice", () => {
  it.each([
    ["DRAFT", "draft"],
    ["SUBMITTED", "submitted"],
    ["AUTHORISED", "issued"],
    ["PAID", "paid"],
    ["VOIDED", "void"],
    ["DELETED", "deleted"],
  ])("with status %s is %s, and live", (Status, status) => {
    const record = toInvoice(anInvoice({ Status }), "whole", books);
    expect(record).toMatchObject({ life: "live", fields: { status } });
  });

  it("keeps dates as calendar dates and amounts as written", () => {
    const { fields } = toInvoice(anInvoice({}), "whole", books);

    expect(fields).toMatchObject({
      number: "INV-1",
      reference: null,
      customer: customerRef,
      issuedOn: "2026-10-01",
      dueOn: null,
      currency: "NZD",
      total: parseMoney("12345678901234567.89", "NZD"),
    });
    expect(fields).not.toHaveProperty("order");
  });

  it("reads lines with a product, with a discount of either kind, and of words alone", () => {
    const lines = [
      { ItemCode: "A", Item: { ItemID: "i-1" }, Quantity: 3, UnitAmount: 33.3333, LineAmount: 100 },
      { Description: "Off", Quantity: 1, UnitAmount: 80, DiscountRate: 12.5, LineAmount: 70 },
      { Description: "Off", Quantity: 3, UnitAmount: 10, DiscountAmount: 10, LineAmount: 20 },
      { Description: "Thank you" },
    ];

    const { fields } = toInvoice(anInvoice({ LineItems: lines }), "whole", books);

    const product = { connection: "books", recordType: "product", externalId: "i-1" };
    expect(fields["lines"]).toMatchObject([
      { product, productCode: "A", description: null, discountRate: "0", unitPrice: "33.3333" },
      { product: null, productCode: null, discountRate: "0.125", amount: nzd("70.00") },
      { discountRate: "0.333333333333", amount: nzd("20.00") },
      { quantity: "0", unitPrice: "0", amount: nzd("0.00") },
    ]);
  });

  it("does not report lines of an answer without them", () => {
    const { fields } = toInvoice(anInvoice({ LineItems: undefined }), "whole", books);
    expect(fields["lines"]).toBeUndefined();
  });

  it.each([
    ["Status", { Status: "HELD" }, "value-unknown"],
    ["CurrencyCode", { CurrencyCode: "dollars" }, "currency-unreadable"],
    ["Total", { Total: "1.005" }, "amount-too-precise"],
    ["Date", { Date: "yesterday" }, "date-unreadable"],
    ["LineItems[0].LineAmount", { LineItems: [{ UnitAmount: 5 }] }, "line-incomplete"],
  ])("with an odd %s cannot be read, and says which field", (field, part, code) => {
    const failure = failureOf(() => toInvoice(anInvoice(part), "whole", books));
    expect(failure).toMatchObject({ kind: "invalid-input", code, field });
  });

  it("of another shape cannot be read, and says which field", () => {
    const failure = failureOf(() => toInvoice(anInvoice({ LineItems: "none" }), "whole", books));
    expect(failure).toEqual({
      kind: "invalid-input",
      code: "record-unreadable",
      field: "LineItems",
    });
  });

  it("is sent as a draft without tax, lines with their amounts and exact digits", () => {
    const lines = [
      aLine({ productCode: "A", description: null, quantity: "0.10", amount: nzd("1.00") }),
      aLine({ discountRate: "0.125", amount: nzd("8.75") }),
      aLine({ discountRate: "0.333333", amount: nzd("6.67") }),
    ];
    const fields = { reference: "7", customer: customerRef, issuedOn: "2026-10-01", lines };

    const element = fromInvoice(aWrite({ ...fields, dueOn: null, number: "own" }), books);

    expect(JSON.stringify(element)).toContain('"Quantity":0.1,"UnitAmount":10,');
    expect(wire(element)).toEqual({
      Type: "ACCREC",
      Status: "DRAFT",
      LineAmountTypes: "NoTax",
      Reference: "7",
      Contact: { ContactID: "c-1" },
      Date: "2026-10-01",
      LineItems: [
        { ItemCode: "A", Description: "A", Quantity: 0.1, UnitAmount: 10, LineAmount: 1 },
        {
          Description: "Work",
          Quantity: 1,
          UnitAmount: 10,
          DiscountRate: 12.5,
          LineAmount: 8.75,
          AccountCode: "200",
        },
        {
          Description: "Work",
          Quantity: 1,
          UnitAmount: 10,
          DiscountAmount: 3.33,
          LineAmount: 6.67,
          AccountCode: "200",
        },
      ],
    });
  });

  it("is changed in what is owed alone, and never in its tax or totals", () => {
    const record = { reference: "7", customer: customerRef, lines: [aLine({})] };
    const owed = { dueOn: "2026-12-01", total: nzd("1.00") };

    expect(fromInvoice(aWrite(owed, record, "v-1"), books)).toEqual({
      InvoiceID: "v-1",
      Type: "ACCREC",
      DueDate: "2026-12-01",
    });
    expect(fromInvoice(aWrite({ total: nzd("1.00") }, record, "v-1"), books)).toBeUndefined();
  });

  it("that is to be deleted is sent that and nothing else", () => {
    const owed = { status: "deleted", dueOn: null, reference: "x".repeat(300) };

    expect(fromInvoice(aWrite(owed, {}, "v-1"), books)).toEqual({
      InvoiceID: "v-1",
      Type: "ACCREC",
      Status: "DELETED",
    });
  });

  it.each([
    ["issued", "v-1"],
    ["void", "v-1"],
    ["paid", "v-1"],
    ["draft", "v-1"],
    [null, "v-1"],
    ["issued", undefined],
    ["deleted", undefined],
  ])(
    "with status %s owed to %s is refused: only Xero's users give it one",
    (status, externalId) => {
      const fields = { status, reference: "7", customer: customerRef, lines: [aLine({})] };
      const failure = failureOf(() => fromInvoice(aWrite(fields, fields, externalId), books));

      expect(failure).toMatchObject({
        kind: "rejected",
        code: "status-not-writable",
        field: "status",
      });
    },
  );

  it("that is new may be owed to be the draft it will be", () => {
    const fields = { status: "draft", reference: "7", customer: customerRef, lines: [aLine({})] };

    expect(fromInvoice(aWrite(fields), books)).toMatchObject({ Status: "DRAFT", Reference: "7" });
  });

  it("or an item is neither archived nor brought back", () => {
    const write = { ...aWrite({}, {}, "v-1"), life: "archived" as const };

    for (const from of [fromInvoice, fromProduct]) {
      expect(failureOf(() => from(write, books))).toMatchObject({ code: "life-not-writable" });
    }
  });

  it.each([
    ["reference", { customer: customerRef }, undefined, "field-missing"],
    ["customer", { reference: "7" }, undefined, "field-missing"],
    ["dueOn", { dueOn: null }, "v-1", "field-not-clearable"],
    ["lines", { lines: null }, "v-1", "field-not-clearable"],
    [
      "lines.unitPrice",
      { lines: [aLine({ unitPrice: "0.00001" })] },
      "v-1",
      "unit-price-too-precise",
    ],
    [
      "lines.productCode",
      { lines: [aLine({ productCode: "c".repeat(31) })] },
      "v-1",
      "field-too-long",
    ],
  ])("with %s Xero does not take is refused", (field, fields, externalId, code) => {
    const refuse = () => fromInvoice(aWrite(fields, {}, externalId), books);
    expect(failureOf(refuse)).toMatchObject({ kind: "rejected", code, field });
  });
});

describe("a payment", () => {
  it("points at its invoice and has the invoice's currency", () => {
    expect(toPayment(aPayment({}), books)).toEqual({
      recordType: "payment",
      externalId: "p-1",
      version,
      life: "live",
      fields: {
        kind: "receipt",
        customer: customerRef,
        invoice: { connection: "books", recordType: "invoice", externalId: "v-1" },
        status: "settled",
        amount: nzd("115.00"),
        paidOn: "2026-10-01",
        reference: null,
      },
    });
  });

  it("that was deleted is a status, with no amount where its currency is not shown", () => {
    const Invoice = { InvoiceID: "v-1" };
    const record = toPayment(aPayment({ Status: "DELETED", Invoice }), books);

    expect(record).toMatchObject({ life: "live", fields: { status: "deleted" } });
    expect(record.fields["amount"]).toBeUndefined();
    expect(failureOf(() => toPayment(aPayment({ Invoice }), books))).toMatchObject({
      code: "currency-unreadable",
    });
  });

  it.each(["ACCPAYPAYMENT", "APCREDITPAYMENT", "APPREPAYMENTPAYMENT", "APOVERPAYMENTPAYMENT"])(
    "of type %s is excluded",
    (PaymentType) => {
      const record = toPayment(aPayment({ PaymentType, Invoice: undefined }), books);
      expect(record).toMatchObject({ excluded: "not-an-invoice-payment", fields: {} });
    },
  );

  it("inside an invoice has that invoice's version and says no more than it shows", () => {
    const raw = { PaymentID: "p-1", Date: date(Date.UTC(2026, 9, 2)), Amount: "5" };
    const record = toEmbeddedPayment(
      raw,
      {
        recordType: "invoice",
        externalId: "v-1",
        customer: customerRef,
        currency: "NZD",
        version: 7,
      },
      books,
    );

    expect(record).toMatchObject({
      externalId: "p-1",
      version: 7,
      fields: { status: "settled", amount: nzd("5.00"), paidOn: "2026-10-02" },
    });
    expect(record.fields["reference"]).toBeUndefined();
  });
});

function aContact(overrides: object): unknown {
  return exact({
    ContactID: "c-1",
    ContactNumber: "customer-1",
    ContactStatus: "ACTIVE",
    Name: "ABC Limited",
    EmailAddress: "ap@abc.example",
    Addresses: [
      { AddressType: "STREET", City: "Elsewhere" },
      {
        AddressType: "POBOX",
        AddressLine1: "1 High St",
        AddressLine3: "Level 2",
        City: "Wellington",
        Region: "",
        PostalCode: "6011",
        Country: "New Zealand",
      },
    ],
    Phones: [
      { PhoneType: "FAX", PhoneNumber: "0" },
      {
        PhoneType: "DEFAULT",
        PhoneNumber: "555 1234",
        PhoneAreaCode: "4",
        PhoneCountryCode: "+64",
      },
    ],
    PaymentTerms: { Sales: { Day: 20, Type: "DAYSAFTERBILLDATE" } },
    UpdatedDateUTC: date(version),
    ...overrides,
  });
}

function anInvoice(overrides: object): unknown {
  return exact({
    Type: "ACCREC",
    InvoiceID: "v-1",
    InvoiceNumber: "INV-1",
    Reference: "",
    Contact: { ContactID: "c-1", Name: "ABC Limited" },
    Status: "AUTHORISED",
    Date: date(Date.UTC(2026, 9, 1)),
    CurrencyCode: "NZD",
    LineItems: [],
    Total: "12345678901234567.89",
    UpdatedDateUTC: date(version),
    ...overrides,
  });
}

function aPayment(overrides: object): unknown {
  return exact({
    PaymentID: "p-1",
    PaymentType: "ACCRECPAYMENT",
    Status: "AUTHORISED",
    Date: date(Date.UTC(2026, 9, 1)),
    Amount: 115,
    Reference: "",
    Invoice: { InvoiceID: "v-1", CurrencyCode: "NZD", Contact: { ContactID: "c-1" } },
    UpdatedDateUTC: date(version),
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
  return { canonicalId: "customer-1", idempotencyKey: "key-1", externalId, fields, record };
}

/** As it arrives: numbers as text. */
function exact(value: unknown): unknown {
  return parseExact(JSON.stringify(value));
}

/** As Xero would parse what is sent. */
function wire(element: unknown): unknown {
  return JSON.parse(JSON.stringify(element));
}

function date(epochMs: number): string {
  return `/Date(${epochMs}+0000)/`;
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
