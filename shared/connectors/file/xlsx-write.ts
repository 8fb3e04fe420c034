/**
 * Spreadsheets as XLSX (ECMA-376), streamed: typed cells, a frozen header, columns of a width that
 * fits. Texts stand in their cells, so that no table of them has to be held.
 *
 * A spreadsheet's number is a binary float of which it shows 15 digits at the most. A number of more
 * digits is written as text; up to that, the digits that are shown are the number's.
 */
import { limits } from "#shared/config/limits.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { SheetCell, SheetColumn } from "#shared/ports/files.ts";
import { inChunks } from "./text-chunks.ts";
import { escapeXml, stylesXml, workbookFiles } from "./xlsx-parts.ts";
import { writeZip, type ZipFile } from "./zip-write.ts";

/** Digits that Excel keeps of a number (support.microsoft.com, "Excel specifications and limits", read 2026-11). */
const NUMBER_DIGITS_MAX = 15;
const MS_PER_DAY = 86_400_000;
/** Before it Excel counts a day that was none, 1900-02-29, and other programs do not. */
const FIRST_DATE = "1900-03-01";

export interface SheetStream {
  readonly name: string;
  readonly columns: readonly SheetColumn[];
  readonly rows: AsyncIterable<readonly SheetCell[]>;
}

/** The same bytes for the same sheets. What does not fit on a sheet goes on on the next. */
export async function* writeXlsx(
  sheets: Iterable<SheetStream>,
  rowsMax: number = limits.sheetRowsMax,
): AsyncGenerator<Uint8Array> {
  const names: string[] = [];
  const formats = new Formats();
  async function* files(): AsyncGenerator<ZipFile> {
    for (const sheet of sheets) {
      const rows = sheet.rows[Symbol.asyncIterator]();
      for (let part = 1, next = await rows.next(); part === 1 || next.done !== true; part += 1) {
        names.push(nameOf(sheet.name, part));
        const page = new SheetPage(rows, next, rowsMax - 1);
        const content = encoded(sheetXml(sheet.columns, page.rows(), formats));
        yield { name: `xl/worksheets/sheet${names.length}.xml`, content };
        next = page.next;
      }
    }
    for (const { name, text } of [...workbookFiles(names), stylesXml(formats.codes)]) {
      yield { name, content: encoded(once(text)) };
    }
  }
  yield* writeZip(files());
}

/** Rows of one sheet, as far as they fit; `next` is then the first that does not. */
class SheetPage {
  readonly #rows: AsyncIterator<readonly SheetCell[]>;
  readonly #rowsMax: number;
  next: IteratorResult<readonly SheetCell[], unknown>;

  constructor(
    rows: AsyncIterator<readonly SheetCell[]>,
    first: IteratorResult<readonly SheetCell[], unknown>,
    rowsMax: number,
  ) {
    this.#rows = rows;
    this.#rowsMax = rowsMax;
    this.next = first;
  }

  async *rows(): AsyncGenerator<readonly SheetCell[]> {
    for (let count = 0; count < this.#rowsMax && this.next.done !== true; count += 1) {
      yield this.next.value;
      this.next = await this.#rows.next();
    }
  }
}

/** Number formats, in the order in which they were first needed. */
class Formats {
  readonly codes: string[] = [];

  /** Position among the cell formats: 0 is none, 1 the header's. */
  styleOf(code: string): number {
    const at = this.codes.indexOf(code);
    return 2 + (at >= 0 ? at : this.codes.push(code) - 1);
  }
}

async function* sheetXml(
  columns: readonly SheetColumn[],
  rows: AsyncIterable<readonly SheetCell[]>,
  formats: Formats,
): AsyncGenerator<string> {
  const widths = columns.map(
    ({ widthCharacters }, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${widthCharacters}" customWidth="1"/>`,
  );
  yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  yield '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
  yield '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" ';
  yield 'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  if (widths.length > 0) yield `<cols>${widths.join("")}</cols>`;
  const header = columns.map(({ title }) => textCell(title, 1)).join("");
  yield `<sheetData><row>${header}</row>`;
  for await (const row of rows) {
    yield `<row>${row.map((cell) => cellXml(cell, formats)).join("")}</row>`;
  }
  yield '</sheetData><pageSetup orientation="landscape"/></worksheet>';
}

function cellXml(cell: SheetCell, formats: Formats): string {
  if (cell === null || cell === "") return "<c/>";
  if (typeof cell === "string") return textCell(cell, 0);
  switch (cell.kind) {
    case "count":
      return numberCell(cell.value.toString(), formats.styleOf("#,##0"));
    case "amount":
      return amountCell(cell.text, formats);
    case "date":
      return dateCell(cell.date, formats);
  }
}

function amountCell(text: string, formats: Formats): string {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  if (whole.length + fraction.length > NUMBER_DIGITS_MAX) return textCell(text, 0);
  const code = fraction === "" ? "#,##0" : `#,##0.${"0".repeat(fraction.length)}`;
  return numberCell(text, formats.styleOf(code));
}

function dateCell(date: string, formats: Formats): string {
  const days = (Date.parse(`${date}T00:00:00Z`) - Date.UTC(1899, 11, 30)) / MS_PER_DAY;
  if (!Number.isInteger(days) || date < FIRST_DATE) return textCell(date, 0);
  return numberCell(String(days), formats.styleOf("yyyy-mm-dd"));
}

function numberCell(text: string, style: number): string {
  return `<c s="${style}"><v>${text}</v></c>`;
}

function textCell(text: string, style: number): string {
  if (text.length > limits.sheetTextCharactersMax) throw new SyncError(textTooLong);
  const styled = style === 0 ? "" : ` s="${style}"`;
  return `<c${styled} t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

const textTooLong = {
  kind: "invalid-input",
  code: "cell-too-long",
  fix: "Choose another format: a cell of a spreadsheet holds 32,767 characters.",
} as const;

/** Excel takes 31 characters, and none of these signs. */
function nameOf(name: string, part: number): string {
  assert(name !== "" && !/[\\/?*[\]:]/.test(name), "sheet-name-refused");
  return part === 1 ? name.slice(0, 31) : `${name.slice(0, 25)} (${part})`;
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of inChunks(texts)) yield encoder.encode(text);
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
