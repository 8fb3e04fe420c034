/**
 * JSON and JSON Lines (jsonlines.org) as delimited text. The header is all keys of the file in the order
 * in which they are first met, so the file is read once for it and once for its rows. Row 1 is the
 * header: the first record of an array is row 2, line n of JSON Lines is row n + 1.
 */
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { readJsonRecord } from "./json-record.ts";
import { createArrayScanner, type JsonScanner, malformedJson } from "./json-scan.ts";
import { createLineBuffer, formatRow } from "./rows-as-text.ts";

export type JsonFormat = "json" | "json-lines";
type RowBounds = Pick<FileBounds, "rowBytesMax" | "columnsMax">;

/** `head` is the beginning of the text. Undefined where it does not begin as JSON does. */
export function findJsonFormat(head: string, isAll: boolean): JsonFormat | undefined {
  if (/^\s*\[\s*(?:[[{\]"]|$)/.test(head)) return "json";
  if (!/^\s*\{\s*(?:["}]|$)/.test(head)) return undefined;
  const text = head.trimStart();
  const end = text.indexOf("\n");
  if (end < 0 && !isAll) return "json";
  const line = (end < 0 ? text : text.slice(0, end)).trim();
  if (!line.endsWith("}") || !isJson(line)) return "json";
  const isAlone = end < 0 || (isAll && text.slice(end).trim() === "");
  return isAlone && /[[]/.test(line) && hasArray(line) ? "json" : "json-lines";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (cause) {
    if (cause instanceof SyntaxError) return false;
    throw cause;
  }
}

function hasArray(line: string): boolean {
  return Object.values(JSON.parse(line)).some(Array.isArray);
}

/**
 * All keys of the file. Throws SyncError `invalid-input` as {@link readJsonRecord} and the scanners do,
 * and `columns-too-many`, `file-empty`.
 */
export async function readJsonKeys(
  text: AsyncIterable<string>,
  format: JsonFormat,
  bounds: RowBounds,
): Promise<readonly string[]> {
  const keys = new Set<string>();
  for await (const { part, rowNumber } of readParts(text, format, bounds.rowBytesMax)) {
    if (part === "") continue;
    for (const key of readJsonRecord(part, rowNumber).keys()) keys.add(key);
    if (keys.size > bounds.columnsMax) {
      throw refuseFile({
        code: "columns-too-many",
        fix: `Leave out keys; ${bounds.columnsMax} are the most.`,
        field: `row ${rowNumber}`,
      });
    }
  }
  if (keys.size > 0) return [...keys];
  throw refuseFile({ code: "file-empty", fix: "Put records with keys into the file." });
}

export async function* writeJsonRows(
  text: AsyncIterable<string>,
  format: JsonFormat,
  keys: readonly string[],
  bounds: RowBounds,
): AsyncGenerator<Uint8Array> {
  const lines = createLineBuffer();
  lines.add(formatRow(keys, 1, bounds.rowBytesMax));
  for await (const { part, rowNumber } of readParts(text, format, bounds.rowBytesMax)) {
    const record = part === "" ? undefined : readJsonRecord(part, rowNumber);
    const cells = record === undefined ? [""] : keys.map((key) => record.get(key) ?? "");
    lines.add(formatRow(cells, rowNumber, bounds.rowBytesMax));
    if (lines.isFull()) yield lines.take();
  }
  yield lines.take();
}

interface Part {
  /** Blank for a blank line. */
  readonly part: string;
  readonly rowNumber: number;
}

async function* readParts(
  text: AsyncIterable<string>,
  format: JsonFormat,
  charactersMax: number,
): AsyncGenerator<Part> {
  const scanner =
    format === "json" ? createArrayScanner(charactersMax) : createLineScanner(charactersMax);
  let rowNumber = 1;
  for await (const piece of text) {
    for (const part of scanner.add(piece)) {
      rowNumber += 1;
      yield { part, rowNumber };
    }
  }
  for (const part of scanner.finish()) {
    rowNumber += 1;
    yield { part, rowNumber };
  }
}

/** Lines without the space around them; blank ones at the end are left out. */
function createLineScanner(charactersMax: number): JsonScanner {
  let open = "";
  let blankCount = 0;
  let lineCount = 0;
  const add = (line: string): readonly string[] => {
    lineCount += 1;
    const part = line.trim();
    if (part === "") {
      blankCount += 1;
      return [];
    }
    const blanks = Array.from({ length: blankCount }, () => "");
    blankCount = 0;
    return [...blanks, part];
  };
  const checkLength = (length: number): void => {
    if (length > charactersMax || blankCount > charactersMax) {
      throw malformedJson(`row ${lineCount + 2}`);
    }
  };
  return {
    add(piece) {
      const lines = piece.split("\n");
      const last = lines.pop() ?? "";
      const [first, ...others] = lines;
      if (first === undefined) {
        open += last;
        checkLength(open.length);
        return [];
      }
      const whole = [open + first, ...others];
      for (const line of whole) checkLength(line.length);
      open = last;
      checkLength(open.length);
      return whole.flatMap(add);
    },
    finish: () => add(open),
  };
}
