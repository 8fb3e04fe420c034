/** How a prepayment or an overpayment is shown. */
import { allocationViews } from "./credits.ts";
import {
  type DocumentDetail,
  datePair,
  documentContact,
  documentLines,
  paymentLines,
} from "./document-view.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import type { UnitDecimals } from "./items.ts";
import type { Books } from "./organisation.ts";
import type { CreditRecord, OverpaymentRecord, PrepaymentRecord } from "./records.ts";
import type { Fields } from "./where.ts";
import { epochMsOfDate, wireInstant } from "./wire-dates.ts";

/** A prepayment's reference is its invoice number: that of the receipt it is printed on. */
export function prepaymentView(
  books: Books,
  prepayment: PrepaymentRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  const { PrepaymentID, Reference } = prepayment;
  return {
    PrepaymentID,
    InvoiceNumber: Reference,
    ...advanceView(books, PrepaymentID, prepayment, detail, unitDecimals),
  };
}

export function overpaymentView(
  books: Books,
  overpayment: OverpaymentRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  const { OverpaymentID } = overpayment;
  return {
    OverpaymentID,
    ...advanceView(books, OverpaymentID, overpayment, detail, unitDecimals),
  };
}

export const PREPAYMENT_FIELDS: Fields<PrepaymentRecord> = {
  PrepaymentID: (prepayment) => ({ guid: prepayment.PrepaymentID }),
  InvoiceNumber: (prepayment) => prepayment.Reference,
  ...advanceFields<PrepaymentRecord>(),
};

export const OVERPAYMENT_FIELDS: Fields<OverpaymentRecord> = {
  OverpaymentID: (overpayment) => ({ guid: overpayment.OverpaymentID }),
  ...advanceFields<OverpaymentRecord>(),
};

function advanceView(
  books: Books,
  id: string,
  advance: CreditRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  return {
    ID: id,
    Type: advance.Type,
    Reference: advance.Reference,
    RemainingCredit: exact(advance.RemainingCredit),
    Allocations: allocationViews(books, id),
    Payments: paymentLines(books.store.payments.by("credit", id)),
    HasAttachments: false,
    Contact: documentContact(books, advance, detail),
    ...datePair("Date", advance.Date),
    Status: advance.Status,
    LineAmountTypes: advance.LineAmountTypes,
    ...documentLines(books, advance, detail, unitDecimals),
    SubTotal: exact(advance.SubTotal),
    TotalTax: exact(advance.TotalTax),
    Total: exact(advance.Total),
    UpdatedDateUTC: wireInstant(advance.UpdatedDateUTC),
    CurrencyCode: advance.CurrencyCode,
    CurrencyRate: exact(advance.CurrencyRate),
  };
}

function advanceFields<T extends CreditRecord>(): Fields<T> {
  return {
    Reference: (advance) => advance.Reference,
    Status: (advance) => advance.Status,
    Type: (advance) => advance.Type,
    CurrencyCode: (advance) => advance.CurrencyCode,
    "Contact.ContactID": (advance) => ({ guid: advance.ContactID }),
    Date: (advance) => ({ epochMs: epochMsOfDate(advance.Date) }),
    Total: (advance) => ({ number: advance.Total }),
    RemainingCredit: (advance) => ({ number: advance.RemainingCredit }),
    UpdatedDateUTC: (advance) => ({ epochMs: advance.UpdatedDateUTC }),
  };
}
