/** Which status of an invoice or a credit note may follow which, and how a refusal of one is worded. */
import { DOCUMENT_STATUSES, type DocumentStatus } from "./records.ts";

export const NEXT_STATUSES: Readonly<Record<DocumentStatus, readonly DocumentStatus[]>> = {
  DRAFT: ["DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"],
  SUBMITTED: ["SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"],
  AUTHORISED: ["AUTHORISED", "VOIDED"],
  PAID: [],
  VOIDED: [],
  DELETED: [],
};

export const HAS_ALLOCATION =
  "This document cannot be edited as it has a payment or credit note allocated to it.";

/** What a new document is refused with where it is to begin in another status than these. */
export function isFirstStatus(status: string): boolean {
  return ["DRAFT", "SUBMITTED", "AUTHORISED"].includes(status);
}

export function isStatus(status: string): status is DocumentStatus {
  return DOCUMENT_STATUSES.some((known) => known === status);
}

/** `noun` as Xero says it: `invoice`, `credit note`. */
export function allocatedRefusal(noun: string, status: string): string {
  return `The status ${status} cannot be applied to the ${noun} because it has payments or credit notes allocated to it.`;
}
