/** Which status of an invoice or a credit note may follow which, and what a write of one is refused with. */
import { type Element, sentElement, sentList, sentText } from "./element.ts";
import { type Books, lockDateRefusal } from "./organisation.ts";
import { DOCUMENT_STATUSES, type DocumentRecord, type DocumentStatus } from "./records.ts";

const NEXT_STATUSES: Readonly<Record<DocumentStatus, readonly DocumentStatus[]>> = {
  DRAFT: ["DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"],
  SUBMITTED: ["SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"],
  AUTHORISED: ["AUTHORISED", "VOIDED"],
  PAID: [],
  VOIDED: [],
  DELETED: [],
};

const HAS_ALLOCATION =
  "This document cannot be edited as it has a payment or credit note allocated to it.";

/** As Xero begins its refusals. */
type Noun = "Invoice" | "Credit note";

/** Why a new document may not be made, before its content is looked at. */
export function creationRefusals(noun: Noun, element: Element): string[] {
  const messages: string[] = [];
  if ((sentList(element, "LineItems") ?? []).length === 0) {
    messages.push("One or more line items must be specified");
  }
  const status = sentText(element, "Status") || "DRAFT";
  if (!["DRAFT", "SUBMITTED", "AUTHORISED"].includes(status)) {
    messages.push(`${noun} not of valid status for creation`);
  }
  if (sentElement(element, "Contact") === undefined) {
    messages.push("A Contact must be specified for this type of transaction");
  }
  return messages;
}

/**
 * Why a document may not be touched in this way, before its new content is looked at. `whileSettled`
 * tells of one with an allocation, where it is one.
 */
export function changeRefusals(
  noun: Noun,
  books: Books,
  element: Element,
  former: DocumentRecord & { readonly Type: string },
  whileSettled: (status: string) => readonly string[] | undefined,
): readonly string[] {
  const status = sentText(element, "Status") || former.Status;
  const type = sentText(element, "Type");
  if (type !== undefined && type !== former.Type) {
    return ["The Type of an existing document cannot be changed"];
  }
  if (former.Status === "VOIDED" || former.Status === "DELETED") return [notModifiable(noun)];
  const locked = status === "DELETED" ? undefined : lockDateRefusal(books.store, former.Date);
  if (locked !== undefined) return [locked];
  const next: readonly string[] = NEXT_STATUSES[former.Status];
  return whileSettled(status) ?? (next.includes(status) ? [] : [notModifiable(noun)]);
}

/** What an edit of a document with an allocation is refused with. */
export function editRefusals(noun: Noun): readonly string[] {
  return [HAS_ALLOCATION, notModifiable(noun)];
}

function notModifiable(noun: Noun): string {
  return `${noun} not of valid status for modification`;
}

export function isStatus(status: string): status is DocumentStatus {
  return DOCUMENT_STATUSES.some((known) => known === status);
}

/** `noun` as Xero says it: `invoice`, `credit note`. */
export function allocatedRefusal(noun: string, status: string): string {
  return `The status ${status} cannot be applied to the ${noun} because it has payments or credit notes allocated to it.`;
}
