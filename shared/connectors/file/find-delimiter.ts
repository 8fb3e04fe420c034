/**
 * Which sign stands between the cells of delimited text: the one that gives the most rows one width,
 * quoted cells respected. Two that fit alike refuse the file.
 */
import { type Delimiter, delimiters } from "#shared/domain/delimiters.ts";
import { refuseFile } from "./file-refusal.ts";

export interface FoundDelimiter {
  readonly delimiter: Delimiter;
  /** Excel's own first line, `sep=;`, which is no row of the table. Without its line end. */
  readonly separatorLine?: string | undefined;
  /** Rows end in CR alone, as old programs for the Mac write them. */
  readonly hasBareReturns: boolean;
}

const SEPARATOR_LINE = /^(?:sep=(.)|"sep=(.)")(?=\r?\n|\r|$)/i;
const ROWS_MAX = 500;

/**
 * `head` is the beginning of the text without its mark. Throws SyncError `invalid-input`
 * (`delimiter-ambiguous`, `delimiter-unsupported`, `file-empty`).
 */
export function findDelimiter(head: string, isAll: boolean): FoundDelimiter {
  if (head.trim() === "") {
    throw refuseFile({
      code: "file-empty",
      fix: "Put the names of the columns in the first row.",
    });
  }
  const hasBareReturns = !head.includes("\n") && head.replace(/\r$/, "").includes("\r");
  const separator = SEPARATOR_LINE.exec(head);
  if (separator !== null) {
    const sign = separator[1] ?? separator[2];
    const delimiter = delimiters.find((one) => one === sign);
    if (delimiter === undefined) {
      throw refuseFile({
        code: "delimiter-unsupported",
        fix: "Save the file with commas, semicolons, tabs or pipes between its cells.",
        field: "row 1",
      });
    }
    return { delimiter, separatorLine: separator[0], hasBareReturns };
  }
  const text = hasBareReturns ? head.replaceAll("\r", "\n") : head;
  return { delimiter: chooseDelimiter(text, isAll), hasBareReturns };
}

function chooseDelimiter(text: string, isAll: boolean): Delimiter {
  const fits = delimiters.map((delimiter) => ({
    delimiter,
    rows: countFittingRows(readWidths(text, delimiter, isAll)),
  }));
  const [first, second] = fits.toSorted((one, other) => other.rows - one.rows);
  if (first === undefined || first.rows === 0) return ",";
  if (second?.rows === first.rows) {
    throw refuseFile({
      code: "delimiter-ambiguous",
      fix: "Put the cells in double quotes, or write sep=; as a line above the header, with the sign that is meant.",
      field: [first, second].map(({ delimiter }) => nameOf(delimiter)).join(" or "),
    });
  }
  return first.delimiter;
}

function nameOf(delimiter: Delimiter): string {
  const names = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe" } as const;
  return names[delimiter];
}

/** Rows of the width that most rows have, of those with two cells or more. */
function countFittingRows(widths: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const width of widths) if (width > 1) counts.set(width, (counts.get(width) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/**
 * Cells of each row that is not blank; 0 where a quote stands in a wrong place. The last row is left out
 * where it may be cut off.
 */
function readWidths(text: string, delimiter: Delimiter, isAll: boolean): number[] {
  const widths: number[] = [];
  let at = 0;
  while (at < text.length && widths.length < ROWS_MAX) {
    const { width, end, isBlank, isOpen } = readRowWidth(text, at, delimiter);
    if (end >= text.length && !isAll && widths.length > 0) break;
    if (!isBlank) widths.push(isOpen ? 0 : width);
    at = end;
  }
  return widths;
}

function readRowWidth(text: string, start: number, delimiter: Delimiter) {
  let width = 1;
  let isBlank = true;
  let isMisquoted = false;
  let at = start;
  let isCellStart = true;
  while (at < text.length) {
    const sign = text[at];
    if (sign === '"' && isCellStart) {
      const end = findClosingQuote(text, at);
      if (end < 0) return { width, end: text.length, isBlank: false, isOpen: true };
      at = end + 1;
      isBlank = false;
      isCellStart = false;
      const next = text[at];
      isMisquoted ||= ![delimiter, "\n", "\r", undefined].includes(next);
      continue;
    }
    at += 1;
    if (sign === "\n") break;
    isCellStart = sign === delimiter;
    if (isCellStart) width += 1;
    else if (sign !== "\r") isBlank = false;
    isMisquoted ||= sign === '"';
  }
  return { width: isMisquoted ? 0 : width, end: at, isBlank, isOpen: false };
}

function findClosingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
