/** What a spreadsheet did to a cell before it was a file, named where it can be told from the cell. */
import type { CellFormats } from "./file-formats.ts";

export interface CellDamage {
  readonly code: "cell-error" | "exponent-form" | "zeros-lost" | "digits-cut" | "code-turned-date";
  readonly fix: string;
}

/** Errors of Excel in English and, where they differ, in German, French and Spanish; and a narrow column. */
const ERROR =
  /^(?:#(?:N\/A|REF!|DIV\/0!|VALUE!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|GETTING_DATA|NV|BEZUG!|WERT!|ZAHL!|ÜBERLAUF!|VALEUR!|NOM\?|NOMBRE!|NUL!|VALOR!|¡REF!|¡VALOR!|¿NOMBRE\?|¡NUM!|¡DIV\/0!|¡NULO!)|#{2,})$/iu;
/** As a spreadsheet writes it: `1.23E+15`. A code such as `1E5` is none. */
const EXPONENT = /^-?\d(?:[.,]\d{1,14})?E[+-]\d{2,3}$/;
const DIGITS = /^\d+$/;
/** Digits that Excel keeps of a number (support.microsoft.com, "Excel specifications and limits", read 2026-11). */
export const DIGITS_KEPT = 15;
const CUT = new RegExp(`^\\d{${DIGITS_KEPT}}0+$`);
const MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec";
/** `1-Mar`, `Mar-02`, `01-Mar-26`, `3月1日`: spelled as a spreadsheet does, in nothing else. */
const TURNED_DATE = new RegExp(
  `^(?:\\d{1,2}-(?:${MONTH})(?:-\\d{2})?|(?:${MONTH})-\\d{2}|\\d{1,2}月\\d{1,2}日)$`,
  "u",
);

/** In a cell of any kind: the result of a formula that failed, or signs for a number too wide. */
export function findCellError(text: string): CellDamage | undefined {
  if (!text.startsWith("#") || !ERROR.test(text)) return undefined;
  const fix = text.startsWith("##")
    ? "Make the spreadsheet's column wider and write the file again: these signs stand for a value."
    : "Correct the formula in the spreadsheet, or empty the cell, and write the file again.";
  return { code: "cell-error", fix };
}

/** In a cell that is a code: a key, a phone or tax number, a postal code. */
export function findCodeDamage(text: string, formats: CellFormats): CellDamage | undefined {
  if (EXPONENT.test(text)) {
    return {
      code: "exponent-form",
      fix: "Make the spreadsheet's column one of text and enter the number anew: its last digits are lost.",
    };
  }
  if (TURNED_DATE.test(text)) {
    return {
      code: "code-turned-date",
      fix: "Make the spreadsheet's column one of text and enter the code anew: it was taken for a date.",
    };
  }
  const { digits } = formats;
  if (digits !== undefined && DIGITS.test(text) && text.length < digits) {
    return {
      code: "zeros-lost",
      fix: `Write it with all ${digits} digits, such as ${text.padStart(digits, "0")}; make the spreadsheet's column one of text.`,
    };
  }
  if (CUT.test(text) && formats.longNumbers !== "whole") {
    return {
      code: "digits-cut",
      fix: `Look at the number: a spreadsheet keeps ${DIGITS_KEPT} digits. Enter it anew as text; where it is right, say longNumbers "whole" in the file's profile.`,
    };
  }
  return undefined;
}
