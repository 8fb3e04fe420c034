/**
 * The {@link FileOpener}: what a person dropped, found by its first bytes, through one layer of gzip or
 * zip. See `README.md` for what is read and `docs/errors.md` for what is refused.
 */
import type { ByteSource, FileOpener, OpenedFile, OpenedTable } from "#shared/ports/files.ts";
import { collectBytes, readHead } from "./byte-reader.ts";
import { defaultFileBounds, type FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { gunzip } from "./gunzip.ts";
import { type Content, openText } from "./open-text.ts";
import { openParquet, writeParquetRows } from "./parquet-rows.ts";
import { type FileKind, SNIFFED_BYTES, sniffKind } from "./sniff-format.ts";
import { openXlsxSheet, writeXlsxRows } from "./xlsx-text.ts";
import { readZipEntry } from "./zip-content.ts";
import { readZipEntries, type ZipEntry } from "./zip-entries.ts";
import { judgeZip, unknownFormat, unsupportedSpreadsheet } from "./zip-kind.ts";

export function createFileOpener(bounds: FileBounds = defaultFileBounds): FileOpener {
  return {
    open: (fileName, source, signal, options) =>
      openFile(fileName, withSignal(source, signal), bounds, options?.mayPresume ?? false),
  };
}

function withSignal(source: ByteSource, signal: AbortSignal): ByteSource {
  return {
    bytes: source.bytes,
    async *read(range) {
      signal.throwIfAborted();
      for await (const chunk of source.read(range)) {
        signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

async function openFile(
  fileName: string,
  source: ByteSource,
  bounds: FileBounds,
  mayPresume: boolean,
): Promise<OpenedFile> {
  const plain: Content = {
    names: [fileName],
    read: () => source.read(),
    compression: undefined,
  };
  const kind = await kindOf(plain);
  switch (kind) {
    case "gzip": {
      const read = (): AsyncIterable<Uint8Array> => gunzip(source.read(), bounds);
      return openPacked({ ...plain, read, compression: "gzip" }, bounds);
    }
    case "zip":
      return openZip(fileName, source, bounds);
    case "parquet":
      return openParquetTable(source, undefined, bounds);
    case "text":
      return openText(plain, bounds, mayPresume);
    default:
      return refuseKind(kind, plain);
  }
}

async function kindOf(content: Content): Promise<FileKind> {
  const { head } = await readHead(content.read(), SNIFFED_BYTES);
  if (head.length > 0) return sniffKind(head);
  throw refuseFile({ code: "file-empty", fix: "Put the names of the columns in the first row." });
}

async function openZip(
  fileName: string,
  source: ByteSource,
  bounds: FileBounds,
): Promise<OpenedFile> {
  const entries = await readZipEntries(source, bounds);
  const zip = judgeZip(entries);
  if (zip.kind === "xlsx") return openXlsx(source, entries, undefined, bounds);
  const { entry } = zip;
  const name = entry.name.split("/").at(-1) ?? "";
  const read = (): AsyncIterable<Uint8Array> => readZipEntry(source, entry, bounds);
  return openPacked({ names: [name, fileName], read, compression: "zip" }, bounds);
}

/** What a gzip or zip holds: no archive again, other than a spreadsheet. */
async function openPacked(content: Content, bounds: FileBounds): Promise<OpenedFile> {
  const kind = await kindOf(content);
  switch (kind) {
    case "text":
      return openText(content, bounds);
    case "parquet":
      return openParquetTable(await hold(content, bounds), content.compression, bounds);
    case "zip": {
      const source = await hold(content, bounds);
      const entries = await readZipEntries(source, bounds);
      if (judgeZip(entries).kind !== "xlsx") throw nestedArchive();
      return openXlsx(source, entries, content.compression, bounds);
    }
    case "gzip":
    case "other-archive":
      throw nestedArchive();
    default:
      return refuseKind(kind, content);
  }
}

function nestedArchive(): Error {
  return refuseFile({ code: "archive-nested", fix: "Unpack it once; one layer is read." });
}

/** Formats that are read from their end are held in memory where they were packed. */
async function hold(content: Content, { nestedBytesMax }: FileBounds): Promise<ByteSource> {
  const bytes = await collectBytes(content.read(), nestedBytesMax);
  if (bytes === undefined) {
    throw refuseFile({
      code: "archive-inflates-too-far",
      fix: `Drop the file itself, without gzip or zip around it; ${nestedBytesMax} bytes of such a file are the most.`,
    });
  }
  return {
    bytes: bytes.length,
    async *read({ from, to } = { from: 0 }) {
      yield bytes.subarray(from, to);
    },
  };
}

async function openXlsx(
  source: ByteSource,
  entries: readonly ZipEntry[],
  compression: OpenedTable["compression"],
  bounds: FileBounds,
): Promise<OpenedTable> {
  const sheet = await openXlsxSheet(source, entries, bounds);
  return asTable("xlsx", compression, () => writeXlsxRows(sheet, bounds));
}

async function openParquetTable(
  source: ByteSource,
  compression: OpenedTable["compression"],
  bounds: FileBounds,
): Promise<OpenedTable> {
  const opened = await openParquet(source, bounds);
  return asTable("parquet", compression, () => writeParquetRows(source, opened, bounds));
}

function asTable(
  format: OpenedTable["format"],
  compression: OpenedTable["compression"],
  text: OpenedTable["text"],
): OpenedTable {
  const shape = {
    encoding: "utf-8",
    delimiter: ",",
    isInPlace: false,
    isPresumedUtf8: false,
  } as const;
  return { kind: "table", format, compression, ...shape, text };
}

type RefusedKind = Exclude<FileKind, "gzip" | "zip" | "parquet" | "text">;

async function refuseKind(kind: RefusedKind, content: Content): Promise<never> {
  switch (kind) {
    case "ole":
      if (!(await isProtected(content))) throw unsupportedSpreadsheet("XLS");
      throw refuseFile({
        code: "spreadsheet-protected",
        fix: "Open it with its password and save it as XLSX without one.",
      });
    case "other-archive":
      throw refuseFile({
        code: "archive-unsupported",
        fix: "Unpack it, or pack it as gzip or zip.",
      });
    case "not-a-table":
      throw unknownFormat();
  }
}

/** In UTF-16, as the directory of an OLE container has it (learn.microsoft.com, [MS-OFFCRYPTO] 2.3). */
const ENCRYPTED = Buffer.from("EncryptedPackage", "utf16le");

async function isProtected(content: Content): Promise<boolean> {
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of content.read()) {
    const bytes = Buffer.concat([tail, chunk]);
    if (bytes.includes(ENCRYPTED)) return true;
    tail = bytes.subarray(-ENCRYPTED.length);
  }
  return false;
}
