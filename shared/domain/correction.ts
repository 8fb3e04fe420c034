/**
 * Corrections: an invoice that was issued is not changed but taken back by a credit note and, where
 * its order is still won, billed anew. Both are drafts, and both are made only when a person approved.
 *
 * The whole document is taken back and the whole order billed again, even where one line changed: two
 * documents that each stand for themselves are easier to follow than a difference.
 */
import { settlementOf } from "./allocations.ts";
import type { CorrectionDecision, CrossReference } from "./cross-reference.ts";
import { sideOf } from "./cross-reference.ts";
import { referenceOf } from "./document-reference.ts";
import { canonicalIdOf, type Digest, digestField, digestText } from "./fingerprint.ts";
import { derivedBy } from "./flow.ts";
import type { CanonicalId } from "./identifiers.ts";
import type { LedgerFacts } from "./ledger.ts";
import { documentStateOf, firstOpenDay } from "./ledger-lock.ts";
import { add, type CurrencyCode, type Money, subtract, zero } from "./money.ts";
import {
  type CalendarDate,
  type DocumentLine,
  type Fields,
  isLines,
  isMoney,
  isReference,
} from "./records.ts";
import type { TrailEntry } from "./trail.ts";

/** Names one correction, as a person decides about it. */
export interface CorrectionName {
  readonly invoiceId: CanonicalId;
  /** 1 for the order's first. */
  readonly number: number;
  /** The same for the same invoice and the same order: what was looked at. */
  readonly hash: Digest;
}

export interface Correction extends CorrectionName {
  readonly orderId: CanonicalId;
  readonly invoiceNumber: string | null;
  /** The lines as the books show them, all of which are taken back. */
  readonly takesBack: readonly DocumentLine[];
  /** The lines to be billed anew; absent where the order is won no more. */
  readonly billsAnew?: readonly DocumentLine[] | undefined;
  /** Per currency, sorted; the change is what is billed afterwards less what was billed before. */
  readonly amounts: readonly CorrectedAmount[];
}

export interface CorrectedAmount {
  readonly before: Money;
  readonly after: Money;
  readonly change: Money;
}

export type CorrectionOutcome =
  /** The invoice says what the order says, or nobody may say otherwise. */
  | { readonly kind: "none" }
  | { readonly kind: "proposed"; readonly correction: Correction }
  /** Something is to be corrected, and only a person can begin or end it in the books. */
  | ({ readonly kind: "held"; readonly code: string; readonly fix: string } & CorrectionName);

export interface BilledOrder {
  readonly order: CrossReference;
  /** Issued in the books, or on its way there. */
  readonly invoice: CrossReference;
  /** What the invoice would say if it were made now; absent where the order is won no more. */
  readonly wanted?: Fields | undefined;
  /** The order's customer as it is known now. */
  readonly customer?: CrossReference | undefined;
}

/** What an invoice takes from its order and cannot change any more once it is issued. */
const billedFields = ["customer", "currency", "exchangeRate", "taxTreatment", "lines"] as const;

/**
 * Whether the order asks for something that its issued invoice does not say. An edit in the books alone
 * is none: only what the order came to say since the invoice took it over counts.
 */
export function proposeCorrection(billed: BilledOrder): CorrectionOutcome {
  const { order, invoice, wanted } = billed;
  const { canonicalId: invoiceId } = invoice;
  const number = approvedOf(order).length + 1;
  const name: CorrectionName = { invoiceId, number, hash: hashOf(billed) };
  if (wanted !== undefined && !asksForChange(billed, wanted)) return { kind: "none" };
  const state = documentStateOf({ life: "live", fields: invoice.fields });
  if (state === "void" || state === "draft" || state === "gone") return { kind: "none" };
  if (state === "submitted") return { kind: "held", ...awaitsApproval, ...name };
  const { total, lines } = invoice.fields;
  // A deposit that was used counts as credited in the books, and is none.
  const credited = isMoney(total) ? settlementOf(invoice.fields, total).credited : undefined;
  if (isMoney(total) && credited !== undefined && credited.minor > 0n) {
    const isDone = credited.minor >= total.minor && wanted === undefined;
    return isDone ? { kind: "none" } : { kind: "held", ...byHand, ...name };
  }
  if (!isLines(lines) || lines.length === 0) return { kind: "held", ...byHand, ...name };
  const takesBack = lines;
  const billsAnew = wanted === undefined ? undefined : linesIn(wanted);
  const correction: Correction = {
    ...name,
    orderId: order.canonicalId,
    invoiceNumber: textIn(invoice.fields["number"]),
    takesBack,
    ...(billsAnew === undefined ? {} : { billsAnew }),
    amounts: amountsOf(takesBack, billsAnew ?? []),
  };
  return { kind: "proposed", correction };
}

/** Whether the invoice was taken back by a correction that was approved. */
export function isTakenBack(order: CrossReference, invoiceId: CanonicalId): boolean {
  return approvedOf(order).some((one) => one.invoiceId === invoiceId);
}

export function isDismissed(order: CrossReference, { hash }: CorrectionName): boolean {
  return (order.corrections ?? []).some((one) => one.decision === "dismissed" && one.hash === hash);
}

/** Those that were approved, the oldest first. */
export function approvedOf(order: CrossReference): readonly CorrectionDecision[] {
  return (order.corrections ?? []).filter(({ decision }) => decision === "approved");
}

/** The order with a person's decision; of those against correcting an invoice only the last is kept. */
export function decideCorrection(
  order: CrossReference,
  { invoiceId, number, hash }: CorrectionName,
  made: Pick<CorrectionDecision, "decision" | "by" | "at" | "datedOn">,
): CrossReference {
  const { decision, by, at } = made;
  const what = decision === "approved" ? "correction" : "no-correction";
  const entry: TrailEntry = { kind: "decided", at, by, connection: derivedBy, what, decisions: [] };
  const kept = (order.corrections ?? []).filter(
    (one) => one.decision === "approved" || one.invoiceId !== invoiceId,
  );
  return { ...order, corrections: [...kept, { invoiceId, number, hash, ...made }], trail: [entry] };
}

/** The credit note's id: one for each correction of an invoice. */
export function creditNoteIdOf({ invoiceId, number }: CorrectionDecision): CanonicalId {
  return canonicalIdOf("creditNote", `correction ${number} of ${invoiceId}`);
}

/** The draft credit note that takes the invoice back: its lines as the books show them. */
export function creditNoteOf(
  order: CrossReference,
  invoice: CrossReference,
  { datedOn, number }: CorrectionDecision,
): Fields {
  const { customer, currency, taxTreatment, lines } = invoice.fields;
  return {
    reference: referenceOf(order.fields["number"], number - 1),
    customer,
    invoice: { canonicalId: invoice.canonicalId },
    order: { canonicalId: order.canonicalId },
    issuedOn: datedOn,
    currency,
    taxTreatment,
    lines,
  };
}

/** The day a correction is dated: today, or the first day that the books have open after it. */
export function correctionDay(today: CalendarDate, ledger: LedgerFacts | undefined): CalendarDate {
  const open = ledger === undefined ? undefined : firstOpenDay(ledger);
  return open !== undefined && open > today ? open : today;
}

function asksForChange({ invoice, customer }: BilledOrder, wanted: Fields): boolean {
  const { observed } = sideOf(invoice, derivedBy);
  const hasNews = billedFields.some((field) => {
    const value = wanted[field];
    const last = observed[field];
    return value !== undefined && last !== undefined && last !== digestField(value);
  });
  return hasNews && !saysTheSame(invoice.fields, wanted, customer);
}

/** In all that counts: a text that differs is no reason to bill anew. */
function saysTheSame(shown: Fields, wanted: Fields, customer: CrossReference | undefined): boolean {
  const areFieldsSame = (["currency", "taxTreatment"] as const).every((field) => {
    const [left, right] = [shown[field] ?? null, wanted[field] ?? null];
    return left === null || right === null || left === right;
  });
  return (
    areFieldsSame &&
    isSameCustomer(idIn(shown, "customer"), idIn(wanted, "customer"), customer) &&
    areSameLines(linesIn(shown), linesIn(wanted))
  );
}

/** A tax code that one side does not name is none that differs. */
function areSameLines(shown: readonly DocumentLine[], wanted: readonly DocumentLine[]): boolean {
  return (
    shown.length === wanted.length &&
    shown.every((line, index) => {
      const other = wanted[index];
      if (other === undefined || countsOf(line) !== countsOf(other)) return false;
      const [code, otherCode] = [line.taxCode ?? null, other.taxCode ?? null];
      return code === null || otherCode === null || code === otherCode;
    })
  );
}

function countsOf({ productCode, quantity, unitPrice, discountRate, amount }: DocumentLine) {
  const line = { product: null, productCode, description: null, quantity, unitPrice, discountRate };
  return digestField([{ ...line, amount }]);
}

/** A customer that took the other one in is billed for both. */
function isSameCustomer(
  shown: CanonicalId | undefined,
  wanted: CanonicalId | undefined,
  customer: CrossReference | undefined,
): boolean {
  if (shown === undefined || shown === wanted) return true;
  const isSurvivor = customer?.canonicalId === wanted && customer?.absorbed?.includes(shown);
  return isSurvivor === true || customer?.mergedInto === shown;
}

function hashOf({ order, invoice, wanted }: BilledOrder): Digest {
  const digests = (fields: Fields | undefined) =>
    billedFields.map((field) => {
      const value = fields?.[field];
      return value === undefined ? "" : digestField(value);
    });
  return digestText(
    JSON.stringify([
      order.canonicalId,
      invoice.canonicalId,
      digests(invoice.fields),
      wanted === undefined ? "gone" : digests(wanted),
    ]),
  );
}

/** Sums of line amounts, since what the tax on them is the books work out. */
function amountsOf(
  takesBack: readonly DocumentLine[],
  billsAnew: readonly DocumentLine[],
): readonly CorrectedAmount[] {
  const before = sumsOf(takesBack);
  const after = sumsOf(billsAnew);
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((currency) => {
    const from = before.get(currency) ?? zero(currency);
    const to = after.get(currency) ?? zero(currency);
    return { before: from, after: to, change: subtract(to, from) };
  });
}

function sumsOf(lines: readonly DocumentLine[]): ReadonlyMap<CurrencyCode, Money> {
  const sums = new Map<CurrencyCode, Money>();
  for (const { amount } of lines) {
    sums.set(amount.currency, add(sums.get(amount.currency) ?? zero(amount.currency), amount));
  }
  return sums;
}

function linesIn({ lines }: Fields): readonly DocumentLine[] {
  return isLines(lines) ? lines : [];
}

function idIn(fields: Fields, field: string): CanonicalId | undefined {
  const value = fields[field];
  return isReference(value) && "canonicalId" in value ? value.canonicalId : undefined;
}

function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

const awaitsApproval = {
  code: "invoice-awaits-approval",
  fix: "Set the invoice back to draft in the books, and it follows; or approve it: a correction is proposed then.",
};

const byHand = {
  code: "correction-by-hand",
  fix: "The books have credited this invoice already, or show no lines of it: correct it there by hand.",
};
