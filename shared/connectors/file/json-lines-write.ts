/**
 * JSON Lines (jsonlines.org): an object for each row, with every column. Amounts and decimals are text,
 * since a JSON number is a binary float to most readers; counts are numbers; a blank is null.
 */
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportRow } from "#shared/domain/export/entry.ts";
import type { ExportTable, TableWriter } from "#shared/ports/exports.ts";
import { inChunks } from "./text-chunks.ts";

export function createJsonLinesWriter(): TableWriter {
  return { extensionOf: () => "jsonl", contentType: "application/jsonl", write: writeLines };
}

async function* writeLines(table: ExportTable): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const text of inChunks(linesOf(table))) yield encoder.encode(text);
}

async function* linesOf({ columns, entries }: ExportTable): AsyncGenerator<string> {
  for await (const { rows } of entries) {
    for (const row of rows) yield `${lineOf(columns, row)}\n`;
  }
}

function lineOf(columns: readonly ExportColumn[], row: ExportRow): string {
  const members = columns.map(({ name, kind }, index) => {
    const cell = row[index] ?? null;
    return [name, kind === "count" && cell !== null ? Number(cell) : cell] as const;
  });
  return JSON.stringify(Object.fromEntries(members));
}
