/**
 * When an order that is billed again and again, a contract, is billed, and which part of its lines each
 * time. Periods are counted from the first day, not from each other: of a month from 31 January the
 * next one begins on 28 or 29 February, and the one after it on 31 March.
 *
 * ```
 * starts on                                   ends on
 *   │◀── period 1 ──▶│◀── period 2 ──▶│◀─ cut ─▶│┄┄┄┄┄│
 * billed           billed           billed: the part of its days
 * ```
 */
import { limits } from "#shared/config/limits.ts";
import { addDays, addMonths, daysBetween } from "./calendar.ts";
import { divideRounded, formatDecimal, multiplyDecimals, parseDecimal } from "./decimal.ts";
import { isOneOf } from "./identifiers.ts";
import { allocate, formatMoney, type Money } from "./money.ts";
import {
  type BillingPeriod,
  billingPeriods,
  type CalendarDate,
  type DocumentLine,
  type Fields,
} from "./records.ts";

const monthsOf = {
  once: 0,
  monthly: 1,
  quarterly: 3,
  "half-yearly": 6,
  yearly: 12,
} as const satisfies Record<BillingPeriod, number>;

export interface BillingTerms {
  readonly startsOn: CalendarDate;
  /** The last day that is billed for; absent where the contract has no end. */
  readonly endsOn: CalendarDate | undefined;
  readonly periodMonths: number;
}

/** One period of a contract, billed on its first day. */
export interface Instalment {
  /** 1 for the first. */
  readonly number: number;
  readonly billedOn: CalendarDate;
  /** The last day that it is billed for. */
  readonly endsOn: CalendarDate;
  readonly days: number;
  /** More than `days` where the contract ends within the period. */
  readonly periodDays: number;
}

/** Billed more than once. */
export function isContract({ billingPeriod }: Fields): boolean {
  return isOneOf(billingPeriods, billingPeriod) && billingPeriod !== "once";
}

/** Undefined where nothing says when the billing begins, or it would end before. */
export function billingTermsOf(order: Fields): BillingTerms | undefined {
  const { billingPeriod, billingStartsOn, billingEndsOn, orderedOn } = order;
  const startsOn = typeof billingStartsOn === "string" ? billingStartsOn : orderedOn;
  const endsOn = typeof billingEndsOn === "string" ? billingEndsOn : undefined;
  if (!isOneOf(billingPeriods, billingPeriod) || typeof startsOn !== "string") return undefined;
  if (endsOn !== undefined && endsOn < startsOn) return undefined;
  return { startsOn, endsOn, periodMonths: monthsOf[billingPeriod] };
}

/** The period with this number; undefined past the contract's end. Throws as {@link addMonths} does. */
export function instalmentOf(terms: BillingTerms, number: number): Instalment | undefined {
  const { startsOn, endsOn: lastDay, periodMonths } = terms;
  const billedOn = addMonths(startsOn, (number - 1) * periodMonths);
  if (lastDay !== undefined && billedOn > lastDay) return undefined;
  const nextOn = addMonths(startsOn, number * periodMonths);
  const wholeEndsOn = addDays(nextOn, -1);
  const endsOn = lastDay !== undefined && lastDay < wholeEndsOn ? lastDay : wholeEndsOn;
  const days = daysBetween(billedOn, endsOn) + 1;
  return { number, billedOn, endsOn, days, periodDays: daysBetween(billedOn, nextOn) };
}

export interface DueInstalments {
  /** Those whose day has come. */
  readonly due: readonly Instalment[];
  /** When the next one is billed; undefined after the last. */
  readonly nextOn: CalendarDate | undefined;
}

/** As of `today`. Undefined where there are, or will be, more than `limits.instalmentsMax`. */
export function instalmentsThrough(
  terms: BillingTerms,
  today: CalendarDate,
): DueInstalments | undefined {
  const isTooLong =
    terms.endsOn !== undefined && instalmentOf(terms, limits.instalmentsMax + 1) !== undefined;
  if (isTooLong) return undefined;
  const due: Instalment[] = [];
  for (let number = 1; number <= limits.instalmentsMax + 1; number += 1) {
    const instalment = instalmentOf(terms, number);
    if (instalment === undefined) return { due, nextOn: undefined };
    if (instalment.billedOn > today) return { due, nextOn: instalment.billedOn };
    due.push(instalment);
  }
  return undefined;
}

/**
 * What an instalment bills of a line: all of it, or of a period that is cut short the part of its days.
 * What is billed and what is not add up to the line's amount, to the minor unit.
 */
export function lineOfInstalment(line: DocumentLine, instalment: Instalment): DocumentLine {
  const { days, periodDays } = instalment;
  if (days === periodDays) return line;
  const amount = splitByDays(line.amount, instalment).billed;
  const words = line.description ?? line.productCode;
  const part = `${days} of ${periodDays} days`;
  const unitCost = typeof line.unitCost === "string" ? costOfPart(line, instalment) : line.unitCost;
  return {
    ...line,
    description: words === null ? part : `${words} (${part})`,
    quantity: "1",
    unitPrice: formatMoney(amount),
    discountRate: "0",
    amount,
    ...(unitCost === undefined ? {} : { unitCost }),
  };
}

export function splitByDays(
  whole: Money,
  { days, periodDays }: Pick<Instalment, "days" | "periodDays">,
): { readonly billed: Money; readonly rest: Money } {
  const [billed = whole, rest = whole] = allocate(whole, [BigInt(days), BigInt(periodDays - days)]);
  return { billed, rest };
}

/** Digits behind the point of a cost that was cut with its period. */
const COST_DIGITS = 6;

function costOfPart(line: DocumentLine, { days, periodDays }: Instalment): string {
  const { units, scale } = multiplyDecimals(
    parseDecimal(line.quantity),
    parseDecimal(line.unitCost ?? "0"),
  );
  const dividend = units * BigInt(days) * 10n ** BigInt(COST_DIGITS);
  const divisor = BigInt(periodDays) * 10n ** BigInt(scale);
  return formatDecimal({
    units: divideRounded(dividend, divisor, "half-even"),
    scale: COST_DIGITS,
  });
}
