/** How an invoice is shown, in the three sizes Xero answers with. */
import { contactView } from "./contact-view.ts";
import { MONEY_SCALE, rounded, scaled } from "./decimal.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import { findItemByCode, type UnitDecimals } from "./items.ts";
import type { Books } from "./organisation.ts";
import type { InvoiceLine, InvoiceRecord, PaymentRecord } from "./records.ts";
import type { Fields } from "./where.ts";
import { epochMsOfDate, wireDate, wireDateString, wireInstant } from "./wire-dates.ts";

/** `full`: one invoice, a page, a write. `list`: an unpaged list, without lines. `summary`: `summaryOnly=true`. */
export type InvoiceDetail = "full" | "list" | "summary";

export function invoiceView(
  books: Books,
  invoice: InvoiceRecord,
  detail: InvoiceDetail,
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
    ...(detail === "summary" ? {} : allocationsOf(books, invoice)),
    AmountDue: exact(invoice.AmountDue),
    AmountPaid: exact(invoice.AmountPaid),
    AmountCredited: exact(invoice.AmountCredited),
    SentToContact: invoice.SentToContact,
    CurrencyRate: exact(invoice.CurrencyRate),
    IsDiscounted: invoice.LineItems.some(isDiscounted),
    HasAttachments: false,
    HasErrors: false,
    ...(detail === "full" ? { Attachments: [], InvoicePaymentServices: [] } : {}),
    Contact: contactOf(books, invoice, detail),
    ...dateFields(invoice),
    Status: invoice.Status,
    LineAmountTypes: invoice.LineAmountTypes,
    ...(detail === "summary"
      ? {}
      : {
          LineItems:
            detail === "full"
              ? invoice.LineItems.map((line) => lineView(books, line, unitDecimals))
              : [],
        }),
    SubTotal: exact(invoice.SubTotal),
    TotalTax: exact(invoice.TotalTax),
    Total: exact(invoice.Total),
    UpdatedDateUTC: wireInstant(invoice.UpdatedDateUTC),
    CurrencyCode: invoice.CurrencyCode,
  };
}

/** The payments that stand on an invoice, oldest first. */
function paymentsOf(books: Books, invoice: InvoiceRecord): readonly PaymentRecord[] {
  return books.store.payments
    .by("invoice", invoice.InvoiceID)
    .filter((payment) => payment.Status === "AUTHORISED");
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
  UpdatedDateUTC: (invoice) => ({ epochMs: invoice.UpdatedDateUTC }),
};

function allocationsOf(books: Books, invoice: InvoiceRecord): Wire {
  return {
    Payments: paymentsOf(books, invoice).map((payment) => ({
      PaymentID: payment.PaymentID,
      Date: wireDate(payment.Date),
      Amount: exact(payment.Amount),
      Reference: payment.Reference,
      CurrencyRate: exact(payment.CurrencyRate),
      HasAccount: false,
      HasValidationErrors: false,
    })),
    CreditNotes: [],
    Prepayments: [],
    Overpayments: [],
  };
}

function contactOf(books: Books, invoice: InvoiceRecord, detail: InvoiceDetail): Wire {
  const contact = books.store.contacts.get(invoice.ContactID);
  if (contact === undefined) return {};
  if (detail === "full") return contactView(books, contact, "embedded");
  return { ContactID: contact.ContactID, Name: contact.Name, HasValidationErrors: false };
}

function dateFields(invoice: InvoiceRecord): Wire {
  const dates: Record<string, string> = {
    DateString: wireDateString(invoice.Date),
    Date: wireDate(invoice.Date),
  };
  if (invoice.DueDate !== "") {
    dates["DueDateString"] = wireDateString(invoice.DueDate);
    dates["DueDate"] = wireDate(invoice.DueDate);
  }
  for (const field of ["ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"] as const) {
    if (invoice[field] !== "") dates[field] = wireDate(invoice[field]);
  }
  return dates;
}

function lineView(books: Books, line: InvoiceLine, unitDecimals: UnitDecimals): Wire {
  const item = line.ItemCode === "" ? undefined : findItemByCode(books, line.ItemCode);
  return {
    LineItemID: line.LineItemID,
    ...shown("ItemCode", line.ItemCode),
    Description: line.Description,
    ...(line.UnitAmount === undefined
      ? {}
      : { UnitAmount: exact(rounded(line.UnitAmount, unitDecimals)) }),
    TaxType: line.TaxType,
    TaxAmount: exact(line.TaxAmount),
    LineAmount: exact(line.LineAmount),
    ...shown("AccountCode", line.AccountCode),
    ...(item === undefined
      ? {}
      : { Item: { ItemID: item.ItemID, Name: item.Name, Code: item.Code } }),
    Tracking: [],
    ...(line.Quantity === undefined ? {} : { Quantity: exact(line.Quantity) }),
    ...(line.DiscountRate === undefined ? {} : { DiscountRate: exact(line.DiscountRate) }),
    ...(line.DiscountAmount === undefined ? {} : { DiscountAmount: exact(line.DiscountAmount) }),
  };
}

function isDiscounted(line: InvoiceLine): boolean {
  return (
    line.DiscountRate !== undefined ||
    (line.DiscountAmount !== undefined && scaled(line.DiscountAmount, MONEY_SCALE) !== 0n)
  );
}

function shown(field: string, text: string): Wire {
  return text === "" ? {} : { [field]: text };
}
