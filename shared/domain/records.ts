/**
 * The canonical records: our system-neutral shape of a customer, product, order, invoice and payment.
 *
 * A record is a flat set of fields. Four things differ and stay apart everywhere: a field that is
 * *absent* (`undefined`: nothing was said), *null* (said to be blank), an empty text (canonical
 * records do not hold it: connectors turn it into null) and zero.
 */
import type { CanonicalId, ConnectionId, ExternalId, RecordType } from "./identifiers.ts";
import type { Money } from "./money.ts";

/**
 * Points at another record: by its canonical id once it is known to us, by its place in a connection
 * before that.
 */
export type Reference =
  | { readonly canonicalId: CanonicalId }
  | {
      readonly connection: ConnectionId;
      readonly recordType: RecordType;
      readonly externalId: ExternalId;
    };

/** One line of an order or an invoice. */
export interface DocumentLine {
  readonly product: Reference | null;
  /** The product's own code (SKU), for systems whose lines name products by code. */
  readonly productCode: string | null;
  readonly description: string | null;
  /** Exact decimal text. */
  readonly quantity: string;
  /** Exact decimal text in major units of the document's currency, before discount. */
  readonly unitPrice: string;
  /** A fraction as exact decimal text: `"0.05"` is five per cent. */
  readonly discountRate: string;
  /**
   * Quantity times unit price less discount, rounded to minor units: without tax where the document's
   * `taxTreatment` is exclusive, with it where it is inclusive.
   */
  readonly amount: Money;
  /** The company's own name of a tax, `standard`; each connection has a table of its own codes. */
  readonly taxCode?: string | null | undefined;
  /** The tax as the books worked it out. We never work out a tax that is sent. */
  readonly tax?: Money | null | undefined;
  /** What one of it cost the company: exact decimal text in major units of the document's currency. */
  readonly unitCost?: string | null | undefined;
  /** Absent of goods and services. */
  readonly role?: LineRole | undefined;
}

export const lineRoles = ["shipping"] as const;
type LineRole = (typeof lineRoles)[number];

/**
 * How a part of a document was settled, as the books show it; one that was taken back is shown no more.
 * A document's total is the sum of its allocations and of what is open, after every step.
 *
 * - `payment`: money that came in for this document, or went out for a credit note (a refund);
 * - `write-off`: what is not expected any more of it, booked as a loss;
 * - `credit-note`, `deposit`, `overpayment`: a part of a document of that kind, used for this one.
 */
export interface Allocation {
  readonly kind: AllocationKind;
  /** Id in the books of the payment, credit note, deposit or overpayment. */
  readonly source: ExternalId;
  /** Id in the books of the document that is settled by it. */
  readonly target: ExternalId;
  /** In the currency of the target. Above zero. */
  readonly amount: Money;
  readonly allocatedOn: CalendarDate | null;
}

export const allocationKinds = [
  "payment",
  "write-off",
  "credit-note",
  "deposit",
  "overpayment",
] as const;
export type AllocationKind = (typeof allocationKinds)[number];

export type FieldValue =
  | null
  | string
  | number
  | Money
  | Reference
  | readonly DocumentLine[]
  | readonly Allocation[];

/** Field name to value. An absent field says nothing; null says that the field is blank. */
export type Fields = Readonly<Record<string, FieldValue | undefined>>;

/** A calendar date, `2026-11-22`, in the company's own zone; never an instant. */
export type CalendarDate = string;

export const orderStatuses = ["open", "won", "lost"] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const invoiceStatuses = ["draft", "submitted", "issued", "paid", "void", "deleted"] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

/** What a document's line amounts say of tax. */
export const taxTreatments = ["exclusive", "inclusive", "none"] as const;
export type TaxTreatment = (typeof taxTreatments)[number];

/** How often an order is billed; `once` where the field is blank. */
export const billingPeriods = ["once", "monthly", "quarterly", "half-yearly", "yearly"] as const;
export type BillingPeriod = (typeof billingPeriods)[number];

/**
 * - `receipt`: money for one invoice;
 * - `deposit`: money ahead of any invoice; `overpayment`: more than was owed; both are used later;
 * - `refund`: money back to the customer for a credit note, deposit or overpayment;
 * - `write-off`: no money at all: what is not expected any more, booked as a loss.
 */
export const paymentKinds = ["receipt", "deposit", "overpayment", "refund", "write-off"] as const;
export type PaymentKind = (typeof paymentKinds)[number];

const paymentStatuses = ["settled", "deleted"] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export type FieldKind =
  | { readonly kind: "text" }
  | { readonly kind: "whole-number" }
  | { readonly kind: "decimal" }
  | { readonly kind: "date" }
  | { readonly kind: "money" }
  | { readonly kind: "reference"; readonly to: RecordType }
  | { readonly kind: "lines" }
  | { readonly kind: "allocations" }
  | { readonly kind: "one-of"; readonly values: readonly string[] };

const text = { kind: "text" } as const;
const date = { kind: "date" } as const;
const amount = { kind: "money" } as const;
const lines = { kind: "lines" } as const;
const allocations = { kind: "allocations" } as const;
const decimal = { kind: "decimal" } as const;
const taxTreatment = { kind: "one-of", values: taxTreatments } as const;

/** Every field of every record type, and what it holds. The only list of them. */
export const recordFields = {
  customer: {
    name: text,
    email: text,
    phone: text,
    website: text,
    street: text,
    city: text,
    region: text,
    postalCode: text,
    /** As the systems write it; names of countries are not translated. */
    country: text,
    segment: text,
    taxNumber: text,
    /** Days from the invoice's date to its due date. */
    paymentTermsDays: { kind: "whole-number" },
    /** ISO 4217 of the four amounts below; null where the customer's documents are in several. */
    balanceCurrency: text,
    /** What issued invoices still owe. */
    openBalance: amount,
    /** The part of the open balance that is past its due date. */
    overdueBalance: amount,
    /** Issued and paid invoices less credit notes, tax left out. */
    revenue: amount,
    /** Cost of sales of the documents whose cost is known. */
    costOfSales: amount,
    /** Revenue of the documents whose cost is known, less that cost. */
    grossProfit: amount,
    /** Gross profit by the revenue it is made of, as exact decimal text: `"0.3512"`. */
    marginRate: decimal,
    /** The part of the revenue whose cost is known: `"1"` is all of it. */
    costCoverageRate: decimal,
    /** Credit notes, deposits and overpayments that are not used up. */
    openCredit: amount,
    /** ISO 4217 of what the customer is billed in. */
    currency: text,
    lastPaymentOn: date,
    /** Open balances of all currencies in one line of text, for customers billed in several. */
    balanceSummary: text,
  },
  product: {
    code: text,
    name: text,
    description: text,
    /** Exact decimal text in major units; may have more digits than the currency. */
    unitPrice: decimal,
    /** What one costs the company, likewise. */
    unitCost: decimal,
  },
  order: {
    number: text,
    customer: { kind: "reference", to: "customer" },
    status: { kind: "one-of", values: orderStatuses },
    orderedOn: date,
    dueOn: date,
    currency: text,
    taxTreatment,
    lines,
    /** Freight that is billed on top of the lines. */
    shipping: amount,
    total: amount,
    /** Of an order that is billed again and again: a contract. */
    billingPeriod: { kind: "one-of", values: billingPeriods },
    billingStartsOn: date,
    /** The last day that is billed for. */
    billingEndsOn: date,
    /** Decimal text: how many of the books' currency one of the order's is worth, where agreed. */
    exchangeRate: decimal,
    invoiceNumber: text,
    invoiceStatus: { kind: "one-of", values: invoiceStatuses },
    amountInvoiced: amount,
    /** The tax in the amount invoiced. */
    amountTax: amount,
    /** What credit notes took off the invoices. */
    amountCredited: amount,
    /** Money that came in for the invoices, deposits among it. */
    amountPaid: amount,
    /** What is not expected any more of the invoices, booked as a loss. */
    amountWrittenOff: amount,
    amountDue: amount,
    /** What invoices less credit notes brought in without tax, their cost, and what is left. */
    revenue: amount,
    costOfSales: amount,
    grossProfit: amount,
    marginRate: decimal,
    /** What a person must know of the billing: a correction that waits for approval. */
    billingNotice: text,
  },
  invoice: {
    number: text,
    /** The order's number, as it stands on the invoice. */
    reference: text,
    customer: { kind: "reference", to: "customer" },
    order: { kind: "reference", to: "order" },
    status: { kind: "one-of", values: invoiceStatuses },
    issuedOn: date,
    dueOn: date,
    currency: text,
    exchangeRate: decimal,
    taxTreatment,
    lines,
    subtotal: amount,
    tax: amount,
    total: amount,
    amountPaid: amount,
    amountCredited: amount,
    amountDue: amount,
    allocations,
    /** Cost of sales of its lines; computed, never sent. */
    costOfSales: amount,
  },
  creditNote: {
    number: text,
    reference: text,
    customer: { kind: "reference", to: "customer" },
    /** The invoice that it takes back, where it is known. */
    invoice: { kind: "reference", to: "invoice" },
    order: { kind: "reference", to: "order" },
    status: { kind: "one-of", values: invoiceStatuses },
    issuedOn: date,
    currency: text,
    exchangeRate: decimal,
    taxTreatment,
    lines,
    subtotal: amount,
    tax: amount,
    total: amount,
    /** What was used for invoices or paid back. */
    allocations,
    /** What is left to be used. */
    amountOpen: amount,
    costOfSales: amount,
  },
  payment: {
    kind: { kind: "one-of", values: paymentKinds },
    invoice: { kind: "reference", to: "invoice" },
    /** Of a refund. */
    creditNote: { kind: "reference", to: "creditNote" },
    customer: { kind: "reference", to: "customer" },
    status: { kind: "one-of", values: paymentStatuses },
    /** In the currency of the document it is for. */
    amount,
    /** Of a deposit or overpayment: what it was used for, and what is left. */
    allocations,
    amountOpen: amount,
    paidOn: date,
    reference: text,
  },
} as const satisfies Record<RecordType, Readonly<Record<string, FieldKind>>>;

/** What a field of a record type holds, or `undefined` where the type has no such field. */
export function fieldKindOf(recordType: RecordType, field: string): FieldKind | undefined {
  const fields: Readonly<Record<string, FieldKind>> = recordFields[recordType];
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

/**
 * A record as a connection showed it at one moment.
 *
 * `version` grows with every change of the record, in the remote's own clock (epoch ms); it is only
 * ever compared with versions of the same record in the same connection.
 */
export interface ObservedRecord {
  readonly recordType: RecordType;
  readonly externalId: ExternalId;
  readonly version: number;
  readonly life: RecordLife;
  /** Our canonical id where the remote carries it in a field of ours. */
  readonly registeredId?: CanonicalId | undefined;
  /** With life `merged`: the record of the same connection that took this one in. */
  readonly mergedInto?: ExternalId | undefined;
  /** Records of the same connection that this one took in, the main one first, as far as it tells. */
  readonly mergedFrom?: readonly ExternalId[] | undefined;
  /** A rule by which this record takes no part, such as `supplier-only`; a heading in docs/errors.md. */
  readonly excluded?: string | undefined;
  readonly fields: Fields;
}

/**
 * - `live`;
 * - `archived`: set aside in its system, and can come back;
 * - `deleted`: gone for good;
 * - `merged`: its id leads to another record now.
 */
export const recordLives = ["live", "archived", "deleted", "merged"] as const;
export type RecordLife = (typeof recordLives)[number];

export function isMoney(value: FieldValue | undefined): value is Money {
  return typeof value === "object" && value !== null && "minor" in value;
}

/** An empty list is both lines and allocations; which one is meant, the field's kind tells. */
export function isLines(value: FieldValue | undefined): value is readonly DocumentLine[] {
  return isListOf(value, "quantity");
}

export function isAllocations(value: FieldValue | undefined): value is readonly Allocation[] {
  return isListOf(value, "source");
}

function isListOf(value: FieldValue | undefined, property: string): boolean {
  if (!Array.isArray(value)) return false;
  const entries: readonly object[] = value;
  return entries.every((entry) => property in entry);
}

export function isReference(value: FieldValue | undefined): value is Reference {
  return (
    typeof value === "object" && value !== null && ("canonicalId" in value || "externalId" in value)
  );
}
