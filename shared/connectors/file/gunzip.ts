/**
 * Gzip (RFC 1952) as a stream: members one behind the other are read as one, each checked by its sum
 * and length. What is behind the last member refuses the file.
 */
import { crc32 } from "node:zlib";
import { type ByteReader, createByteReader } from "./byte-reader.ts";
import { damagedArchive, type InflationBounds, inflate } from "./inflate.ts";

const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const flag = { headerSum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
const TEXT_BYTES_MAX = 64 * 1024;
/** `gzip` packs parts of a file as members; bgzip, a member for each 64 KB. */
const MEMBERS_MAX = 100_000;

/** Throws SyncError `invalid-input` (`archive-damaged`, `archive-inflates-too-far`). */
export async function* gunzip(
  content: AsyncIterable<Uint8Array>,
  bounds: InflationBounds,
): AsyncGenerator<Uint8Array> {
  const reader = createByteReader(content);
  let totalBytes = 0;
  try {
    for (let member = 0; ; member += 1) {
      const first = await reader.take(HEADER_BYTES);
      if (first.length === 0 && member > 0) return;
      if (member >= MEMBERS_MAX) throw damagedArchive();
      await skipHeader(first, reader);
      let sum = 0;
      let bytes = 0;
      const left = { ...bounds, inflatedBytesMax: bounds.inflatedBytesMax - totalBytes };
      for await (const chunk of inflate(reader, left)) {
        sum = crc32(chunk, sum);
        bytes += chunk.length;
        yield chunk;
      }
      totalBytes += bytes;
      await checkTrailer(reader, sum, bytes);
    }
  } finally {
    await reader.close();
  }
}

async function skipHeader(first: Uint8Array, reader: ByteReader): Promise<void> {
  const [magic, more, method, flags = 0] = first;
  const isGzip = magic === 0x1f && more === 0x8b && method === 8;
  if (first.length < HEADER_BYTES || !isGzip || (flags & flag.reserved) !== 0) {
    throw damagedArchive();
  }
  if ((flags & flag.extra) !== 0) {
    const [low = 0, high = 0] = await takeAll(reader, 2);
    await takeAll(reader, low + high * 256);
  }
  if ((flags & flag.name) !== 0) await skipText(reader);
  if ((flags & flag.comment) !== 0) await skipText(reader);
  if ((flags & flag.headerSum) !== 0) await takeAll(reader, 2);
}

async function takeAll(reader: ByteReader, count: number): Promise<Uint8Array> {
  const bytes = await reader.take(count);
  if (bytes.length < count) throw damagedArchive();
  return bytes;
}

async function skipText(reader: ByteReader): Promise<void> {
  for (let count = 0; count < TEXT_BYTES_MAX; ) {
    const bytes = await reader.next(TEXT_BYTES_MAX);
    if (bytes === undefined) break;
    const end = bytes.indexOf(0);
    if (end >= 0) return reader.unread(bytes.subarray(end + 1));
    count += bytes.length;
  }
  throw damagedArchive();
}

async function checkTrailer(reader: ByteReader, sum: number, bytes: number): Promise<void> {
  const trailer = await takeAll(reader, TRAILER_BYTES);
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER_BYTES);
  const isWhole = view.getUint32(0, true) === sum && view.getUint32(4, true) === bytes % 2 ** 32;
  if (!isWhole) throw damagedArchive();
}
