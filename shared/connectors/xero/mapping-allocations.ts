/**
 * How documents of Xero were settled: from the lists that an invoice shows of what was used for it,
 * and that a credit note, prepayment or overpayment shows of what it was used for.
 */
import { add, sum, type Money } from "#shared/domain/money.ts";
import type { Allocation, AllocationKind, FieldValue } from "#shared/domain/records.ts";
import type { Books } from "./books.ts";
import { hasEnded } from "./mapping-document.ts";
import type { RawCredit, RawInvoice, RawSettlement } from "./schema.ts";
import { dateOf, decimalOf, moneyOf, textOf, unreadable } from "./wire.ts";

/**
 * What was used for an invoice. In an answer in full a list that is left out is empty; `undefined`
 * where the customer kept back a part for the tax office (CISDeduction), which is in none of the
 * lists. Throws SyncError `invalid-input` where an entry has no id or no amount.
 */
export function allocationsOnInvoice(
  raw: RawInvoice,
  currency: string,
  { writeOffs }: Books,
): readonly Allocation[] | undefined {
  const keptBack = decimalOf(raw.CISDeduction, "CISDeduction") ?? "0";
  if (keptBack !== "0") return undefined;
  const target = raw.InvoiceID;
  const used = (
    name: "CreditNotes" | "Prepayments" | "Overpayments",
    kind: AllocationKind,
    idOf: (entry: RawSettlement) => string | null | undefined,
  ): Allocation[] =>
    (raw[name] ?? []).map((entry, index) => {
      const path = `${name}[${index}]`;
      return {
        kind,
        source: idFrom(idOf(entry), path),
        target,
        amount: amountFrom(entry.AppliedAmount, currency, `${path}.AppliedAmount`),
        // The date that stands here is the document's own, not that of its use.
        allocatedOn: null,
      };
    });
  return [
    ...paymentsOn(raw.Payments, target, currency).map((one) =>
      writeOffs.has(one.source) ? { ...one, kind: "write-off" as const } : one,
    ),
    ...used("CreditNotes", "credit-note", ({ CreditNoteID }) => CreditNoteID),
    ...used("Prepayments", "deposit", ({ PrepaymentID }) => PrepaymentID),
    ...used("Overpayments", "overpayment", ({ OverpaymentID }) => OverpaymentID),
  ].filter(isSomething);
}

/** What a credit was used for: parts of it for invoices, and money that went back to the customer. */
export function allocationsOfCredit(
  raw: RawCredit,
  source: string,
  kind: Exclude<AllocationKind, "payment" | "write-off">,
  currency: string,
): readonly Allocation[] {
  const uses = (raw.Allocations ?? []).flatMap((entry, index) => {
    if (entry.IsDeleted === true) return [];
    const path = `Allocations[${index}]`;
    return {
      kind,
      source,
      target: idFrom(entry.Invoice?.InvoiceID, `${path}.Invoice`),
      amount: amountFrom(entry.Amount, currency, `${path}.Amount`),
      allocatedOn: dateOf(entry.Date, `${path}.Date`, "whole") ?? null,
    };
  });
  return [...uses, ...paymentsOn(raw.Payments, source, currency)].filter(isSomething);
}

/**
 * Throws SyncError `invalid-input` (`allocations-unbalanced`) where an answer that shows all of it
 * does not add up: the total is what was allocated and what is open. Of a document that has ended
 * nothing is open, whatever its total says.
 */
export function checkBalanced(
  shown: {
    readonly status: FieldValue | undefined;
    readonly total: Money | undefined;
    readonly allocations: readonly Allocation[] | undefined;
    readonly open: Money | undefined;
  },
  field: string,
): void {
  const { status, total, allocations, open } = shown;
  if (hasEnded(status) || !total || !open || !allocations) return;
  const allocated = sum(
    allocations.map(({ amount }) => amount),
    total.currency,
  );
  if (add(allocated, open).minor !== total.minor) {
    throw unreadable("allocations-unbalanced", field);
  }
}

/** A deleted payment is left out by Xero, or marked. */
function paymentsOn(
  payments: readonly RawSettlement[] | null | undefined,
  target: string,
  currency: string,
): Allocation[] {
  return (payments ?? []).flatMap((entry, index) => {
    if (entry.Status === "DELETED") return [];
    const path = `Payments[${index}]`;
    return {
      kind: "payment" as const,
      source: idFrom(entry.PaymentID, path),
      target,
      amount: amountFrom(entry.Amount, currency, `${path}.Amount`),
      allocatedOn: dateOf(entry.Date, `${path}.Date`, "whole") ?? null,
    };
  });
}

/** What was taken back may still stand there, with nothing in it. */
function isSomething({ amount }: Allocation): boolean {
  return amount.minor !== 0n;
}

function idFrom(id: string | null | undefined, field: string): string {
  const text = textOf(id, "whole");
  if (typeof text !== "string") throw unreadable("record-unreadable", field);
  return text;
}

function amountFrom(value: string | null | undefined, currency: string, field: string): Money {
  const amount = moneyOf(value, currency, field);
  if (amount === undefined) throw unreadable("amount-missing", field);
  return amount;
}
