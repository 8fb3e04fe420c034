/**
 * What a customer's documents add up to. Recomputed from the documents each time, never incremented,
 * so that a repeated or reordered event cannot skew it.
 *
 * Amounts of different currencies have no sum: where there are several the amounts stay blank, and one
 * line of text tells the open balance of each.
 */
import { countedOf, dueOf, earned, takenBack } from "./counted-documents.ts";
import { type CurrencyCode, formatMoney, type Money, sum } from "./money.ts";
import { profitOf } from "./profit.ts";
import type { CalendarDate, Fields } from "./records.ts";
import type { RelatedDocument, RelatedInvoice, RelatedPayment } from "./related-document.ts";

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
  const { invoices, creditNotes, payments } = countedOf(documents);
  const credits = payments.flatMap(creditOf);
  const currencies = [
    ...new Set([
      ...invoices.map(({ total }) => total.currency),
      ...creditNotes.map(({ total }) => total.currency),
      ...credits.map(({ currency }) => currency),
    ]),
  ].sort();
  const [only, ...others] = currencies;
  const amounts =
    only === undefined || others.length > 0
      ? { ...blankAmounts, balanceSummary: balancesText(invoices, currencies) }
      : {
          balanceCurrency: only,
          openBalance: sum(invoices.map(dueOf), only),
          overdueBalance: sum(invoices.filter((one) => isOverdue(one, today)).map(dueOf), only),
          ...profitOf([...invoices.map(earned), ...creditNotes.map(takenBack)], only),
          openCredit: sum([...creditNotes.map(({ amountOpen }) => amountOpen), ...credits], only),
          balanceSummary: null,
        };
  const paidOn = payments
    .filter(({ paymentKind }) => paymentKind !== "refund" && paymentKind !== "write-off")
    .flatMap((payment) => payment.paidOn ?? [])
    .sort()
    .at(-1);
  const fields = { ...amounts, lastPaymentOn: paidOn ?? null };
  return { fields, nextDueOn: nextDueOn(invoices, today) };
}

const blankAmounts: Fields = {
  balanceCurrency: null,
  openBalance: null,
  overdueBalance: null,
  revenue: null,
  costOfSales: null,
  grossProfit: null,
  marginRate: null,
  costCoverageRate: null,
  openCredit: null,
};

function isOverdue(invoice: RelatedInvoice, today: CalendarDate): boolean {
  return invoice.amountDue.minor !== 0n && invoice.dueOn !== null && invoice.dueOn < today;
}

function nextDueOn(invoices: readonly RelatedInvoice[], today: CalendarDate): string | undefined {
  return invoices
    .filter((invoice) => invoice.amountDue.minor !== 0n && !isOverdue(invoice, today))
    .flatMap(({ dueOn }) => dueOn ?? [])
    .sort()[0];
}

/** What is left of a deposit or an overpayment; one that is used up counts for no currency. */
function creditOf({ paymentKind, amountOpen }: RelatedPayment): Money[] {
  const isCredit = paymentKind === "deposit" || paymentKind === "overpayment";
  return isCredit && amountOpen !== null && amountOpen.minor !== 0n ? [amountOpen] : [];
}

/** `EUR 120.50; JPY 5000`. */
function balancesText(
  invoices: readonly RelatedInvoice[],
  currencies: readonly CurrencyCode[],
): string | null {
  const balances = currencies.map((currency) => {
    const own = invoices.filter(({ total }) => total.currency === currency);
    return `${currency} ${formatMoney(sum(own.map(dueOf), currency))}`;
  });
  return balances.length === 0 ? null : balances.join("; ");
}
