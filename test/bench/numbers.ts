/** Numbers as text, rounded once and from whole numbers. */
import { divideRounded } from "./cost.ts";

/** `units / 10^scale` with exactly `places` decimals, half rounded up; `units` is not negative. */
export function formatScaled(units: bigint, scale: number, places: number): string {
  const digitsKept = Math.max(0, scale - places);
  const rounded = divideRounded(units, 10n ** BigInt(digitsKept));
  const padded = rounded * 10n ** BigInt(Math.max(0, places - scale));
  const digits = padded.toString().padStart(places + 1, "0");
  if (places === 0) return digits;
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** `part / whole` with two decimals; a dash where there is no whole. */
export function formatRatio(part: number, whole: number): string {
  if (whole === 0) return "-";
  return formatScaled(divideRounded(BigInt(part) * 100n, BigInt(whole)), 2, 2);
}

export function formatDollars(microdollars: bigint, places = 3): string {
  return `$${formatScaled(microdollars, 6, places)}`;
}

/** Thousandths of units for each record, with three decimals. */
export function formatPerRecord(thousandths: bigint, records: number): string {
  return formatScaled(divideRounded(thousandths, BigInt(records)), 3, 3);
}

/** Whole microseconds of `milliseconds`, for exact division afterwards. */
export function microsecondsOf(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1_000));
}

/** Milliseconds for each record with three decimals. */
export function formatMsPerRecord(milliseconds: number, records: number): string {
  return formatScaled(divideRounded(microsecondsOf(milliseconds), BigInt(records)), 3, 3);
}

/** Seconds with one decimal. */
export function formatSeconds(milliseconds: number): string {
  return formatScaled(BigInt(Math.round(milliseconds)), 3, 1);
}

/** Thousands set apart by commas. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
