/** When two cells say the same, as far as a file can carry it. */
import { normalizeDecimal } from "../decimal.ts";
import type { ExportCell } from "./entry.ts";

/** As much as a record takes, see `contracts/field-values.ts`; what is longer is compared as text. */
const PLAIN_NUMBER = /^[+-]?\d{1,25}(?:\.\d{1,12})?$/;

export function isPlainNumber(text: string): boolean {
  return PLAIN_NUMBER.test(text);
}

/** Space around a text, forms of line ends and, of `isNumber`, of numbers are one. */
export function isSameCell(held: ExportCell, given: ExportCell, isNumber: boolean): boolean {
  return formOf(held, isNumber) === formOf(given, isNumber);
}

function formOf(cell: ExportCell, isNumber: boolean): string | null {
  const text = cell?.normalize("NFC").replace(/\r\n?/g, "\n").trim() ?? "";
  if (text === "") return null;
  return isNumber && isPlainNumber(text) ? normalizeDecimal(text) : text;
}
