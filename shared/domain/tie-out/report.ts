/**
 * A tie-out's report: plain values that JSON holds, amounts as exact decimal text in major units. It bears no
 * time but the snapshot's, so that the same snapshot gives the same report.
 */
import type { DifferenceClass, FindingName } from "./classes.ts";
import type { SnapshotRecordType, SnapshotSide } from "./snapshot-row.ts";

export const measureNames = ["net", "tax", "gross", "credited", "paid", "open"] as const;
export type MeasureName = (typeof measureNames)[number];

/** Amounts are null of what has no currency, such as customers. */
export interface Measures {
  readonly records: number;
  readonly amounts: Readonly<Record<MeasureName, string>> | null;
  /** Records that do not say the amount, and are in its sum as nothing. */
  readonly withoutNet: number;
  readonly withoutGross: number;
}

/** What one side has of one record type in one month and one currency. */
export interface Cell {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  /** `2026-11`; null of records without a date. */
  readonly period: string | null;
  readonly currency: string | null;
  readonly total: Measures;
  readonly matched: Measures;
  /** In the order of the classes; only those that are there. Together with `matched` they are `total`. */
  readonly classes: readonly { readonly class: DifferenceClass; readonly sum: Measures }[];
}

/** Units are customers, products, orders with all their documents, and pairs of payments. */
export interface ClassCount {
  readonly class: DifferenceClass;
  readonly units: number;
  readonly aboveTolerance: number;
}

/** One of several ways to count the same matches; `denominator` says which. */
export interface MatchRate {
  readonly recordType: SnapshotRecordType;
  readonly side: SnapshotSide | "both";
  /** `count` of records, or `value` of one currency. */
  readonly by: "count" | "value";
  readonly currency: string | null;
  readonly denominator: "all" | "compared" | "overlapping";
  readonly matched: string;
  readonly of: string;
  /** `99.99 %`, rounded down, so that only what is whole says 100; null where there is nothing to match. */
  readonly rate: string | null;
}

/** One record of a difference, on one side. */
export interface DifferingRecord {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly externalId: string;
  readonly number: string | null;
  readonly date: string | null;
  readonly currency: string | null;
  readonly status: string | null;
  /** As far as the side says them: `ordered`, and the measures. */
  readonly amounts: Readonly<Partial<Record<MeasureName | "ordered", string>>>;
  /** Path in the API: what Tieout knows of this record. */
  readonly record: string | null;
}

export interface Difference {
  readonly class: DifferenceClass;
  readonly finding: FindingName | null;
  readonly what: string;
  readonly nextStep: string;
  readonly recordType: SnapshotRecordType;
  /** How far the sides are apart by the amounts that differ, else all that is at stake; null without amounts. */
  readonly apart: string | null;
  readonly currency: string | null;
  /** What both sides know it by. */
  readonly key: string;
  readonly canonicalId: string | null;
  /** Path in the API. */
  readonly history: string | null;
  readonly records: readonly DifferingRecord[];
}

export interface ExcludedRecord extends DifferingRecord {
  readonly rule: string;
  readonly key: string;
}

export interface TieOutReport {
  readonly version: 1;
  readonly snapshotId: string;
  /** When the first record was asked for, UTC. */
  readonly snapshotAt: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly lockedThrough: string | null;
  readonly rules: {
    readonly inFlightSeconds: number;
    readonly toleranceMinor: string;
    readonly bankWindowDays: number;
  };
  /** Proved while the report was made; a report that does not add up is not written. */
  readonly proof: {
    /** Rows that were read into the snapshot, and rows that the queries found there. */
    readonly rowsWritten: number;
    readonly rowsCompared: number;
    /** Sums that were compared: each measure of each cell. */
    readonly sumsChecked: number;
    readonly sumsApart: 0;
  };
  readonly matchedUnits: number;
  readonly differences: readonly Difference[];
  readonly counts: readonly ClassCount[];
  readonly cells: readonly Cell[];
  readonly rates: readonly MatchRate[];
  readonly excluded: readonly ExcludedRecord[];
  readonly excludedCount: number;
}
