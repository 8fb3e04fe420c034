/**
 * What a customer's documents add up to. Recomputed from the documents each time, never incremented,
 * so that a repeated or reordered event cannot skew it.
 */
import type { CanonicalId } from "./identifiers.ts";
import { add, compare, formatMoney, type Money, subtract, zero } from "./money.ts";
import type { CalendarDate, Fields, InvoiceStatus } from "./records.ts";

/** The part of an invoice or a payment that roll-ups need; `revision` orders two images of it. */
export type RelatedDocument =
  | {
      readonly kind: "invoice";
      readonly canonicalId: CanonicalId;
      readonly revision: number;
      readonly number: string | null;
      readonly status: InvoiceStatus;
      readonly dueOn: CalendarDate | null;
      readonly total: Money;
      readonly tax: Money;
      readonly amountPaid: Money;
      readonly amountDue: Money;
    }
  | {
      readonly kind: "payment";
      readonly canonicalId: CanonicalId;
      readonly revision: number;
      readonly isSettled: boolean;
      readonly paidOn: CalendarDate | null;
    };

/** Statuses in which an invoice is a claim on the customer; drafts and voids are none. */
const countedStatuses: ReadonlySet<InvoiceStatus> = new Set(["issued", "paid"]);

export interface CustomerSummary {
  readonly fields: Fields;
  /** Earliest due date of what is still owed; the day after it the overdue balance changes. */
  readonly nextDueOn: CalendarDate | undefined;
}

/** The derived fields of a customer as of `today`. */
export function summarizeCustomer(
  documents: readonly RelatedDocument[],
  today: CalendarDate,
): CustomerSummary {
  const invoices = documents
    .filter((document) => document.kind === "invoice")
    .filter((invoice) => countedStatuses.has(invoice.status));
  const byCurrency = new Map<string, { open: Money; overdue: Money; revenue: Money }>();
  let nextDueOn: CalendarDate | undefined;
  for (const invoice of invoices) {
    const currency = invoice.total.currency;
    const none = zero(currency);
    const sofar = byCurrency.get(currency) ?? { open: none, overdue: none, revenue: none };
    const isOpen = compare(invoice.amountDue, none) !== 0;
    const isOverdue = isOpen && invoice.dueOn !== null && invoice.dueOn < today;
    if (isOpen && invoice.dueOn !== null && !isOverdue) {
      nextDueOn = nextDueOn === undefined || invoice.dueOn < nextDueOn ? invoice.dueOn : nextDueOn;
    }
    byCurrency.set(currency, {
      open: add(sofar.open, invoice.amountDue),
      overdue: isOverdue ? add(sofar.overdue, invoice.amountDue) : sofar.overdue,
      revenue: add(sofar.revenue, subtract(invoice.total, invoice.tax)),
    });
  }
  const paidOn = documents
    .filter((document) => document.kind === "payment")
    .filter((payment) => payment.isSettled && payment.paidOn !== null)
    .map((payment) => payment.paidOn ?? "")
    .sort()
    .at(-1);
  return { fields: { ...amountFields(byCurrency), lastPaymentOn: paidOn ?? null }, nextDueOn };
}

function amountFields(
  byCurrency: ReadonlyMap<string, { open: Money; overdue: Money; revenue: Money }>,
): Fields {
  const currencies = [...byCurrency.keys()].sort();
  const [only] = currencies;
  const amounts = only === undefined ? undefined : byCurrency.get(only);
  if (currencies.length === 1 && only !== undefined && amounts !== undefined) {
    return {
      balanceCurrency: only,
      openBalance: amounts.open,
      overdueBalance: amounts.overdue,
      revenue: amounts.revenue,
      balanceSummary: null,
    };
  }
  // Amounts of different currencies have no sum: the four fields stay blank and the text tells all.
  const text = currencies
    .map(
      (currency) => `${currency} ${formatMoney(byCurrency.get(currency)?.open ?? zero(currency))}`,
    )
    .join("; ");
  return {
    balanceCurrency: null,
    openBalance: null,
    overdueBalance: null,
    revenue: null,
    balanceSummary: text === "" ? null : text,
  };
}

/** The billing fields of an order, from the invoices that bill it. */
export function summarizeOrder(documents: readonly RelatedDocument[]): Fields {
  const invoices = documents
    .filter((document) => document.kind === "invoice")
    .filter((invoice) => invoice.status !== "void" && invoice.status !== "deleted")
    .sort((left, right) => (left.canonicalId < right.canonicalId ? -1 : 1));
  const [first] = invoices;
  if (first === undefined) {
    return {
      invoiceNumber: null,
      invoiceStatus: null,
      amountInvoiced: null,
      amountPaid: null,
      amountDue: null,
    };
  }
  const none = zero(first.total.currency);
  const same = invoices.filter((invoice) => invoice.total.currency === first.total.currency);
  const numbers = same.map((invoice) => invoice.number).filter((number) => number !== null);
  return {
    invoiceNumber: numbers.length === 0 ? null : numbers.join(", "),
    invoiceStatus: first.status,
    amountInvoiced: same.reduce((sofar, invoice) => add(sofar, invoice.total), none),
    amountPaid: same.reduce((sofar, invoice) => add(sofar, invoice.amountPaid), none),
    amountDue: same.reduce((sofar, invoice) => add(sofar, invoice.amountDue), none),
  };
}
