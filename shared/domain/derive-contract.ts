/**
 * A won contract gives one draft invoice for each period, once its day has come. The id of each is a
 * function of the contract's id and that day; what was issued stays as it is, whatever the contract
 * says later.
 */
import {
  billingTermsOf,
  type Instalment,
  instalmentsThrough,
  isContract,
  lineOfInstalment,
} from "./billing-schedule.ts";
import type { CrossReference } from "./cross-reference.ts";
import {
  billedLines,
  customFieldsOf,
  dueByTerms,
  hasLeft,
  INVOICES_PER_ORDER_MAX,
  type InvoiceDerivation,
  invoiceIdOf,
  isWithdrawn,
  orderGaps,
} from "./derive-invoice.ts";
import { canonicalIdOf } from "./fingerprint.ts";
import type { CanonicalId } from "./identifiers.ts";
import { compare } from "./money.ts";
import { type CalendarDate, type Fields, isMoney } from "./records.ts";
import { SyncError } from "./sync-error.ts";

type Held = Extract<InvoiceDerivation, { readonly kind: "held" }>;

export type ContractDerivation =
  | {
      readonly kind: "invoices";
      readonly invoices: readonly { readonly canonicalId: CanonicalId; readonly fields: Fields }[];
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

/** The first one, or what follows after so many were withdrawn with the order. */
function instalmentIdOf(
  orderId: CanonicalId,
  billedOn: CalendarDate,
  withdrawnCount: number,
): CanonicalId {
  const origin = `order ${orderId} of ${billedOn}`;
  return canonicalIdOf(
    "invoice",
    withdrawnCount === 0 ? origin : `${origin} ${withdrawnCount + 1}`,
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

export function deriveContract(contract: ContractToBill): ContractDerivation {
  const { order, invoices, today } = contract;
  const live = invoices.filter((invoice) => !isWithdrawn(invoice));
  if (order.fields["status"] !== "won" || hasLeft(order)) return withdrawAll(live.filter(isDraft));
  if (!isContract(order.fields)) {
    const own = new Set(idsInTurn((count) => invoiceIdOf(order.canonicalId, count)));
    return withdrawAll(live.filter((one) => isDraft(one) && !own.has(one.canonicalId)));
  }
  const gap = orderGaps(order.fields);
  if (gap !== undefined) return gap;
  const schedule = dueInstalments(order.fields, today);
  if (!("due" in schedule)) return schedule;
  const scheduled = new Set(
    schedule.due.flatMap(({ billedOn }) => instalmentIdsOf(order.canonicalId, billedOn)),
  );
  const offSchedule = live.filter(({ canonicalId }) => !scheduled.has(canonicalId));
  if (offSchedule.some((invoice) => !isDraft(invoice) && isClaim(invoice))) return changed;
  const made = schedule.due.map((instalment) => invoiceOf(contract, instalment));
  const held = made.find((one) => one.kind === "held");
  if (held !== undefined) return held;
  return {
    kind: "invoices",
    invoices: [
      ...offSchedule.filter(isDraft).map(withdrawalOf),
      ...made.flatMap((one) => (one.kind === "invoice" ? [one] : [])),
    ],
    nextOn: schedule.nextOn,
  };
}

function invoiceOf(contract: ContractToBill, instalment: Instalment): InvoiceDerivation {
  const { order, termsDays, invoices } = contract;
  const byId = new Map(invoices.map((invoice) => [invoice.canonicalId, invoice]));
  const canonicalId = instalmentIdsOf(order.canonicalId, instalment.billedOn).find((id) => {
    const invoice = byId.get(id);
    return invoice === undefined || !isWithdrawn(invoice);
  });
  if (canonicalId === undefined) return rewonTooOften;
  const existing = byId.get(canonicalId);
  if (existing !== undefined && !isDraft(existing)) return { kind: "none" };
  const { number, customer, currency, exchangeRate, taxTreatment } = order.fields;
  const dueOn = dueByTerms(instalment.billedOn, termsDays);
  if (dueOn === "unreadable") return noSchedule;
  return {
    kind: "invoice",
    canonicalId,
    fields: {
      ...customFieldsOf(order.fields),
      reference: typeof number === "string" ? referenceOf(number, instalment) : number,
      customer,
      order: { canonicalId: order.canonicalId },
      issuedOn: instalment.billedOn,
      dueOn,
      currency,
      exchangeRate,
      taxTreatment,
      lines: linesOf(order.fields, instalment),
    },
  };
}

/** `SO-17/003`. */
function referenceOf(number: string, instalment: Instalment): string {
  return `${number}/${String(instalment.number).padStart(3, "0")}`;
}

/** Freight is no part of a period: it is billed once, with the first. */
function linesOf(order: Fields, instalment: Instalment) {
  return billedLines(order).flatMap((line) => {
    if (line.role !== "shipping") return [lineOfInstalment(line, instalment)];
    return instalment.number === 1 ? [line] : [];
  });
}

function idsInTurn(idOf: (withdrawnCount: number) => CanonicalId): CanonicalId[] {
  return Array.from({ length: INVOICES_PER_ORDER_MAX }, (_, count) => idOf(count));
}

function isDraft({ fields: { status } }: CrossReference): boolean {
  return status === undefined || status === null || status === "draft";
}

/** Neither void nor credited in full. */
function isClaim({ fields }: CrossReference): boolean {
  const { status, total, amountCredited } = fields;
  if (status === "void" || status === "deleted") return false;
  return !(isMoney(total) && isMoney(amountCredited) && compare(amountCredited, total) >= 0);
}

function withdrawAll(drafts: readonly CrossReference[]): ContractDerivation {
  return { kind: "invoices", invoices: drafts.map(withdrawalOf), nextOn: undefined };
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

const changed: Held = {
  kind: "held",
  code: "contract-billed-otherwise",
  fix: "Set the deal's billing terms back, or credit the invoice that does not follow from them.",
};

const rewonTooOften: Held = {
  kind: "held",
  code: "order-rewon-too-often",
  fix: "Bill this period by hand in the books: its order was won and lost too often.",
};
