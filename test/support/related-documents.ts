/** Documents as roll-ups see them, with fixed defaults. */
import { money } from "#shared/domain/money.ts";
import type {
  RelatedCreditNote,
  RelatedInvoice,
  RelatedPayment,
} from "#shared/domain/related-document.ts";

/** Issued and unpaid: 100.00 and 20.00 of tax, of which nothing is known of the cost. */
export function aRelatedInvoice(overrides: Partial<RelatedInvoice> = {}): RelatedInvoice {
  return {
    kind: "invoice",
    canonicalId: "invoice-1",
    revision: 1,
    number: "INV-1",
    status: "issued",
    dueOn: "2026-12-01",
    total: money(12_000n, "EUR"),
    tax: money(2_000n, "EUR"),
    amountPaid: money(0n, "EUR"),
    amountCredited: money(0n, "EUR"),
    amountWrittenOff: money(0n, "EUR"),
    amountDue: money(12_000n, "EUR"),
    costOfSales: null,
    ...overrides,
  };
}

/** Issued and used for nothing yet: 50.00 and 10.00 of tax. */
export function aRelatedCreditNote(overrides: Partial<RelatedCreditNote> = {}): RelatedCreditNote {
  return {
    kind: "credit-note",
    canonicalId: "creditNote-1",
    revision: 1,
    number: "CN-1",
    status: "issued",
    total: money(6_000n, "EUR"),
    tax: money(1_000n, "EUR"),
    amountUsed: money(0n, "EUR"),
    amountOpen: money(6_000n, "EUR"),
    costOfSales: null,
    ...overrides,
  };
}

export function aRelatedPayment(overrides: Partial<RelatedPayment> = {}): RelatedPayment {
  return {
    kind: "payment",
    canonicalId: "payment-1",
    revision: 1,
    paymentKind: "receipt",
    isSettled: true,
    paidOn: "2026-11-10",
    amount: money(12_000n, "EUR"),
    amountOpen: null,
    ...overrides,
  };
}
