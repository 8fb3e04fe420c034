/**
 * Money that came in ahead of an invoice, or on top of one: Xero's prepayments and overpayments, read
 * only. To us both are payments, of the kinds deposit and overpayment.
 */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import type { ObservedRecord, PaymentStatus } from "#shared/domain/records.ts";
import type { Books } from "./books.ts";
import { allocationsOfCredit, checkBalanced } from "./mapping-allocations.ts";
import { contactOf } from "./mapping-document.ts";
import { overpaymentSchema, prepaymentSchema, type RawCredit } from "./schema.ts";
import { dateOf, instantOf, moneyOf, named, textOf, unreadable } from "./wire.ts";

/** What is used up is `PAID`; it came in all the same. */
const statuses: ReadonlyMap<string, PaymentStatus> = new Map([
  ["AUTHORISED", "settled"],
  ["PAID", "settled"],
  ["VOIDED", "deleted"],
  ["DELETED", "deleted"],
]);

/** From customers; the other types are money spent. */
const receivedTypes: ReadonlySet<string> = new Set([
  "RECEIVE-PREPAYMENT",
  "ARPREPAYMENT",
  "RECEIVE-OVERPAYMENT",
  "AROVERPAYMENT",
]);

/** Throws SyncError `invalid-input` on one that breaks its own shape or does not add up, or ZodError. */
export function toPrepayment(element: unknown, books: Books): ObservedRecord {
  const raw = prepaymentSchema.parse(element);
  return toReceived(raw, raw.PrepaymentID, "deposit", books);
}

/** As {@link toPrepayment}. */
export function toOverpayment(element: unknown, books: Books): ObservedRecord {
  const raw = overpaymentSchema.parse(element);
  return toReceived(raw, raw.OverpaymentID, "overpayment", books);
}

function toReceived(
  raw: RawCredit,
  externalId: ExternalId,
  kind: "deposit" | "overpayment",
  books: Books,
): ObservedRecord {
  const record = {
    recordType: "payment",
    externalId,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
  } as const;
  if (!receivedTypes.has(raw.Type)) {
    return { ...record, excluded: "not-an-invoice-payment", fields: {} };
  }
  const status = statuses.get(raw.Status);
  if (status === undefined) throw unreadable("value-unknown", "Status");
  const currency = named("CurrencyCode", () => parseCurrency(raw.CurrencyCode));
  const amount = moneyOf(raw.Total, currency, "Total");
  if (amount === undefined) throw unreadable("amount-missing", "Total");
  const amountOpen = moneyOf(raw.RemainingCredit, currency, "RemainingCredit");
  const allocations = allocationsOfCredit(raw, externalId, kind, currency);
  checkBalanced({ status, total: amount, allocations, open: amountOpen }, "RemainingCredit");
  return {
    ...record,
    fields: {
      kind,
      customer: contactOf(raw.Contact, "whole", books),
      status,
      amount,
      allocations,
      amountOpen,
      paidOn: dateOf(raw.Date, "Date", "whole"),
      reference: textOf(raw.Reference, "whole"),
    },
  };
}
