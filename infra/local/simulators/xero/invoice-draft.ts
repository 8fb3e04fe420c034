/** What an invoice is to hold after a write: its content read from the sent element, and checked. */
import { checkComplete, readContact, readCurrency, readLines } from "./document-draft.ts";
import { isStatus } from "./document-status.ts";
import { type Element, sentDate, sentFlag, sentText, tooLong } from "./element.ts";
import { salesInvoiceNumbered } from "./invoice-lookup.ts";
import type { UnitDecimals } from "./items.ts";
import { type Books, lockDateRefusal } from "./organisation.ts";
import type { InvoiceRecord } from "./records.ts";

const INVOICE_NUMBER_LENGTH_MAX = 255;

/** The content a write asks for on top of `former`; what is wrong with it goes to `messages`. */
export function draftInvoice(
  books: Books,
  element: Element,
  former: InvoiceRecord,
  unitDecimals: UnitDecimals,
  messages: string[],
): InvoiceRecord {
  const contact = readContact(books, element, former, messages);
  const status = sentText(element, "Status") || former.Status;
  const currency = readCurrency(books, element, former, contact, messages);
  const record: InvoiceRecord = books.textHabits.keptAll("invoices", {
    ...former,
    ...currency,
    InvoiceNumber: sentText(element, "InvoiceNumber") || former.InvoiceNumber,
    Reference: sentText(element, "Reference") ?? former.Reference,
    Url: sentText(element, "Url") ?? former.Url,
    BrandingThemeID: sentText(element, "BrandingThemeID") ?? former.BrandingThemeID,
    ContactID: contact?.ContactID ?? former.ContactID,
    Status: isStatus(status) ? status : former.Status,
    Date: sentDate(element, "Date") || former.Date,
    DueDate: sentDate(element, "DueDate") ?? former.DueDate,
    ExpectedPaymentDate: sentDate(element, "ExpectedPaymentDate") ?? former.ExpectedPaymentDate,
    PlannedPaymentDate: sentDate(element, "PlannedPaymentDate") ?? former.PlannedPaymentDate,
    SentToContact: sentFlag(element, "SentToContact") ?? former.SentToContact,
    ...readLines(books, element, former, lineRules(former.Type, unitDecimals), messages),
    UpdatedDateUTC: books.store.now,
  });
  checkDocument(books, record, messages);
  return record;
}

function lineRules(
  type: InvoiceRecord["Type"],
  unitDecimals: UnitDecimals,
): Parameters<typeof readLines>[3] {
  return type === "ACCREC"
    ? { isSale: true, unitDecimals }
    : { isSale: false, unitDecimals, discountRefusal: "Discounts are not supported on bills" };
}

function checkDocument(books: Books, record: InvoiceRecord, messages: string[]): void {
  const locked = lockDateRefusal(books.store, record.Date);
  if (locked !== undefined) messages.push(locked);
  if (record.InvoiceNumber.length > INVOICE_NUMBER_LENGTH_MAX) {
    messages.push(tooLong("InvoiceNumber", INVOICE_NUMBER_LENGTH_MAX));
  }
  const holder = salesInvoiceNumbered(books, record.InvoiceNumber);
  if (
    record.Type === "ACCREC" &&
    record.InvoiceNumber !== "" &&
    holder !== undefined &&
    holder.InvoiceID !== record.InvoiceID
  ) {
    messages.push("Invoice # must be unique.");
  }
  if (record.Url !== "" && (!URL.canParse(record.Url) || /xero/i.test(record.Url))) {
    messages.push("Url must be a valid address outside of Xero");
  }
  if (record.Status !== "DRAFT") {
    if (record.DueDate === "") messages.push("Due Date must be specified");
    checkComplete(record, messages);
  }
  if (record.SentToContact && record.Status === "DRAFT") {
    messages.push("SentToContact can only be set on approved invoices");
  }
}
