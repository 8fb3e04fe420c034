/**
 * Exact decimal arithmetic on text such as `"12.50"`: a bigint of units and a count of digits behind
 * the point. Quantities, unit prices and rates travel as this text; amounts of money are {@link Money}.
 */
import { SyncError } from "./sync-error.ts";

export interface Decimal {
  /** The value times 10^scale. */
  readonly units: bigint;
  /** Digits behind the point, 0 or more. */
  readonly scale: number;
}

/** Named where an exact result must be cut; there is no default. */
export type RoundingMode = "half-up" | "half-even" | "down";

const DIGITS_MAX = 40;
const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const EXPONENT = /^([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,3})$/;

/**
 * Reads decimal text exactly: `"-5"`, `"1.10"`, and the exponent form of JSON numbers, `"1e-7"`.
 * Throws `invalid-input` (`number-unreadable`) on anything else: no separators, no currency signs.
 */
export function parseDecimal(text: string): Decimal {
  const exponent = EXPONENT.exec(text);
  if (exponent !== null) {
    return shift(parseDecimal(exponent[1] ?? ""), Number(exponent[2]));
  }
  const match = PLAIN.exec(text);
  if (match === null || text.length > DIGITS_MAX) {
    throw new SyncError({ kind: "invalid-input", code: "number-unreadable" });
  }
  const [, sign, whole = "0", fraction = ""] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === "-" ? -units : units, scale: fraction.length };
}

/** The shortest text with the same value: `2.50` becomes `2.5`, `-0.0` becomes `0`. */
export function formatDecimal(value: Decimal): string {
  const sign = value.units < 0n ? "-" : "";
  const digits = absolute(value.units)
    .toString()
    .padStart(value.scale + 1, "0");
  const whole = digits.slice(0, digits.length - value.scale);
  const fraction = digits.slice(digits.length - value.scale).replace(/0+$/, "");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** One text for equal values, so that `"2.50"` and `"2.5"` compare as the same. */
export function normalizeDecimal(text: string): string {
  return formatDecimal(parseDecimal(text));
}

export function multiplyDecimals(left: Decimal, right: Decimal): Decimal {
  return { units: left.units * right.units, scale: left.scale + right.scale };
}

export function subtractDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { units: rescale(left, scale) - rescale(right, scale), scale };
}

/** Units at `scale` digits, rounded as named where digits are cut. */
export function roundDecimal(value: Decimal, scale: number, mode: RoundingMode): bigint {
  if (scale >= value.scale) return rescale(value, scale);
  return divideRounded(value.units, 10n ** BigInt(value.scale - scale), mode);
}

/**
 * A whole number by another, rounded as named: `half-up` takes a half away from zero, `down` cuts
 * towards zero. The divisor must not be zero.
 */
export function divideRounded(dividend: bigint, divisor: bigint, mode: RoundingMode): bigint {
  const quotient = dividend / divisor;
  const remainder = absolute(dividend % divisor);
  if (remainder === 0n || mode === "down") return quotient;
  const twice = remainder * 2n;
  const size = absolute(divisor);
  const away = twice > size || (twice === size && (mode === "half-up" || quotient % 2n !== 0n));
  if (!away) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

/** A whole number by another as decimal text of so many digits at the most: `ratioText(1n, 3n, 4, "down")` is `"0.3333"`. */
export function ratioText(
  dividend: bigint,
  divisor: bigint,
  digits: number,
  mode: RoundingMode,
): string {
  const units = divideRounded(dividend * 10n ** BigInt(digits), divisor, mode);
  return formatDecimal({ units, scale: digits });
}

function shift(value: Decimal, exponent: number): Decimal {
  if (exponent <= 0) return { units: value.units, scale: value.scale - exponent };
  const scale = value.scale - exponent;
  if (scale >= 0) return { units: value.units, scale };
  return { units: value.units * 10n ** BigInt(-scale), scale: 0 };
}

function rescale(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

function absolute(units: bigint): bigint {
  return units < 0n ? -units : units;
}
