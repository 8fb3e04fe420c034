/**
 * Match rates. The same matches give different rates by what they are counted against, so every rate
 * says its side, its measure and its denominator, and all of them are given.
 */
import { formatMoney } from "../money.ts";
import type { RowClass } from "./classes.ts";
import type { MatchRate } from "./report.ts";
import type { SnapshotRecordType, SnapshotSide } from "./snapshot-row.ts";

/** Of one side, record type and currency: what one class has. */
export interface MatchedShare {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly currency: string | null;
  readonly class: RowClass;
  readonly records: bigint;
  readonly valueMinor: bigint;
  /** The part in the days of which both sides have records. */
  readonly overlapRecords: bigint;
  readonly overlapMinor: bigint;
}

/**
 * By count over all currencies, and by value in each. Denominators: `all` records of the side; `compared`, those
 * that no rule takes out; `overlapping`, those of them in the days of which both sides have records.
 */
export function matchRatesOf(shares: readonly MatchedShare[]): MatchRate[] {
  const types = distinct(shares.map(({ recordType }) => recordType));
  return types.flatMap((recordType) => {
    const ofType = shares.filter((share) => share.recordType === recordType);
    const sides = distinct(ofType.map(({ side }) => side));
    const scopes = sides.length > 1 ? [...sides, "both" as const] : sides;
    return scopes.flatMap((side) => {
      const ofSide = side === "both" ? ofType : ofType.filter((share) => share.side === side);
      const currencies = distinct(ofSide.flatMap(({ currency }) => currency ?? []));
      return [
        ...ratesOf(ofSide, { recordType, side, by: "count", currency: null }),
        ...currencies.flatMap((currency) =>
          ratesOf(
            ofSide.filter((share) => share.currency === currency),
            { recordType, side, by: "value", currency },
          ),
        ),
      ];
    });
  });
}

type Scope = Pick<MatchRate, "recordType" | "side" | "by" | "currency">;

function ratesOf(shares: readonly MatchedShare[], scope: Scope): MatchRate[] {
  const compared = shares.filter((share) => share.class !== "excluded");
  return [
    rateOf({ ...scope, denominator: "all" }, shares, false),
    rateOf({ ...scope, denominator: "compared" }, compared, false),
    rateOf({ ...scope, denominator: "overlapping" }, compared, true),
  ];
}

function rateOf(
  scope: Scope & Pick<MatchRate, "denominator">,
  shares: readonly MatchedShare[],
  isOverlap: boolean,
): MatchRate {
  const total = totalOf(shares, scope.by, isOverlap);
  const matched = totalOf(
    shares.filter((share) => share.class === "matched"),
    scope.by,
    isOverlap,
  );
  const { currency } = scope;
  const textOf = (units: bigint): string =>
    currency === null ? units.toString() : formatMoney({ minor: units, currency });
  return { ...scope, matched: textOf(matched), of: textOf(total), rate: percentOf(matched, total) };
}

function totalOf(shares: readonly MatchedShare[], by: "count" | "value", isOverlap: boolean) {
  return shares.reduce((sofar, share) => {
    if (by === "count") return sofar + (isOverlap ? share.overlapRecords : share.records);
    return sofar + (isOverlap ? share.overlapMinor : share.valueMinor);
  }, 0n);
}

/** Rounded down: a rate of 100 % is whole. */
export function percentOf(part: bigint, whole: bigint): string | null {
  if (whole <= 0n) return null;
  const hundredths = ((part < 0n ? 0n : part) * 10_000n) / whole;
  const fraction = (hundredths % 100n).toString().padStart(2, "0");
  return `${hundredths / 100n}.${fraction} %`;
}

/** In the order of first sight, which is the queries'. */
function distinct<One>(values: readonly One[]): One[] {
  return [...new Set(values)];
}
