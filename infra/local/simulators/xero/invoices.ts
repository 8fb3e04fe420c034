/**
 * The rules of invoices and bills: which document a write means, which status may follow which, and
 * what is refused.
 *
 *   DRAFT ⇄ SUBMITTED ──▶ AUTHORISED ──(paid in full)──▶ PAID
 *     └──────┴─▶ DELETED      └─▶ VOIDED       └──(payment deleted)──▶ AUTHORISED
 */
import { MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import { emptyDocument, freeNumber } from "./document-draft.ts";
import {
  allocatedRefusal,
  changeRefusals,
  creationRefusals,
  editRefusals,
} from "./document-status.ts";
import { type Element, sentFields, sentText } from "./element.ts";
import { draftInvoice } from "./invoice-draft.ts";
import { salesInvoiceNumbered } from "./invoice-lookup.ts";
import type { UnitDecimals } from "./items.ts";
import type { Books, Saved, WriteMode } from "./organisation.ts";
import type { InvoiceRecord } from "./records.ts";

/** Fields that name the document or repeat what cannot change; sending them is no edit. */
const IDENTIFYING_FIELDS = new Set(["InvoiceID", "Type", "Status"]);
/** What a sales invoice with a payment still lets change; none of it moves UpdatedDateUTC. */
const PART_PAID_FIELDS = new Set(["DueDate", "ExpectedPaymentDate", "SentToContact"]);
/** What a paid bill lets change since 2026-03 (developer.xero.com changelog): nothing financial. */
const PAID_BILL_FIELDS = new Set([
  "Reference",
  "DueDate",
  "InvoiceNumber",
  "BrandingThemeID",
  "Contact",
  "Url",
  "PlannedPaymentDate",
]);

/** Makes or changes an invoice. Throws MalformedElementError. */
export function saveInvoice(
  books: Books,
  element: Element,
  mode: WriteMode<InvoiceRecord>,
  unitDecimals: UnitDecimals,
): Saved<InvoiceRecord> {
  const former = formerInvoice(books, element, mode);
  if (former === "unknown") return { kind: "refused", messages: ["Invoice could not be found"] };
  return former === undefined
    ? createInvoice(books, element, unitDecimals)
    : changeInvoice(books, element, former, unitDecimals);
}

/** Keeps a new state of an invoice whose amounts the caller has settled, and announces it. */
function putInvoice(books: Books, record: InvoiceRecord, isNew = false): void {
  books.store.invoices.put(record);
  books.store.announce("INVOICE", isNew ? "CREATE" : "UPDATE", record.InvoiceID);
}

/**
 * Counts `paid` and `credited` cents more on an approved invoice (fewer where negative), so that it stays
 * true that total = paid + credited + due. `date` is when the last of it came.
 */
export function settleInvoice(
  books: Books,
  invoice: InvoiceRecord,
  more: { readonly paid?: bigint; readonly credited?: bigint },
  date: string,
): void {
  const paid = scaled(invoice.AmountPaid, MONEY_SCALE) + (more.paid ?? 0n);
  const credited = scaled(invoice.AmountCredited, MONEY_SCALE) + (more.credited ?? 0n);
  const due = scaled(invoice.Total, MONEY_SCALE) - paid - credited;
  putInvoice(books, {
    ...invoice,
    AmountPaid: textOf(paid, MONEY_SCALE),
    AmountCredited: textOf(credited, MONEY_SCALE),
    AmountDue: textOf(due, MONEY_SCALE),
    Status: due === 0n ? "PAID" : "AUTHORISED",
    FullyPaidOnDate: due === 0n ? date : "",
    UpdatedDateUTC: books.store.now,
  });
}

function formerInvoice(
  books: Books,
  element: Element,
  mode: WriteMode<InvoiceRecord>,
): InvoiceRecord | "unknown" | undefined {
  if (mode.kind === "update") return mode.former;
  if (mode.kind === "create") return undefined;
  const id = sentText(element, "InvoiceID");
  if (id !== undefined && id !== "") return books.store.invoices.get(id) ?? "unknown";
  if (sentText(element, "Type") === "ACCPAY") return undefined;
  return salesInvoiceNumbered(books, sentText(element, "InvoiceNumber") ?? "");
}

function createInvoice(
  books: Books,
  element: Element,
  unitDecimals: UnitDecimals,
): Saved<InvoiceRecord> {
  const type = sentText(element, "Type");
  if (type !== "ACCREC" && type !== "ACCPAY") {
    return { kind: "refused", messages: ["Invoice Type must be ACCREC or ACCPAY"] };
  }
  const messages = creationRefusals("Invoice", element);
  if (messages.length > 0) return { kind: "refused", messages };
  const record = draftInvoice(books, element, emptyInvoice(books, type), unitDecimals, messages);
  if (messages.length > 0) return { kind: "refused", messages };
  const settled = { ...openInvoice(record), InvoiceNumber: numberFor(books, record) };
  putInvoice(books, settled, true);
  return { kind: "saved", record: settled };
}

function changeInvoice(
  books: Books,
  element: Element,
  former: InvoiceRecord,
  unitDecimals: UnitDecimals,
): Saved<InvoiceRecord> {
  const status = sentText(element, "Status") || former.Status;
  const refusal = changeRefusals("Invoice", books, element, former, (asked) =>
    isSettled(former) ? settledRefusals(element, former, asked) : undefined,
  );
  if (refusal.length > 0) return { kind: "refused", messages: refusal, former };
  if (status === "VOIDED" || status === "DELETED") {
    const ended: InvoiceRecord = {
      ...former,
      Status: status,
      AmountDue: "0.00",
      UpdatedDateUTC: books.store.now,
    };
    putInvoice(books, ended);
    return { kind: "saved", record: ended };
  }
  const messages: string[] = [];
  const record = draftInvoice(books, element, former, unitDecimals, messages);
  if (messages.length > 0) return { kind: "refused", messages, former };
  const settled = isSettled(former)
    ? { ...record, UpdatedDateUTC: former.UpdatedDateUTC }
    : openInvoice(record);
  putInvoice(books, settled);
  return { kind: "saved", record: settled };
}

/** What a document with an allocation, or a paid one, still lets change. */
function settledRefusals(
  element: Element,
  former: InvoiceRecord,
  status: string,
): readonly string[] {
  if (status !== former.Status) return [allocatedRefusal("invoice", status)];
  const editable = former.Type === "ACCPAY" ? PAID_BILL_FIELDS : PART_PAID_FIELDS;
  const edits = sentFields(element).filter((field) => !IDENTIFYING_FIELDS.has(field));
  const isPaidSale = former.Status === "PAID" && former.Type === "ACCREC";
  const isFree = edits.length > 0 && edits.every((field) => editable.has(field));
  return isFree && (!isPaidSale || edits.every(isSentMark)) ? [] : editRefusals("Invoice");
}

function isSentMark(field: string): boolean {
  return field === "SentToContact";
}

/** Whether money or credit is allocated to it, or it counts as paid without any. */
function isSettled(invoice: InvoiceRecord): boolean {
  const { AmountCredited, AmountPaid, Status } = invoice;
  return (
    Status === "PAID" ||
    scaled(AmountPaid, MONEY_SCALE) !== 0n ||
    scaled(AmountCredited, MONEY_SCALE) !== 0n
  );
}

function emptyInvoice(books: Books, type: InvoiceRecord["Type"]): InvoiceRecord {
  return {
    ...emptyDocument(books),
    InvoiceID: books.store.nextGuid(),
    Type: type,
    InvoiceNumber: "",
    Url: "",
    BrandingThemeID: "",
    DueDate: "",
    ExpectedPaymentDate: "",
    PlannedPaymentDate: "",
    SentToContact: false,
    AmountDue: "0.00",
    AmountPaid: "0.00",
    AmountCredited: "0.00",
  };
}

/** All of a document without payments is due; one with nothing to pay counts as paid once approved. */
function openInvoice(record: InvoiceRecord): InvoiceRecord {
  const isPaid = record.Status === "AUTHORISED" && scaled(record.Total, MONEY_SCALE) === 0n;
  return {
    ...record,
    AmountDue: record.Total,
    ...(isPaid ? { Status: "PAID" as const, FullyPaidOnDate: record.Date } : {}),
  };
}

function numberFor({ store }: Books, record: InvoiceRecord): string {
  if (record.InvoiceNumber !== "" || record.Type === "ACCPAY") return record.InvoiceNumber;
  const { count, text } = freeNumber(store.invoices, "INV", store.settings.nextInvoiceNumber);
  store.change({ nextInvoiceNumber: count + 1 });
  return text;
}
