/** Tables of exports for tests: written, opened as a dropped file, and read to their cells. */
import { createCsvWriter } from "#shared/connectors/file/csv-write.ts";
import { createJsonLinesWriter } from "#shared/connectors/file/json-lines-write.ts";
import { createParquetWriter } from "#shared/connectors/file/parquet-write.ts";
import { createXlsxTableWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { normalizeDecimal } from "#shared/domain/decimal.ts";
import type { ExportFormat } from "#shared/domain/export/choices.ts";
import type { ColumnKind, ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell, ExportEntry } from "#shared/domain/export/entry.ts";
import { rearmCell } from "#shared/domain/formula-cells.ts";
import type { ExportForm, TableWriters } from "#shared/ports/exports.ts";
import { readRows } from "./opened-files.ts";

export const tableWriters: TableWriters = {
  csv: createCsvWriter(),
  jsonl: createJsonLinesWriter(),
  xlsx: createXlsxTableWriter(),
  parquet: createParquetWriter(),
};

async function* inOrder<One>(ones: readonly One[]): AsyncGenerator<One> {
  yield* ones;
}

export async function writeTable(
  format: ExportFormat,
  columns: readonly ExportColumn[],
  entries: readonly ExportEntry[],
  form: ExportForm = {},
): Promise<Uint8Array> {
  const table = { name: "export", columns, entries: inOrder(entries) };
  const chunks: Uint8Array[] = [];
  for await (const chunk of tableWriters[format].write(table, form)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

/** The rows under the header, each cell in the form in which {@link plainCell} has it. */
export async function readTable(
  format: ExportFormat,
  columns: readonly ExportColumn[],
  content: Uint8Array,
  form: ExportForm = {},
): Promise<{ header: readonly string[]; rows: readonly (readonly ExportCell[])[] }> {
  const [header = [], ...rows] = await readRows(
    `export.${tableWriters[format].extensionOf(form)}`,
    content,
  );
  return {
    header,
    rows: rows.map((row) =>
      columns.map(({ kind }, at) => plainCell(kind, rearmCell((row[at] ?? "").trim()))),
    ),
  };
}

/** What an import makes of a cell: space around it is off, equal numbers are one text, blank is null. */
export function plainCell(kind: ColumnKind, cell: ExportCell): ExportCell {
  const text = cell?.trim() ?? "";
  if (text === "") return null;
  return kind === "amount" || kind === "decimal" ? normalizeDecimal(text) : text;
}
