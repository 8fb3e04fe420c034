/**
 * What is to be billed of an order or a contract: drafts, and corrections of what was issued, for a
 * person to decide about.
 */
import { isContract } from "./billing-schedule.ts";
import {
  approvedOf,
  type Correction,
  type CorrectionName,
  type CorrectionOutcome,
  creditNoteIdOf,
  creditNoteOf,
  isDismissed,
  proposeCorrection,
} from "./correction.ts";
import type { CrossReference } from "./cross-reference.ts";
import { deriveContract } from "./derive-contract.ts";
import { currentInvoiceOf, deriveInvoice, ownInvoicesOf } from "./derive-invoice.ts";
import type { CanonicalId } from "./identifiers.ts";
import { formatMoney } from "./money.ts";
import type { CalendarDate, Fields } from "./records.ts";

export interface OrderToBill {
  readonly order: CrossReference;
  /** The order's invoices as far as they exist, in any order. */
  readonly invoices: readonly CrossReference[];
  readonly customer?: CrossReference | undefined;
  readonly today: CalendarDate;
}

export interface BilledDocument {
  readonly canonicalId: CanonicalId;
  readonly fields: Fields;
}

/** An issued invoice that the order does not ask for as it is: a person says what becomes of it. */
export interface Dispute {
  readonly code: string;
  readonly fix: string;
  readonly name: CorrectionName;
  /** May be approved; without it, the books must go first. Either may be dismissed. */
  readonly correction?: Correction | undefined;
  /** For whoever looks at the order in the CRM. */
  readonly notice: string;
}

export interface Billing {
  /** Drafts to be made, to follow, or to be taken back. */
  readonly invoices: readonly BilledDocument[];
  /** Why nothing is billed: a person completes the order. */
  readonly held?: { readonly code: string; readonly fix: string } | undefined;
  /** Each for an invoice of its own; those that keep the order from being billed come first. */
  readonly disputes: readonly Dispute[];
  /** When a contract is billed next; undefined where nothing is to come. */
  readonly nextOn?: CalendarDate | undefined;
}

/**
 * Where something stands issued that the order's billing terms give no more, no invoice is made beside
 * it: a period could be billed twice. Drafts that exist already follow all the same.
 */
export function billOrder(toBill: OrderToBill): Billing {
  const { order, invoices, customer } = toBill;
  const periods = deriveContract({ ...toBill, termsDays: termsDaysOf(customer) });
  if (periods.kind === "held") return { invoices: [], held: periods, disputes: [] };
  const own: Billing = isContract(order.fields) ? nothing : billOwn(toBill);
  const disputes = periods.issued.map(({ invoice, wanted }) => {
    const outcome = proposeCorrection({ order, invoice, wanted, customer });
    const reason = wanted === undefined ? "off-schedule" : "changed";
    return { reason, found: disputesOf(order, outcome, reasons[reason]) };
  });
  const isBlocked = disputes.some(
    ({ reason, found }) => reason === "off-schedule" && found.length > 0,
  );
  const known = new Set(invoices.map(({ canonicalId }) => canonicalId));
  const drafts = [...periods.invoices, ...own.invoices];
  return {
    invoices: isBlocked ? drafts.filter(({ canonicalId }) => known.has(canonicalId)) : drafts,
    held: own.held,
    disputes: [...disputes.flatMap(({ found }) => found), ...own.disputes],
    nextOn: isBlocked ? undefined : periods.nextOn,
  };
}

/** The one invoice of an order that is no contract. */
function billOwn({ order, invoices, customer }: OrderToBill): Billing {
  const own = ownInvoicesOf(order, invoices);
  const derivation = deriveInvoice(order, termsDaysOf(customer), own);
  const invoice = currentInvoiceOf(order, own);
  const isGone = derivation.kind === "held" && derivation.code === reasons.gone.code;
  if (derivation.kind === "none") return nothing;
  if (derivation.kind === "held" && !isGone) return { ...nothing, held: derivation };
  const draft = derivation.kind === "invoice" ? derivation : undefined;
  const drafts = { ...nothing, invoices: draft === undefined ? [] : [draft] };
  if (invoice === undefined) return drafts;
  const outcome = proposeCorrection({ order, invoice, wanted: draft?.fields, customer });
  if (outcome.kind === "none") return drafts;
  return { ...nothing, disputes: disputesOf(order, outcome, reasons[isGone ? "gone" : "changed"]) };
}

/** One, or none where there is nothing to correct or a person has dismissed it. */
function disputesOf(
  order: CrossReference,
  outcome: CorrectionOutcome,
  reason: Reason,
): readonly Dispute[] {
  if (outcome.kind === "none") return [];
  if (outcome.kind === "held") {
    if (isDismissed(order, outcome)) return [];
    const { invoiceId, number, hash } = outcome;
    const { code, fix } = reason.inTheBooks ?? outcome;
    return [{ code, fix, name: { invoiceId, number, hash }, notice: fix }];
  }
  const { correction } = outcome;
  if (isDismissed(order, correction)) return [];
  const { code, fix } = reason;
  return [{ code, fix, name: correction, correction, notice: noticeOf(correction, reason) }];
}

function termsDaysOf(customer: CrossReference | undefined): number | undefined {
  const terms = customer?.fields["paymentTermsDays"];
  return typeof terms === "number" ? terms : undefined;
}

const nothing: Billing = { invoices: [], disputes: [] };

/** The credit notes of the corrections that were approved; the invoices that follow are billed above. */
export function creditNotesOf({ order, invoices }: OrderToBill): readonly BilledDocument[] {
  return approvedOf(order).flatMap((decision) => {
    const invoice = invoices.find(({ canonicalId }) => canonicalId === decision.invoiceId);
    if (invoice === undefined) return [];
    const fields = creditNoteOf(order, invoice, decision);
    return [{ canonicalId: creditNoteIdOf(decision), fields }];
  });
}

interface Reason {
  readonly code: string;
  readonly fix: string;
  /** What became of the invoice, for whoever reads the deal. */
  readonly words: string;
  /** Told where only a person can begin; absent where what holds the correction up says it better. */
  readonly inTheBooks?: { readonly code: string; readonly fix: string } | undefined;
}

const reasons = {
  changed: {
    code: "correction-proposed",
    fix: "Look at it under /corrections, then approve or dismiss it; or set the deal back.",
    words: "was issued before the deal changed: a correction waits for approval.",
  },
  gone: {
    code: "order-gone-but-billed",
    fix: "Approve the credit note under /corrections, or dismiss it; or win the order again.",
    words: "was issued and the deal is won no more: a credit note waits for approval.",
    inTheBooks: {
      code: "order-gone-but-billed",
      fix: "Credit or void the invoice in the books, or win the order again.",
    },
  },
  "off-schedule": {
    code: "contract-billed-otherwise",
    fix: "Approve the credit note under /corrections, or dismiss it; or set the deal's billing terms back.",
    words: "was issued for a period that the deal has no more: a credit note waits for approval.",
    inTheBooks: {
      code: "contract-billed-otherwise",
      fix: "Set the deal's billing terms back, or credit the invoice that does not follow from them.",
    },
  },
} satisfies Record<string, Reason>;

function noticeOf({ invoiceNumber, amounts, billsAnew }: Correction, { words }: Reason): string {
  const name = invoiceNumber === null ? "The invoice" : `Invoice ${invoiceNumber}`;
  const sums = amounts.map(({ before, after }) =>
    billsAnew === undefined
      ? `${before.currency} ${formatMoney(before)}`
      : `${before.currency} ${formatMoney(before)}, now ${formatMoney(after)}`,
  );
  return `${name} (${sums.join("; ")}) ${words}`;
}
