/**
 * Exact decimal arithmetic for the simulator. A number is a bigint of 10^-scale units ("scaled");
 * between calls and in the saved state it is decimal text with exactly `scale` fraction digits.
 */

/** Fraction digits of what Xero keeps: money 2, unit amounts, quantities and rates 4, currency rates 6. */
export const MONEY_SCALE = 2;
export const UNIT_SCALE = 4;
export const QUANTITY_SCALE = 4;
export const PERCENT_SCALE = 4;
export const CURRENCY_RATE_SCALE = 6;

const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3}))?$/;

/** The value of decimal text in 10^-scale units, half rounded away from zero; `undefined` where the text is no number. */
export function scaledOf(text: string, scale: number): bigint | undefined {
  const parts = DECIMAL.exec(text.trim());
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  if (whole + fraction === "") return undefined;
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  const size = shift >= 0 ? digits * tenTo(shift) : divideHalfUp(digits, tenTo(-shift));
  return sign === "-" ? -size : size;
}

/** As {@link scaledOf}, for text that this simulator wrote itself. Throws where it is no number. */
export function scaled(text: string, scale: number): bigint {
  const value = scaledOf(text, scale);
  if (value === undefined) throw new Error(`Not a decimal: ${text}`);
  return value;
}

/** The decimal text of a scaled value with exactly `scale` fraction digits, such as `-3.10`. */
export function textOf(value: bigint, scale: number): string {
  const size = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const whole = size.slice(0, size.length - scale);
  const text = scale === 0 ? whole : `${whole}.${size.slice(size.length - scale)}`;
  return value < 0n ? `-${text}` : text;
}

/** The text rounded (half away from zero) or padded to `scale` fraction digits. */
export function rounded(text: string, scale: number): string {
  return textOf(scaled(text, scale), scale);
}

/** The quotient rounded to a whole, half away from zero. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const negative = dividend < 0n !== divisor < 0n;
  const top = dividend < 0n ? -dividend : dividend;
  const bottom = divisor < 0n ? -divisor : divisor;
  const size = (top * 2n + bottom) / (bottom * 2n);
  return negative ? -size : size;
}

export function tenTo(power: number): bigint {
  return 10n ** BigInt(power);
}
