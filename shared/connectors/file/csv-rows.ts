/**
 * CSV by RFC 4180 as rows of cells: UTF-8 with or without a byte order mark, commas or another sign
 * between cells, double quotes, LF or CRLF. Strict where leniency would mend one row by breaking
 * another: a quote in the wrong place or bytes that are not UTF-8 refuse the file. Widths are not
 * compared here.
 */
import { pipeline } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { limits } from "#shared/config/limits.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Delimiter } from "#shared/domain/delimiters.ts";
import type { RowReader } from "#shared/ports/files.ts";
import { describeQuoteFault, refusal, rowTooLarge } from "./csv-faults.ts";
import { createUtf8Check } from "./utf8-check.ts";

export interface CsvBounds {
  readonly rowBytesMax: number;
  readonly columnsMax: number;
  readonly rowsMax: number;
}

const LINE_FEED = 0x0a;
const NUL = 0x00;

const defaultBounds: CsvBounds = {
  rowBytesMax: limits.fileRowBytesMax,
  columnsMax: limits.fileColumnsMax,
  rowsMax: limits.fileRowsMax,
};

/** A {@link RowReader} for CSV; see `README.md` for its codes. */
export function createCsvRowReader(bounds: CsvBounds = defaultBounds): RowReader {
  return { readRows: (content, delimiter = ",") => readRows(content, delimiter, bounds) };
}

async function* readRows(
  content: AsyncIterable<Uint8Array>,
  delimiter: Delimiter,
  bounds: CsvBounds,
): AsyncGenerator<readonly string[]> {
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: bounds.rowBytesMax,
  });
  // A failure of either end destroys the parser with its cause, which the loop below then throws.
  pipeline(checkBytes(content, bounds.rowBytesMax), parser, () => undefined);
  let rowCount = 0;
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      rowCount += 1;
      if (rowCount === 1 && cells.length > bounds.columnsMax) {
        throw refusal("columns-too-many", `Leave out columns; ${bounds.columnsMax} are the most.`);
      }
      if (rowCount > bounds.rowsMax) {
        throw refusal("rows-too-many", `Split the file; ${bounds.rowsMax} rows are the most.`);
      }
      yield cells;
    }
  } catch (cause) {
    throw cause instanceof CsvError
      ? asRefusal(cause, parser.info.records + 1, bounds.rowBytesMax)
      : cause;
  }
}

/**
 * The same bytes, once they are known to be UTF-8 text in lines of a bearable length. The parser
 * bounds the text of a row, but not a row of nothing but commas.
 */
async function* checkBytes(
  content: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<Uint8Array> {
  const isStillUtf8 = createUtf8Check();
  let lineBytes = 0;
  for await (const chunk of content) {
    // A NUL is legal, and means UTF-16 or no text.
    if (chunk.includes(NUL) || !isStillUtf8(chunk)) throw notUtf8();
    lineBytes = measureOpenLine(chunk, lineBytes, lineBytesMax);
    yield chunk;
  }
  if (!isStillUtf8(undefined)) throw notUtf8();
}

function notUtf8(): SyncError {
  const fix = "Save the file as CSV UTF-8; in a spreadsheet that is a choice of Save As.";
  return refusal("encoding-not-utf8", fix);
}

/** Bytes of the line that the chunk leaves open. */
function measureOpenLine(chunk: Uint8Array, open: number, bytesMax: number): number {
  let start = -open;
  for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, end + 1)) {
    if (end - start > bytesMax) throw rowTooLarge(bytesMax);
    start = end + 1;
  }
  if (chunk.length - start > bytesMax) throw rowTooLarge(bytesMax);
  return chunk.length - start;
}

function asRefusal(error: CsvError, row: number, rowBytesMax: number): SyncError {
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return describeQuoteFault("quote-unterminated", row, error);
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE":
      return describeQuoteFault("quote-misplaced", row, error);
    case "CSV_MAX_RECORD_SIZE":
      return rowTooLarge(rowBytesMax, row, error);
    default:
      return new SyncError({ kind: "bug", code: "csv-parser-failed" }, error);
  }
}
