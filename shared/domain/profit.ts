/** What documents brought in, what that cost, and what is left: never a guess where a cost is unknown. */
import { ratioText } from "./decimal.ts";
import { add, type CurrencyCode, type Money, subtract, zero } from "./money.ts";

/** One document: of a credit note both are below zero. */
export interface Earning {
  /** Without tax. */
  readonly revenue: Money;
  /** Null where it is not known. */
  readonly costOfSales: Money | null;
}

export interface Profit {
  readonly revenue: Money;
  /** Of the documents whose cost is known; null where it is known of none. */
  readonly costOfSales: Money | null;
  /** Revenue of the documents whose cost is known, less that cost. */
  readonly grossProfit: Money | null;
  /** Gross profit by the revenue it is made of; null where that revenue is zero. */
  readonly marginRate: string | null;
  /**
   * The part of the revenue whose cost is known, each document by its size, so that a credit note does
   * not hide an invoice. Null where nothing was billed.
   */
  readonly costCoverageRate: string | null;
}

/** Digits of a rate: a hundredth of a per cent. */
const RATE_DIGITS = 4;

/** Of documents in one currency. */
export function profitOf(earnings: readonly Earning[], currency: CurrencyCode): Profit {
  let [revenue, covered, cost] = [zero(currency), zero(currency), zero(currency)];
  let [size, coveredSize] = [0n, 0n];
  let isCostKnown = false;
  for (const earning of earnings) {
    revenue = add(revenue, earning.revenue);
    size += sizeOf(earning.revenue);
    if (earning.costOfSales === null) continue;
    isCostKnown = true;
    covered = add(covered, earning.revenue);
    coveredSize += sizeOf(earning.revenue);
    cost = add(cost, earning.costOfSales);
  }
  const grossProfit = subtract(covered, cost);
  return {
    revenue,
    costOfSales: isCostKnown ? cost : null,
    grossProfit: isCostKnown ? grossProfit : null,
    marginRate: isCostKnown ? rate(grossProfit.minor, covered.minor, "half-even") : null,
    // Cut, not rounded: one tells that every cost is known.
    costCoverageRate: rate(coveredSize, size, "down"),
  };
}

function rate(part: bigint, whole: bigint, mode: "half-even" | "down"): string | null {
  return whole === 0n ? null : ratioText(part, whole, RATE_DIGITS, mode);
}

function sizeOf({ minor }: Money): bigint {
  return minor < 0n ? -minor : minor;
}
