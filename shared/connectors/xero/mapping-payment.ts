/** Payments of Xero, read only: on their own, and as they stand inside an invoice. */
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import type { ObservedRecord, PaymentStatus } from "#shared/domain/records.ts";
import { embeddedPaymentSchema, paymentSchema } from "./schema.ts";
import { dateOf, instantOf, moneyOf, named, textOf, unreadable } from "./wire.ts";

const statuses: ReadonlyMap<string, PaymentStatus> = new Map([
  ["AUTHORISED", "settled"],
  ["DELETED", "deleted"],
]);

/** The invoice that a payment was found in. */
export interface PaidInvoice {
  readonly invoiceId: string;
  readonly currency: string;
  readonly version: number;
}

/**
 * Payments of bills, credit notes and prepayments are shown as excluded, with no fields. A deleted
 * payment is a status and stays live; Xero may show it without the invoice's currency, and then its
 * amount is not reported. Throws SyncError `invalid-input` on a payment that breaks its own shape,
 * ZodError on another shape.
 */
export function toPayment(element: unknown, connection: ConnectionId): ObservedRecord {
  const raw = paymentSchema.parse(element);
  const record = {
    recordType: "payment",
    externalId: raw.PaymentID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
  } as const;
  if (raw.PaymentType !== "ACCRECPAYMENT") {
    return { ...record, excluded: "not-an-invoice-payment", fields: {} };
  }
  const status = statusOf(raw.Status ?? "");
  const invoiceId = textOf(raw.Invoice?.InvoiceID, "whole");
  if (typeof invoiceId !== "string") throw unreadable("invoice-missing", "Invoice.InvoiceID");
  const code = textOf(raw.Invoice?.CurrencyCode, "whole");
  if (typeof code !== "string" && status === "settled") {
    throw unreadable("currency-unreadable", "Invoice.CurrencyCode");
  }
  return {
    ...record,
    fields: {
      invoice: { connection, recordType: "invoice", externalId: invoiceId },
      status,
      amount: typeof code === "string" ? amountOf(raw.Amount, code) : undefined,
      paidOn: dateOf(raw.Date, "Date", "whole"),
      reference: textOf(raw.Reference, "whole"),
    },
  };
}

/**
 * A payment as an invoice shows it. It has no time of its own, so its version is the invoice's, which
 * moves with each payment made or deleted.
 */
export function toEmbeddedPayment(
  element: unknown,
  invoice: PaidInvoice,
  connection: ConnectionId,
): ObservedRecord {
  const raw = embeddedPaymentSchema.parse(element);
  return {
    recordType: "payment",
    externalId: raw.PaymentID,
    version: invoice.version,
    life: "live",
    fields: {
      invoice: { connection, recordType: "invoice", externalId: invoice.invoiceId },
      status: statusOf(raw.Status ?? "AUTHORISED"),
      amount: amountOf(raw.Amount, invoice.currency),
      paidOn: dateOf(raw.Date, "Date", "part"),
      reference: textOf(raw.Reference, "part"),
    },
  };
}

function amountOf(value: string | null | undefined, currency: string) {
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
