/**
 * A won contract gives one draft invoice for each period, once its day has come. The id of each is a
 * function of the contract's id and that day; what was issued stays as it is, and is named beside what
 * the contract asks for it now.
 */
import {
  billingTermsOf,
  type Instalment,
  instalmentsThrough,
  isContract,
  lineOfInstalment,
} from "./billing-schedule.ts";
import { approvedOf } from "./correction.ts";
import type { CrossReference } from "./cross-reference.ts";
import {
  billedLines,
  customFieldsOf,
  dueByTerms,
  hasLeft,
  type InvoiceDerivation,
  idsInTurn,
  isSuperseded,
  laterOf,
  orderGaps,
  ownInvoicesOf,
} from "./derive-invoice.ts";
import { referenceOf } from "./document-reference.ts";
import { canonicalIdOf } from "./fingerprint.ts";
import type { CanonicalId } from "./identifiers.ts";
import type { CalendarDate, Fields } from "./records.ts";
import { SyncError } from "./sync-error.ts";

type Held = Extract<InvoiceDerivation, { readonly kind: "held" }>;

/** An invoice that is a draft no more. */
interface IssuedInvoice {
  readonly invoice: CrossReference;
  /** What its period is billed by the terms as they are now; undefined where there is none any more. */
  readonly wanted: Fields | undefined;
}

export type ContractDerivation =
  | {
      readonly kind: "invoices";
      /** Drafts to be made, to follow, or to be taken back. */
      readonly invoices: readonly { readonly canonicalId: CanonicalId; readonly fields: Fields }[];
      /** Of a won order alone: what was delivered of one that is lost was billed rightly. */
      readonly issued: readonly IssuedInvoice[];
      /** When the next one is billed; undefined where none is to come. */
      readonly nextOn: CalendarDate | undefined;
    }
  | Held;

export interface ContractToBill {
  readonly order: CrossReference;
  /** The customer's terms of payment, where known. */
  readonly termsDays: number | undefined;
  /** All of the order's invoices that exist, in any order. */
  readonly invoices: readonly CrossReference[];
  readonly today: CalendarDate;
}

/** All ids that the invoice of the period billed on this day may have, in the order they are used. */
export function instalmentIdsOf(orderId: CanonicalId, billedOn: CalendarDate): CanonicalId[] {
  return idsInTurn((count) => instalmentIdOf(orderId, billedOn, count));
}

/** The first one, or what follows after so many were withdrawn with the order or taken back. */
function instalmentIdOf(
  orderId: CanonicalId,
  billedOn: CalendarDate,
  supersededCount: number,
): CanonicalId {
  const origin = `order ${orderId} of ${billedOn}`;
  return canonicalIdOf(
    "invoice",
    supersededCount === 0 ? origin : `${origin} ${supersededCount + 1}`,
  );
}

/** The days on which the contract was to be billed so far; none where its terms give no schedule. */
export function billedDays(order: Fields, today: CalendarDate): readonly CalendarDate[] {
  if (!isContract(order)) return [];
  const schedule = dueInstalments(order, today);
  return "due" in schedule ? schedule.due.map(({ billedOn }) => billedOn) : [];
}

/** The periods whose day has come: held where the order's terms give no schedule. */
function dueInstalments(
  order: Fields,
  today: CalendarDate,
): { readonly due: readonly Instalment[]; readonly nextOn: CalendarDate | undefined } | Held {
  const terms = billingTermsOf(order);
  if (terms === undefined) return noSchedule;
  try {
    return instalmentsThrough(terms, today) ?? tooLong;
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.kind === "invalid-input") return noSchedule;
    throw cause;
  }
}

/** Of an order that is none, or no more, all but its own invoice is looked after here. */
export function deriveContract(contract: ContractToBill): ContractDerivation {
  const { order, invoices, today } = contract;
  const live = invoices.filter((invoice) => !isSuperseded(order, invoice));
  if (order.fields["status"] !== "won" || hasLeft(order)) {
    return { ...withdrawAll(notOwn(order, live)), issued: [] };
  }
  if (!isContract(order.fields)) return withdrawAll(notOwn(order, live));
  const gap = orderGaps(order.fields);
  if (gap !== undefined) return gap;
  const schedule = dueInstalments(order.fields, today);
  if (!("due" in schedule)) return schedule;
  const scheduled = new Set(
    schedule.due.flatMap(({ billedOn }) => instalmentIdsOf(order.canonicalId, billedOn)),
  );
  const offSchedule = withdrawAll(live.filter(({ canonicalId }) => !scheduled.has(canonicalId)));
  const billed = schedule.due.map((instalment) => billInstalment(contract, instalment));
  const held = billed.find((one) => one.kind === "held");
  if (held !== undefined) return held;
  return {
    kind: "invoices",
    invoices: [
      ...offSchedule.invoices,
      ...billed.flatMap((one) => (one.kind === "invoice" ? [one] : [])),
    ],
    issued: [
      ...offSchedule.issued,
      ...billed.flatMap((one) => (one.kind === "issued" ? [one] : [])),
    ],
    nextOn: schedule.nextOn,
  };
}

/** Of a contract its own invoice is one too many, which it gave while it was none. */
function notOwn(
  order: CrossReference,
  invoices: readonly CrossReference[],
): readonly CrossReference[] {
  if (isContract(order.fields)) return invoices;
  const own = new Set(ownInvoicesOf(order, invoices));
  return invoices.filter((invoice) => !own.has(invoice));
}

function billInstalment(
  contract: ContractToBill,
  instalment: Instalment,
): InvoiceDerivation | ({ readonly kind: "issued" } & IssuedInvoice) {
  const { order, termsDays, invoices } = contract;
  const byId = new Map(invoices.map((invoice) => [invoice.canonicalId, invoice]));
  const ids = instalmentIdsOf(order.canonicalId, instalment.billedOn);
  const canonicalId = ids.find((id) => {
    const invoice = byId.get(id);
    return invoice === undefined || !isSuperseded(order, invoice);
  });
  if (canonicalId === undefined) return rewonTooOften;
  const { number, customer, currency, exchangeRate, taxTreatment } = order.fields;
  const corrected = approvedOf(order).findLast(({ invoiceId }) => ids.includes(invoiceId));
  const issuedOn = laterOf(instalment.billedOn, corrected?.datedOn);
  const dueOn = dueByTerms(issuedOn, termsDays);
  if (dueOn === "unreadable") return noSchedule;
  const wanted: Fields = {
    ...customFieldsOf(order.fields),
    reference: referenceOf(number, ids.indexOf(canonicalId), instalment.billedOn),
    customer,
    order: { canonicalId: order.canonicalId },
    issuedOn,
    dueOn,
    currency,
    exchangeRate,
    taxTreatment,
    lines: linesOf(order.fields, instalment),
  };
  const existing = byId.get(canonicalId);
  if (existing !== undefined && !isDraft(existing)) {
    return { kind: "issued", invoice: existing, wanted };
  }
  return { kind: "invoice", canonicalId, fields: wanted };
}

/** Freight is no part of a period: it is billed once, with the first. */
function linesOf(order: Fields, instalment: Instalment) {
  return billedLines(order).flatMap((line) => {
    if (line.role !== "shipping") return [lineOfInstalment(line, instalment)];
    return instalment.number === 1 ? [line] : [];
  });
}

function isDraft({ fields: { status } }: CrossReference): boolean {
  return status === undefined || status === null || status === "draft";
}

/** What the terms do not ask for: drafts are taken back, and the rest is named. */
function withdrawAll(
  invoices: readonly CrossReference[],
): Extract<ContractDerivation, { readonly kind: "invoices" }> {
  return {
    kind: "invoices",
    invoices: invoices.filter(isDraft).map(withdrawalOf),
    issued: invoices.flatMap((one) => (isDraft(one) ? [] : [{ invoice: one, wanted: undefined }])),
    nextOn: undefined,
  };
}

function withdrawalOf({ canonicalId }: CrossReference) {
  return { canonicalId, fields: { status: "deleted" } };
}

const noSchedule: Held = {
  kind: "held",
  code: "contract-terms-unreadable",
  fix: "Correct the won deal's billing start and end; the invoices follow by themselves.",
};

const tooLong: Held = {
  kind: "held",
  code: "contract-too-long",
  fix: "Give the deal an earlier billing end, and the rest a deal of its own.",
};

const rewonTooOften: Held = {
  kind: "held",
  code: "order-rewon-too-often",
  fix: "Bill this period by hand in the books: its order was won and lost too often.",
};
