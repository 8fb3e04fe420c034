/** What every document begins with and reads from a sent element: its contact, currency, lines and totals. */
import { activeContactNamed, findContact, saveContact } from "./contacts.ts";
import { CURRENCY_RATE_SCALE, MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import {
  incompleteLines,
  type LineContext,
  readLine,
  type Totals,
  totalsOf,
  withTax,
} from "./document-lines.ts";
import {
  type Element,
  sentDecimal,
  sentElement,
  sentFields,
  sentList,
  sentText,
} from "./element.ts";
import type { Books } from "./organisation.ts";
import { type ContactRecord, type DocumentRecord, LINE_AMOUNT_TYPES } from "./records.ts";
import { foldCase } from "./store.ts";
import type { Table } from "./table.ts";
import { dateOf } from "./wire-dates.ts";

type Lines = Pick<DocumentRecord, "LineItems" | "LineAmountTypes"> & Totals;

/** A draft of today with nothing in it. */
export function emptyDocument({ store }: Books) {
  return {
    Reference: "",
    ContactID: "",
    Status: "DRAFT",
    LineAmountTypes: "Exclusive",
    LineItems: [],
    Date: dateOf(store.now),
    FullyPaidOnDate: "",
    CurrencyCode: "",
    CurrencyRate: "1.000000",
    SubTotal: "0.00",
    TotalTax: "0.00",
    Total: "0.00",
    UpdatedDateUTC: store.now,
  } as const satisfies DocumentRecord & { readonly FullyPaidOnDate: string };
}

/** The first number from `next` on that no document bears, as a count and as people see it. */
export function freeNumber<Document>(
  documents: Table<Document>,
  prefix: string,
  next: number,
): { readonly count: number; readonly text: string } {
  for (let count = next; ; count += 1) {
    const text = `${prefix}-${String(count).padStart(4, "0")}`;
    if (documents.by("number", foldCase(text)).length === 0) return { count, text };
  }
}

/** The lines a write leaves, with their taxes and the totals they give. */
export function readLines(
  books: Books,
  element: Element,
  former: DocumentRecord,
  rules: Pick<LineContext, "isSale" | "discountRefusal" | "unitDecimals">,
  messages: string[],
): Lines {
  const sentType = sentText(element, "LineAmountTypes")?.toLowerCase();
  const lineAmountTypes = LINE_AMOUNT_TYPES.find((known) => known.toLowerCase() === sentType);
  if (sentType !== undefined && lineAmountTypes === undefined) {
    messages.push("LineAmountTypes must be Exclusive, Inclusive or NoTax");
  }
  const type = lineAmountTypes ?? former.LineAmountTypes;
  const status = sentText(element, "Status") || former.Status;
  const sent = sentList(element, "LineItems");
  if (sent?.length === 0) messages.push("One or more line items must be specified");
  const context: LineContext = {
    ...rules,
    lineAmountTypes: type,
    isComplete: status !== "DRAFT",
    formerLineIds: new Set(former.LineItems.map((known) => known.LineItemID)),
  };
  const lines =
    sent === undefined
      ? former.LineItems.map((line) => withTax(books, type, line))
      : sent.map((line) => readLine(books, line, context, messages));
  return { LineItems: lines, LineAmountTypes: type, ...totalsOf(lines, type) };
}

/** What keeps a document from leaving draft, whatever its type. */
export function checkComplete(record: DocumentRecord, messages: string[]): void {
  for (const message of incompleteLines(record.LineItems)) {
    if (!messages.includes(message)) messages.push(message);
  }
  if (scaled(record.Total, MONEY_SCALE) < 0n) {
    messages.push("The document total must be greater than or equal to zero");
  }
}

/**
 * The contact a document names. Sending anything beside its ContactID changes the contact too, and a
 * name or number that is not known makes one, as Xero does.
 */
export function readContact(
  books: Books,
  element: Element,
  former: DocumentRecord,
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

/** The currency a write leaves, and its rate: the one sent, the one it had, or the day's. */
export function readCurrency(
  books: Books,
  element: Element,
  former: DocumentRecord,
  contact: ContactRecord | undefined,
  messages: string[],
): Pick<DocumentRecord, "CurrencyCode" | "CurrencyRate"> {
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
