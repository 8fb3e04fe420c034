/**
 * A won order gives one draft invoice. The invoice's id is a function of the order's, so the
 * derivation makes it once however often it runs; its fields are recomputed, never incremented.
 * Taxes are named, never worked out: their amounts are the books'.
 */

import { addDays } from "./calendar.ts";
import { approvedOf, isTakenBack } from "./correction.ts";
import type { CrossReference } from "./cross-reference.ts";
import { customNamesIn } from "./custom-field.ts";
import { referenceOf } from "./document-reference.ts";
import { canonicalIdOf } from "./fingerprint.ts";
import { derivedBy } from "./flow.ts";
import type { CanonicalId } from "./identifiers.ts";
import { formatMoney } from "./money.ts";
import {
  type CalendarDate,
  type DocumentLine,
  type Fields,
  fieldKindOf,
  isLines,
  isMoney,
} from "./records.ts";
import { SyncError } from "./sync-error.ts";

export type InvoiceDerivation =
  | { readonly kind: "invoice"; readonly canonicalId: CanonicalId; readonly fields: Fields }
  /** Nothing is to be billed, or not yet. */
  | { readonly kind: "none" }
  /** A person must do something: complete the order, or correct its invoice in the books. */
  | { readonly kind: "held"; readonly code: string; readonly fix: string };

/** Why an order may be held whose invoice was issued. */
export const disputedCodes: ReadonlySet<string> = new Set([
  "order-gone-but-billed",
  "contract-billed-otherwise",
  "correction-proposed",
  "correction-by-hand",
  "invoice-awaits-approval",
]);

/** Why an order may be held; only its derivation lets it go again. */
export const heldCodes: ReadonlySet<string> = new Set([
  "order-rewon-too-often",
  "order-has-no-customer",
  "order-has-no-lines",
  "order-due-date-unreadable",
  "contract-terms-unreadable",
  "contract-too-long",
  ...disputedCodes,
]);

/** Days to the due date where the customer has no terms of payment. */
const DEFAULT_TERMS_DAYS = 30;

/** An order that is won, lost and won again, over and over, is billed this many times at the most. */
export const INVOICES_PER_ORDER_MAX = 10;

/** The order's first invoice, or the one that follows after so many were withdrawn or taken back. */
export function invoiceIdOf(orderId: CanonicalId, withdrawnCount = 0): CanonicalId {
  const origin = `order ${orderId}`;
  return canonicalIdOf(
    "invoice",
    withdrawnCount === 0 ? origin : `${origin} ${withdrawnCount + 1}`,
  );
}

/** All ids that one invoice and those that follow it may have, in the order they are used. */
export function idsInTurn(idOf: (supersededCount: number) => CanonicalId): CanonicalId[] {
  return Array.from({ length: INVOICES_PER_ORDER_MAX }, (_, count) => idOf(count));
}

/** The order's own invoices among these, the oldest first: not those of a contract's periods. */
export function ownInvoicesOf(
  order: CrossReference,
  invoices: readonly CrossReference[],
): CrossReference[] {
  const byId = new Map(invoices.map((invoice) => [invoice.canonicalId, invoice]));
  const ids = idsInTurn((count) => invoiceIdOf(order.canonicalId, count));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Whether another invoice follows it: we withdrew it, or a correction takes it back. */
export function isSuperseded(order: CrossReference, invoice: CrossReference): boolean {
  return isWithdrawn(invoice) || isTakenBack(order, invoice.canonicalId);
}

/** Whether it was us who withdrew the invoice, as its order was lost; what the books ended stays. */
function isWithdrawn(invoice: CrossReference): boolean {
  return invoice.fields["status"] === "deleted" && invoice.sources["status"]?.by === derivedBy;
}

/**
 * `termsDays` are the customer's terms of payment, where known; `invoices` the order's, as far as
 * they exist, the oldest first: all but the last were withdrawn or taken back.
 */
export function deriveInvoice(
  order: CrossReference,
  termsDays: number | undefined,
  invoices: readonly CrossReference[] = [],
): InvoiceDerivation {
  const { status, customer, number, currency } = order.fields;
  const { taxTreatment, exchangeRate } = order.fields;
  const current = currentInvoiceOf(order, invoices);
  if (status !== "won" || hasLeft(order)) return withdraw(current);
  if (current === undefined && invoices.length >= INVOICES_PER_ORDER_MAX) {
    return {
      kind: "held",
      code: "order-rewon-too-often",
      fix: "Bill this order by hand in the books: it was won and lost too often.",
    };
  }
  const gap = orderGaps(order.fields);
  if (gap !== undefined) return gap;
  const earlierCount = current === undefined ? invoices.length : invoices.indexOf(current);
  const dates = datesOf(order, termsDays);
  if (dates === "unreadable") {
    return {
      kind: "held",
      code: "order-due-date-unreadable",
      fix: "Correct the won deal's date or the customer's terms of payment; the invoice follows by itself.",
    };
  }
  return {
    kind: "invoice",
    canonicalId: current?.canonicalId ?? invoiceIdOf(order.canonicalId, earlierCount),
    fields: {
      ...customFieldsOf(order.fields),
      reference: referenceOf(number, earlierCount),
      customer,
      order: { canonicalId: order.canonicalId },
      ...dates,
      currency,
      exchangeRate,
      taxTreatment,
      lines: billedLines(order.fields),
    },
  };
}

/** What an order lacks to be billed. */
export function orderGaps(
  order: Fields,
): Extract<InvoiceDerivation, { readonly kind: "held" }> | undefined {
  const { customer, lines } = order;
  if (customer === undefined || customer === null) {
    return {
      kind: "held",
      code: "order-has-no-customer",
      fix: "Associate the won deal with a company; the invoice follows by itself.",
    };
  }
  if (!isLines(lines) || lines.length === 0) {
    return {
      kind: "held",
      code: "order-has-no-lines",
      fix: "Add line items to the won deal; the invoice follows by itself.",
    };
  }
  return undefined;
}

/** An order's lines as its invoice bills them: freight is one of them, books have no other place for it. */
export function billedLines(order: Fields): readonly DocumentLine[] {
  return isLines(order["lines"]) ? [...order["lines"], ...shippingLines(order)] : [];
}

/** The one that bills the order: neither withdrawn nor taken back. */
export function currentInvoiceOf(
  order: CrossReference,
  invoices: readonly CrossReference[],
): CrossReference | undefined {
  return invoices.find((invoice) => !isSuperseded(order, invoice));
}

/** One that bills anew what a correction took back is of the correction's date at the earliest. */
function datesOf(
  order: CrossReference,
  termsDays: number | undefined,
): { issuedOn: CalendarDate | undefined; dueOn: CalendarDate | undefined } | "unreadable" {
  const { orderedOn, dueOn } = order.fields;
  const { datedOn } = approvedOf(order).at(-1) ?? {};
  const ordered = typeof orderedOn === "string" ? orderedOn : undefined;
  const issuedOn = laterOf(ordered, datedOn);
  const isDue = typeof dueOn === "string" && !(issuedOn !== ordered && dueOn < (issuedOn ?? ""));
  const due = isDue ? dueOn : dueByTerms(issuedOn, termsDays);
  return due === "unreadable" ? due : { issuedOn, dueOn: due };
}

/** What bills anew is dated as the correction was that asks for it, where that is later. */
export function laterOf(
  day: CalendarDate | undefined,
  datedOn: CalendarDate | undefined,
): CalendarDate | undefined {
  return datedOn !== undefined && (day ?? "") < datedOn ? datedOn : day;
}

function shippingLines({ shipping }: Fields): readonly DocumentLine[] {
  if (!isMoney(shipping) || shipping.minor === 0n) return [];
  return [
    {
      product: null,
      productCode: null,
      description: "Shipping",
      quantity: "1",
      unitPrice: formatMoney(shipping),
      discountRate: "0",
      amount: shipping,
      role: "shipping",
    },
  ];
}

/** Fields that a company added: an invoice takes those that it has under the same name. */
export function customFieldsOf(fields: Fields): Fields {
  return Object.fromEntries(
    customNamesIn("order", fields)
      .filter((name) => fieldKindOf("invoice", name) === undefined)
      .map((name) => [name, fields[name]]),
  );
}

/** The order's record was archived, deleted or merged away where it came from. */
export function hasLeft(order: CrossReference): boolean {
  return Object.values(order.sides).some(
    ({ state, ended }) => state === "tombstoned" && ended?.by !== derivedBy,
  );
}

/** What becomes of the invoice of an order that is won no more: only a draft is taken back. */
function withdraw(invoice: CrossReference | undefined): InvoiceDerivation {
  if (invoice === undefined) return { kind: "none" };
  switch (invoice.fields["status"]) {
    case undefined:
    case null:
    case "draft":
      return withdrawal(invoice);
    case "void":
    case "deleted":
      return { kind: "none" };
    default:
      return {
        kind: "held",
        code: "order-gone-but-billed",
        fix: "Credit or void the invoice in the books, or win the order again.",
      };
  }
}

function withdrawal({ canonicalId }: CrossReference): InvoiceDerivation {
  return { kind: "invoice", canonicalId, fields: { status: "deleted" } };
}

/** Undefined where nothing says when it was issued. */
export function dueByTerms(
  issuedOn: CalendarDate | undefined,
  termsDays: number = DEFAULT_TERMS_DAYS,
): CalendarDate | "unreadable" | undefined {
  if (issuedOn === undefined) return undefined;
  try {
    return addDays(issuedOn, termsDays);
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.kind === "invalid-input") return "unreadable";
    throw cause;
  }
}
