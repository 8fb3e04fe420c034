/**
 * What credit notes, prepayments and overpayments have in common: each holds credit that is allocated to
 * invoices or paid back, and counts as paid once nothing of it remains.
 */
import { MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import { datePair } from "./document-view.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import type { Books } from "./organisation.ts";
import type {
  AllocationRecord,
  CreditKey,
  CreditKind,
  CreditNoteRecord,
  CreditRecord,
  InvoiceRecord,
  OverpaymentRecord,
  PrepaymentRecord,
} from "./records.ts";
import type { Table } from "./table.ts";
import { wireDate } from "./wire-dates.ts";

/** As Xero's refusals call them. */
export const CREDIT_NOUNS: Readonly<Record<CreditKind, string>> = {
  CreditNote: "Credit Note",
  Prepayment: "Prepayment",
  Overpayment: "Overpayment",
};

export type Credit = CreditNoteRecord | PrepaymentRecord | OverpaymentRecord;

export function creditOf({ store }: Books, { kind, id }: CreditKey): Credit | undefined {
  switch (kind) {
    case "CreditNote":
      return store.creditNotes.get(id);
    case "Prepayment":
      return store.prepayments.get(id);
    case "Overpayment":
      return store.overpayments.get(id);
  }
}

export function creditId(credit: Credit): string {
  if ("CreditNoteID" in credit) return credit.CreditNoteID;
  return "PrepaymentID" in credit ? credit.PrepaymentID : credit.OverpaymentID;
}

/** What people call it by: its number, or what it is. */
export function creditName(credit: Credit | undefined): string {
  if (credit === undefined) return "";
  if ("CreditNoteNumber" in credit) return credit.CreditNoteNumber;
  return "PrepaymentID" in credit ? "Prepayment" : "Overpayment";
}

/** The invoices such a credit can settle. */
export function invoiceTypeOf(credit: CreditRecord): InvoiceRecord["Type"] {
  return credit.Type === "ACCPAYCREDIT" ? "ACCPAY" : "ACCREC";
}

/** Whether some of it was allocated or paid back, or there was never anything in it. */
export function isSpent(credit: CreditRecord): boolean {
  return credit.Status === "PAID" || credit.RemainingCredit !== credit.Total;
}

/**
 * Takes `amount` cents of what remains of an approved credit, or gives them back where it is negative.
 * `date` is when the last of it went.
 */
export function spendCredit(
  { store }: Books,
  credit: CreditKey,
  amount: bigint,
  date: string,
): void {
  const spent = <T extends CreditRecord>(table: Table<T>): T => {
    const record = table.get(credit.id);
    if (record === undefined) throw new Error(`There is no ${credit.kind} ${credit.id}`);
    const remaining = scaled(record.RemainingCredit, MONEY_SCALE) - amount;
    const changed: T = {
      ...record,
      RemainingCredit: textOf(remaining, MONEY_SCALE),
      Status: remaining === 0n ? "PAID" : "AUTHORISED",
      FullyPaidOnDate: remaining === 0n ? date : "",
      UpdatedDateUTC: store.now,
    };
    table.put(changed);
    return changed;
  };
  if (credit.kind === "CreditNote") announceCreditNote(store, spent(store.creditNotes), "UPDATE");
  else if (credit.kind === "Prepayment") spent(store.prepayments);
  else spent(store.overpayments);
}

export function announceCreditNote(
  store: Books["store"],
  { CreditNoteID, Status, Type }: CreditNoteRecord,
  change: "CREATE" | "UPDATE",
): void {
  store.announce("CREDITNOTE", change, CreditNoteID, { Type, Status });
}

/** The credits that stand on an invoice, oldest first: each once, with all that was applied of it. */
export function appliedCredits(
  books: Books,
  invoice: InvoiceRecord,
  kind: CreditKind,
): readonly Wire[] {
  const amounts = new Map<string, bigint>();
  for (const { credit, Amount } of books.store.allocations.by("invoice", invoice.InvoiceID)) {
    if (credit.kind !== kind) continue;
    amounts.set(credit.id, (amounts.get(credit.id) ?? 0n) + scaled(Amount, MONEY_SCALE));
  }
  return [...amounts].map(([id, amount]) => appliedView(books, { kind, id }, amount));
}

function appliedView(books: Books, key: CreditKey, amount: bigint): Wire {
  const credit = creditOf(books, key);
  if (credit === undefined) throw new Error(`There is no ${key.kind} ${key.id}`);
  return {
    ...creditNaming(key),
    ...("CreditNoteNumber" in credit ? { CreditNoteNumber: credit.CreditNoteNumber } : {}),
    HasErrors: false,
    AppliedAmount: exact(textOf(amount, MONEY_SCALE)),
    CurrencyRate: exact(credit.CurrencyRate),
    ...datePair("Date", credit.Date),
    LineItems: [],
    Total: exact(credit.Total),
  };
}

/** How a credit names itself, in documents that hold it. */
export function creditNaming({ kind, id }: CreditKey): Wire {
  return { [`${kind}ID`]: id, ID: id };
}

/** The allocations of a credit, as the credit itself lists them. */
export function allocationViews(books: Books, creditId: string): readonly Wire[] {
  return books.store.allocations
    .by("credit", creditId)
    .map((allocation) => allocationView(books, allocation));
}

/** An allocation alone, as the answer to its making: it names its credit too. */
export function allocationAnswer(books: Books, allocation: AllocationRecord): Wire {
  const { credit } = allocation;
  return {
    ...allocationView(books, allocation),
    [credit.kind]: { ...creditNaming(credit), LineItems: [] },
  };
}

function allocationView(books: Books, allocation: AllocationRecord): Wire {
  const { AllocationID, Amount, InvoiceID } = allocation;
  return {
    AllocationID,
    Amount: exact(Amount),
    Date: wireDate(allocation.Date),
    Invoice: {
      InvoiceID,
      InvoiceNumber: books.store.invoices.get(InvoiceID)?.InvoiceNumber ?? "",
      Payments: [],
      CreditNotes: [],
      Prepayments: [],
      Overpayments: [],
      HasErrors: false,
      IsDiscounted: false,
      LineItems: [],
      ValidationErrors: [],
    },
    ValidationErrors: [],
  };
}
