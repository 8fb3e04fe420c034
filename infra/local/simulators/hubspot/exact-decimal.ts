/** Decimal arithmetic without binary floats, for money, quantities and the order of numbers. */

export interface ExactDecimal {
  /** The number is `units / 10^scale`. */
  readonly units: bigint;
  readonly scale: number;
}

const PATTERN = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** The number a text writes out in plain digits, or `undefined` for any other text. */
export function parseExact(text: string): ExactDecimal | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === "-" ? -units : units, scale: fraction.length };
}

export function subtractExact(left: ExactDecimal, right: ExactDecimal): ExactDecimal {
  const scale = Math.max(left.scale, right.scale);
  return { units: unitsAt(left, scale) - unitsAt(right, scale), scale };
}

export function multiplyExact(left: ExactDecimal, right: ExactDecimal): ExactDecimal {
  return { units: left.units * right.units, scale: left.scale + right.scale };
}

export function compareExact(left: ExactDecimal, right: ExactDecimal): number {
  const { units } = subtractExact(left, right);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** Rounds half away from zero to `digits` decimals and writes all of them: `10` at 2 is `10.00`. */
export function formatExact(value: ExactDecimal, digits: number): string {
  const { units } = roundTo(value, digits);
  const magnitude = (units < 0n ? -units : units).toString().padStart(digits + 1, "0");
  const whole = magnitude.slice(0, magnitude.length - digits);
  const fraction = digits === 0 ? "" : `.${magnitude.slice(-digits)}`;
  return `${units < 0n ? "-" : ""}${whole}${fraction}`;
}

function roundTo(value: ExactDecimal, digits: number): ExactDecimal {
  if (value.scale <= digits) return { units: unitsAt(value, digits), scale: digits };
  const divisor = 10n ** BigInt(value.scale - digits);
  const magnitude = value.units < 0n ? -value.units : value.units;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return { units: value.units < 0n ? -rounded : rounded, scale: digits };
}

function unitsAt(value: ExactDecimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}
