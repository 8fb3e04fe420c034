/**
 * The references of the documents that an order gives. No two of a kind bear the same: by it a document
 * is found again in the books whose making was never answered, and one that stands already must not be
 * taken for it.
 *
 * | | |
 * |---|---|
 * | `SO-17` | the invoice of an order, the credit note of its first correction |
 * | `SO-17/002` | what followed it |
 * | `SO-17/2026-03-31` | the invoice of the period of a contract that is billed on that day |
 * | `SO-17/2026-03-31/002` | what followed that one |
 */
import type { CalendarDate, FieldValue } from "./records.ts";

/** Blank for an order without a number: the books are not asked to take such a document. */
export function referenceOf(
  orderNumber: FieldValue | undefined,
  earlierCount: number,
  billedOn?: CalendarDate,
): FieldValue {
  if (typeof orderNumber !== "string") return orderNumber ?? null;
  const period = billedOn === undefined ? "" : `/${billedOn}`;
  const turn = earlierCount === 0 ? "" : `/${String(earlierCount + 1).padStart(3, "0")}`;
  return `${orderNumber}${period}${turn}`;
}

const ONE_OF_SEVERAL = /^(.+?)(?:\/\d{4}-\d{2}-\d{2}(?:\/\d{3})?|\/\d{3,})$/;

/** The order's number where the reference has more than that; an order may itself be numbered so. */
export function orderNumberIn(reference: string): string | undefined {
  return ONE_OF_SEVERAL.exec(reference)?.[1];
}
