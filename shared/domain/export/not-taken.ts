/**
 * The columns of an export that are shown only: lines, what Tieout derives, ids and names. A row that
 * comes back with another value in one of them is told so, since nothing of it is taken.
 *
 * A cell that differs is an edit where what is held was there when the row was written; where it was set
 * later, the row is merely old. Nothing is told of states and of counts of documents: they change by
 * themselves, and nobody knows when they did.
 */
import type { CrossReference } from "../cross-reference.ts";
import type { BoundProfile } from "../file-profile.ts";
import type { RowFault } from "../file-rows.ts";
import { type Flow, ruleOf } from "../flow.ts";
import { rearmCell } from "../formula-cells.ts";
import { normalizeHeader } from "../header-names.ts";
import type { CanonicalId } from "../identifiers.ts";
import { type DocumentLine, isLines, isMoney, isReference } from "../records.ts";
import {
  type CellSource,
  customerViewColumns,
  type RecordColumn,
  recordColumns,
} from "./columns.ts";
import { cellOf } from "./record-rows.ts";
import { shownAtField } from "./returned.ts";
import { isSameCell } from "./same-cell.ts";

/** The columns of a file, in their places. */
export interface ShownColumns {
  readonly shown: readonly { readonly column: RecordColumn; readonly at: number }[];
  /** Where the row says when it was written, and which line it shows. */
  readonly writtenAt: number;
  readonly lineAt: number | undefined;
}

/** A record as it is held, and those that it refers to. */
export interface HeldRecord {
  readonly xref: CrossReference;
  readonly referred: ReadonlyMap<CanonicalId, CrossReference>;
  /** What people know these by. */
  readonly names: ReadonlyMap<CanonicalId, string>;
}

/** Custom fields are all taken, or refused. */
export function shownColumnsOf({ profile, columns }: BoundProfile, flow: Flow): ShownColumns {
  const { recordType } = profile;
  const known = recordType === "customer" ? customerViewColumns([]) : recordColumns(recordType, []);
  const byName = new Map(known.map((column) => [normalizeHeader(column.name), column]));
  const isRead = (field: string) => field === shownAtField || ruleOf(flow, field) !== undefined;
  const shown = columns.flatMap(({ header, isKey, targets }, at) => {
    const column = byName.get(normalizeHeader(header));
    const reads = targets.some((target) => "field" in target && isRead(target.field));
    return isKey || reads || column === undefined ? [] : [{ column, at }];
  });
  return {
    shown,
    writtenAt: columns.findIndex(({ targets }) =>
      targets.some((target) => "field" in target && target.field === shownAtField),
    ),
    lineAt: shown.find(({ column }) => column.from.part === "line-number")?.at,
  };
}

/** A fault for each cell of the row that is an edit of what is shown only. */
export function editsNotTaken(
  columns: ShownColumns,
  headers: readonly string[],
  cells: readonly string[],
  held: HeldRecord,
): readonly RowFault[] {
  const textAt = (at: number) => rearmCell((cells[at] ?? "").trim());
  const writtenAt = textAt(columns.writtenAt);
  const lines = linesShown(held.xref, columns, textAt);
  return columns.shown.flatMap(({ column: { name, kind, from }, at }) => {
    const setAt = setAtOf(from, held);
    const given = textAt(at);
    if (setAt === undefined || setAt > writtenAt) return [];
    if (from.part === "external-id" && given === "") return [];
    const isNumber = kind === "amount" || kind === "decimal" || kind === "count";
    const isSame = lines.some(({ line, index }) =>
      isSameCell(cellOf(from, held.xref, held, line, index), given, isNumber),
    );
    if (isSame) return [];
    return [{ column: headers[at] ?? name, value: given, code: "column-not-taken", fix }];
  });
}

const fix =
  "Change it in the system that owns it: this column is only shown, and nothing of it was taken.";

interface ShownLine {
  readonly line: DocumentLine | undefined;
  readonly index: number;
}

/** The line that the row says it shows; any of them where it does not say. */
function linesShown(
  { fields }: CrossReference,
  { lineAt }: ShownColumns,
  textAt: (at: number) => string,
): readonly ShownLine[] {
  const { lines } = fields;
  const all: readonly ShownLine[] =
    isLines(lines) && lines.length > 0
      ? lines.map((line, index) => ({ line, index }))
      : [{ line: undefined, index: 0 }];
  if (lineAt === undefined) return all;
  const number = textAt(lineAt);
  const named = all.filter(({ index, line }) =>
    line === undefined ? number === "" : isSameCell(String(index + 1), number, true),
  );
  // No line of this number: that is told, and of the line's cells those that no line says.
  return named.length > 0 ? named : all;
}

/** When what is held in the column was set, our clock; undefined of what has no time. */
function setAtOf(from: CellSource, { xref, referred }: HeldRecord): string | undefined {
  const { fields, sources, createdAt } = xref;
  const setAt = (field: string): string => sources[field]?.at ?? createdAt;
  switch (from.part) {
    case "field":
      return setAt(from.field);
    case "currency":
      return setAt(from.fields.find((field) => isMoney(fields[field])) ?? "");
    case "line":
    case "line-number":
      return setAt("lines");
    case "external-id":
      return createdAt;
    case "name": {
      const value = fields[from.field];
      const other =
        isReference(value) && "canonicalId" in value ? referred.get(value.canonicalId) : undefined;
      const times = [setAt(from.field), ...Object.values(other?.sources ?? {}).map(({ at }) => at)];
      return times.reduce((last, at) => (at > last ? at : last));
    }
    default:
      return undefined;
  }
}
