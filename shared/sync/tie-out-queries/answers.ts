/** What the queries answer, read into values. An answer of another shape is a fault of ours. */
import { snapshotRecordTypes, snapshotSides } from "#shared/config/snapshot-schema.ts";
import { isOneOf } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { CellCut, CellSums, ClassifiedRow } from "#shared/domain/tie-out/build-report.ts";
import { differenceClasses, type RowClass } from "#shared/domain/tie-out/classes.ts";
import { measureNames } from "#shared/domain/tie-out/report.ts";
import type { QueryRow } from "#shared/ports/snapshots.ts";

const rowClasses = [...differenceClasses, "matched"] as const;

export function readCellSums(row: QueryRow): CellSums {
  const sums = measureNames.map((name) => [name, integer(row, name)] as const);
  return {
    side: known(row, "side", snapshotSides),
    recordType: known(row, "record_type", snapshotRecordTypes),
    period: maybe(row, "period"),
    currency: maybe(row, "currency"),
    records: integer(row, "records"),
    sums: Object.fromEntries(sums) as CellSums["sums"],
    withoutNet: integer(row, "without_net"),
    withoutGross: integer(row, "without_gross"),
  };
}

export function readCellCut(row: QueryRow): CellCut {
  return {
    ...readCellSums(row),
    class: classOf(row),
    units: Number(integer(row, "units")),
    aboveTolerance: Number(integer(row, "above_tolerance")),
    valueMinor: integer(row, "value"),
    overlapRecords: integer(row, "overlap_records"),
    overlapMinor: integer(row, "overlap_value"),
  };
}

export function readClassified(row: QueryRow): ClassifiedRow {
  const amounts = (["ordered", ...measureNames] as const).flatMap((name) =>
    maybe(row, name) === null ? [] : [[name, integer(row, name)] as const],
  );
  return {
    class: classOf(row),
    finding: maybe(row, "finding"),
    rule: maybe(row, "rule"),
    unitType: known(row, "unit_type", snapshotRecordTypes),
    unitKey: maybe(row, "unit_key"),
    side: known(row, "side", snapshotSides),
    recordType: known(row, "record_type", snapshotRecordTypes),
    externalId: maybe(row, "external_id") ?? "",
    registeredId: maybe(row, "registered_id"),
    documentNumber: maybe(row, "document_number"),
    documentDate: maybe(row, "document_date"),
    currency: maybe(row, "currency"),
    status: maybe(row, "status"),
    apartMinor: maybe(row, "apart") === null ? null : integer(row, "apart"),
    amounts: Object.fromEntries(amounts),
  };
}

/** Of each side and record type: rows that the snapshot's objects hold. */
export function readWritten(row: QueryRow) {
  return {
    side: known(row, "side", snapshotSides),
    recordType: known(row, "record_type", snapshotRecordTypes),
    rows: Number(integer(row, "records")),
  };
}

function classOf(row: QueryRow): RowClass {
  return known(row, "class", rowClasses);
}

function known<Known extends string>(row: QueryRow, name: string, values: readonly Known[]): Known {
  const text = maybe(row, name);
  if (isOneOf(values, text)) return text;
  throw unexpected(name);
}

function integer(row: QueryRow, name: string): bigint {
  const text = maybe(row, name);
  if (text !== null && /^-?\d+$/.test(text)) return BigInt(text);
  throw unexpected(name);
}

function maybe(row: QueryRow, name: string): string | null {
  const text = row[name];
  if (text === undefined) throw unexpected(name);
  return text;
}

function unexpected(field: string): SyncError {
  return new SyncError({ kind: "bug", code: "query-answer-incomplete", field });
}
