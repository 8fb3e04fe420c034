/**
 * CSV by RFC 4180: a header, CRLF at the end of each row, quotes where a cell needs them, and no cell
 * that a spreadsheet takes for a formula (`domain/formula-cells.ts`).
 */
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ExportCell } from "#shared/domain/export/entry.ts";
import { disarmCell } from "#shared/domain/formula-cells.ts";
import type { ExportForm, ExportTable, TableWriter } from "#shared/ports/exports.ts";
import { createGb18030Encoder } from "./gb18030.ts";
import { inChunks } from "./text-chunks.ts";

type Encoding = NonNullable<ExportForm["encoding"]>;

interface TextForm {
  /** Bytes that the file begins with. */
  readonly mark: Uint8Array;
  readonly createEncoder: () => (text: string) => Uint8Array;
}

const utf8 = () => {
  const encoder = new TextEncoder();
  return (text: string) => encoder.encode(text);
};
const noMark = new Uint8Array();

const forms: Readonly<Record<Encoding, TextForm>> = {
  "utf-8": { mark: noMark, createEncoder: utf8 },
  "utf-8-bom": { mark: Uint8Array.of(0xef, 0xbb, 0xbf), createEncoder: utf8 },
  "utf-16le": {
    mark: Uint8Array.of(0xff, 0xfe),
    createEncoder: () => (text) => new Uint8Array(Buffer.from(text, "utf16le")),
  },
  gb18030: { mark: noMark, createEncoder: createGb18030Encoder },
};

export function createCsvWriter(): TableWriter {
  // Many a text of it is one in Windows-1252 too: the name says which, as for whoever drops a file.
  const extensionOf = ({ encoding }: ExportForm) =>
    encoding === "gb18030" ? "gb18030.csv" : "csv";
  return { extensionOf, contentType: "text/csv", write: writeCsv };
}

async function* writeCsv(
  table: ExportTable,
  { encoding = "utf-8", delimiter = "," }: ExportForm,
): AsyncGenerator<Uint8Array> {
  const { mark, createEncoder } = forms[encoding];
  const encode = createEncoder();
  if (mark.length > 0) yield mark;
  for await (const text of inChunks(linesOf(table, delimiter))) yield encode(text);
}

async function* linesOf({ columns, entries }: ExportTable, delimiter: string) {
  const line = (cells: readonly ExportCell[]): string =>
    `${cells.map((cell) => quote(disarmCell(cell ?? ""), delimiter)).join(delimiter)}\r\n`;
  yield line(columns.map(({ name }) => name));
  for await (const { rows } of entries) {
    for (const row of rows) yield line(row);
  }
}

const NEEDS_QUOTES = /["\r\n]|^[\s\uFEFF]|\s$/u;

function quote(cell: string, delimiter: string): string {
  if (cell.includes("\0")) throw new SyncError({ kind: "bug", code: "text-unreadable" });
  const isPlain = !NEEDS_QUOTES.test(cell) && !cell.includes(delimiter);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
