/** The parts that documents of every type are shown with. */
import { contactView } from "./contact-view.ts";
import { rounded } from "./decimal.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import { findItemByCode, type UnitDecimals } from "./items.ts";
import type { Books } from "./organisation.ts";
import type { DocumentLine, DocumentRecord, PaymentRecord } from "./records.ts";
import { wireDate, wireDateString } from "./wire-dates.ts";

/** `full`: one document, a page, a write. `list`: an unpaged list, without lines. `summary`: `summaryOnly=true`. */
export type DocumentDetail = "full" | "list" | "summary";

export function documentContact(
  books: Books,
  document: DocumentRecord,
  detail: DocumentDetail,
): Wire {
  const contact = books.store.contacts.get(document.ContactID);
  if (contact === undefined) return {};
  if (detail === "full") return contactView(books, contact, "embedded");
  return { ContactID: contact.ContactID, Name: contact.Name, HasValidationErrors: false };
}

/** The lines in full, none in a list, not even a field for them in a summary. */
export function documentLines(
  books: Books,
  document: DocumentRecord,
  detail: DocumentDetail,
  unitDecimals: UnitDecimals,
): Wire {
  if (detail === "summary") return {};
  const lines = detail === "full" ? document.LineItems : [];
  return { LineItems: lines.map((line) => lineView(books, line, unitDecimals)) };
}

/** A document's date in both of its forms, under `field` and `<field>String`. */
export function datePair(field: string, date: string): Wire {
  return date === "" ? {} : { [`${field}String`]: wireDateString(date), [field]: wireDate(date) };
}

/** Payments that stand, as the document they settle lists them. */
export function paymentLines(payments: readonly PaymentRecord[]): readonly Wire[] {
  return payments
    .filter((payment) => payment.Status === "AUTHORISED")
    .map((payment) => ({
      PaymentID: payment.PaymentID,
      Date: wireDate(payment.Date),
      Amount: exact(payment.Amount),
      Reference: payment.Reference,
      CurrencyRate: exact(payment.CurrencyRate),
      HasAccount: false,
      HasValidationErrors: false,
    }));
}

function lineView(books: Books, line: DocumentLine, unitDecimals: UnitDecimals): Wire {
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

/** The field where it holds something. */
export function shown(field: string, text: string): Wire {
  return text === "" ? {} : { [field]: text };
}
