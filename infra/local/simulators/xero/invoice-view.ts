/** How an invoice is shown, in the three sizes Xero answers with. */
import { appliedCredits } from "./credits.ts";
import { MONEY_SCALE, scaled } from "./decimal.ts";
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
import type { DocumentLine, InvoiceRecord } from "./records.ts";
import type { Fields } from "./where.ts";
import { epochMsOfDate, wireDate, wireInstant } from "./wire-dates.ts";

export function invoiceView(
  books: Books,
  invoice: InvoiceRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  return {
    Type: invoice.Type,
    InvoiceID: invoice.InvoiceID,
    InvoiceNumber: invoice.InvoiceNumber,
    ...(invoice.Type === "ACCREC" || invoice.Reference !== ""
      ? { Reference: invoice.Reference }
      : {}),
    ...shown("Url", invoice.Url),
    ...shown("BrandingThemeID", invoice.BrandingThemeID),
    ...(detail === "summary" ? {} : settledWith(books, invoice)),
    AmountDue: exact(invoice.AmountDue),
    AmountPaid: exact(invoice.AmountPaid),
    AmountCredited: exact(invoice.AmountCredited),
    SentToContact: invoice.SentToContact,
    CurrencyRate: exact(invoice.CurrencyRate),
    IsDiscounted: invoice.LineItems.some(isDiscounted),
    HasAttachments: false,
    HasErrors: false,
    ...(detail === "full" ? { Attachments: [], InvoicePaymentServices: [] } : {}),
    Contact: documentContact(books, invoice, detail),
    ...dateFields(invoice),
    Status: invoice.Status,
    LineAmountTypes: invoice.LineAmountTypes,
    ...documentLines(books, invoice, detail, unitDecimals),
    SubTotal: exact(invoice.SubTotal),
    TotalTax: exact(invoice.TotalTax),
    Total: exact(invoice.Total),
    UpdatedDateUTC: wireInstant(invoice.UpdatedDateUTC),
    CurrencyCode: invoice.CurrencyCode,
  };
}

export const INVOICE_FIELDS: Fields<InvoiceRecord> = {
  InvoiceID: (invoice) => ({ guid: invoice.InvoiceID }),
  InvoiceNumber: (invoice) => invoice.InvoiceNumber,
  Reference: (invoice) => invoice.Reference,
  Status: (invoice) => invoice.Status,
  Type: (invoice) => invoice.Type,
  CurrencyCode: (invoice) => invoice.CurrencyCode,
  "Contact.ContactID": (invoice) => ({ guid: invoice.ContactID }),
  Date: (invoice) => ({ epochMs: epochMsOfDate(invoice.Date) }),
  DueDate: (invoice) =>
    invoice.DueDate === "" ? null : { epochMs: epochMsOfDate(invoice.DueDate) },
  Total: (invoice) => ({ number: invoice.Total }),
  AmountDue: (invoice) => ({ number: invoice.AmountDue }),
  AmountPaid: (invoice) => ({ number: invoice.AmountPaid }),
  AmountCredited: (invoice) => ({ number: invoice.AmountCredited }),
  UpdatedDateUTC: (invoice) => ({ epochMs: invoice.UpdatedDateUTC }),
};

/** The payments and credits that stand on an invoice, oldest first. */
function settledWith(books: Books, invoice: InvoiceRecord): Wire {
  return {
    Payments: paymentLines(books.store.payments.by("invoice", invoice.InvoiceID)),
    CreditNotes: appliedCredits(books, invoice, "CreditNote"),
    Prepayments: appliedCredits(books, invoice, "Prepayment"),
    Overpayments: appliedCredits(books, invoice, "Overpayment"),
  };
}

function dateFields(invoice: InvoiceRecord): Wire {
  const dates: Record<string, string> = {};
  for (const field of ["ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"] as const) {
    if (invoice[field] !== "") dates[field] = wireDate(invoice[field]);
  }
  return { ...datePair("Date", invoice.Date), ...datePair("DueDate", invoice.DueDate), ...dates };
}

function isDiscounted(line: DocumentLine): boolean {
  return (
    line.DiscountRate !== undefined ||
    (line.DiscountAmount !== undefined && scaled(line.DiscountAmount, MONEY_SCALE) !== 0n)
  );
}
