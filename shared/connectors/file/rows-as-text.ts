/** Rows of cells as delimited text by RFC 4180: commas, quotes where they are needed, CRLF, UTF-8. */
import { rearmCell } from "#shared/domain/formula-cells.ts";
import { refuseFile } from "./file-refusal.ts";

const CHUNK_CHARACTERS = 64 * 1024;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line. Throws SyncError `invalid-input` (`cell-text-broken`, `row-too-large`) at what is no text in
 * UTF-8 or longer than a row may be.
 */
export function formatRow(
  cells: readonly string[],
  rowNumber: number,
  charactersMax: number,
): string {
  let line = "";
  for (let index = 0; index < cells.length; index += 1) {
    const cell = kept(cells[index] ?? "");
    if (index > 0) line += ",";
    line += NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
  if (line.length > charactersMax) {
    throw refuseFile({
      code: "row-too-large",
      fix: `Shorten it; a row has ${charactersMax} bytes at the most.`,
      field: `row ${rowNumber}`,
    });
  }
  if (line.includes("\0") || !line.isWellFormed()) {
    throw refuseFile({
      code: "cell-text-broken",
      fix: "Type the cell anew; it holds a sign that is no text.",
      field: `row ${rowNumber}`,
    });
  }
  return `${line}\r\n`;
}

/**
 * What is read from the text has the `'` of harmless cells taken off. A cell of these formats never had
 * one put before it: where it begins like that by itself, it gets one that can be taken off.
 */
function kept(cell: string): string {
  return rearmCell(cell) === cell ? cell : `'${cell}`;
}

/** Puts lines together to chunks of UTF-8. */
export function createLineBuffer() {
  let open = "";
  return {
    add(line: string): void {
      open += line;
    },
    isFull: (): boolean => open.length >= CHUNK_CHARACTERS,
    take(): Uint8Array {
      const chunk = Buffer.from(open, "utf8");
      open = "";
      return chunk;
    },
  };
}
