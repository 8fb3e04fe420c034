/**
 * A table as one file of Parquet: columns of text and of 64-bit numbers, one row group, one page a
 * column, plain values, gzip (parquet.apache.org/docs/file-format, read 2026-11). That is all a snapshot
 * needs, and a tenth of what a library for every kind of file weighs in a bundle.
 */
import { gzipSync } from "node:zlib";
import { encodeThrift, type ThriftValue } from "./thrift-compact.ts";

export interface ParquetColumn {
  readonly name: string;
  readonly type: "string" | "bigint";
  readonly isNullable: boolean;
  /** One for each row; null only where the column may be. Numbers fit 64 bits. */
  readonly values: readonly (string | bigint | null)[];
}

/** Numbers that the format gives to its words. */
const physicalTypes = { bigint: 2, string: 6 } as const;
const REQUIRED = 0;
const OPTIONAL = 1;
const UTF8 = 0;
const PLAIN = 0;
const RLE = 3;
const GZIP = 2;
const DATA_PAGE = 0;

const MAGIC = new TextEncoder().encode("PAR1");
const NUMBER_BYTES = 8;
const LENGTH_BYTES = 4;

interface Chunk {
  readonly column: ParquetColumn;
  /** The page with its header. */
  readonly bytes: Uint8Array;
  readonly uncompressedBytes: number;
}

/** The same bytes for the same columns. */
export function encodeParquetFile(columns: readonly ParquetColumn[], rowCount: number): Uint8Array {
  const chunks = columns.map(encodeChunk);
  const footer = encodeThrift(footerOf(chunks, rowCount));
  return concatenate([
    MAGIC,
    ...chunks.map(({ bytes }) => bytes),
    footer,
    lengthBytes(footer.length),
    MAGIC,
  ]);
}

function encodeChunk(column: ParquetColumn): Chunk {
  const { values, isNullable } = column;
  const parts = isNullable ? [presenceOf(values), plainValues(values)] : [plainValues(values)];
  const body = concatenate(parts);
  const packed = gzipSync(body);
  const page = {
    fields: [
      [1, { i32: values.length }],
      [2, { i32: PLAIN }],
      [3, { i32: RLE }],
      [4, { i32: RLE }],
    ],
  } as const;
  const header = encodeThrift({
    fields: [
      [1, { i32: DATA_PAGE }],
      [2, { i32: body.length }],
      [3, { i32: packed.length }],
      [5, page],
    ],
  });
  return {
    column,
    bytes: concatenate([header, packed]),
    uncompressedBytes: header.length + body.length,
  };
}

/** A bit for each row, set where there is a value: one run of packed bits, its length before it. */
function presenceOf(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    const byte = row >> 3;
    if (value !== null) bits[byte] = (bits[byte] ?? 0) | (1 << (row & 7));
  });
  const run: number[] = [];
  for (let rest = (bits.length << 1) | 1; ; rest >>>= 7) {
    run.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  return concatenate([lengthBytes(run.length + bits.length), Uint8Array.from(run), bits]);
}

/** One behind the other, a text with its length before it; what is null takes no place. */
function plainValues(values: ParquetColumn["values"]): Uint8Array {
  const bytes = Buffer.alloc(values.reduce((total, value) => total + plainLength(value), 0));
  let end = 0;
  for (const value of values) {
    if (typeof value === "bigint") end = bytes.writeBigInt64LE(value, end);
    if (typeof value !== "string") continue;
    end = bytes.writeUInt32LE(Buffer.byteLength(value), end);
    end += bytes.write(value, end);
  }
  return bytes;
}

function plainLength(value: string | bigint | null): number {
  if (value === null) return 0;
  return typeof value === "bigint" ? NUMBER_BYTES : LENGTH_BYTES + Buffer.byteLength(value);
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}

function footerOf(chunks: readonly Chunk[], rowCount: number) {
  let offset = MAGIC.length;
  const columnChunks = chunks.map(({ column, bytes, uncompressedBytes }) => {
    const { name, type, values } = column;
    const meta: (readonly [number, ThriftValue])[] = [
      [1, { i32: physicalTypes[type] }],
      [2, [{ i32: PLAIN }, { i32: RLE }]],
      [3, [name]],
      [4, { i32: GZIP }],
      [5, { i64: values.length }],
      [6, { i64: uncompressedBytes }],
      [7, { i64: bytes.length }],
      [9, { i64: offset }],
    ];
    const place = { i64: offset };
    offset += bytes.length;
    return { fields: [[2, place] as const, [3, { fields: meta }] as const] };
  });
  const total = chunks.reduce((sofar, { uncompressedBytes }) => sofar + uncompressedBytes, 0);
  const rows = { i64: rowCount };
  const rowGroup = {
    fields: [[1, columnChunks] as const, [2, { i64: total }] as const, [3, rows] as const],
  };
  const root = { fields: [[4, "root"] as const, [5, { i32: chunks.length }] as const] };
  return {
    fields: [
      [1, { i32: 1 }] as const,
      [2, [root, ...chunks.map(({ column }) => schemaOf(column))]] as const,
      [3, rows] as const,
      [4, [rowGroup]] as const,
      [6, "tieout"] as const,
    ],
  };
}

function schemaOf({ name, type, isNullable }: ParquetColumn) {
  const fields: (readonly [number, ThriftValue])[] = [
    [1, { i32: physicalTypes[type] }],
    [3, { i32: isNullable ? OPTIONAL : REQUIRED }],
    [4, name],
  ];
  // Text, by the older word that every reader knows.
  return { fields: type === "string" ? [...fields, [6, { i32: UTF8 }] as const] : fields };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
