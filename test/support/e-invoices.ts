/** Documents as books show them, for e-invoices: tax by line, totals that add up. */
import fc from "fast-check";
import { formatDecimal, multiplyDecimals, parseDecimal } from "#shared/domain/decimal.ts";
import type { EInvoiceSettings, EInvoiceSource } from "#shared/domain/e-invoice/build-e-invoice.ts";
import { type Money, money, roundToMoney, subtract, sum } from "#shared/domain/money.ts";
import type { DocumentLine, Fields, TaxTreatment } from "#shared/domain/records.ts";
import { taxByLine } from "#shared/domain/tax.ts";

/** The company's names of taxes, with the fraction by which its books take them. */
const rates: Readonly<Record<string, string>> = {
  standard: "0.25",
  reduced: "0.0825",
  zero: "0",
  exempt: "0",
  none: "0",
};

export const aSeller: EInvoiceSettings["seller"] = {
  name: "Tieout Demo Company",
  endpoint: null,
  registration: "HRB 1234",
  street: "Lange Straße 1",
  city: "Berlin",
  postalCode: "10115",
  region: null,
  email: "billing@example.com",
  phone: null,
  country: "Germany",
  taxNumber: "DE 123 456 789",
  account: "DE89370400440532013000",
};

export const eInvoiceSettings: EInvoiceSettings = {
  seller: aSeller,
  taxes: {
    standard: { code: "S", percent: "25", exemptionReason: null },
    reduced: { code: "S", percent: "8.25", exemptionReason: null },
    zero: { code: "Z", percent: "0", exemptionReason: null },
    exempt: { code: "E", percent: "0", exemptionReason: "Article 132" },
    none: { code: "O", percent: null, exemptionReason: "Not subject to tax" },
  },
};

export const aCustomer: Fields = {
  name: "Björklund & Söner <AB>",
  email: "konto@bjorklund.example",
  phone: "+46 19 123",
  street: "Storgatan 1",
  city: "Örebro",
  region: null,
  postalCode: "702 10",
  country: "Sweden",
  taxNumber: "SE 556677-889901",
};

type ALine = Partial<Pick<DocumentLine, "description" | "productCode" | "role">> & {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly discountRate?: string;
  readonly taxCode?: string | null;
};

export interface ADocument {
  readonly kind?: EInvoiceSource["kind"];
  readonly currency?: string;
  readonly treatment?: TaxTreatment;
  readonly lines: readonly ALine[];
  /** Of the total, in minor units. */
  readonly paid?: bigint;
  readonly fields?: Fields;
}

/** The document as books that round tax at each line would show it. */
export function aSource(document: ADocument): EInvoiceSource {
  const { kind = "invoice", currency = "EUR", treatment = "exclusive", paid = 0n } = document;
  const drawn = document.lines.map((line) => lineOf(line, currency));
  const rule = { treatment, mode: "half-up", currency } as const;
  const { taxes, total: tax } = taxByLine(
    drawn.map(({ amount, taxCode }) => ({ amount, rate: rates[taxCode ?? "none"] ?? "0" })),
    rule,
  );
  const amounts = sum(
    drawn.map(({ amount }) => amount),
    currency,
  );
  const subtotal = treatment === "inclusive" ? subtract(amounts, tax) : amounts;
  const total = money(subtotal.minor + tax.minor, currency);
  const open = money(total.minor - paid, currency);
  return {
    kind,
    precedingInvoice: kind === "credit-note" ? "INV-0001" : null,
    customer: aCustomer,
    document: {
      number: kind === "invoice" ? "INV-0042" : "CN-0007",
      reference: "10248",
      status: "issued",
      issuedOn: "2026-11-27",
      ...(kind === "invoice" ? { dueOn: "2026-12-27", amountDue: open } : { amountOpen: open }),
      currency,
      taxTreatment: treatment,
      lines: drawn.map((line, index) => ({ ...line, tax: taxes[index] ?? null })),
      subtotal,
      tax,
      total,
      ...document.fields,
    },
  };
}

function lineOf(line: ALine, currency: string): DocumentLine {
  const { discountRate = "0", taxCode = "standard", quantity, unitPrice } = line;
  return {
    product: null,
    productCode: line.productCode ?? null,
    description: line.description ?? null,
    quantity,
    unitPrice,
    discountRate,
    amount: amountOf(quantity, unitPrice, discountRate, currency),
    taxCode,
    ...(line.role === undefined ? {} : { role: line.role }),
  };
}

function amountOf(quantity: string, price: string, discount: string, currency: string): Money {
  const { units, scale } = parseDecimal(discount);
  const kept = { units: 10n ** BigInt(scale) - units, scale };
  const gross = multiplyDecimals(parseDecimal(quantity), parseDecimal(price));
  return roundToMoney(multiplyDecimals(gross, kept), currency, "half-up");
}

const decimal = (min: bigint, max: bigint, scale: number) =>
  fc.bigInt({ min, max }).map((units) => formatDecimal({ units, scale }));

const words = fc.oneof(
  fc.constantFrom("Cheese", 'A "quoted" & <marked> name', "Ærø\tto\nÅ", "日本 🧀"),
  fc.string({ maxLength: 12 }),
);

const line: fc.Arbitrary<ALine> = fc
  .record(
    {
      quantity: decimal(-50n, 10_000n, 2),
      unitPrice: decimal(-100n, 1_000_000n, 3),
      discountRate: fc.constantFrom("0", "0", "0.05", "0.333333", "0.15", "1"),
      taxCode: fc.constantFrom("standard", "reduced", "zero", "exempt"),
      description: fc.option(words),
      productCode: fc.option(fc.constantFrom("W-1", "11", "A&B")),
      role: fc.constantFrom(undefined, undefined, undefined, "shipping" as const),
    },
    { requiredKeys: ["quantity", "unitPrice"] },
  )
  .map(({ role, ...rest }) => (role === undefined ? rest : { ...rest, role }));

/** Documents that books may show. In yen, tax by line does not always fit the standard's room. */
export const sources: fc.Arbitrary<EInvoiceSource> = fc
  .record({
    kind: fc.constantFrom("invoice" as const, "credit-note" as const),
    currency: fc.constantFrom("EUR", "EUR", "USD", "JPY"),
    treatment: fc.constantFrom("exclusive" as const, "inclusive" as const, "none" as const),
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    paid: fc.bigInt({ min: 0n, max: 10_000n }),
  })
  .map(({ lines, ...rest }) => {
    const kept = rest.currency === "JPY" ? lines.slice(0, 1) : lines;
    const isUntaxed = rest.treatment === "none";
    return aSource({
      ...rest,
      lines: kept.map((one) => (isUntaxed ? { ...one, taxCode: null } : one)),
    });
  });
