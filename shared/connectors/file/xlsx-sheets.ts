/** Spreadsheets as XLSX: whole ones of several sheets, and exports, which are streamed. */
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell } from "#shared/domain/export/entry.ts";
import type { ExportTable, TableWriter } from "#shared/ports/exports.ts";
import type { SheetCell, SpreadsheetWriter } from "#shared/ports/files.ts";
import { writeXlsx } from "./xlsx-write.ts";

const WIDTH_MIN = 10;
const ID_WIDTH = 36;
const AMOUNT_WIDTH = 15;
const TEXT_WIDTH = 24;

export function createXlsxWriter(): SpreadsheetWriter {
  return {
    async write(sheets) {
      const chunks: Uint8Array[] = [];
      const streams = sheets.map((sheet) => ({ ...sheet, rows: inOrder(sheet.rows) }));
      for await (const chunk of writeXlsx(streams)) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    },
  };
}

export function createXlsxTableWriter(): TableWriter {
  return {
    extensionOf: () => "xlsx",
    contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write: ({ name, columns, entries }) =>
      writeXlsx([{ name, columns: columns.map(sheetColumn), rows: rowsOf(columns, entries) }]),
  };
}

async function* rowsOf(
  columns: readonly ExportColumn[],
  entries: ExportTable["entries"],
): AsyncGenerator<readonly SheetCell[]> {
  for await (const { rows } of entries) {
    for (const row of rows) yield columns.map(({ kind }, at) => sheetCell(kind, row[at] ?? null));
  }
}

function sheetCell(kind: ExportColumn["kind"], cell: ExportCell): SheetCell {
  if (cell === null) return null;
  switch (kind) {
    case "text":
      return cell;
    case "date":
      return { kind: "date", date: cell };
    case "amount":
    case "decimal":
      return { kind: "amount", text: cell };
    case "count":
      return { kind: "count", value: BigInt(cell) };
  }
}

function sheetColumn({ name, kind }: ExportColumn) {
  const fitting = name.endsWith("_id") ? ID_WIDTH : kind === "text" ? TEXT_WIDTH : AMOUNT_WIDTH;
  return { title: name, widthCharacters: Math.max(WIDTH_MIN, fitting, name.length + 2) };
}

async function* inOrder<One>(ones: readonly One[]): AsyncGenerator<One> {
  yield* ones;
}
