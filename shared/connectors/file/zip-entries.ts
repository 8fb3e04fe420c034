/**
 * The directory of a ZIP archive (PKWARE APPNOTE 6.3.10, 4.3), read from its end. Only what a file of
 * our sizes needs: one disk, no ZIP64, no encryption; stored and deflated data.
 */
import type { ByteSource } from "#shared/ports/files.ts";
import { collectBytes } from "./byte-reader.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { damagedArchive } from "./inflate.ts";

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly sum: number;
  /** Where its own header stands. */
  readonly headerAt: number;
  /** No data reaches further. */
  readonly dataEndsBefore: number;
  readonly isEncrypted: boolean;
}

const CENTRAL_HEADER = 0x02014b50;
const CENTRAL_BYTES = 46;
const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const ENCRYPTED = 0x0001 | 0x0040 | 0x2000;

interface DirectoryEnd {
  readonly count: number;
  readonly bytes: number;
  readonly start: number;
}

/**
 * All entries in the directory's order, no two of one name. Throws SyncError `invalid-input`
 * (`archive-damaged`, `archive-unsupported`, `archive-too-many-files`).
 */
export async function readZipEntries(
  source: ByteSource,
  bounds: Pick<FileBounds, "zipEntriesMax" | "zipDirectoryBytesMax">,
): Promise<readonly ZipEntry[]> {
  const end = await findEnd(source);
  if (end.count > bounds.zipEntriesMax || end.bytes > bounds.zipDirectoryBytesMax) {
    throw refuseFile({
      code: "archive-too-many-files",
      fix: `Pack one file alone; ${bounds.zipEntriesMax} entries are the most that is looked through.`,
    });
  }
  if (end.bytes === 0 && end.count === 0) return [];
  const range = { from: end.start, to: end.start + Math.max(1, end.bytes) };
  const directory = await collectBytes(source.read(range), end.bytes);
  if (directory?.length !== end.bytes) throw damagedArchive();
  const entries: ZipEntry[] = [];
  let at = 0;
  while (entries.length < end.count) {
    const { entry, length } = readEntry(directory, at, end.start);
    entries.push(entry);
    at += length;
  }
  const names = new Set(entries.map(({ name }) => name));
  if (at !== end.bytes || names.size !== entries.length) throw damagedArchive();
  return entries;
}

async function findEnd(source: ByteSource): Promise<DirectoryEnd> {
  const from = Math.max(0, source.bytes - END_BYTES - COMMENT_BYTES_MAX);
  const tail = await collectBytes(source.read({ from }), source.bytes - from);
  if (tail === undefined) throw damagedArchive();
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== END_OF_DIRECTORY) continue;
    // The comment ends the file, or this is no end but the comment's own text.
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tail.length) continue;
    return checkEnd(view, at, from + at);
  }
  throw damagedArchive();
}

function checkEnd(view: DataView, at: number, endAt: number): DirectoryEnd {
  const count = view.getUint16(at + 10, true);
  const bytes = view.getUint32(at + 12, true);
  const start = view.getUint32(at + 16, true);
  const isZip64 = count === 0xffff || bytes === 0xffffffff || start === 0xffffffff;
  const isParted = view.getUint32(at + 4, true) !== 0 || view.getUint16(at + 8, true) !== count;
  if (isZip64 || isParted) throw unsupportedArchive();
  if (start + bytes !== endAt) throw damagedArchive();
  return { count, bytes, start };
}

function readEntry(directory: Uint8Array, at: number, dataEndsBefore: number) {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  if (at + CENTRAL_BYTES > directory.length) throw damagedArchive();
  if (view.getUint32(at, true) !== CENTRAL_HEADER) throw damagedArchive();
  const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((offset) =>
    view.getUint16(at + offset, true),
  );
  const length = CENTRAL_BYTES + nameBytes + extraBytes + commentBytes;
  if (at + length > directory.length) throw damagedArchive();
  const flags = view.getUint16(at + 8, true);
  const entry: ZipEntry = {
    name: nameOf(directory.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes)),
    method: view.getUint16(at + 10, true),
    sum: view.getUint32(at + 16, true),
    packedBytes: view.getUint32(at + 20, true),
    bytes: view.getUint32(at + 24, true),
    headerAt: view.getUint32(at + 42, true),
    dataEndsBefore,
    isEncrypted: (flags & ENCRYPTED) !== 0,
  };
  const isZip64 = [entry.packedBytes, entry.bytes, entry.headerAt].includes(0xffffffff);
  if (isZip64 || view.getUint16(at + 34, true) !== 0) throw unsupportedArchive();
  if (entry.headerAt >= dataEndsBefore) throw damagedArchive();
  return { entry, length };
}

/** Names are told apart and shown, never opened; those that are no UTF-8 are in some old code page. */
function nameOf(bytes: Uint8Array): string {
  const name = new TextDecoder("utf-8").decode(bytes);
  return name.includes("\uFFFD") ? Buffer.from(bytes).toString("latin1") : name;
}

export function unsupportedArchive(): Error {
  return refuseFile({
    code: "archive-unsupported",
    fix: "Pack the file anew as a plain zip: not in parts, not as ZIP64, by Deflate.",
  });
}
