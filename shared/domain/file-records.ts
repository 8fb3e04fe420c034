/** Files with one row per record. A key may stand twice if both rows say the same. */
import type { BoundProfile } from "./file-profile.ts";
import type { FileReading, FileRecord, FileRow, RowFault } from "./file-rows.ts";
import { encodeJson } from "./json.ts";

/**
 * The records of the good rows, each key once. Rows that give one key different content are rejected
 * all (`key-duplicate`): which of them is right, nobody said.
 */
export function settleRecords(bound: BoundProfile, rows: readonly FileRow[]): FileReading {
  const byKey = new Map<string, FileRow[]>();
  for (const row of rows.filter((candidate) => candidate.faults.length === 0)) {
    const same = byKey.get(row.key);
    if (same === undefined) byKey.set(row.key, [row]);
    else same.push(row);
  }
  const faultsOf = new Map<FileRow, readonly RowFault[]>();
  const records: FileRecord[] = [];
  for (const [key, [first, ...others]] of byKey) {
    if (first === undefined) continue;
    if (areSame(first, others)) {
      records.push({ externalId: key, fields: { ...bound.profile.constants, ...first.fields } });
      continue;
    }
    const fault = keyConflictFault(bound, key);
    for (const row of [first, ...others]) faultsOf.set(row, [fault]);
  }
  return {
    records,
    rows: rows.map((row) => ({
      row: row.row,
      key: row.key,
      faults: faultsOf.get(row) ?? row.faults,
    })),
  };
}

function areSame(first: FileRow, others: readonly FileRow[]): boolean {
  if (others.length === 0) return true;
  const content = encodeJson(first.fields);
  return others.every((other) => encodeJson(other.fields) === content);
}

/** Of a row whose key stands for different content elsewhere in the file. */
export function keyConflictFault(bound: BoundProfile, key: string): RowFault {
  return {
    column: bound.columns.find((column) => column.isKey)?.header ?? "",
    value: key,
    code: "key-duplicate",
    fix: "Keep one row for each key, or give the rows the same content.",
  };
}
