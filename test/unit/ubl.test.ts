import { describe, expect, it } from "vitest";
import { readUbl } from "#shared/connectors/file/ubl-read.ts";
import { writeUbl } from "#shared/connectors/file/ubl-write.ts";
import { buildEInvoice } from "#shared/domain/e-invoice/build-e-invoice.ts";
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";
import { recordsOf } from "#shared/domain/e-invoice/to-record.ts";
import { parseMoney } from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { readEInvoice } from "#shared/sync/read-e-invoice.ts";
import { type ADocument, aSource, eInvoiceSettings } from "#test/support/e-invoices.ts";

function built(document: ADocument): EInvoice {
  const outcome = buildEInvoice(aSource(document), eInvoiceSettings);
  if (outcome.kind === "built") return outcome.invoice;
  throw new Error(outcome.code);
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readUbl(bytesOf(text));

function refusalOf(content: string | Uint8Array): string {
  try {
    readUbl(typeof content === "string" ? bytesOf(content) : content);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    const { kind, code, fix, field } = cause.failure;
    if (fix === undefined) throw new Error(`${code} has no fix`);
    return `${kind} ${code} ${field ?? ""}`.trim();
  }
  throw new Error("the file was not refused");
}

const invoice = built({
  lines: [
    {
      description: "Queso",
      productCode: "11",
      quantity: "12",
      unitPrice: "14",
      discountRate: "0.15",
    },
    { description: "Freight", quantity: "1", unitPrice: "32.38", role: "shipping" },
  ],
  paid: 1_000n,
});
const text = writeUbl(invoice);

const party = (role: string, lines: readonly string[]) => [
  `  <cac:${role}>`,
  "    <cac:Party>",
  ...lines.map((line) => `      ${line}`),
  "    </cac:Party>",
  `  </cac:${role}>`,
];
const category = (name: string, indent: string) => [
  `${indent}<cac:${name}>`,
  `${indent}  <cbc:ID>S</cbc:ID>`,
  `${indent}  <cbc:Percent>25</cbc:Percent>`,
  `${indent}  <cac:TaxScheme>`,
  `${indent}    <cbc:ID>VAT</cbc:ID>`,
  `${indent}  </cac:TaxScheme>`,
  `${indent}</cac:${name}>`,
];
const vat = (number: string) => [
  "<cac:PartyTaxScheme>",
  `  <cbc:CompanyID>${number}</cbc:CompanyID>`,
  "  <cac:TaxScheme>",
  "    <cbc:ID>VAT</cbc:ID>",
  "  </cac:TaxScheme>",
  "</cac:PartyTaxScheme>",
];

const golden = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">',
  "  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>",
  "  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>",
  "  <cbc:ID>INV-0042</cbc:ID>",
  "  <cbc:IssueDate>2026-11-27</cbc:IssueDate>",
  "  <cbc:DueDate>2026-12-27</cbc:DueDate>",
  "  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>",
  "  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
  "  <cac:OrderReference>",
  "    <cbc:ID>10248</cbc:ID>",
  "  </cac:OrderReference>",
  ...party("AccountingSupplierParty", [
    '<cbc:EndpointID schemeID="9930">DE123456789</cbc:EndpointID>',
    "<cac:PostalAddress>",
    "  <cbc:StreetName>Lange Straße 1</cbc:StreetName>",
    "  <cbc:CityName>Berlin</cbc:CityName>",
    "  <cbc:PostalZone>10115</cbc:PostalZone>",
    "  <cac:Country>",
    "    <cbc:IdentificationCode>DE</cbc:IdentificationCode>",
    "  </cac:Country>",
    "</cac:PostalAddress>",
    ...vat("DE123456789"),
    "<cac:PartyLegalEntity>",
    "  <cbc:RegistrationName>Tieout Demo Company</cbc:RegistrationName>",
    "  <cbc:CompanyID>HRB 1234</cbc:CompanyID>",
    "</cac:PartyLegalEntity>",
    "<cac:Contact>",
    "  <cbc:ElectronicMail>billing@example.com</cbc:ElectronicMail>",
    "</cac:Contact>",
  ]),
  ...party("AccountingCustomerParty", [
    '<cbc:EndpointID schemeID="9955">SE556677889901</cbc:EndpointID>',
    "<cac:PostalAddress>",
    "  <cbc:StreetName>Storgatan 1</cbc:StreetName>",
    "  <cbc:CityName>Örebro</cbc:CityName>",
    "  <cbc:PostalZone>702 10</cbc:PostalZone>",
    "  <cac:Country>",
    "    <cbc:IdentificationCode>SE</cbc:IdentificationCode>",
    "  </cac:Country>",
    "</cac:PostalAddress>",
    ...vat("SE556677889901"),
    "<cac:PartyLegalEntity>",
    "  <cbc:RegistrationName>Björklund &amp; Söner &lt;AB&gt;</cbc:RegistrationName>",
    "</cac:PartyLegalEntity>",
    "<cac:Contact>",
    "  <cbc:Telephone>+46 19 123</cbc:Telephone>",
    "  <cbc:ElectronicMail>konto@bjorklund.example</cbc:ElectronicMail>",
    "</cac:Contact>",
  ]),
  "  <cac:PaymentMeans>",
  "    <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>",
  "    <cbc:PaymentID>INV-0042</cbc:PaymentID>",
  "    <cac:PayeeFinancialAccount>",
  "      <cbc:ID>DE89370400440532013000</cbc:ID>",
  "    </cac:PayeeFinancialAccount>",
  "  </cac:PaymentMeans>",
  "  <cac:AllowanceCharge>",
  "    <cbc:ChargeIndicator>true</cbc:ChargeIndicator>",
  "    <cbc:AllowanceChargeReasonCode>FC</cbc:AllowanceChargeReasonCode>",
  "    <cbc:AllowanceChargeReason>Freight</cbc:AllowanceChargeReason>",
  '    <cbc:Amount currencyID="EUR">32.38</cbc:Amount>',
  ...category("TaxCategory", "    "),
  "  </cac:AllowanceCharge>",
  "  <cac:TaxTotal>",
  '    <cbc:TaxAmount currencyID="EUR">43.80</cbc:TaxAmount>',
  "    <cac:TaxSubtotal>",
  '      <cbc:TaxableAmount currencyID="EUR">175.18</cbc:TaxableAmount>',
  '      <cbc:TaxAmount currencyID="EUR">43.80</cbc:TaxAmount>',
  ...category("TaxCategory", "      "),
  "    </cac:TaxSubtotal>",
  "  </cac:TaxTotal>",
  "  <cac:LegalMonetaryTotal>",
  '    <cbc:LineExtensionAmount currencyID="EUR">142.80</cbc:LineExtensionAmount>',
  '    <cbc:TaxExclusiveAmount currencyID="EUR">175.18</cbc:TaxExclusiveAmount>',
  '    <cbc:TaxInclusiveAmount currencyID="EUR">218.98</cbc:TaxInclusiveAmount>',
  '    <cbc:ChargeTotalAmount currencyID="EUR">32.38</cbc:ChargeTotalAmount>',
  '    <cbc:PrepaidAmount currencyID="EUR">10.00</cbc:PrepaidAmount>',
  '    <cbc:PayableAmount currencyID="EUR">208.98</cbc:PayableAmount>',
  "  </cac:LegalMonetaryTotal>",
  "  <cac:InvoiceLine>",
  "    <cbc:ID>1</cbc:ID>",
  '    <cbc:InvoicedQuantity unitCode="C62">12</cbc:InvoicedQuantity>',
  '    <cbc:LineExtensionAmount currencyID="EUR">142.80</cbc:LineExtensionAmount>',
  "    <cac:AllowanceCharge>",
  "      <cbc:ChargeIndicator>false</cbc:ChargeIndicator>",
  "      <cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>",
  "      <cbc:AllowanceChargeReason>Discount</cbc:AllowanceChargeReason>",
  "      <cbc:MultiplierFactorNumeric>15</cbc:MultiplierFactorNumeric>",
  '      <cbc:Amount currencyID="EUR">25.20</cbc:Amount>',
  '      <cbc:BaseAmount currencyID="EUR">168.00</cbc:BaseAmount>',
  "    </cac:AllowanceCharge>",
  "    <cac:Item>",
  "      <cbc:Name>Queso</cbc:Name>",
  "      <cac:SellersItemIdentification>",
  "        <cbc:ID>11</cbc:ID>",
  "      </cac:SellersItemIdentification>",
  ...category("ClassifiedTaxCategory", "      "),
  "    </cac:Item>",
  "    <cac:Price>",
  '      <cbc:PriceAmount currencyID="EUR">14</cbc:PriceAmount>',
  "    </cac:Price>",
  "  </cac:InvoiceLine>",
  "</Invoice>",
  "",
];

describe("writeUbl", () => {
  it("writes an invoice, element by element in the order of the schema", () => {
    expect(text.split("\n")).toEqual(golden);
  });

  it("writes a credit note under its own root, with its own lines and the invoice it takes back", () => {
    const note = built({ kind: "credit-note", lines: [{ quantity: "1", unitPrice: "5" }] });
    const lines = writeUbl(note)
      .split("\n")
      .map((line) => line.trim());

    expect(lines[1]).toContain("<CreditNote xmlns=");
    expect(lines).toContain("<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>");
    expect(lines).toContain("<cac:InvoiceDocumentReference>");
    expect(lines).toContain('<cbc:CreditedQuantity unitCode="C62">1</cbc:CreditedQuantity>');
    expect(lines).not.toContain("<cac:PaymentMeans>");
  });

  it("leaves out digits that the standard does not have, where they are zeros", () => {
    const dinars = built({
      currency: "KWD",
      lines: [{ quantity: "1", unitPrice: "1.230", taxCode: "zero" }],
    });

    expect(writeUbl(dinars)).toContain(
      '<cbc:PayableAmount currencyID="KWD">1.23</cbc:PayableAmount>',
    );
  });
});

describe("readUbl", () => {
  it("reads what was written, under whatever prefixes", () => {
    const other = text
      .replaceAll("cbc:", "b:")
      .replaceAll(":cbc=", ":b=")
      .replaceAll("<Invoice ", "<u:Invoice ")
      .replaceAll("</Invoice>", "</u:Invoice>")
      .replace(" xmlns=", " xmlns:u=");

    expect(read(other)).toEqual({ invoice, leftOut: [] });
  });

  it("names what it has no term for", () => {
    const more = text.replace(
      "  <cac:PaymentMeans>",
      "  <cac:Delivery><cbc:ActualDeliveryDate>2026-11-01</cbc:ActualDeliveryDate></cac:Delivery>\n  <cac:PaymentMeans>",
    );

    expect(read(more)).toEqual({ invoice, leftOut: ["cac:Delivery"] });
  });

  it("reads the tax in the document's currency where another stands beside it", () => {
    const more = text.replace(
      "  <cac:TaxTotal>",
      '  <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">500.00</cbc:TaxAmount></cac:TaxTotal>\n  <cac:TaxTotal>',
    );

    expect(read(more).invoice).toEqual(invoice);
  });

  const change = (from: string | RegExp, to: string): string => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error("nothing was changed");
    return changed;
  };

  it.each([
    ["another root", change(/Invoice-2/g, "Order-2"), "ubl-root-unknown"],
    ["no namespace", change(/ xmlns="[^"]*"/, ""), "ubl-root-unknown"],
    ["another kind of invoice", change(">380<", ">389<"), "ubl-type-unsupported"],
    ["no number", change("<cbc:ID>INV-0042</cbc:ID>", ""), "xml-element-missing"],
    [
      "two numbers",
      change("<cbc:ID>INV-0042</cbc:ID>", "<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>"),
      "xml-element-repeated",
    ],
    ["no day of the calendar", change("2026-11-27", "2026-02-30"), "date-unreadable"],
    ["an amount with too many digits", change(">218.98<", ">218.981<"), "amount-too-precise"],
    ["an amount in words", change(">218.98<", ">much<"), "number-unreadable"],
    [
      "an amount in another currency",
      change('currencyID="EUR">218.98', 'currencyID="SEK">218.98'),
      "currencies-differ",
    ],
    ["a currency nobody knows", change(">EUR<", ">ABC<"), "currency-unreadable"],
    [
      "an amount without a currency",
      change(' currencyID="EUR">218.98', ">218.98"),
      "xml-element-missing",
    ],
    [
      "a category of tax we do not read",
      change("<cbc:ID>S</cbc:ID>", "<cbc:ID>L</cbc:ID>"),
      "ubl-tax-category-unknown",
    ],
    ["neither charge nor allowance", change(">true<", ">maybe<"), "value-unknown"],
    [
      "no name of the buyer",
      change(/<cbc:RegistrationName>Bj.*?<\/cbc:RegistrationName>/, ""),
      "xml-element-missing",
    ],
    [
      "a DOCTYPE",
      change("<Invoice ", '<!DOCTYPE Invoice [<!ENTITY x "y">]>\n<Invoice '),
      "xml-doctype-refused",
    ],
  ])("refuses %s", (_, spoilt, code) => {
    expect(refusalOf(spoilt)).toMatch(new RegExp(`^invalid-input ${code}( line \\d+.*)?$`));
  });

  it("refuses a file that is cut off, wherever that is", () => {
    const bytes = bytesOf(text.trimEnd());
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length += 1) {
      codes.add(refusalOf(bytes.subarray(0, length)).split(" ")[1] ?? "");
    }

    expect([...codes].sort()).toEqual(["encoding-not-utf8", "xml-malformed"]);
  });
});

describe("an e-invoice that comes in", () => {
  it("becomes canonical fields, with what is charged on the document as a line", () => {
    const { document, customer } = recordsOf(invoice);
    const euro = (amount: string) => parseMoney(amount, "EUR");

    expect(customer).toMatchObject({ country: "SE", taxNumber: "SE556677889901", city: "Örebro" });
    expect(document).toMatchObject({
      number: "INV-0042",
      reference: "10248",
      dueOn: "2026-12-27",
      currency: "EUR",
      taxTreatment: "exclusive",
      subtotal: euro("175.18"),
      tax: euro("43.80"),
      total: euro("218.98"),
      amountPaid: euro("10.00"),
      amountDue: euro("208.98"),
    });
    expect(document["lines"]).toMatchObject([
      {
        productCode: "11",
        quantity: "12",
        unitPrice: "14",
        discountRate: "0.15",
        amount: euro("142.80"),
      },
      { description: "Freight", role: "shipping", quantity: "1", amount: euro("32.38") },
    ]);
  });

  it("is read with the rules that it breaks", () => {
    const wrong = text.replace(">218.98<", ">218.99<");
    const reading = readEInvoice({ read: readUbl }, bytesOf(wrong));

    expect(reading).toMatchObject({
      kind: "read",
      findings: [
        { rule: "BR-CO-15", expected: "218.98", found: "218.99" },
        { rule: "BR-CO-16", expected: "208.99", found: "208.98" },
      ],
    });
  });

  it("is refused as a whole where it cannot be read", () => {
    expect(readEInvoice({ read: readUbl }, bytesOf("<a/>"))).toMatchObject({
      kind: "refused",
      failure: { code: "ubl-root-unknown" },
    });
  });
});
