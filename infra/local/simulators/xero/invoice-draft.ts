/** What an invoice is to hold after a write: its content read from the sent element, and checked. */
import { activeContactNamed, findContact, saveContact } from "./contacts.ts";
import { CURRENCY_RATE_SCALE, MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import {
  type Element,
  sentDate,
  sentDecimal,
  sentElement,
  sentFields,
  sentFlag,
  sentList,
  sentText,
  tooLong,
} from "./element.ts";
import { incompleteLines, readLine, totalsOf, withTax } from "./invoice-lines.ts";
import { salesInvoiceNumbered } from "./invoice-lookup.ts";
import type { UnitDecimals } from "./items.ts";
import { type Books, lockDateRefusal } from "./organisation.ts";
import {
  type ContactRecord,
  INVOICE_STATUSES,
  type InvoiceRecord,
  type InvoiceStatus,
  LINE_AMOUNT_TYPES,
} from "./records.ts";

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
  const record: InvoiceRecord = books.textLimits.cutAll("invoices", {
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
    ...readLines(books, element, former, unitDecimals, messages),
    UpdatedDateUTC: books.store.now,
  });
  checkDocument(books, record, messages);
  return record;
}

function readLines(
  books: Books,
  element: Element,
  former: InvoiceRecord,
  unitDecimals: UnitDecimals,
  messages: string[],
): Pick<InvoiceRecord, "LineItems" | "LineAmountTypes" | "SubTotal" | "TotalTax" | "Total"> {
  const sentType = sentText(element, "LineAmountTypes")?.toLowerCase();
  const lineAmountTypes = LINE_AMOUNT_TYPES.find((known) => known.toLowerCase() === sentType);
  if (sentType !== undefined && lineAmountTypes === undefined) {
    messages.push("LineAmountTypes must be Exclusive, Inclusive or NoTax");
  }
  const type = lineAmountTypes ?? former.LineAmountTypes;
  const status = sentText(element, "Status") || former.Status;
  const sent = sentList(element, "LineItems");
  if (sent?.length === 0) messages.push("One or more line items must be specified");
  const lines =
    sent === undefined
      ? former.LineItems.map((line) => withTax(books, type, line))
      : sent.map((line) =>
          readLine(
            books,
            line,
            {
              type: former.Type,
              lineAmountTypes: type,
              unitDecimals,
              isComplete: status !== "DRAFT",
              formerLineIds: new Set(former.LineItems.map((known) => known.LineItemID)),
            },
            messages,
          ),
        );
  return { LineItems: lines, LineAmountTypes: type, ...totalsOf(lines, type) };
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
    for (const message of incompleteLines(record.LineItems)) {
      if (!messages.includes(message)) messages.push(message);
    }
    if (scaled(record.Total, MONEY_SCALE) < 0n) {
      messages.push("The document total must be greater than or equal to zero");
    }
  }
  if (record.SentToContact && record.Status === "DRAFT") {
    messages.push("SentToContact can only be set on approved invoices");
  }
}

/**
 * The contact a document names. Sending anything beside its ContactID changes the contact too, and a
 * name or number that is not known makes one, as Xero does.
 */
function readContact(
  books: Books,
  element: Element,
  former: InvoiceRecord,
  messages: string[],
): ContactRecord | undefined {
  const sent = sentElement(element, "Contact");
  if (sent === undefined) return books.store.contacts.get(former.ContactID);
  const id = sentText(sent, "ContactID") ?? "";
  const number = sentText(sent, "ContactNumber") ?? "";
  const name = sentText(sent, "Name") ?? "";
  const known =
    id === ""
      ? ((number === "" ? undefined : findContact(books, number)) ??
        activeContactNamed(books, name))
      : books.store.contacts.get(id);
  if (known === undefined && (id !== "" || name === "")) {
    messages.push(
      "The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber",
    );
    return undefined;
  }
  if (known?.ContactStatus === "ARCHIVED") {
    messages.push(`The contact ${known.Name} is archived and cannot be used on a document.`);
    return undefined;
  }
  const details = sentFields(sent).filter((field) => !CONTACT_NAMING_FIELDS.has(field));
  const isNaming = details.length === 0 && (id === "" || (number === "" && name === ""));
  if (known !== undefined && isNaming) return known;
  const saved = saveContact(
    books,
    // A document's contact that leaves its persons out loses them.
    { ContactPersons: [], ...sent },
    known === undefined ? { kind: "create" } : { kind: "update", former: known },
  );
  if (saved.kind === "saved") return saved.record;
  messages.push(...saved.messages);
  return undefined;
}

const CONTACT_NAMING_FIELDS = new Set(["ContactID", "ContactNumber", "Name"]);

function readCurrency(
  books: Books,
  element: Element,
  former: InvoiceRecord,
  contact: ContactRecord | undefined,
  messages: string[],
): Pick<InvoiceRecord, "CurrencyCode" | "CurrencyRate"> {
  const { baseCurrency, dayRates } = books.organisation;
  const code =
    sentText(element, "CurrencyCode") ||
    former.CurrencyCode ||
    contact?.DefaultCurrency ||
    baseCurrency;
  const dayRate = dayRates.get(code);
  if (dayRate === undefined) {
    messages.push(`Organisation is not subscribed to currency ${code}`);
    return { CurrencyCode: code, CurrencyRate: "1.000000" };
  }
  const sentRate = sentDecimal(element, "CurrencyRate", CURRENCY_RATE_SCALE);
  if (sentRate !== undefined && sentRate <= 0n) messages.push("CurrencyRate must be positive");
  const kept = code === former.CurrencyCode ? former.CurrencyRate : dayRate;
  const isBase = code === baseCurrency;
  return {
    CurrencyCode: code,
    CurrencyRate:
      sentRate === undefined || isBase || sentRate <= 0n
        ? kept
        : textOf(sentRate, CURRENCY_RATE_SCALE),
  };
}

export function isStatus(status: string): status is InvoiceStatus {
  return INVOICE_STATUSES.some((known) => known === status);
}
