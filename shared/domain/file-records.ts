/** Files with one row per record. A key may stand twice if both rows say the same. */
import type { BoundProfile } from "./file-profile.ts";
import type { FileReading, FileRecord, FileRow, RowFault } from "./file-rows.ts";
import { encodeJson } from "./json.ts";

/**
 * The records of the good rows, each key once. Rows that give one key different content are rejected
 * all (`key-duplicate`): which of them is right, nobody said.
 */
export function settleRecords(bound: BoundProfile, rows: readonly FileRow[]): FileReading {
  const firstOf = new Map<string, FileRow>();
  const records: FileRecord[] = [];
  const conflicting = new Set<string>();
  for (const row of rows) {
    const { key, fields, faults } = row;
    if (faults.length > 0) continue;
    const first = firstOf.get(key);
    if (first === undefined) {
      firstOf.set(key, row);
      records.push({ externalId: key, fields });
    } else if (!areSame(first, row)) conflicting.add(key);
  }
  if (conflicting.size === 0) return { records, rows };
  return rejectKeys(bound, { records, rows }, (key) => conflicting.has(key));
}

function areSame(one: FileRow, other: FileRow): boolean {
  return encodeJson(one.fields) === encodeJson(other.fields);
}

/** Takes out what stands under keys whose rows contradict each other, and rejects these rows. */
export function rejectKeys(
  bound: BoundProfile,
  { records, rows }: FileReading,
  isConflicting: (key: string) => boolean,
): FileReading {
  return {
    records: records.filter(({ externalId }) => !isConflicting(externalId)),
    rows: rows.map((row) =>
      row.faults.length === 0 && isConflicting(row.key)
        ? { ...row, faults: [keyConflictFault(bound, row.key)] }
        : row,
    ),
  };
}

/** Of a row whose key stands for different content elsewhere in the file. */
function keyConflictFault(bound: BoundProfile, key: string): RowFault {
  return {
    column: bound.columns.find((column) => column.isKey)?.header ?? "",
    value: key,
    code: "key-duplicate",
    fix: "Keep one row for each key, or give the rows the same content.",
  };
}
