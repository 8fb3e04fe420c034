/**
 * A won order gives one draft invoice. The invoice's id is a function of the order's, so the
 * derivation makes it once however often it runs; its fields are recomputed, never incremented.
 */
import type { CrossReference } from "./cross-reference.ts";
import { canonicalIdOf } from "./fingerprint.ts";
import type { CanonicalId } from "./identifiers.ts";
import { addDays } from "./calendar.ts";
import { type CalendarDate, type Fields, isLines } from "./records.ts";
import { SyncError } from "./sync-error.ts";

export type InvoiceDerivation =
  | { readonly kind: "invoice"; readonly canonicalId: CanonicalId; readonly fields: Fields }
  /** Nothing is to be billed, or not yet. */
  | { readonly kind: "none" }
  /** It should be billed and cannot: somebody must complete the order. */
  | { readonly kind: "held"; readonly code: string; readonly fix: string };

/** Days to the due date where the customer has no terms of payment. */
const DEFAULT_TERMS_DAYS = 30;

export function invoiceIdOf(orderId: CanonicalId): CanonicalId {
  return canonicalIdOf("invoice", `order ${orderId}`);
}

/** `termsDays` are the customer's terms of payment, where known. */
export function deriveInvoice(
  order: CrossReference,
  termsDays: number | undefined,
): InvoiceDerivation {
  const { status, customer, lines, number, orderedOn, dueOn, currency } = order.fields;
  if (status !== "won") return { kind: "none" };
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
  const issuedOn = typeof orderedOn === "string" ? orderedOn : undefined;
  const due = typeof dueOn === "string" ? dueOn : dueByTerms(issuedOn, termsDays);
  if (due === "unreadable") {
    return {
      kind: "held",
      code: "order-due-date-unreadable",
      fix: "Correct the won deal's date or the customer's terms of payment; the invoice follows by itself.",
    };
  }
  return {
    kind: "invoice",
    canonicalId: invoiceIdOf(order.canonicalId),
    fields: {
      reference: number,
      customer,
      order: { canonicalId: order.canonicalId },
      issuedOn,
      dueOn: due,
      currency,
      lines,
    },
  };
}

function dueByTerms(
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
