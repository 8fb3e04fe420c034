/** A spreadsheet as delimited text: the one visible sheet that holds something. */
import type { ByteSource } from "#shared/ports/files.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { createLineBuffer, formatRow } from "./rows-as-text.ts";
import { readSheetRows, type SheetRow } from "./xlsx-rows.ts";
import { readSharedStrings, type SharedStrings } from "./xlsx-strings.ts";
import { openXlsxParts, readWorkbook, type Workbook, type XlsxParts } from "./xlsx-workbook.ts";
import type { ZipEntry } from "./zip-entries.ts";

interface OpenSheet {
  readonly parts: XlsxParts;
  readonly workbook: Workbook;
  readonly path: string;
}

const SHEETS_LISTED_MAX = 20;
/**
 * The header stands among the first rows, and rows are filled up to the widest of these: a cell that is
 * missing at the end of a row is a blank one. A note beside the table further below widens its row only.
 */
const HEADER_ROWS_MAX = 20;

/**
 * Finds the sheet. Throws SyncError `invalid-input` (`file-empty`, `sheets-several`, and what reading
 * throws).
 */
export async function openXlsxSheet(
  source: ByteSource,
  entries: readonly ZipEntry[],
  bounds: FileBounds,
): Promise<OpenSheet> {
  const parts = openXlsxParts(source, entries, bounds);
  const workbook = await readWorkbook(parts, bounds);
  const filled: Workbook["sheets"][number][] = [];
  for (const sheet of workbook.sheets) {
    if (await hasRows(parts, workbook, sheet.path, bounds)) filled.push(sheet);
  }
  const [first, second] = filled;
  if (first === undefined) {
    throw refuseFile({
      code: "file-empty",
      fix: "Put the names of the columns in the first row of a sheet that is not hidden.",
    });
  }
  if (second === undefined) return { parts, workbook, path: first.path };
  const names = filled.slice(0, SHEETS_LISTED_MAX).map(({ name }) => name.slice(0, 40));
  throw refuseFile({
    code: "sheets-several",
    fix: "Hide the sheets that are not meant, or save the one that is meant as a file of its own.",
    field: `sheets ${names.join(", ")}`,
  });
}

/** Asks for the first row only; what its cells say does not matter. */
async function hasRows(
  parts: XlsxParts,
  workbook: Workbook,
  path: string,
  bounds: FileBounds,
): Promise<boolean> {
  const anyText: SharedStrings = { get: () => "x" };
  for await (const _ of readSheetRows(parts.read(path), workbook, anyText, bounds)) return true;
  return false;
}

/** Each call reads the sheet anew. */
export async function* writeXlsxRows(
  { parts, workbook, path }: OpenSheet,
  bounds: FileBounds,
): AsyncGenerator<Uint8Array> {
  const stringsPath = workbook.sharedStringsPath;
  const strings = await readSharedStrings(
    stringsPath === undefined ? undefined : parts.read(stringsPath),
    bounds,
  );
  const lines = createLineBuffer();
  const place = createPlacing(bounds, lines.add);
  const first: SheetRow[] = [];
  let width = 0;
  for await (const row of readSheetRows(parts.read(path), workbook, strings, bounds)) {
    if (first.length < HEADER_ROWS_MAX) {
      first.push(row);
      width = Math.max(width, row.cells.length);
      if (first.length === HEADER_ROWS_MAX) for (const one of first) place(one, width);
    } else place(row, width);
    if (lines.isFull()) yield lines.take();
  }
  if (first.length < HEADER_ROWS_MAX) for (const one of first) place(one, width);
  yield lines.take();
}

/** Writes a row at its place, behind the blank rows that lead to it. */
function createPlacing(bounds: FileBounds, add: (line: string) => void) {
  let last = 0;
  return ({ number, cells }: SheetRow, width: number): void => {
    const blankCount = number - last - 1;
    if (blankCount > bounds.blankRowsMax) {
      throw refuseFile({
        code: "rows-blank-too-many",
        fix: `Delete the rows between the table and what stands far below it; ${bounds.blankRowsMax} blank rows are the most.`,
        field: `row ${number}`,
      });
    }
    add("\r\n".repeat(blankCount));
    const missing = width - cells.length;
    const filled = missing > 0 ? [...cells, ...Array.from({ length: missing }, () => "")] : cells;
    add(formatRow(filled, number, bounds.rowBytesMax));
    last = number;
  };
}
