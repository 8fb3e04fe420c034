/** Credit notes and Xero's documents of type ACCRECCREDIT, both ways. */
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import { allocationsOfCredit, checkBalanced } from "./mapping-allocations.ts";
import { checkStatus, documentChanges, documentFields, isDeletion } from "./mapping-document.ts";
import { lifeNotWritable } from "./refusals.ts";
import { creditNoteSchema, type RawCreditNote } from "./schema.ts";
import { type Completeness, instantOf, moneyOf, textOf } from "./wire.ts";

/**
 * A supplier's credit note (ACCPAYCREDIT) is shown as excluded, with no fields. Voided and deleted are
 * statuses; the record stays live. Throws as the reading of an invoice does.
 */
export function toCreditNote(
  element: unknown,
  completeness: Completeness,
  books: Books,
): ObservedRecord {
  const raw = creditNoteSchema.parse(element);
  const isSuppliers = raw.Type !== "ACCRECCREDIT";
  return {
    recordType: "creditNote",
    externalId: raw.CreditNoteID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
    ...(isSuppliers ? { excluded: "bill" } : {}),
    fields: isSuppliers ? {} : creditNoteFields(raw, completeness, books),
  };
}

/**
 * The credit note as it is sent; `undefined` where nothing that Xero holds is owed. A new one is a
 * draft: it is approved, and used for an invoice, in Xero. One that is to be deleted is sent nothing
 * else.
 */
export function fromCreditNote(write: RemoteWrite, books: Books) {
  const { externalId } = write;
  if (write.life !== undefined) throw new SyncError(lifeNotWritable);
  checkStatus(write);
  if (externalId !== undefined && isDeletion(write)) {
    return { CreditNoteID: externalId, Type: "ACCRECCREDIT", Status: "DELETED" };
  }
  const changes = documentChanges(write, { books, takesDiscounts: false });
  if (externalId === undefined) return { Type: "ACCRECCREDIT", ...changes };
  const isEmpty = Object.keys(changes).length === 0;
  return isEmpty ? undefined : { CreditNoteID: externalId, Type: "ACCRECCREDIT", ...changes };
}

function creditNoteFields(raw: RawCreditNote, completeness: Completeness, books: Books): Fields {
  const fields = documentFields(raw, completeness, books);
  const { currency, status, total } = fields;
  const amountOpen = moneyOf(raw.RemainingCredit, currency, "RemainingCredit");
  const allocations =
    completeness === "whole"
      ? allocationsOfCredit(raw, raw.CreditNoteID, "credit-note", currency)
      : undefined;
  checkBalanced({ status, total, allocations, open: amountOpen }, "RemainingCredit");
  return {
    ...fields,
    number: textOf(raw.CreditNoteNumber, completeness),
    allocations,
    amountOpen,
  };
}
