/**
 * What the books would refuse, known before any call: closed periods, settled documents, currencies
 * and rates that do not fit. Pure tables; the delivery brings what the books show and what is owed.
 *
 * | the books show | may change | anything else |
 * |---|---|---|
 * | nothing: it is to be made | all | |
 * | a draft | all | |
 * | a document that waits for approval | nothing | held until it is a draft again |
 * | an issued document | what is no matter of accounting | needs a correction |
 * | part of it settled | its due date | needs a correction |
 * | all of it settled, or credited | nothing | needs a correction |
 * | void, deleted, or gone | nothing | held |
 *
 * A draft may be deleted in any period, since no sum of the books holds it.
 */
import { addDays } from "./calendar.ts";
import type { LedgerFacts } from "./ledger.ts";
import type { CurrencyCode } from "./money.ts";
import {
  type CalendarDate,
  type Fields,
  type FieldValue,
  isAllocations,
  isMoney,
  type RecordLife,
} from "./records.ts";
import type { Failure } from "./sync-error.ts";

export interface OwedDocument {
  /** As the books show it now; absent where it is to be made. */
  readonly shown?: { readonly life: RecordLife; readonly fields: Fields } | undefined;
  /** The fields that would be written. */
  readonly owed: Fields;
  readonly ledger: LedgerFacts;
  /** The date that books give to a document without one. */
  readonly today: CalendarDate;
}

export type LockDecision =
  /** All may go; what is `unsaid` means nothing to these books: it is left out, and counts as told. */
  | { readonly kind: "allow"; readonly unsaid: readonly string[] }
  /** Only these may go; the others stay owed, and `failure` says why. */
  | {
      readonly kind: "reduce";
      readonly fields: readonly string[];
      readonly unsaid: readonly string[];
      readonly failure: Failure;
    }
  /** Nothing may go: the books change such a document by a credit note and a new invoice only. */
  | { readonly kind: "correct"; readonly failure: Failure }
  /** Nothing may go before the record or the books are mended. */
  | { readonly kind: "hold"; readonly failure: Failure };

export const documentStates = [
  "draft",
  "submitted",
  "issued",
  "part-paid",
  "paid",
  "credited",
  "void",
  "gone",
] as const;
export type DocumentState = (typeof documentStates)[number];

/** What changes an amount, whose it is, or the period it counts in. */
const accountingFields: ReadonlySet<string> = new Set([
  "customer",
  "status",
  "issuedOn",
  "currency",
  "exchangeRate",
  "taxTreatment",
  "lines",
]);

interface Lock {
  readonly isFree: (field: string) => boolean;
  readonly otherwise: "correct" | "hold";
  readonly failure: Failure;
}

const byCorrection =
  "Approve the correction under /corrections, or credit the document in the books and bill it anew.";

const locks: Readonly<Record<Exclude<DocumentState, "draft">, Lock>> = {
  submitted: {
    isFree: () => false,
    otherwise: "hold",
    failure: rejected({
      code: "document-submitted",
      fix: "Set the document back to draft in the books: the change follows by itself. Or approve it as it is.",
    }),
  },
  issued: {
    isFree: (field) => !accountingFields.has(field),
    otherwise: "correct",
    failure: rejected({ code: "document-issued", fix: byCorrection }),
  },
  "part-paid": {
    isFree: (field) => field === "dueOn",
    otherwise: "correct",
    failure: rejected({ code: "document-part-paid", fix: byCorrection }),
  },
  paid: {
    isFree: () => false,
    otherwise: "correct",
    failure: rejected({ code: "document-paid", fix: byCorrection }),
  },
  credited: {
    isFree: () => false,
    otherwise: "correct",
    failure: rejected({ code: "document-credited", fix: byCorrection }),
  },
  void: {
    isFree: () => false,
    otherwise: "hold",
    failure: rejected({
      code: "document-void",
      fix: "The document ended in the books and takes no change: bill what is left by hand there.",
    }),
  },
  gone: {
    isFree: () => false,
    otherwise: "hold",
    failure: rejected({
      code: "document-gone",
      fix: "The document is no longer in the books: restore it there, or bill it by hand.",
    }),
  },
};

/** Decides a write of an invoice or a credit note. Total on any fields. */
export function decideDocument(document: OwedDocument): LockDecision {
  const { shown, owed, ledger } = document;
  if (shown === undefined) return decideContent(document);
  const state = documentStateOf(shown);
  if (state === "draft") {
    if (owed["status"] === "deleted") return allow;
    const closed = closedOn(dateIn(shown.fields), ledger);
    return closed === undefined ? decideContent(document) : hold(closed);
  }
  const lock = locks[state];
  const closed = closedOn(dateIn(shown.fields), ledger);
  const isOver = state === "void" || state === "gone";
  if (closed !== undefined && !isOver) return { kind: lock.otherwise, failure: closed };
  const free = Object.keys(owed).filter(lock.isFree);
  if (free.length === 0) return { kind: lock.otherwise, failure: lock.failure };
  if (free.length === Object.keys(owed).length) return allow;
  return { kind: "reduce", fields: free, unsaid: [], failure: lock.failure };
}

/** What the books make of a document as they show it. */
export function documentStateOf({
  life,
  fields,
}: NonNullable<OwedDocument["shown"]>): DocumentState {
  if (life !== "live") return "gone";
  const { status, amountPaid, amountCredited, amountOpen, total, allocations } = fields;
  switch (status) {
    case undefined:
    case null:
    case "draft":
      return "draft";
    case "submitted":
      return "submitted";
    case "void":
    case "deleted":
      return "void";
    default: {
      if (isAboveZero(amountCredited)) return "credited";
      if (status === "paid") return "paid";
      const isUsed = isMoney(amountOpen) && isMoney(total) && amountOpen.minor < total.minor;
      const isAllocated = isAllocations(allocations) && allocations.length > 0;
      return isAboveZero(amountPaid) || isUsed || isAllocated ? "part-paid" : "issued";
    }
  }
}

/** The first day that is neither closed nor reported; undefined where every day is open. */
export function firstOpenDay({
  lockedThrough,
  filedThrough,
}: LedgerFacts): CalendarDate | undefined {
  const last = [lockedThrough, filedThrough].filter((day) => day !== undefined).sort();
  const latest = last.at(-1);
  return latest === undefined ? undefined : addDays(latest, 1);
}

export interface OwedCurrency {
  /** What the customer is to be billed in from now on. */
  readonly currency: FieldValue;
  /** Currencies of the documents that the books hold of the customer, void ones left out. */
  readonly documentCurrencies: ReadonlySet<CurrencyCode>;
  readonly ledger: LedgerFacts;
}

/** Why a customer's currency may not be changed in the books; undefined where it may. */
export function decideCustomerCurrency(change: OwedCurrency): Failure | undefined {
  const { currency, documentCurrencies, ledger } = change;
  const isOther = [...documentCurrencies].some((one) => one !== currency);
  if (isOther) {
    return rejected({
      code: "customer-currency-fixed",
      fix: "Set the currency back: the books hold documents of this customer in another one. For a new currency make a second customer.",
      field: "currency",
    });
  }
  return typeof currency === "string" ? unknownCurrency(currency, ledger) : undefined;
}

const allow: LockDecision = { kind: "allow", unsaid: [] };

/** Of a document that is open: what is owed to it must fit the books. */
function decideContent({ shown, owed, ledger, today }: OwedDocument): LockDecision {
  const money = moneyProblem(shown?.fields["currency"], owed, ledger);
  if (money !== undefined) return hold(money);
  const unsaid = isRateUnsaid(shown?.fields["currency"], owed, ledger) ? ["exchangeRate"] : [];
  const date = owed["issuedOn"];
  const isDated = typeof date === "string";
  const closed =
    isDated || shown === undefined ? closedOn(isDated ? date : today, ledger) : undefined;
  if (closed === undefined) return unsaid.length === 0 ? allow : { kind: "allow", unsaid };
  if (shown === undefined) return hold(closed);
  // A draft keeps its two dates where the new ones would carry it into a closed period.
  const fields = Object.keys(owed).filter((field) => field !== "issuedOn" && field !== "dueOn");
  if (fields.length === 0) return hold(closed);
  return { kind: "reduce", fields, unsaid, failure: closed };
}

function moneyProblem(
  shownCurrency: FieldValue | undefined,
  owed: Fields,
  ledger: LedgerFacts,
): Failure | undefined {
  const currency = owed["currency"] ?? shownCurrency;
  if (typeof currency !== "string") return undefined;
  if (owed["currency"] !== undefined) {
    const unknown = unknownCurrency(currency, ledger);
    if (unknown !== undefined) return unknown;
  }
  const rate = owed["exchangeRate"];
  if (typeof rate !== "string") return undefined;
  const isHome = currency === ledger.baseCurrency;
  if (isHome && !isOne(rate)) {
    const fix = "Clear the exchange rate, or correct the currency: the books are kept in this one.";
    return rejected({ code: "rate-on-home-document", fix, field: "exchangeRate" });
  }
  if (!isHome && isOne(rate)) {
    const fix =
      "Correct the exchange rate, or clear it: the books then take their own rate of the day.";
    return rejected({ code: "rate-one-on-foreign-document", fix, field: "exchangeRate" });
  }
  return undefined;
}

/** One unit of the books' currency is worth one: a CRM may say so, and no document does. */
function isRateUnsaid(
  shownCurrency: FieldValue | undefined,
  owed: Fields,
  { baseCurrency }: LedgerFacts,
): boolean {
  const rate = owed["exchangeRate"];
  const currency = owed["currency"] ?? shownCurrency;
  return typeof rate === "string" && isOne(rate) && currency === baseCurrency;
}

function isOne(rate: string): boolean {
  return /^\+?0*1(\.0*)?$/.test(rate);
}

function unknownCurrency(currency: CurrencyCode, ledger: LedgerFacts): Failure | undefined {
  const { baseCurrency, currencies } = ledger;
  const isKnown = currencies === undefined || currencies.includes(currency);
  if (isKnown || currency === baseCurrency) return undefined;
  const fix = "Add the currency to the books, or change that of the record.";
  return rejected({ code: "currency-not-in-books", fix, field: "currency" });
}

/** Why nothing may be dated on the day; undefined where it is open. */
function closedOn(day: CalendarDate | undefined, ledger: LedgerFacts): Failure | undefined {
  const { lockedThrough, filedThrough } = ledger;
  const isClosed = day !== undefined && lockedThrough !== undefined && day <= lockedThrough;
  const isFiled = day !== undefined && filedThrough !== undefined && day <= filedThrough;
  if (!isClosed && !isFiled) return undefined;
  const open = firstOpenDay(ledger);
  return isClosed
    ? rejected({
        code: "period-closed",
        fix: `Date the document ${open} or later, or move the lock date of the books.`,
        field: "issuedOn",
      })
    : rejected({
        code: "period-filed",
        fix: `Date the document ${open} or later: the tax of its period was reported.`,
        field: "issuedOn",
      });
}

function dateIn(fields: Fields): CalendarDate | undefined {
  const { issuedOn } = fields;
  return typeof issuedOn === "string" ? issuedOn : undefined;
}

function isAboveZero(value: FieldValue | undefined): boolean {
  return isMoney(value) && value.minor > 0n;
}

function hold(failure: Failure): LockDecision {
  return { kind: "hold", failure };
}

function rejected(why: Omit<Failure, "kind">): Failure {
  return { kind: "rejected", ...why };
}
