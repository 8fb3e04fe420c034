/**
 * A ZIP archive as a stream (PKWARE APPNOTE 6.3.10): deflated files, each followed by its sizes, which
 * are not known before. It bears no time, so the same files are the same bytes.
 */
import { crc32, createDeflateRaw } from "node:zlib";
import { SyncError } from "#shared/domain/sync-error.ts";

export interface ZipFile {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** Sizes follow the content; names are UTF-8. */
const FLAGS = 0x0808;
const VERSION = 20;
const DEFLATED = 8;
/** 1980-01-01, where the time of ZIP begins. */
const NO_DATE = 0x0021;
/** Sizes and offsets have 32 bits. */
const BYTES_MAX = 0xffff_ffff;

interface Written {
  readonly name: Uint8Array;
  readonly checksum: number;
  readonly size: number;
  readonly packedSize: number;
  readonly offset: number;
}

/** The files one after another, each of them read when its turn comes. */
export async function* writeZip(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const written: Written[] = [];
  let offset = 0;
  const counted = (bytes: Uint8Array): Uint8Array => {
    offset += bytes.length;
    if (offset > BYTES_MAX) throw tooLarge();
    return bytes;
  };
  for await (const { name, content } of files) {
    const file = { name: new TextEncoder().encode(name), offset };
    yield counted(localHeader(file.name));
    const sizes = { checksum: 0, size: 0, packedSize: 0 };
    for await (const packed of deflate(content, sizes)) {
      sizes.packedSize += packed.length;
      yield counted(packed);
    }
    if (sizes.size > BYTES_MAX) throw tooLarge();
    yield counted(numbers([DESCRIPTOR, 4], [sizes.checksum, 4], ...sizesOf(sizes)));
    written.push({ ...file, ...sizes });
  }
  const directoryAt = offset;
  for (const file of written) yield counted(centralHeader(file));
  const count = written.length;
  yield numbers(
    ...([
      [END_OF_DIRECTORY, 4],
      [0, 2],
      [0, 2],
      [count, 2],
      [count, 2],
    ] as const),
    ...([
      [offset - directoryAt, 4],
      [directoryAt, 4],
      [0, 2],
    ] as const),
  );
}

/** Adds to `sizes` what goes in. A failure of the content passes through. */
async function* deflate(
  content: AsyncIterable<Uint8Array>,
  sizes: { checksum: number; size: number },
): AsyncGenerator<Uint8Array> {
  const packer = createDeflateRaw();
  const feeding = (async () => {
    for await (const bytes of content) {
      sizes.checksum = crc32(bytes, sizes.checksum);
      sizes.size += bytes.length;
      if (!packer.write(bytes)) await new Promise((resolve) => packer.once("drain", resolve));
    }
    packer.end();
  })();
  feeding.catch((cause: unknown) => packer.destroy(cause instanceof Error ? cause : undefined));
  yield* packer as AsyncIterable<Uint8Array>;
  await feeding;
}

function localHeader(name: Uint8Array): Uint8Array {
  return joined(
    numbers([LOCAL_HEADER, 4], [VERSION, 2], ...method, [0, 4], [0, 4], [0, 4], [name.length, 2]),
    numbers([0, 2]),
    name,
  );
}

function centralHeader({ name, checksum, offset, ...sizes }: Written): Uint8Array {
  return joined(
    numbers([CENTRAL_HEADER, 4], [VERSION, 2], [VERSION, 2], ...method, [checksum, 4]),
    numbers(...sizesOf(sizes), [name.length, 2], [0, 2], [0, 2], [0, 2], [0, 2], [0, 4]),
    numbers([offset, 4]),
    name,
  );
}

type Numbers = readonly (readonly [value: number, bytes: 2 | 4])[];

const method: Numbers = [
  [FLAGS, 2],
  [DEFLATED, 2],
  [0, 2],
  [NO_DATE, 2],
];

function sizesOf({ size, packedSize }: { size: number; packedSize: number }): Numbers {
  return [
    [packedSize, 4],
    [size, 4],
  ];
}

function numbers(...values: Numbers): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.reduce((sofar, [, bytes]) => sofar + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of values) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function tooLarge(): SyncError {
  return new SyncError({
    kind: "invalid-input",
    code: "export-too-large",
    fix: "Export it as CSV or Parquet: a spreadsheet of this size opens nowhere.",
  });
}
