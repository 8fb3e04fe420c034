/**
 * Money: an amount in minor units with its ISO 4217 currency. Amounts of different currencies never
 * meet in one operation, and no amount is ever a binary float.
 */
import {
  type Decimal,
  formatDecimal,
  parseDecimal,
  type RoundingMode,
  roundDecimal,
} from "./decimal.ts";
import { assert, SyncError } from "./sync-error.ts";

/** Three capital letters of ISO 4217, such as `EUR`. */
export type CurrencyCode = string;

export interface Money {
  readonly minor: bigint;
  readonly currency: CurrencyCode;
}

/**
 * ISO 4217, list one, as in force in 2026; metals, units of account and codes for tests are left out.
 * The last row of two digits holds currencies withdrawn since 2021: documents of those years bear them.
 */
const codesByMinorDigits = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    ANG BGN CUC HRK SLL ZWL`,
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
} as const;

/** The currencies of ISO 4217, each with the digits of its minor unit. */
const minorDigits: ReadonlyMap<CurrencyCode, number> = new Map(
  Object.entries(codesByMinorDigits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
  ),
);

/** Whether it is a code of ISO 4217, in capital letters. */
export function isCurrency(code: string): code is CurrencyCode {
  return minorDigits.has(code);
}

/** Digits behind the point; of currencies that {@link parseCurrency} takes. */
export function minorDigitsOf(currency: CurrencyCode): number {
  return minorDigits.get(currency) ?? 2;
}

/**
 * Refuses what is no currency of ISO 4217 (`currency-unreadable`): of another code nobody knows the
 * digits, and an amount would be a hundred times off without a word.
 */
export function parseCurrency(text: string): CurrencyCode {
  const code = text.trim().toUpperCase();
  if (!isCurrency(code)) {
    throw new SyncError({ kind: "invalid-input", code: "currency-unreadable" });
  }
  return code;
}

export function money(minor: bigint, currency: CurrencyCode): Money {
  return { minor, currency };
}

export function zero(currency: CurrencyCode): Money {
  return { minor: 0n, currency };
}

export function add(left: Money, right: Money): Money {
  return { minor: left.minor + same(left, right).minor, currency: left.currency };
}

export function subtract(left: Money, right: Money): Money {
  return { minor: left.minor - same(left, right).minor, currency: left.currency };
}

export function negate(value: Money): Money {
  return { minor: -value.minor, currency: value.currency };
}

export function compare(left: Money, right: Money): -1 | 0 | 1 {
  const difference = left.minor - same(left, right).minor;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

export function sum(values: Iterable<Money>, currency: CurrencyCode): Money {
  let total = zero(currency);
  for (const value of values) total = add(total, value);
  return total;
}

/**
 * Reads major-unit text, `"10.50"`, exactly. More digits than the currency has, unless they are
 * zeros, throw `invalid-input` (`amount-too-precise`): an amount is never rounded on the way in.
 */
export function parseMoney(text: string, currency: CurrencyCode): Money {
  const value = parseDecimal(text);
  const digits = minorDigitsOf(currency);
  const minor = roundDecimal(value, digits, "down");
  if (formatDecimal({ units: minor, scale: digits }) !== formatDecimal(value)) {
    throw new SyncError({ kind: "invalid-input", code: "amount-too-precise" });
  }
  return { minor, currency };
}

/** An exact decimal of major units as money, rounded to the currency's minor unit as named. */
export function roundToMoney(value: Decimal, currency: CurrencyCode, mode: RoundingMode): Money {
  return { minor: roundDecimal(value, minorDigitsOf(currency), mode), currency };
}

/** Major units with all of the currency's digits: `10.50`, `1000` for JPY. */
export function formatMoney(value: Money): string {
  const digits = minorDigitsOf(value.currency);
  const sign = value.minor < 0n ? "-" : "";
  const text = (value.minor < 0n ? -value.minor : value.minor).toString().padStart(digits + 1, "0");
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/**
 * Splits an amount by weights so that the parts sum to the whole: each part is rounded down in size,
 * then the left-over units go one by one to the largest remainders, first come first.
 */
export function allocate(whole: Money, weights: readonly bigint[]): Money[] {
  const total = weights.reduce((left, right) => left + right, 0n);
  assert(total > 0n && weights.every((weight) => weight >= 0n), "allocate-needs-positive-weights");
  const sign = whole.minor < 0n ? -1n : 1n;
  const size = whole.minor * sign;
  const parts = weights.map((weight) => (size * weight) / total);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (size * weight) % total }))
    .sort((left, right) =>
      left.remainder < right.remainder
        ? 1
        : left.remainder > right.remainder
          ? -1
          : left.index - right.index,
    );
  let left = size - parts.reduce((sofar, part) => sofar + part, 0n);
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts.map((part) => ({ minor: part * sign, currency: whole.currency }));
}

function same(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw new SyncError({ kind: "invalid-input", code: "currencies-differ" });
  }
  return right;
}
