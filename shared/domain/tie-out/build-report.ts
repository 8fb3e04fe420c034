/**
 * A report from what the queries answered. It is made only where it adds up: the classes of each cell, with what
 * matched, come to the side's totals in every measure, to the minor unit.
 */
import { formatMoney } from "../money.ts";
import { assert, SyncError } from "../sync-error.ts";
import { differenceClasses, type RowClass } from "./classes.ts";
import { differenceOf, excludedOf } from "./differences.ts";
import { type MatchedShare, matchRatesOf } from "./match-rates.ts";
import {
  type Cell,
  type ClassCount,
  type Measures,
  measureNames,
  type TieOutReport,
} from "./report.ts";
import type { MeasureName } from "./report.ts";
import type { TieOutRules } from "./rules.ts";
import type { SnapshotManifest, SnapshotRecordType, SnapshotSide } from "./snapshot-row.ts";

/** Sums of rows with one place and, of a cut, one class. */
export interface CellSums {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly period: string | null;
  readonly currency: string | null;
  readonly records: bigint;
  readonly sums: Readonly<Record<MeasureName, bigint>>;
  readonly withoutNet: bigint;
  readonly withoutGross: bigint;
}

export interface CellCut extends CellSums {
  readonly class: RowClass;
  /** Units that stand first in this cut; over all cuts each is counted once. */
  readonly units: number;
  readonly aboveTolerance: number;
  readonly valueMinor: bigint;
  readonly overlapRecords: bigint;
  readonly overlapMinor: bigint;
}

/** A row of a unit that differs, or that a rule takes out. */
export interface ClassifiedRow {
  readonly class: RowClass;
  readonly finding: string | null;
  readonly rule: string | null;
  readonly unitType: SnapshotRecordType;
  readonly unitKey: string | null;
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly externalId: string;
  readonly registeredId: string | null;
  readonly documentNumber: string | null;
  readonly documentDate: string | null;
  readonly currency: string | null;
  readonly status: string | null;
  /** Of the unit: how far its sides are apart. */
  readonly apartMinor: bigint | null;
  readonly amounts: Readonly<Partial<Record<MeasureName | "ordered", bigint>>>;
}

export interface Answers {
  readonly manifest: SnapshotManifest;
  readonly rules: TieOutRules;
  readonly rowsCompared: number;
  readonly totals: readonly CellSums[];
  readonly cuts: readonly CellCut[];
  /** In the queries' order: the rows of one unit stand together. */
  readonly listed: readonly ClassifiedRow[];
}

/** Throws SyncError `bug` (`tie-out-sums-differ`) where anything does not add up. */
export function buildReport(answers: Answers): TieOutReport {
  const { manifest, rules, rowsCompared } = answers;
  const cells = cellsOf(answers);
  const counts = classCounts(answers);
  return {
    version: 1,
    snapshotId: manifest.snapshotId,
    snapshotAt: new Date(manifest.startedAtMs).toISOString(),
    from: rules.from ?? null,
    to: rules.to ?? null,
    lockedThrough: manifest.ledger?.lockedThrough ?? null,
    rules: {
      inFlightSeconds: Math.trunc(rules.inFlightMs / 1_000),
      toleranceMinor: rules.toleranceMinor.toString(),
      bankWindowDays: rules.bankWindowDays,
    },
    proof: {
      rowsWritten: manifest.written.reduce((sofar, { rows }) => sofar + rows, 0),
      rowsCompared,
      sumsChecked: answers.totals.length * checkedOf.length,
      sumsApart: 0,
    },
    matchedUnits: unitsOf(answers, "matched"),
    differences: unitsTogether(answers.listed.filter((row) => row.class !== "excluded")).map(
      differenceOf,
    ),
    counts,
    cells,
    rates: matchRatesOf([...answers.cuts].sort(byPlace).map(shareOf)),
    excluded: answers.listed.filter((row) => row.class === "excluded").map(excludedOf),
    excludedCount: answers.cuts
      .filter((cut) => cut.class === "excluded")
      .reduce((sofar, { records }) => sofar + Number(records), 0),
  };
}

/** What must come to the same from the rows alone and from the classes. */
const checkedOf: readonly ((sums: CellSums) => bigint)[] = [
  ({ records }) => records,
  ({ withoutNet }) => withoutNet,
  ({ withoutGross }) => withoutGross,
  ...measureNames.map(
    (name) =>
      ({ sums }: CellSums) =>
        sums[name],
  ),
];

function cellsOf({ totals, cuts }: Answers): Cell[] {
  const ofCell = Map.groupBy(cuts, placeOf);
  assert(ofCell.size === totals.length, "tie-out-sums-differ");
  return [...totals].sort(byPlace).map((total) => {
    const parts = ofCell.get(placeOf(total)) ?? [];
    for (const measureOf of checkedOf) {
      const sum = parts.reduce((sofar, part) => sofar + measureOf(part), 0n);
      if (sum !== measureOf(total)) {
        throw new SyncError({ kind: "bug", code: "tie-out-sums-differ", field: placeOf(total) });
      }
    }
    const { side, recordType, period, currency } = total;
    const matched = parts.find((part) => part.class === "matched");
    return {
      side,
      recordType,
      period,
      currency,
      total: measuresOf(total),
      matched: measuresOf(matched ?? nothingOf(total)),
      classes: differenceClasses.flatMap((one) => {
        const part = parts.find((cut) => cut.class === one);
        return part === undefined ? [] : [{ class: one, sum: measuresOf(part) }];
      }),
    };
  });
}

const typeOrder = ["document", "credit-note", "payment", "customer", "product"];
const sideOrder = ["crm", "books", "bank"];

type Place = Pick<CellSums, "recordType" | "side" | "period" | "currency">;

/** What money hangs on comes first; months and currencies in their order, none before any. */
function byPlace(left: Place, right: Place): number {
  return (
    typeOrder.indexOf(left.recordType) - typeOrder.indexOf(right.recordType) ||
    compareTexts(left.currency, right.currency) ||
    compareTexts(left.period, right.period) ||
    sideOrder.indexOf(left.side) - sideOrder.indexOf(right.side)
  );
}

function compareTexts(left: string | null, right: string | null): number {
  if (left === right) return 0;
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

function placeOf({ side, recordType, period, currency }: CellSums): string {
  return [side, recordType, period ?? "", currency ?? ""].join(" ");
}

function nothingOf({ side, recordType, period, currency }: CellSums): CellSums {
  const sums = { net: 0n, tax: 0n, gross: 0n, credited: 0n, paid: 0n, open: 0n };
  const none = { records: 0n, withoutNet: 0n, withoutGross: 0n };
  return { side, recordType, period, currency, sums, ...none };
}

function measuresOf({ currency, records, sums, withoutNet, withoutGross }: CellSums): Measures {
  const textOf = (code: string) => (name: MeasureName) =>
    [name, formatMoney({ minor: sums[name], currency: code })] as const;
  return {
    records: Number(records),
    amounts:
      currency === null
        ? null
        : (Object.fromEntries(measureNames.map(textOf(currency))) as Record<MeasureName, string>),
    withoutNet: Number(withoutNet),
    withoutGross: Number(withoutGross),
  };
}

function classCounts({ cuts }: Answers): ClassCount[] {
  return differenceClasses
    .filter((one) => one !== "excluded")
    .map((one) => {
      const ofClass = cuts.filter((cut) => cut.class === one);
      const units = ofClass.reduce((sofar, cut) => sofar + cut.units, 0);
      const above = ofClass.reduce((sofar, cut) => sofar + cut.aboveTolerance, 0);
      return { class: one, units, aboveTolerance: one === "timing" ? 0 : above };
    });
}

function unitsOf({ cuts }: Answers, of: RowClass): number {
  return cuts.filter((cut) => cut.class === of).reduce((sofar, { units }) => sofar + units, 0);
}

function unitsTogether(rows: readonly ClassifiedRow[]): ClassifiedRow[][] {
  const nameOf = ({ class: of, unitType, unitKey }: ClassifiedRow) =>
    `${of}\n${unitType}\n${unitKey}`;
  return [...Map.groupBy(rows, nameOf).values()];
}

function shareOf(cut: CellCut): MatchedShare {
  const { side, recordType, currency, records, valueMinor, overlapRecords, overlapMinor } = cut;
  return {
    side,
    recordType,
    currency,
    class: cut.class,
    records,
    valueMinor,
    overlapRecords,
    overlapMinor,
  };
}

/** How many differences a person should look at: all but those that time alone will settle. */
export function differencesAboveTolerance({ counts }: TieOutReport): number {
  return counts.reduce((sofar, { aboveTolerance }) => sofar + aboveTolerance, 0);
}
