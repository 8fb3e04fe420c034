/**
 * Cells that a spreadsheet would take for formulas, written harmless and read as they were: what
 * {@link disarmCell} writes, {@link rearmCell} reads back, whatever the text.
 */

/** Starts of formulas, wide forms included, behind any apostrophes (owasp.org, CSV injection, read 2026-11). */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;
const DISARMED = /^'+[=+\-@\t\r\n＝＋－＠]/u;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** Puts one `'` before text that begins like a formula; plain numbers, `-1.50`, stay as they are. */
export function disarmCell(text: string): string {
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}

/** Takes off the `'` that {@link disarmCell} put there; other text stays as it is. */
export function rearmCell(cell: string): string {
  return DISARMED.test(cell) ? cell.slice(1) : cell;
}
