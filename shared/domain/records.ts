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
  /** Quantity times unit price less discount, rounded to minor units. */
  readonly amount: Money;
}

export type FieldValue = null | string | number | Money | Reference | readonly DocumentLine[];

/** Field name to value. An absent field says nothing; null says that the field is blank. */
export type Fields = Readonly<Record<string, FieldValue | undefined>>;

/** A calendar date, `2026-11-22`, in the company's own zone; never an instant. */
export type CalendarDate = string;

export const orderStatuses = ["open", "won", "lost"] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export const invoiceStatuses = ["draft", "submitted", "issued", "paid", "void", "deleted"] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

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
  | { readonly kind: "one-of"; readonly values: readonly string[] };

const text = { kind: "text" } as const;
const date = { kind: "date" } as const;
const amount = { kind: "money" } as const;
const lines = { kind: "lines" } as const;

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
    /** Issued and paid invoices, tax left out. */
    revenue: amount,
    lastPaymentOn: date,
    /** Open balances of all currencies in one line of text, for customers billed in several. */
    balanceSummary: text,
  },
  product: {
    code: text,
    name: text,
    description: text,
    /** Exact decimal text in major units; may have more digits than the currency. */
    unitPrice: { kind: "decimal" },
  },
  order: {
    number: text,
    customer: { kind: "reference", to: "customer" },
    status: { kind: "one-of", values: orderStatuses },
    orderedOn: date,
    dueOn: date,
    currency: text,
    lines,
    total: amount,
    invoiceNumber: text,
    invoiceStatus: { kind: "one-of", values: invoiceStatuses },
    amountInvoiced: amount,
    amountPaid: amount,
    amountDue: amount,
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
    lines,
    subtotal: amount,
    tax: amount,
    total: amount,
    amountPaid: amount,
    amountCredited: amount,
    amountDue: amount,
  },
  payment: {
    invoice: { kind: "reference", to: "invoice" },
    status: { kind: "one-of", values: paymentStatuses },
    amount,
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

export function isLines(value: FieldValue | undefined): value is readonly DocumentLine[] {
  return Array.isArray(value);
}

export function isReference(value: FieldValue | undefined): value is Reference {
  return (
    typeof value === "object" && value !== null && ("canonicalId" in value || "externalId" in value)
  );
}
