import { describe, expect, it } from "vitest";
import { createCsvWriter } from "#shared/connectors/file/csv-write.ts";
import { createJsonLinesWriter } from "#shared/connectors/file/json-lines-write.ts";
import { createParquetWriter } from "#shared/connectors/file/parquet-write.ts";
import { createXlsxTableWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportForm, TableWriter } from "#shared/ports/exports.ts";
import { readRows } from "#test/support/opened-files.ts";

const columns: readonly ExportColumn[] = [
  { name: "key", kind: "text", level: "record" },
  { name: "on", kind: "date", level: "record" },
  { name: "total", kind: "amount", level: "record", currency: "currency" },
  { name: "currency", kind: "text", level: "record" },
  { name: "rate", kind: "decimal", level: "record" },
  { name: "days", kind: "count", level: "record" },
];
const rows = [
  ["00417", "2026-11-27", "1234.5", "EUR", "0.075", "30"],
  ["Straße, „東京“ 🚲", "1969-12-31", "-0.01", "EUR", "1.123456789", "-1"],
  ['two\nlines "x"', null, null, null, null, null],
  ["last", "2000-02-29", "99999999999.99", "KWD", "12", "0"],
];
const cells = [
  columns.map(({ name }) => name),
  ...rows.map((row) => row.map((cell) => cell ?? "")),
];

async function* entries() {
  yield { key: "a", rows: rows.slice(0, 2) };
  yield { key: "b", rows: rows.slice(2) };
}

async function write(writer: TableWriter, form: ExportForm): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const table = { name: "Orders", columns, entries: entries() };
  for await (const chunk of writer.write(table, form)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a file that Tieout wrote", () => {
  it.each([
    ["CSV", createCsvWriter(), "utf-8", ","],
    ["CSV with semicolons", createCsvWriter(), "utf-8", ";"],
    ["JSON Lines", createJsonLinesWriter(), "utf-8", ","],
    ["XLSX", createXlsxTableWriter(), "utf-8", ","],
    ["Parquet", createParquetWriter(), "utf-8", ","],
  ] as const)("is read as it was, as %s", async (_, writer, encoding, delimiter) => {
    const content = await write(writer, { encoding, delimiter });

    expect(await readRows(`a.${writer.extensionOf({ encoding, delimiter })}`, content)).toEqual(
      cells,
    );
  });
});
