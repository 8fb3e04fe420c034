/** What a person does about a difference: one sentence for each finding. */
import { assertNever } from "../sync-error.ts";
import type { DifferenceClass, FindingName } from "./classes.ts";
import type { SnapshotRecordType } from "./snapshot-row.ts";

export function nextStepOf(
  of: DifferenceClass,
  finding: FindingName | null,
  recordType: SnapshotRecordType,
): string {
  if (of === "period-locked") {
    return "The books are closed for its day: correct it with a document dated in an open period, or ask for the period to be opened.";
  }
  if (of === "timing" && finding !== null && !timely.has(finding)) {
    return "It changed as the snapshot was taken: look again at the next tie-out.";
  }
  return finding === null ? "Look at both records." : steps[finding](recordType);
}

/** Findings that are a matter of time by themselves. */
const timely: ReadonlySet<FindingName> = new Set(["other-period", "in-transit", "booked-late"]);

const steps: Readonly<Record<FindingName, (recordType: SnapshotRecordType) => string>> = {
  "missing-in-crm": missingInCrm,
  "missing-in-books": missingInBooks,
  ended: () =>
    "Decide whether it is over: end it on the side that still has it, or restore it on the other.",
  "number-twice": () => "Find the copy: merge the two, or give one of them another number.",
  "counted-twice": () => "Void the copy in the books, or take it back with a credit note.",
  "other-customer": () =>
    "Find out who is billed: correct the deal's company, or merge the two customers.",
  currency: () => "Void the invoice and bill anew in the order's currency, or correct the order.",
  "ordered-amount": () =>
    "Decide which is right: correct the order, or bill the rest or take it back with a credit note.",
  tax: () => "Look at the tax of the invoice in the books; what the CRM shows follows from it.",
  "invoiced-amount": () =>
    "Look why the CRM was not told: the parked records and the order's history say so.",
  status: () => "Look why the CRM was not told: the parked records and the order's history say so.",
  paid: () => "Look at the payments in the books, then why the CRM was not told of them.",
  credited: () => "Look at the credit notes in the books, then why the CRM was not told of them.",
  open: () => "Look at the payments and credit notes in the books, then why the CRM was not told.",
  "other-period": () =>
    "Decide to which month it belongs; if the books are right, nothing has to be done.",
  "missing-at-bank": () =>
    "Look for the money: a wrong amount or day, another account, or no payment at all.",
  "payment-missing-in-books": () => "Book the payment on the invoice that it is for.",
  "in-transit": () => "Nothing yet: the next statement should have it.",
  "other-document": () =>
    "Compare the payer's words with the invoice that the payment was booked on.",
  "paid-amount": () => "Look for charges or a part payment, and correct the payment in the books.",
  "booked-late": () => "Check the payment's date in the books against the statement.",
};

function missingInCrm(recordType: SnapshotRecordType): string {
  switch (recordType) {
    case "customer":
      return "Is it a customer? Then look why it was not made in the CRM: it may be parked.";
    case "product":
      return "Is it sold? Then look why it was not made in the CRM: it may be parked, or have no code.";
    case "document":
    case "credit-note":
      return "Find the order: the reference may be misspelt, or the sale was never entered in the CRM.";
    case "payment":
      return "Look at both records.";
    default:
      return assertNever(recordType);
  }
}

function missingInBooks(recordType: SnapshotRecordType): string {
  switch (recordType) {
    case "customer":
    case "product":
      return "Look why it was not made in the books: it may be parked, with what to do.";
    case "document":
    case "credit-note":
      return "The order is won and was never billed: look among the parked records, else bill it.";
    case "payment":
      return "Book the payment on the invoice that it is for.";
    default:
      return assertNever(recordType);
  }
}
