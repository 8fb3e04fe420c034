/** How a credit note is shown. */
import { allocationViews } from "./credits.ts";
import {
  type DocumentDetail,
  datePair,
  documentContact,
  documentLines,
  paymentLines,
  shown,
} from "./document-view.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import type { UnitDecimals } from "./items.ts";
import type { Books } from "./organisation.ts";
import type { CreditNoteRecord } from "./records.ts";
import type { Fields } from "./where.ts";
import { epochMsOfDate, wireDate, wireInstant } from "./wire-dates.ts";

export function creditNoteView(
  books: Books,
  note: CreditNoteRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  return {
    CreditNoteID: note.CreditNoteID,
    CreditNoteNumber: note.CreditNoteNumber,
    Payments: paymentLines(books.store.payments.by("credit", note.CreditNoteID)),
    ID: note.CreditNoteID,
    HasErrors: false,
    CurrencyRate: exact(note.CurrencyRate),
    Type: note.Type,
    Reference: note.Reference,
    ...shown("BrandingThemeID", note.BrandingThemeID),
    SentToContact: note.SentToContact,
    RemainingCredit: exact(note.RemainingCredit),
    Allocations: allocationViews(books, note.CreditNoteID),
    HasAttachments: false,
    Contact: documentContact(books, note, detail),
    ...datePair("Date", note.Date),
    ...datePair("DueDate", note.DueDate),
    ...(note.FullyPaidOnDate === "" ? {} : { FullyPaidOnDate: wireDate(note.FullyPaidOnDate) }),
    Status: note.Status,
    LineAmountTypes: note.LineAmountTypes,
    ...documentLines(books, note, detail, unitDecimals),
    SubTotal: exact(note.SubTotal),
    TotalTax: exact(note.TotalTax),
    Total: exact(note.Total),
    UpdatedDateUTC: wireInstant(note.UpdatedDateUTC),
    CurrencyCode: note.CurrencyCode,
  };
}

export const CREDIT_NOTE_FIELDS: Fields<CreditNoteRecord> = {
  CreditNoteID: (note) => ({ guid: note.CreditNoteID }),
  CreditNoteNumber: (note) => note.CreditNoteNumber,
  Reference: (note) => note.Reference,
  Status: (note) => note.Status,
  Type: (note) => note.Type,
  CurrencyCode: (note) => note.CurrencyCode,
  "Contact.ContactID": (note) => ({ guid: note.ContactID }),
  Date: (note) => ({ epochMs: epochMsOfDate(note.Date) }),
  Total: (note) => ({ number: note.Total }),
  RemainingCredit: (note) => ({ number: note.RemainingCredit }),
  UpdatedDateUTC: (note) => ({ epochMs: note.UpdatedDateUTC }),
};
