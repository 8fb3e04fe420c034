/**
 * The rules of credit notes. They live as invoices do; what is allocated or paid back takes the place of
 * payments.
 *
 *   DRAFT ⇄ SUBMITTED ──▶ AUTHORISED ──(nothing remains)──▶ PAID
 *     └──────┴─▶ DELETED      └─▶ VOIDED       └──(an allocation or refund goes)──▶ AUTHORISED
 */
import { announceCreditNote, isSpent } from "./credits.ts";
import { MONEY_SCALE, scaled } from "./decimal.ts";
import {
  checkComplete,
  emptyDocument,
  freeNumber,
  readContact,
  readCurrency,
  readLines,
} from "./document-draft.ts";
import {
  allocatedRefusal,
  changeRefusals,
  creationRefusals,
  editRefusals,
  isStatus,
} from "./document-status.ts";
import { type Element, sentDate, sentFlag, sentText, tooLong } from "./element.ts";
import type { UnitDecimals } from "./items.ts";
import { type Books, lockDateRefusal, type Saved, type WriteMode } from "./organisation.ts";
import type { CreditNoteRecord } from "./records.ts";
import { foldCase } from "./store.ts";

const NUMBER_LENGTH_MAX = 255;

/** Makes or changes a credit note; allocations in it are passed over. Throws MalformedElementError. */
export function saveCreditNote(
  books: Books,
  element: Element,
  mode: WriteMode<CreditNoteRecord>,
  unitDecimals: UnitDecimals,
): Saved<CreditNoteRecord> {
  const former = formerNote(books, element, mode);
  if (former === "unknown") {
    return {
      kind: "refused",
      messages: ["An existing Credit Note with the specified CreditNoteID could not be found"],
    };
  }
  return former === undefined
    ? createNote(books, element, unitDecimals)
    : changeNote(books, element, former, unitDecimals);
}

/** The credit note of a CreditNoteID, or of a CreditNoteNumber (a sales one before a purchase one). */
export function findCreditNote(books: Books, idOrNumber: string): CreditNoteRecord | undefined {
  const byId = books.store.creditNotes.get(idOrNumber);
  if (byId !== undefined) return byId;
  return salesNoteNumbered(books, idOrNumber) ?? numbered(books, idOrNumber)[0];
}

function numbered(books: Books, number: string): readonly CreditNoteRecord[] {
  return books.store.creditNotes
    .by("number", foldCase(number))
    .filter((note) => note.Status !== "DELETED");
}

function salesNoteNumbered(books: Books, number: string): CreditNoteRecord | undefined {
  return numbered(books, number).find((note) => note.Type === "ACCRECCREDIT");
}

function formerNote(
  books: Books,
  element: Element,
  mode: WriteMode<CreditNoteRecord>,
): CreditNoteRecord | "unknown" | undefined {
  if (mode.kind === "update") return mode.former;
  if (mode.kind === "create") return undefined;
  const id = sentText(element, "CreditNoteID");
  if (id !== undefined && id !== "") return books.store.creditNotes.get(id) ?? "unknown";
  if (sentText(element, "Type") === "ACCPAYCREDIT") return undefined;
  return salesNoteNumbered(books, sentText(element, "CreditNoteNumber") ?? "");
}

function createNote(
  books: Books,
  element: Element,
  unitDecimals: UnitDecimals,
): Saved<CreditNoteRecord> {
  const type = sentText(element, "Type");
  if (type !== "ACCRECCREDIT" && type !== "ACCPAYCREDIT") {
    return {
      kind: "refused",
      messages: ["Credit Note Type must be ACCRECCREDIT or ACCPAYCREDIT"],
    };
  }
  const messages = creationRefusals("Credit note", element);
  if (messages.length > 0) return { kind: "refused", messages };
  const record = draftNote(books, element, emptyNote(books, type), unitDecimals, messages);
  if (messages.length > 0) return { kind: "refused", messages };
  const open = { ...openNote(record), CreditNoteNumber: numberFor(books, record) };
  putNote(books, open, "CREATE");
  return { kind: "saved", record: open };
}

function changeNote(
  books: Books,
  element: Element,
  former: CreditNoteRecord,
  unitDecimals: UnitDecimals,
): Saved<CreditNoteRecord> {
  const status = sentText(element, "Status") || former.Status;
  const refusal = changeRefusals("Credit note", books, element, former, (asked) => {
    if (!isSpent(former)) return undefined;
    if (asked === former.Status) return editRefusals("Credit note");
    return [allocatedRefusal("credit note", asked)];
  });
  if (refusal.length > 0) return { kind: "refused", messages: refusal, former };
  if (status === "VOIDED" || status === "DELETED") {
    const ended: CreditNoteRecord = {
      ...former,
      Status: status,
      RemainingCredit: "0.00",
      UpdatedDateUTC: books.store.now,
    };
    putNote(books, ended, "UPDATE");
    return { kind: "saved", record: ended };
  }
  const messages: string[] = [];
  const record = draftNote(books, element, former, unitDecimals, messages);
  if (messages.length > 0) return { kind: "refused", messages, former };
  const open = openNote(record);
  putNote(books, open, "UPDATE");
  return { kind: "saved", record: open };
}

/** The content a write asks for on top of `former`; what is wrong with it goes to `messages`. */
function draftNote(
  books: Books,
  element: Element,
  former: CreditNoteRecord,
  unitDecimals: UnitDecimals,
  messages: string[],
): CreditNoteRecord {
  const contact = readContact(books, element, former, messages);
  const status = sentText(element, "Status") || former.Status;
  const rules = {
    isSale: former.Type === "ACCRECCREDIT",
    discountRefusal: "Discounts are not supported on credit notes",
    unitDecimals,
  };
  const record: CreditNoteRecord = books.textHabits.keptAll("creditNotes", {
    ...former,
    ...readCurrency(books, element, former, contact, messages),
    CreditNoteNumber: sentText(element, "CreditNoteNumber") || former.CreditNoteNumber,
    Reference: sentText(element, "Reference") ?? former.Reference,
    BrandingThemeID: sentText(element, "BrandingThemeID") ?? former.BrandingThemeID,
    ContactID: contact?.ContactID ?? former.ContactID,
    Status: isStatus(status) ? status : former.Status,
    Date: sentDate(element, "Date") || former.Date,
    DueDate: sentDate(element, "DueDate") ?? former.DueDate,
    SentToContact: sentFlag(element, "SentToContact") ?? former.SentToContact,
    ...readLines(books, element, former, rules, messages),
    UpdatedDateUTC: books.store.now,
  });
  const locked = lockDateRefusal(books.store, record.Date);
  if (locked !== undefined) messages.push(locked);
  if (record.CreditNoteNumber.length > NUMBER_LENGTH_MAX) {
    messages.push(tooLong("CreditNoteNumber", NUMBER_LENGTH_MAX));
  }
  if (isNumberTaken(books, record)) messages.push("Credit Note # must be unique.");
  if (record.Status !== "DRAFT") checkComplete(record, messages);
  return record;
}

function isNumberTaken(books: Books, record: CreditNoteRecord): boolean {
  if (record.Type !== "ACCRECCREDIT" || record.CreditNoteNumber === "") return false;
  const holder = salesNoteNumbered(books, record.CreditNoteNumber);
  return holder !== undefined && holder.CreditNoteID !== record.CreditNoteID;
}

/** All of an unspent credit note remains; one of nothing counts as paid once approved. */
function openNote(record: CreditNoteRecord): CreditNoteRecord {
  const isPaid = record.Status === "AUTHORISED" && scaled(record.Total, MONEY_SCALE) === 0n;
  return {
    ...record,
    RemainingCredit: record.Total,
    ...(isPaid ? { Status: "PAID" as const, FullyPaidOnDate: record.Date } : {}),
  };
}

function putNote(books: Books, record: CreditNoteRecord, change: "CREATE" | "UPDATE"): void {
  books.store.creditNotes.put(record);
  announceCreditNote(books.store, record, change);
}

function emptyNote(books: Books, type: CreditNoteRecord["Type"]): CreditNoteRecord {
  return {
    ...emptyDocument(books),
    CreditNoteID: books.store.nextGuid(),
    Type: type,
    CreditNoteNumber: "",
    BrandingThemeID: "",
    DueDate: "",
    SentToContact: false,
    RemainingCredit: "0.00",
  };
}

function numberFor({ store }: Books, record: CreditNoteRecord): string {
  const { CreditNoteNumber, Type } = record;
  if (CreditNoteNumber !== "" || Type === "ACCPAYCREDIT") return CreditNoteNumber;
  const { count, text } = freeNumber(store.creditNotes, "CN", store.settings.nextCreditNoteNumber);
  store.change({ nextCreditNoteNumber: count + 1 });
  return text;
}
