/** What one entry of a ZIP archive holds, checked against all that the archive says of it. */
import { crc32 } from "node:zlib";
import type { ByteSource } from "#shared/ports/files.ts";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { refuseFile } from "./file-refusal.ts";
import { damagedArchive, type InflationBounds, inflate } from "./inflate.ts";
import { unsupportedArchive, type ZipEntry } from "./zip-entries.ts";

const LOCAL_HEADER = 0x04034b50;
const LOCAL_BYTES = 30;
const HAS_DESCRIPTOR = 0x0008;
const STORED = 0;
const DEFLATED = 8;
const PIECE_BYTES = 64 * 1024;

/**
 * Streams the content; sum and sizes are known to be right when it ends. Throws SyncError
 * `invalid-input` (`archive-damaged`, `archive-encrypted`, `archive-inflates-too-far`,
 * `archive-unsupported`).
 */
export async function* readZipEntry(
  source: ByteSource,
  entry: ZipEntry,
  bounds: InflationBounds,
): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted) {
    throw refuseFile({ code: "archive-encrypted", fix: "Pack the file without a password." });
  }
  if (entry.method !== STORED && entry.method !== DEFLATED) throw unsupportedArchive();
  const from = await findData(source, entry);
  const to = from + entry.packedBytes;
  if (to > entry.dataEndsBefore) throw damagedArchive();
  const reader = createByteReader(entry.packedBytes === 0 ? noBytes() : source.read({ from, to }));
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of unpack(reader, entry, bounds)) {
      bytes += chunk.length;
      if (bytes > entry.bytes) throw damagedArchive();
      sum = crc32(chunk, sum);
      yield chunk;
    }
    const isAllRead = (await reader.next(1)) === undefined;
    if (!isAllRead || bytes !== entry.bytes || sum !== entry.sum) throw damagedArchive();
  } finally {
    await reader.close();
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

function unpack(
  reader: ByteReader,
  { method }: ZipEntry,
  bounds: InflationBounds,
): AsyncIterable<Uint8Array> {
  return method === DEFLATED ? inflate(reader, bounds) : stored(reader);
}

async function* stored(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await reader.next(PIECE_BYTES);
    if (piece === undefined) return;
    yield piece;
  }
}

/** Behind the entry's own header, which must agree with the directory. */
async function findData(source: ByteSource, entry: ZipEntry): Promise<number> {
  const { headerAt } = entry;
  const to = Math.min(headerAt + LOCAL_BYTES, entry.dataEndsBefore);
  const reader = createByteReader(source.read({ from: headerAt, to }));
  try {
    const header = await reader.take(LOCAL_BYTES);
    if (header.length < LOCAL_BYTES) throw damagedArchive();
    const view = new DataView(header.buffer, header.byteOffset, LOCAL_BYTES);
    const hasSizes = (view.getUint16(6, true) & HAS_DESCRIPTOR) === 0;
    const isSame =
      view.getUint32(0, true) === LOCAL_HEADER &&
      view.getUint16(8, true) === entry.method &&
      (!hasSizes || view.getUint32(14, true) === entry.sum) &&
      (!hasSizes || view.getUint32(18, true) === entry.packedBytes) &&
      (!hasSizes || view.getUint32(22, true) === entry.bytes);
    if (!isSame) throw damagedArchive();
    return headerAt + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  } finally {
    await reader.close();
  }
}
