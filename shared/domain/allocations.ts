/**
 * How documents are settled: many to many, as the books show it. After every step a document's whole
 * is the sum of what was allocated to it, or from it, and of what is open; that is checked, never made
 * true.
 */
import type { RecordType } from "./identifiers.ts";
import { add, compare, type Money, subtract, sum, zero } from "./money.ts";
import { type Allocation, type Fields, isAllocations, isMoney } from "./records.ts";

/** The whole and the open part, of the types that have allocations. */
const settledFields = {
  invoice: { whole: "total", open: "amountDue" },
  creditNote: { whole: "total", open: "amountOpen" },
  payment: { whole: "amount", open: "amountOpen" },
} as const satisfies Partial<Record<RecordType, { whole: string; open: string }>>;

export type SettledType = keyof typeof settledFields;

/** Statuses of a record that counts no more, and of which the books may keep the amounts. */
const overStatuses: ReadonlySet<unknown> = new Set(["void", "deleted"]);

/**
 * What is missing between a document's whole and the sum of its allocations and its open part: zero
 * where all is right. Undefined where the document is void or deleted, or does not show all three.
 */
export function imbalanceOf(recordType: SettledType, fields: Fields): Money | undefined {
  const names = settledFields[recordType];
  const { allocations, status } = fields;
  const [whole, open] = [fields[names.whole], fields[names.open]];
  if (overStatuses.has(status) || !isAllocations(allocations)) return undefined;
  if (!isMoney(whole) || !isMoney(open)) return undefined;
  return subtract(subtract(whole, allocatedSum(allocations, whole)), open);
}

/** The sum of the allocations of these kinds; of all kinds where none is named. */
export function allocatedSum(
  allocations: readonly Allocation[],
  { currency }: Pick<Money, "currency">,
  ...kinds: readonly Allocation["kind"][]
): Money {
  const counted = allocations.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  return sum(
    counted.map(({ amount }) => amount),
    currency,
  );
}

export interface Settlement {
  /** Money, whenever it came in: payments, deposits and overpayments. */
  readonly paid: Money;
  /** What credit notes took off. */
  readonly credited: Money;
  /** What was booked as a loss. */
  readonly writtenOff: Money;
}

/**
 * What an invoice was settled by. Books count a used deposit as credited and a loss as paid; the
 * allocations tell them from a credit note and from money. Where they are not shown, or tell of more
 * than was credited or paid, the books' two sums stand.
 */
export function settlementOf(
  { amountPaid, amountCredited, allocations }: Fields,
  total: Money,
): Settlement {
  const none = zero(total.currency);
  const paid = isMoney(amountPaid) ? amountPaid : none;
  const credited = isMoney(amountCredited) ? amountCredited : none;
  if (!isAllocations(allocations)) return { paid, credited, writtenOff: none };
  const byNotes = allocatedSum(allocations, total, "credit-note");
  const writtenOff = allocatedSum(allocations, total, "write-off");
  const isMore = compare(byNotes, credited) > 0 || compare(writtenOff, paid) > 0;
  if (isMore) return { paid, credited, writtenOff: none };
  const received = add(subtract(paid, writtenOff), subtract(credited, byNotes));
  return { paid: received, credited: byNotes, writtenOff };
}
