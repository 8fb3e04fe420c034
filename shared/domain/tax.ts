/**
 * Tax worked out by a named rule, to foretell and to check what the books say. A tax that is sent is
 * never made here: the books work it out, and their word stands.
 */
import { divideRounded, normalizeDecimal, parseDecimal, type RoundingMode } from "./decimal.ts";
import { add, type CurrencyCode, type Money, money, subtract, sum } from "./money.ts";
import type { TaxTreatment } from "./records.ts";

/** What of a document one rate applies to. */
export interface TaxableAmount {
  /** Without tax where the treatment is exclusive, with it where it is inclusive. */
  readonly amount: Money;
  /** A fraction as exact decimal text: `"0.09975"` is 9.975 per cent. Not below zero. */
  readonly rate: string;
}

/** Where a tax is rounded: at each line, or once for all amounts of one rate. */
export type TaxRounding = "per-line" | "per-document";

/** How a document's tax is worked out; none of it has a default. */
export interface TaxRule {
  readonly treatment: TaxTreatment;
  readonly mode: RoundingMode;
  readonly currency: CurrencyCode;
}

export interface TaxByLine {
  /** The tax of each line, in their order. */
  readonly taxes: readonly Money[];
  readonly total: Money;
}

export interface TaxByDocument {
  /** One for each rate, in the order in which the lines name them. */
  readonly taxes: readonly {
    readonly rate: string;
    readonly taxable: Money;
    readonly tax: Money;
  }[];
  readonly total: Money;
}

/** Rounds the tax of every line by itself; the document's tax is the sum of those. */
export function taxByLine(lines: readonly TaxableAmount[], rule: TaxRule): TaxByLine {
  const taxes = lines.map((line) => taxOf(line, rule));
  return { taxes, total: sum(taxes, rule.currency) };
}

/** Rounds the tax once for all lines of one rate. Rates that are the same number are one rate. */
export function taxByDocument(lines: readonly TaxableAmount[], rule: TaxRule): TaxByDocument {
  const byRate = new Map<string, TaxableAmount>();
  for (const { amount, rate } of lines) {
    const key = normalizeDecimal(rate);
    const sofar = byRate.get(key);
    byRate.set(key, sofar ? { ...sofar, amount: add(sofar.amount, amount) } : { amount, rate });
  }
  const taxes = [...byRate.values()].map((group) => ({
    rate: group.rate,
    taxable: group.amount,
    tax: taxOf(group, rule),
  }));
  const total = sum(
    taxes.map(({ tax }) => tax),
    rule.currency,
  );
  return { taxes, total };
}

export interface TaxResidual {
  readonly perLine: Money;
  readonly perDocument: Money;
  /** What the second rule asks more than the first; below zero where it asks less. */
  readonly residual: Money;
}

/**
 * The two rules side by side. Rounded half up, they differ by half a minor unit for each line at the
 * most. The difference is shown as what it is and is put on no line.
 */
export function taxResidual(lines: readonly TaxableAmount[], rule: TaxRule): TaxResidual {
  const perLine = taxByLine(lines, rule).total;
  const perDocument = taxByDocument(lines, rule).total;
  return { perLine, perDocument, residual: subtract(perDocument, perLine) };
}

/** Inclusive: what is left of the amount once the rounded amount without tax is taken off. */
function taxOf({ amount, rate }: TaxableAmount, rule: TaxRule): Money {
  const { units, scale } = parseDecimal(rate);
  const one = 10n ** BigInt(scale);
  const { minor } = add(amount, money(0n, rule.currency));
  switch (rule.treatment) {
    case "exclusive":
      return money(divideRounded(minor * units, one, rule.mode), rule.currency);
    case "inclusive":
      return money(minor - divideRounded(minor * one, one + units, rule.mode), rule.currency);
    case "none":
      return money(0n, rule.currency);
  }
}
