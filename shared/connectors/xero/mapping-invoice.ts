/** Invoices and Xero's documents of type ACCREC, both ways. */
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import { allocationsOnInvoice, checkBalanced } from "./mapping-allocations.ts";
import {
  checkStatus,
  documentChanges,
  documentFields,
  filledTextFrom,
  isDeletion,
} from "./mapping-document.ts";
import { checkNotCleared, lifeNotWritable } from "./refusals.ts";
import { invoiceSchema, type RawInvoice } from "./schema.ts";
import { type Completeness, dateOf, instantOf, moneyOf, textOf } from "./wire.ts";

/**
 * A bill (ACCPAY) stands in the same list and is shown as excluded, with no fields. Voided and
 * deleted are statuses, so that they travel; the record stays live. Throws SyncError `invalid-input`
 * on an invoice that breaks its own shape or whose amounts do not add up, ZodError on another shape.
 */
export function toInvoice(
  element: unknown,
  completeness: Completeness,
  books: Books,
): ObservedRecord {
  const raw = invoiceSchema.parse(element);
  const isBill = raw.Type !== "ACCREC";
  return {
    recordType: "invoice",
    externalId: raw.InvoiceID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
    ...(isBill ? { excluded: "bill" } : {}),
    fields: isBill ? {} : invoiceFields(raw, completeness, books),
  };
}

/**
 * The invoice as it is sent; `undefined` where nothing that Xero holds is owed. A new one is a draft:
 * it is approved in Xero. One that is to be deleted is sent nothing else: whatever else is owed ends
 * with it.
 */
export function fromInvoice(write: RemoteWrite, books: Books) {
  const { fields, externalId } = write;
  if (write.life !== undefined) throw new SyncError(lifeNotWritable);
  checkStatus(write);
  if (externalId !== undefined && isDeletion(write)) {
    return { InvoiceID: externalId, Type: "ACCREC", Status: "DELETED" };
  }
  if (externalId !== undefined) checkNotCleared(fields["dueOn"], "dueOn");
  const changes = {
    ...documentChanges(write, { books, takesDiscounts: true }),
    ...filledTextFrom("DueDate", fields["dueOn"]),
  };
  if (externalId === undefined) return { Type: "ACCREC", ...changes };
  const isEmpty = Object.keys(changes).length === 0;
  return isEmpty ? undefined : { InvoiceID: externalId, Type: "ACCREC", ...changes };
}

function invoiceFields(raw: RawInvoice, completeness: Completeness, books: Books): Fields {
  const fields = documentFields(raw, completeness, books);
  const { currency, status, total } = fields;
  const amountDue = moneyOf(raw.AmountDue, currency, "AmountDue");
  const allocations =
    completeness === "whole" ? allocationsOnInvoice(raw, currency, books) : undefined;
  checkBalanced({ status, total, allocations, open: amountDue }, "AmountDue");
  return {
    ...fields,
    number: textOf(raw.InvoiceNumber, completeness),
    dueOn: dateOf(raw.DueDate, "DueDate", completeness),
    amountPaid: moneyOf(raw.AmountPaid, currency, "AmountPaid"),
    amountCredited: moneyOf(raw.AmountCredited, currency, "AmountCredited"),
    amountDue,
    allocations,
  };
}
