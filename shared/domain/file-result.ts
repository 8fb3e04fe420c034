/**
 * The result file that answers a dropped file: what became of each row, as CSV by RFC 4180. Its cells
 * repeat what strangers wrote, so none of them can act as a formula where the file is opened.
 */
import type { FileProblem } from "./file-profile.ts";
import type { RowOutcome } from "./file-rows.ts";
import { disarmCell } from "./formula-cells.ts";

const header = ["row", "key", "status", "column", "value", "code", "fix", "run"] as const;
const VALUE_CHARACTERS_MAX = 500;

const NEEDS_QUOTES = /[",\r\n]|^[\s\uFEFF]|\s$/u;

/** One line for each accepted row and one for each fault of a rejected row, in the file's order. */
export function formatResultFile(runId: string, rows: readonly RowOutcome[]): string {
  const lines = rows.flatMap(({ row, key, faults }) =>
    faults.length === 0
      ? [[String(row), key, "accepted", "", "", "", "", runId]]
      : faults.map((fault) => {
          const { column, value, code, fix } = fault;
          return [String(row), key, "rejected", column, value, code, fix, runId];
        }),
  );
  return formatTable(lines);
}

/** The result of a file that was refused whole: one line, about row 1. */
export function formatRefusal(runId: string, problem: FileProblem): string {
  const { code, fix, detail = "" } = problem;
  return formatTable([["1", "", "rejected", "", detail, code, fix, runId]]);
}

/** One row of CSV with its line end; what is read from it again equals `cells`. */
export function formatCsvRow(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(",")}\r\n`;
}

function formatTable(lines: readonly (readonly string[])[]): string {
  return [header, ...lines].map((line) => formatCsvRow(line.map(toCell))).join("");
}

/** Shortened, and harmless where a spreadsheet opens it. */
function toCell(text: string): string {
  const isLong = text.length > VALUE_CHARACTERS_MAX;
  return disarmCell(isLong ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text);
}
