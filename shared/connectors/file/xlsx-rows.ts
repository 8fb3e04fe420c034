/**
 * The rows of a worksheet (ECMA-376, part 1, 18.3) as texts, in a stream. Places are kept: a row that is
 * not in the file is a blank row, a cell that is not there a blank cell.
 */
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import type { NumberKind } from "./sheet-formats.ts";
import { showNumber } from "./sheet-numbers.ts";
import { attributeOf, createXmlScanner, damagedSheet, type XmlVisitor } from "./xml-scan.ts";
import type { Workbook } from "./xlsx-workbook.ts";
import { createItemText, type SharedStrings, unescapeText } from "./xlsx-strings.ts";

export interface SheetRow {
  /** From 1, as the spreadsheet counts. */
  readonly number: number;
  /** Up to the last one that holds something, of which there is one at least. */
  readonly cells: readonly string[];
}

/** Of a spreadsheet program: 1,048,576 rows of 16,384 columns, texts of 32,767 signs. */
const ROWS_MAX = 1_048_576;
const SHEET_COLUMNS_MAX = 16_384;
const VALUE_CHARACTERS_MAX = 256 * 1024;

/** Rows that hold something. Throws SyncError `invalid-input`; see `README.md` for the codes. */
export async function* readSheetRows(
  text: AsyncIterable<string>,
  workbook: Workbook,
  strings: SharedStrings,
  bounds: Pick<FileBounds, "columnsMax" | "rowBytesMax">,
): AsyncGenerator<SheetRow> {
  const rows: SheetRow[] = [];
  const visitor = new SheetVisitor(workbook, strings, bounds, rows);
  const scanner = createXmlScanner(visitor);
  for await (const piece of text) {
    scanner.add(piece);
    yield* rows;
    rows.length = 0;
  }
  scanner.finish();
  yield* rows;
}

class SheetVisitor implements XmlVisitor {
  readonly #numberKinds: readonly NumberKind[];
  readonly #has1904Dates: boolean;
  readonly #strings: SharedStrings;
  readonly #bounds: Pick<FileBounds, "columnsMax" | "rowBytesMax">;
  readonly #rows: SheetRow[];
  readonly #item = createItemText();

  #isInData = false;
  #depth = 0;
  #rowNumber = 0;
  #cells: string[] = [];
  #column = -1;
  #type = "";
  #style = 0;
  #value: string | undefined;
  #hasFormula = false;
  #isInValue = false;
  #isInItem = false;

  constructor(
    workbook: Workbook,
    strings: SharedStrings,
    bounds: Pick<FileBounds, "columnsMax" | "rowBytesMax">,
    rows: SheetRow[],
  ) {
    this.#numberKinds = workbook.numberKinds;
    this.#has1904Dates = workbook.has1904Dates;
    this.#strings = strings;
    this.#bounds = bounds;
    this.#rows = rows;
  }

  wantsText(): boolean {
    return this.#isInValue || (this.#isInItem && this.#item.wantsText());
  }

  text(text: string): void {
    if (this.#isInItem) this.#item.text(text);
    else this.#value = (this.#value ?? "") + text;
    if ((this.#value?.length ?? 0) > VALUE_CHARACTERS_MAX) throw damagedSheet(this.#place());
  }

  open(name: string, attributes: string): void {
    this.#depth += 1;
    if (this.#depth === 2) this.#isInData = name === "sheetData";
    else if (!this.#isInData) return;
    else if (this.#depth === 3 && name === "row") this.#openRow(attributes);
    else if (this.#depth === 4 && name === "c") this.#openCell(attributes);
    else if (this.#depth === 5) this.#openValue(name);
    else if (this.#isInItem) this.#item.open(name, attributes);
  }

  close(name: string): void {
    if (this.#isInData && this.#depth >= 3) this.#closeIn(name);
    this.#depth -= 1;
    if (this.#depth === 1) this.#isInData = false;
  }

  #closeIn(name: string): void {
    if (this.#depth === 5) {
      this.#isInValue = false;
      if (name === "is") {
        this.#isInItem = false;
        this.#value = this.#item.take();
      }
    } else if (this.#depth === 4 && name === "c") this.#closeCell();
    else if (this.#depth === 3 && name === "row") this.#closeRow();
    else if (this.#isInItem) this.#item.close(name);
  }

  #openRow(attributes: string): void {
    const text = attributes === "" ? undefined : attributeOf(attributes, "r");
    const number = text === undefined ? this.#rowNumber + 1 : Number(text);
    const isNext = Number.isInteger(number) && number > this.#rowNumber && number <= ROWS_MAX;
    if (!isNext) throw damagedSheet(`row ${this.#rowNumber + 1}`);
    this.#rowNumber = number;
    this.#cells = [];
    this.#column = -1;
  }

  #openCell(attributes: string): void {
    const place = attributeOf(attributes, "r");
    const column = place === undefined ? this.#column + 1 : columnOf(place);
    if (!(column > this.#column && column < SHEET_COLUMNS_MAX)) throw damagedSheet(this.#place());
    this.#column = column;
    this.#type = attributeOf(attributes, "t") ?? "n";
    this.#style = Number(attributeOf(attributes, "s") ?? "0");
    this.#value = undefined;
    this.#hasFormula = false;
  }

  #openValue(name: string): void {
    if (name === "v") {
      this.#isInValue = true;
      this.#value = "";
    } else if (name === "is") {
      this.#isInItem = true;
      this.#item.begin();
    } else if (name === "f") this.#hasFormula = true;
  }

  #closeCell(): void {
    if (this.#value === undefined && this.#hasFormula) {
      throw refuseFile({
        code: "formula-without-value",
        fix: "Open the file in a spreadsheet program and save it; the program that wrote it computed nothing.",
        field: this.#place(),
      });
    }
    const text = this.#value === undefined ? "" : this.#readValue(this.#value);
    if (text === "") return;
    if (this.#column >= this.#bounds.columnsMax) {
      throw refuseFile({
        code: "columns-too-many",
        fix: `Leave out columns; ${this.#bounds.columnsMax} are the most.`,
        field: this.#place(),
      });
    }
    while (this.#cells.length < this.#column) this.#cells.push("");
    this.#cells.push(text);
  }

  #readValue(value: string): string {
    switch (this.#type) {
      case "s":
        return value === ""
          ? ""
          : this.#strings.get(/^\s*\d+\s*$/.test(value) ? Number(value) : -1);
      case "n":
        return value === "" ? "" : this.#showNumber(value.trim());
      case "inlineStr":
        return value;
      case "str":
        return unescapeText(value);
      case "b":
        return /^\s*(?:1|true)\s*$/.test(value) ? "true" : this.#falseOf(value);
      case "e":
        return value;
      case "d":
        return value.replace(/T00:00:00(?:\.0+)?Z?$/, "");
      default:
        throw damagedSheet(this.#place());
    }
  }

  #falseOf(value: string): string {
    if (value.trim() === "") return "";
    if (/^\s*(?:0|false)\s*$/.test(value)) return "false";
    throw damagedSheet(this.#place());
  }

  #showNumber(value: string): string {
    const kind = this.#numberKinds[this.#style] ?? "plain";
    const shown = showNumber(value, kind, this.#has1904Dates);
    if (shown === undefined) throw damagedSheet(this.#place());
    return shown;
  }

  #closeRow(): void {
    if (this.#cells.length > 0) this.#rows.push({ number: this.#rowNumber, cells: this.#cells });
  }

  #place(): string {
    return `row ${this.#rowNumber}, column ${this.#column + 1}`;
  }
}

/** `BC12` is column 54, counted from 0; -1 where it is no place. */
function columnOf(place: string): number {
  let column = 0;
  let at = 0;
  for (; at < 4; at += 1) {
    const code = place.charCodeAt(at);
    if (!(code >= 0x41 && code <= 0x5a)) break;
    column = column * 26 + code - 0x40;
  }
  return at === 0 || at === 4 ? -1 : column - 1;
}
