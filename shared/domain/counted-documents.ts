/** Which of a record's documents count in its sums, and as what. */
import { type Money, negate, subtract } from "./money.ts";
import type { Earning } from "./profit.ts";
import type { InvoiceStatus } from "./records.ts";
import type {
  RelatedCreditNote,
  RelatedDocument,
  RelatedInvoice,
  RelatedPayment,
} from "./related-document.ts";

/** Statuses in which a document is a claim, of ours or the customer's; drafts and voids are none. */
const countedStatuses: ReadonlySet<InvoiceStatus> = new Set(["issued", "paid"]);

export interface CountedDocuments {
  readonly invoices: readonly RelatedInvoice[];
  readonly creditNotes: readonly RelatedCreditNote[];
  readonly payments: readonly RelatedPayment[];
}

export function countedOf(documents: readonly RelatedDocument[]): CountedDocuments {
  return {
    invoices: documents
      .filter((one) => one.kind === "invoice")
      .filter(({ status }) => countedStatuses.has(status)),
    creditNotes: documents
      .filter((one) => one.kind === "credit-note")
      .filter(({ status }) => countedStatuses.has(status)),
    payments: documents.filter((one) => one.kind === "payment").filter((one) => one.isSettled),
  };
}

export function dueOf({ amountDue }: RelatedInvoice): Money {
  return amountDue;
}

export function earned({ total, tax, costOfSales }: RelatedInvoice): Earning {
  return { revenue: subtract(total, tax), costOfSales };
}

/** What a credit note takes back of revenue and cost. */
export function takenBack({ total, tax, costOfSales }: RelatedCreditNote): Earning {
  const cost = costOfSales === null ? null : negate(costOfSales);
  return { revenue: subtract(tax, total), costOfSales: cost };
}
