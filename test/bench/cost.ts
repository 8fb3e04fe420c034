/** What counted units cost at list price, exactly: integers only, rounded when printed. */
import { prices, type UnitName } from "./prices.ts";

/** Units of one kind that one caller used, in thousandths: DynamoDB and memory come in fractions. */
export interface UsageLine {
  /** A function, `event-source/<function>`, or the AWS service that acted. */
  readonly caller: string;
  /** Such as `dynamodb:PutItem`, or what was metered. */
  readonly action: string;
  readonly unit: UnitName;
  readonly thousandths: bigint;
}

/** Cost in 10^-18 dollars. */
export function costOf({ unit, thousandths }: UsageLine): bigint {
  return thousandths * prices[unit].femtodollars;
}

export function totalCost(lines: readonly UsageLine[]): bigint {
  return lines.reduce((sum, line) => sum + costOf(line), 0n);
}

export function thousandthsOf(lines: readonly UsageLine[], unit: UnitName): bigint {
  return lines
    .filter((line) => line.unit === unit)
    .reduce((sum, line) => sum + line.thousandths, 0n);
}

/** `quantity / divisor` to the nearest whole, half away from zero; neither may be negative. */
export function divideRounded(quantity: bigint, divisor: bigint): bigint {
  if (divisor <= 0n || quantity < 0n) throw new RangeError(`${quantity} / ${divisor}`);
  return (2n * quantity + divisor) / (2n * divisor);
}

const ATTO_PER_MICRO = 1_000_000_000_000n;
const MILLION = 1_000_000n;

/** Microdollars for a million records, where `costAtto` (10^-18 dollars) was spent on `records`. */
export function microdollarsPerMillion(costAtto: bigint, records: number): bigint {
  return divideRounded(costAtto * MILLION, BigInt(records) * ATTO_PER_MICRO);
}

/** Cents of a percent: 2550 is 25.5 %; 0 of nothing. */
export function shareOf(part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : divideRounded(part * 10_000n, whole);
}

/** The lines of one caller and action as one, costliest first; what costs nothing is left out. */
export function costliestLines(lines: readonly UsageLine[]): UsageLine[] {
  const merged = new Map<string, UsageLine>();
  for (const line of lines) {
    const key = `${line.caller} ${line.action} ${line.unit}`;
    const held = merged.get(key);
    const thousandths = line.thousandths + (held?.thousandths ?? 0n);
    if (thousandths > 0n) merged.set(key, { ...line, thousandths });
  }
  return [...merged.values()].sort((left, right) => compare(costOf(right), costOf(left)));
}

function compare(left: bigint, right: bigint): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
