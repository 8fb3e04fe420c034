/** Dropped files in memory, opened and read to their rows. */
import { readFileSync } from "node:fs";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { defaultFileBounds, type FileBounds } from "#shared/connectors/file/file-bounds.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ByteSource, OpenedFile, OpenedTable } from "#shared/ports/files.ts";
import { inChunks } from "#test/support/file-inbox.ts";

export function sourceOf(content: Uint8Array | string, chunkBytes = 1_000): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    bytes: bytes.length,
    read: ({ from, to } = { from: 0 }) => inChunks(bytes.subarray(from, to), [chunkBytes]),
  };
}

export function openBytes(
  name: string,
  content: Uint8Array | string,
  bounds: Partial<FileBounds> = {},
  chunkBytes?: number,
): Promise<OpenedFile> {
  const opener = createFileOpener({ ...defaultFileBounds, ...bounds });
  return opener.open(name, sourceOf(content, chunkBytes), new AbortController().signal);
}

export async function openTable(...args: Parameters<typeof openBytes>): Promise<OpenedTable> {
  const opened = await openBytes(...args);
  if (opened.kind !== "table") throw new Error(`${args[0]} is no table`);
  return opened;
}

export async function rowsOf(table: OpenedTable): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const cells of createCsvRowReader().readRows(table.text(), table.delimiter)) {
    rows.push([...cells]);
  }
  return rows;
}

export async function textOf(table: OpenedTable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of table.text()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export async function readRows(...args: Parameters<typeof openBytes>): Promise<string[][]> {
  return rowsOf(await openTable(...args));
}

/** `code field` of what opening or reading refuses; throws where nothing is, or not as it should be. */
export async function refusalOf(...args: Parameters<typeof openBytes>): Promise<string> {
  const outcome = await readRows(...args).catch((cause: unknown) => cause);
  if (!(outcome instanceof SyncError)) {
    throw new Error(`${args[0]} was not refused`, { cause: outcome });
  }
  const { kind, code, fix, field } = outcome.failure;
  if (kind !== "invalid-input" || fix === undefined) throw outcome;
  return `${code} ${field ?? ""}`.trim();
}

/** A file of `test/fixtures/files`. */
export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/files/${name}`, import.meta.url));
}
