/** How the cells of a file are written, as its profile declares it. What is not declared is refused. */
import type { CurrencyCode } from "./money.ts";

export const decimalSigns = [".", ","] as const;
type DecimalSign = (typeof decimalSigns)[number];

/** `space` is any of the spaces that are written there, `apostrophe` the straight and the curly one. */
export const thousandsSigns = [",", ".", "space", "apostrophe"] as const;
export type ThousandsSign = (typeof thousandsSigns)[number];

/** `indian`: three digits, then pairs: `12,34,567`. */
export const groupings = ["thousands", "indian"] as const;

/**
 * Forms of a negative number beside the hyphen before it: `5-`, `(5)`, `−5` (U+2212), `5 CR`, `5 DR`. Of
 * the last two the other one then says that the number is positive.
 */
export const negativeForms = [
  "trailing-minus",
  "parentheses",
  "minus-sign",
  "credit",
  "debit",
] as const;
export type NegativeForm = (typeof negativeForms)[number];

/** Which of day, month and year comes first, second and last. */
export const dateOrders = ["ymd", "dmy", "mdy"] as const;
export type DateOrder = (typeof dateOrders)[number];

/** `chinese`: `2026年11月27日`; `compact`: `20261127`; `month-name`: `27 Nov 2026`, `Nov 27, 2026`. */
export const dateForms = ["chinese", "compact", "month-name"] as const;
export type DateForm = (typeof dateForms)[number];

/** `sign`: `5%`, while `0.05` is five per cent still; `points`: `5` and `5%` are both five per cent. */
export const percentForms = ["sign", "points"] as const;
type PercentForm = (typeof percentForms)[number];

export interface CellFormats {
  /** Absent: a point. */
  readonly decimalSign?: DecimalSign | undefined;
  /** Absent: none. A number may also be written without. */
  readonly thousandsSign?: ThousandsSign | undefined;
  /** Absent: `thousands`. */
  readonly grouping?: (typeof groupings)[number] | undefined;
  readonly negatives?: readonly NegativeForm[] | undefined;
  /** Digits and signs of numbers and dates as wide as Chinese characters. */
  readonly wideForms?: boolean | undefined;
  /**
   * Numbers may bear a sign or code of their currency, `€ 5` or `5 EUR`: of the row's, or where rows
   * show none of this one. One of another currency is refused.
   */
  readonly currencySigns?: "row" | CurrencyCode | undefined;
  /** Of fractions. */
  readonly percent?: PercentForm | undefined;
  /** Order of dates with `/`, `.`, `-` or a space between; a year in front says its order by itself. */
  readonly dateOrder?: DateOrder | undefined;
  readonly dateForms?: readonly DateForm[] | undefined;
  /** The first of the hundred years that a year of two digits is of: `1970` has `69` be 2069. */
  readonly twoDigitYearsFrom?: number | undefined;
  /** Digits of a code, where all have as many: one of fewer has lost its zeros in front. */
  readonly digits?: number | undefined;
  /** Numbers of more than 15 digits are whole: zeros at their end are no damage. */
  readonly longNumbers?: "whole" | undefined;
}

/** The formats of a column: its own where it has them, else the profile's. */
export function formatsOf(
  own: CellFormats | undefined,
  general: CellFormats | undefined,
): CellFormats {
  return own === undefined ? (general ?? {}) : { ...general, ...own };
}
