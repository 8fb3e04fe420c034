/** Payments of Xero, read only: on their own, and as they stand inside the document they are for. */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import { type Money, parseCurrency } from "#shared/domain/money.ts";
import type {
  FieldValue,
  ObservedRecord,
  PaymentKind,
  PaymentStatus,
} from "#shared/domain/records.ts";
import type { Books } from "./books.ts";
import { contactOf } from "./mapping-document.ts";
import { embeddedPaymentSchema, paymentSchema, type RawPayment } from "./schema.ts";
import { dateOf, instantOf, moneyOf, named, textOf, unreadable } from "./wire.ts";

const statuses: ReadonlyMap<string, PaymentStatus> = new Map([
  ["AUTHORISED", "settled"],
  ["DELETED", "deleted"],
]);

/** What customers pay and are paid back; the other types are of bills. */
const kinds: ReadonlyMap<string, PaymentKind> = new Map([
  ["ACCRECPAYMENT", "receipt"],
  ["ARCREDITPAYMENT", "refund"],
  ["ARPREPAYMENTPAYMENT", "refund"],
  ["AROVERPAYMENTPAYMENT", "refund"],
]);

/** The document that a payment was found in. */
export interface PaidDocument {
  readonly recordType: "invoice" | "creditNote";
  readonly externalId: ExternalId;
  readonly customer: FieldValue | undefined;
  readonly currency: string;
  readonly version: number;
}

/**
 * Payments of bills are shown as excluded, with no fields. A deleted payment is a status and stays
 * live; Xero may show it without the document's currency, and then its amount is not reported. Throws
 * SyncError `invalid-input` on a payment that breaks its own shape, ZodError on another shape.
 */
export function toPayment(element: unknown, books: Books): ObservedRecord {
  const raw = paymentSchema.parse(element);
  const record = {
    recordType: "payment",
    externalId: raw.PaymentID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
  } as const;
  const kind = kinds.get(raw.PaymentType ?? "");
  if (kind === undefined) return { ...record, excluded: "not-an-invoice-payment", fields: {} };
  const status = statusOf(raw.Status ?? "");
  const paid = raw.Invoice ?? raw.CreditNote ?? raw.Prepayment ?? raw.Overpayment;
  const code = textOf(paid?.CurrencyCode, "whole");
  if (typeof code !== "string" && status === "settled") {
    throw unreadable("currency-unreadable", "Invoice.CurrencyCode");
  }
  return {
    ...record,
    fields: {
      kind: kind === "receipt" && isLoss(raw, books) ? "write-off" : kind,
      ...targetOf(raw, books),
      // Of what it is for a label stands there, which may lack the contact.
      customer: contactOf(paid?.Contact, "part", books),
      status,
      amount: typeof code === "string" ? amountOf(raw.Amount, code) : undefined,
      paidOn: dateOf(raw.Date, "Date", "whole"),
      reference: textOf(raw.Reference, "whole"),
    },
  };
}

/**
 * A payment as its document shows it. It has no time of its own, so its version is the document's,
 * which moves with each payment made or deleted.
 */
export function toEmbeddedPayment(
  element: unknown,
  paid: PaidDocument,
  { connection, writeOffs }: Books,
): ObservedRecord {
  const raw = embeddedPaymentSchema.parse(element);
  const { recordType, externalId } = paid;
  const kind = writeOffs.has(raw.PaymentID) ? "write-off" : "receipt";
  return {
    recordType: "payment",
    externalId: raw.PaymentID,
    version: paid.version,
    life: "live",
    fields: {
      kind: recordType === "invoice" ? kind : "refund",
      [recordType]: { connection, recordType, externalId },
      customer: paid.customer,
      status: statusOf(raw.Status ?? "AUTHORISED"),
      amount: amountOf(raw.Amount, paid.currency),
      paidOn: dateOf(raw.Date, "Date", "part"),
      reference: textOf(raw.Reference, "part"),
    },
  };
}

function isLoss({ Account }: RawPayment, { writeOffAccounts }: Books): boolean {
  return writeOffAccounts.has(Account?.Code ?? "");
}

/** The invoice or credit note it is for; a refund of a prepayment or overpayment is for neither. */
function targetOf(
  raw: RawPayment,
  { connection }: Books,
): { readonly invoice?: FieldValue; readonly creditNote?: FieldValue } {
  if (raw.PaymentType === "ACCRECPAYMENT") {
    const externalId = textOf(raw.Invoice?.InvoiceID, "whole");
    if (typeof externalId !== "string") throw unreadable("invoice-missing", "Invoice.InvoiceID");
    return { invoice: { connection, recordType: "invoice", externalId } };
  }
  if (raw.PaymentType !== "ARCREDITPAYMENT") return {};
  // Xero's own examples show the credit note under the name of an invoice.
  const externalId = textOf(raw.CreditNote?.CreditNoteID ?? raw.Invoice?.InvoiceID, "whole");
  if (typeof externalId !== "string") {
    throw unreadable("credit-note-missing", "CreditNote.CreditNoteID");
  }
  return { creditNote: { connection, recordType: "creditNote", externalId } };
}

function amountOf(value: string | null | undefined, currency: string): Money {
  const amount = moneyOf(
    value,
    named("CurrencyCode", () => parseCurrency(currency)),
    "Amount",
  );
  if (amount === undefined) throw unreadable("amount-missing", "Amount");
  return amount;
}

function statusOf(status: string): PaymentStatus {
  const known = statuses.get(status);
  if (known === undefined) throw unreadable("value-unknown", "Status");
  return known;
}
