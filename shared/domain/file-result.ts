/**
 * The result file that answers a dropped file: its own rows as they were, and behind each what became
 * of it. A person mends it and drops it again; the columns that are ours are passed over then. Its
 * cells repeat what strangers wrote, so none of them can act as a formula where the file is opened.
 */
import type { FileProblem } from "./file-profile.ts";
import type { RowFault } from "./file-rows.ts";
import { disarmCell, rearmCell } from "./formula-cells.ts";
import { isResultColumn } from "./header-names.ts";

export const rowStatuses = ["applied", "unchanged", "waiting", "rejected"] as const;
export type RowStatus = (typeof rowStatuses)[number];

/** What became of one row. */
export interface RowResult {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number;
  readonly status: RowStatus;
  /** What stands in the way, of rows that wait or were rejected; of an export, also what was not taken. */
  readonly faults: readonly RowFault[];
  /** The record's ids in both systems, as far as there are any. */
  readonly crmId?: string | undefined;
  readonly booksId?: string | undefined;
}

export const resultContentType = "text/csv; charset=utf-8";

/** {@link isResultColumn} knows them by it. */
const OWN_PREFIX = "tieout_";
const ownColumns = ["row", "status", "code", "column", "value", "fix", "crm_id", "books_id", "run"];
const VALUE_CHARACTERS_MAX = 500;
/** Any sign that stands between cells somewhere: the file may be opened where another is meant. */
const NEEDS_QUOTES = /[",;\t|\r\n]|^[\s\uFEFF]|\s$/u;

/** The first row: the file's own columns, and ours. */
export function formatResultHeader(header: readonly string[], delimiter: string): string {
  const own = ownColumns.map((name) => `${OWN_PREFIX}${name}`);
  const kept = header.filter((name) => !isResultColumn(name)).map(disarmCell);
  return formatDelimitedRow([...kept, ...own], delimiter);
}

/**
 * One row; `cells` are the file's, in the order of `header`. Read again it says what it said, unless a
 * person changed it.
 */
export function formatResultRow(
  header: readonly string[],
  cells: readonly string[],
  result: RowResult,
  { runId, delimiter }: { readonly runId: string; readonly delimiter: string },
): string {
  const kept = header.flatMap((name, index) =>
    isResultColumn(name) ? [] : [disarmCell(rearmCell(cells[index] ?? ""))],
  );
  // What stands beyond the header is why the row was rejected: it stays where a person sees it.
  const beyond = cells.slice(header.length).map((cell) => disarmCell(rearmCell(cell)));
  const { row, status, faults, crmId = "", booksId = "" } = result;
  const listed = (part: (fault: RowFault) => string) => shorten(faults.map(part).join("; "));
  const own = [
    String(row),
    status,
    listed(({ code }) => code),
    listed(({ column }) => column),
    listed(({ value }) => value),
    listed(({ fix }) => fix),
    crmId,
    booksId,
    runId,
  ];
  return formatDelimitedRow([...kept, ...own.map(disarmCell), ...beyond], delimiter);
}

/** A row of what has no columns of its own. */
export interface ListedRow extends RowResult {
  readonly key: string;
}

/** The result of a file that is no table: one line for each thing in it, by its key. */
export function formatListedRows(runId: string, rows: readonly ListedRow[]): string {
  const style = { runId, delimiter: "," };
  const lines = rows.map(({ key, ...row }) => formatResultRow(["key"], [key], row, style));
  return formatResultHeader(["key"], style.delimiter) + lines.join("");
}

/** The result of a file that was refused whole: one line, about the file. */
export function formatRefusal(runId: string, problem: FileProblem): string {
  const { code, fix, detail = "" } = problem;
  const own = ["1", "rejected", code, "", shorten(detail), fix, "", "", runId];
  return formatResultHeader([], ",") + formatCsvRow(own.map(disarmCell));
}

/** One row of CSV with its line end; what is read from it again equals `cells`. */
export function formatCsvRow(cells: readonly string[]): string {
  return formatDelimitedRow(cells, ",");
}

/** As {@link formatCsvRow}, between other signs. */
function formatDelimitedRow(cells: readonly string[], delimiter: string): string {
  const quoted = cells.map((cell) =>
    NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(delimiter)}\r\n`;
}

function shorten(text: string): string {
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}
