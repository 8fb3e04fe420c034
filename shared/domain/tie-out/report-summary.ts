/** A report in few rows: over all months, for those who want to know whether the sides agree. */
import { add, formatMoney, parseMoney, zero } from "../money.ts";
import type { DifferenceClass } from "./classes.ts";
import {
  type Cell,
  type Measures,
  type MeasureName,
  measureNames,
  type TieOutReport,
} from "./report.ts";
import type { SnapshotRecordType, SnapshotSide } from "./snapshot-row.ts";

/** One side of one record type in one currency, over all months. */
export interface SideSum {
  readonly records: number;
  readonly matched: number;
  readonly excluded: number;
  readonly amounts: Readonly<Record<MeasureName, string>> | null;
}

export interface SummaryRow {
  readonly recordType: SnapshotRecordType;
  readonly currency: string | null;
  readonly sides: Readonly<Partial<Record<SnapshotSide, SideSum>>>;
}

export function summaryRows({ cells }: TieOutReport): SummaryRow[] {
  const rows = Map.groupBy(cells, ({ recordType, currency }) => `${recordType} ${currency ?? ""}`);
  return [...rows.values()].flatMap((ofRow) => {
    const [first] = ofRow;
    if (first === undefined) return [];
    const { recordType, currency } = first;
    const sides = [...Map.groupBy(ofRow, ({ side }) => side)].map(
      ([side, ofSide]) => [side, sideSum(ofSide, currency)] as const,
    );
    return [{ recordType, currency, sides: Object.fromEntries(sides) }];
  });
}

function sideSum(cells: readonly Cell[], currency: string | null): SideSum {
  const count = (of: (cell: Cell) => number) => cells.reduce((sofar, cell) => sofar + of(cell), 0);
  return {
    records: count(({ total }) => total.records),
    matched: count(({ matched }) => matched.records),
    excluded: count(({ classes }) => recordsOf(classes, "excluded")),
    amounts:
      currency === null
        ? null
        : sumMeasures(
            cells.map(({ total }) => total),
            currency,
          ),
  };
}

function recordsOf(classes: Cell["classes"], of: DifferenceClass): number {
  return classes.find((one) => one.class === of)?.sum.records ?? 0;
}

export interface ClassValue {
  readonly currency: string;
  readonly amount: string;
}

/** What one class holds on a side, gross, by currency. */
export function classValues(
  { cells }: TieOutReport,
  of: DifferenceClass,
  side: SnapshotSide,
): ClassValue[] {
  const parts = cells
    .filter((cell) => cell.side === side && cell.currency !== null)
    .flatMap(({ currency, classes }) => {
      const sum = classes.find((one) => one.class === of)?.sum;
      return sum === undefined || currency === null ? [] : [{ currency, sum }];
    });
  return [...Map.groupBy(parts, ({ currency }) => currency)].map(([currency, ofCurrency]) => {
    const total = sumMeasures(
      ofCurrency.map(({ sum }) => sum),
      currency,
    );
    return { currency, amount: total.gross };
  });
}

function sumMeasures(
  parts: readonly Measures[],
  currency: string,
): Readonly<Record<MeasureName, string>> {
  const sums = measureNames.map((name) => {
    const total = parts.reduce(
      (sofar, { amounts }) => add(sofar, parseMoney(amounts?.[name] ?? "0", currency)),
      zero(currency),
    );
    return [name, formatMoney(total)] as const;
  });
  return Object.fromEntries(sums) as Record<MeasureName, string>;
}
