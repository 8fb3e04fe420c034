/** The part of a document that roll-ups need. */
import { allocatedSum, settlementOf } from "./allocations.ts";
import type { CrossReference } from "./cross-reference.ts";
import { type CanonicalId, isOneOf } from "./identifiers.ts";
import { type Money, subtract, zero } from "./money.ts";
import {
  type CalendarDate,
  type Fields,
  type FieldValue,
  type InvoiceStatus,
  invoiceStatuses,
  isAllocations,
  isMoney,
  type PaymentKind,
  paymentKinds,
} from "./records.ts";

export interface RelatedInvoice {
  readonly kind: "invoice";
  readonly canonicalId: CanonicalId;
  /** Orders two images of it. */
  readonly revision: number;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly dueOn: CalendarDate | null;
  readonly total: Money;
  readonly tax: Money;
  /** Deposits and overpayments that were used are money, too. */
  readonly amountPaid: Money;
  /** By credit notes. */
  readonly amountCredited: Money;
  /** Booked as a loss. */
  readonly amountWrittenOff: Money;
  readonly amountDue: Money;
  /** Null where it is not known. */
  readonly costOfSales: Money | null;
}

export interface RelatedCreditNote {
  readonly kind: "credit-note";
  readonly canonicalId: CanonicalId;
  readonly revision: number;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  readonly total: Money;
  readonly tax: Money;
  /** What was used for invoices; the rest is open, or was paid back. */
  readonly amountUsed: Money;
  readonly amountOpen: Money;
  readonly costOfSales: Money | null;
}

export interface RelatedPayment {
  readonly kind: "payment";
  readonly canonicalId: CanonicalId;
  readonly revision: number;
  readonly paymentKind: PaymentKind;
  readonly isSettled: boolean;
  readonly paidOn: CalendarDate | null;
  readonly amount: Money | null;
  /** Of a deposit or overpayment: what is left of it. */
  readonly amountOpen: Money | null;
}

export type RelatedDocument = RelatedInvoice | RelatedCreditNote | RelatedPayment;

/** `undefined` while the books have not shown a document's money, and for other records. */
export function relatedDocumentOf(xref: CrossReference): RelatedDocument | undefined {
  const { total } = xref.fields;
  switch (xref.recordType) {
    case "payment":
      return relatedPayment(xref);
    case "invoice":
      return isMoney(total) ? relatedInvoice(xref, total) : undefined;
    case "creditNote":
      return isMoney(total) ? relatedCreditNote(xref, total) : undefined;
    default:
      return undefined;
  }
}

function relatedInvoice(xref: CrossReference, total: Money): RelatedInvoice {
  const { canonicalId, revision, fields } = xref;
  const { paid, credited, writtenOff } = settlementOf(fields, total);
  return {
    kind: "invoice",
    canonicalId,
    revision,
    ...headOf(fields, total),
    dueOn: textIn(fields["dueOn"]),
    total,
    amountPaid: paid,
    amountCredited: credited,
    amountWrittenOff: writtenOff,
    amountDue: moneyIn(fields["amountDue"]) ?? total,
    costOfSales: moneyIn(fields["costOfSales"]),
  };
}

function relatedCreditNote(xref: CrossReference, total: Money): RelatedCreditNote {
  const { canonicalId, revision, fields } = xref;
  const { allocations } = fields;
  const amountOpen = moneyIn(fields["amountOpen"]) ?? total;
  return {
    kind: "credit-note",
    canonicalId,
    revision,
    ...headOf(fields, total),
    total,
    amountUsed: isAllocations(allocations)
      ? allocatedSum(allocations, total, "credit-note")
      : subtract(total, amountOpen),
    amountOpen,
    costOfSales: moneyIn(fields["costOfSales"]),
  };
}

function headOf({ number, status, tax }: Fields, total: Money) {
  return {
    number: textIn(number),
    status: isOneOf(invoiceStatuses, status) ? status : ("draft" as const),
    tax: moneyIn(tax) ?? zero(total.currency),
  };
}

function relatedPayment({ canonicalId, revision, fields }: CrossReference): RelatedPayment {
  const { kind } = fields;
  return {
    kind: "payment",
    canonicalId,
    revision,
    paymentKind: isOneOf(paymentKinds, kind) ? kind : "receipt",
    isSettled: fields["status"] === "settled",
    paidOn: textIn(fields["paidOn"]),
    amount: moneyIn(fields["amount"]),
    amountOpen: moneyIn(fields["amountOpen"]),
  };
}

function textIn(value: FieldValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function moneyIn(value: FieldValue | undefined): Money | null {
  return isMoney(value) ? value : null;
}
