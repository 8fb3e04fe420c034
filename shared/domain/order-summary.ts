/**
 * What an order's documents add up to: computed anew from all of them, as a customer's summary. The
 * sums are in the currency of its first invoice; documents in another are left out of them.
 */
import { countedOf, dueOf, earned, takenBack } from "./counted-documents.ts";
import { type CurrencyCode, type Money, sum } from "./money.ts";
import { profitOf } from "./profit.ts";
import type { Fields, InvoiceStatus } from "./records.ts";
import type { RelatedCreditNote, RelatedDocument, RelatedInvoice } from "./related-document.ts";

/**
 * The billing fields of an order, from the invoices that bill it and the credit notes on them. What was
 * invoiced is the sum of what was paid, credited, written off and is due, as of each invoice: a credit
 * note that is not used for an invoice yet, or was paid back, shows in the revenue alone.
 */
export function summarizeOrder(documents: readonly RelatedDocument[]): Fields {
  const live = documents
    .filter((document) => document.kind === "invoice")
    .filter((invoice) => invoice.status !== "void" && invoice.status !== "deleted")
    .sort((left, right) => (left.canonicalId < right.canonicalId ? -1 : 1));
  const [first] = live;
  if (first === undefined) return unbilled;
  const { currency } = first.total;
  const isSame = ({ total }: { readonly total: Money }): boolean => total.currency === currency;
  const invoices = live.filter(isSame);
  const counted = countedOf(documents);
  const numbers = invoices.flatMap(({ number }) => number ?? []);
  return {
    invoiceNumber: numbers.length === 0 ? null : numbers.join(", "),
    invoiceStatus: statusOfAll(live.map(({ status }) => status)),
    amountInvoiced: sumOf(invoices, currency, ({ total }) => total),
    amountTax: sumOf(invoices, currency, ({ tax }) => tax),
    amountCredited: sumOf(invoices, currency, ({ amountCredited }) => amountCredited),
    amountPaid: sumOf(invoices, currency, ({ amountPaid }) => amountPaid),
    amountWrittenOff: sumOf(invoices, currency, ({ amountWrittenOff }) => amountWrittenOff),
    amountDue: sumOf(invoices, currency, dueOf),
    ...profitFields(counted.invoices.filter(isSame), counted.creditNotes.filter(isSame), currency),
  };
}

const unbilled: Fields = {
  invoiceNumber: null,
  invoiceStatus: null,
  amountInvoiced: null,
  amountTax: null,
  amountCredited: null,
  amountPaid: null,
  amountWrittenOff: null,
  amountDue: null,
  revenue: null,
  costOfSales: null,
  grossProfit: null,
  marginRate: null,
};

/**
 * `paid` where every invoice is; else `issued` where any was issued, then `submitted`, then `draft`. So
 * an invoice that is opened again takes its order back from paid.
 */
function statusOfAll(statuses: readonly InvoiceStatus[]): InvoiceStatus {
  if (statuses.every((status) => status === "paid")) return "paid";
  if (statuses.some((status) => status === "issued" || status === "paid")) return "issued";
  return statuses.includes("submitted") ? "submitted" : "draft";
}

/** Nothing is earned by drafts alone, and no profit is told where the cost of a part is unknown. */
function profitFields(
  invoices: readonly RelatedInvoice[],
  creditNotes: readonly RelatedCreditNote[],
  currency: CurrencyCode,
): Fields {
  const earnings = [...invoices.map(earned), ...creditNotes.map(takenBack)];
  const isKnown = earnings.every(({ costOfSales }) => costOfSales !== null);
  const { revenue, costOfSales, grossProfit, marginRate } = profitOf(earnings, currency);
  return {
    revenue: earnings.length === 0 ? null : revenue,
    costOfSales: isKnown ? costOfSales : null,
    grossProfit: isKnown ? grossProfit : null,
    marginRate: isKnown ? marginRate : null,
  };
}

function sumOf<One>(
  documents: readonly One[],
  currency: CurrencyCode,
  amountOf: (document: One) => Money,
): Money {
  return sum(documents.map(amountOf), currency);
}
