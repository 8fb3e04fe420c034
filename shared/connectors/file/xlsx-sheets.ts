/**
 * Spreadsheets as XLSX (ECMA-376), with write-excel-file: typed cells, a frozen header, columns of a
 * width that fits. The same sheets give the same bytes: the archive bears no time.
 *
 * A spreadsheet's number is a binary float of which it shows 15 digits at the most. An amount of more
 * digits is written as text; up to that, the digits that are shown are the amount's.
 */
import writeExcelFile, { type Cell } from "write-excel-file/node";
import { assert } from "#shared/domain/sync-error.ts";
import type { Sheet, SheetCell, SheetColumn, SpreadsheetWriter } from "#shared/ports/files.ts";

/** Digits that Excel keeps of a number (support.microsoft.com, "Excel specifications and limits", read 2026-11). */
const NUMBER_DIGITS_MAX = 15;
const HEADER_COLOR = "#E8ECF1";

export function createXlsxWriter(): SpreadsheetWriter {
  return {
    async write(sheets) {
      const bytes = await writeExcelFile(sheets.map(toSheet), {
        fontFamily: "Calibri",
        fontSize: 11,
      }).toBuffer();
      return withoutTimes(new Uint8Array(bytes));
    },
  };
}

function toSheet({ name, columns, rows }: Sheet) {
  return {
    sheet: name,
    stickyRowsCount: 1,
    columns: columns.map(({ widthCharacters }) => ({ width: widthCharacters })),
    data: [columns.map(toHeader), ...rows.map((row) => row.map(toCell))],
    orientation: "landscape" as const,
  };
}

function toHeader({ title }: SheetColumn): Cell {
  return { value: title, type: String, fontWeight: "bold", backgroundColor: HEADER_COLOR };
}

function toCell(cell: SheetCell): Cell {
  if (cell === null || cell === "") return null;
  if (typeof cell === "string") return { value: cell, type: String };
  switch (cell.kind) {
    case "count":
      return { value: Number(cell.value), type: Number, format: "#,##0" };
    case "amount":
      return amountCell(cell.text);
    case "date":
      return { value: new Date(`${cell.date}T00:00:00Z`), type: Date, format: "yyyy-mm-dd" };
  }
}

function amountCell(text: string): Cell {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  if (whole.length + fraction.length > NUMBER_DIGITS_MAX) {
    return { value: text, type: String, align: "right" };
  }
  const format = fraction === "" ? "#,##0" : `#,##0.${"0".repeat(fraction.length)}`;
  return { value: Number(text), type: Number, format };
}

const CENTRAL_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
/** 1980-01-01, where the time of ZIP begins. */
const NO_DATE = 0x0021;

/** Sets the time of each file of a ZIP archive (PKWARE APPNOTE 6.3.10, 4.3) to the earliest there is. */
function withoutTimes(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.byteLength - END_BYTES;
  assert(end >= 0 && view.getUint32(end, true) === END_OF_DIRECTORY, "archive-unreadable");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    assert(view.getUint32(at, true) === CENTRAL_HEADER, "archive-unreadable");
    const local = view.getUint32(at + 42, true);
    assert(view.getUint32(local, true) === LOCAL_HEADER, "archive-unreadable");
    view.setUint32(at + 12, NO_DATE << 16, true);
    view.setUint32(local + 10, NO_DATE << 16, true);
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    at += 46 + lengths.reduce((sofar, length) => sofar + length, 0);
  }
  return archive;
}
