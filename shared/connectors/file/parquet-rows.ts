/**
 * Apache Parquet as delimited text, with hyparquet: flat columns, row group by row group. Exact where the
 * file is: decimals are scaled as text, texts must be UTF-8. A moment is given in UTC without a zone.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Compressors, FileMetaData, ParquetParsers, SchemaTree } from "hyparquet";
import { readColumn } from "hyparquet/src/column.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { parquetMetadata, parquetSchema } from "hyparquet/src/metadata.js";
import type { ByteSource } from "#shared/ports/files.ts";
import { collectBytes } from "./byte-reader.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { hasSoundPages, rangeOfColumn, rangeOfGroup } from "./parquet-pages.ts";
import { createLineBuffer, formatRow } from "./rows-as-text.ts";
import { showNumber } from "./sheet-numbers.ts";

export interface OpenParquet {
  readonly metadata: FileMetaData;
  readonly columns: readonly ParquetColumn[];
}

interface ParquetColumn {
  readonly name: string;
  /** Digits behind the point of a decimal. */
  readonly scale: number | undefined;
}

type SchemaElement = FileMetaData["schema"][number];
type RowGroup = FileMetaData["row_groups"][number];

const FOOTER_BYTES = 8;
const MAGIC = "PAR1";
const METADATA_BYTES_MAX = 16 * 1024 * 1024;
const refusedTypes: ReadonlySet<string> = new Set([
  ...["TIME_MILLIS", "TIME_MICROS", "BSON", "INTERVAL", "MAP", "LIST", "MAP_KEY_VALUE"],
  ...["TIME", "VARIANT", "GEOMETRY", "GEOGRAPHY"],
]);

/**
 * Reads what the file says of itself. Throws SyncError `invalid-input` (`parquet-damaged`,
 * `parquet-column-unsupported`, `parquet-too-large`, `columns-too-many`).
 */
export async function openParquet(source: ByteSource, bounds: FileBounds): Promise<OpenParquet> {
  const footer = await readFooter(source);
  const metadata = orDamaged(() => parquetMetadata(footer, { parsers, geoparquet: false }));
  const [root, ...elements] = metadata.schema;
  if (root?.num_children !== elements.length || elements.length === 0) throw unsupported();
  if (elements.length > bounds.columnsMax) {
    throw refuseFile({
      code: "columns-too-many",
      fix: `Leave out columns; ${bounds.columnsMax} are the most.`,
    });
  }
  const columns = elements.map(toColumn);
  for (const group of metadata.row_groups) checkGroup(group, columns, bounds);
  return { metadata: { ...metadata, schema: [root, ...elements.map(withoutDecimals)] }, columns };
}

async function readFooter(source: ByteSource): Promise<Uint8Array> {
  if (source.bytes < MAGIC.length + FOOTER_BYTES) throw damagedParquet();
  const end = await collectBytes(source.read({ from: source.bytes - FOOTER_BYTES }), FOOTER_BYTES);
  if (end?.length !== FOOTER_BYTES) throw damagedParquet();
  const length = new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  const isWhole = Buffer.from(end.subarray(4)).toString("latin1") === MAGIC;
  const from = source.bytes - FOOTER_BYTES - length;
  if (!isWhole || from < MAGIC.length || length > METADATA_BYTES_MAX) throw damagedParquet();
  const footer = await collectBytes(source.read({ from }), length + FOOTER_BYTES);
  if (footer?.length !== length + FOOTER_BYTES) throw damagedParquet();
  return footer;
}

function toColumn(element: SchemaElement): ParquetColumn {
  const { name, type, num_children: children, repetition_type: repetition } = element;
  const types = [element.converted_type, element.logical_type?.type];
  const isFlat = type !== undefined && !children && repetition !== "REPEATED";
  if (!isFlat || types.some((one) => one !== undefined && refusedTypes.has(one))) {
    throw unsupported(name);
  }
  if (!types.includes("DECIMAL")) return { name, scale: undefined };
  const logical = element.logical_type?.type === "DECIMAL" ? element.logical_type.scale : undefined;
  const scale = element.scale ?? logical ?? 0;
  if (!(scale >= 0 && scale <= 40)) throw damagedParquet();
  return { name, scale };
}

/** Hyparquet makes floats of decimals; without their type it gives the digits. */
function withoutDecimals(element: SchemaElement): SchemaElement {
  const isDecimal =
    element.converted_type === "DECIMAL" || element.logical_type?.type === "DECIMAL";
  if (!isDecimal) return element;
  const { converted_type: _, logical_type: __, ...bare } = element;
  return bare;
}

function checkGroup(group: RowGroup, columns: readonly ParquetColumn[], bounds: FileBounds): void {
  const isWhole =
    group.columns.length === columns.length &&
    group.columns.every(({ meta_data: meta }, index) => {
      const [name, ...deeper] = meta?.path_in_schema ?? [];
      return name === columns[index]?.name && deeper.length === 0;
    });
  if (!isWhole) throw damagedParquet();
  const isLarge =
    Number(group.num_rows) > bounds.rowGroupRowsMax ||
    Number(group.total_byte_size) > bounds.rowGroupBytesMax;
  if (isLarge) throw largeGroup(bounds);
}

/** Each call reads the file anew. */
export async function* writeParquetRows(
  source: ByteSource,
  { metadata, columns }: OpenParquet,
  bounds: FileBounds,
): AsyncGenerator<Uint8Array> {
  const lines = createLineBuffer();
  let rowNumber = 1;
  lines.add(
    formatRow(
      columns.map(({ name }) => name),
      rowNumber,
      bounds.rowBytesMax,
    ),
  );
  const schema = parquetSchema(metadata);
  for (const group of metadata.row_groups) {
    const rowCount = Number(group.num_rows);
    if (rowCount === 0) continue;
    const values = await readGroup(source, schema, group, bounds);
    for (let row = 0; row < rowCount; row += 1) {
      rowNumber += 1;
      const cells = columns.map(({ scale }, index) => showValue(values[index]?.[row], scale));
      lines.add(formatRow(cells, rowNumber, bounds.rowBytesMax));
      if (lines.isFull()) yield lines.take();
    }
  }
  yield lines.take();
}

/** The values of each column. */
async function readGroup(
  source: ByteSource,
  schema: SchemaTree,
  group: RowGroup,
  bounds: FileBounds,
): Promise<readonly (readonly unknown[])[]> {
  const range = rangeOfGroup(group);
  if (range === undefined || range.to > source.bytes) throw damagedParquet();
  if (range.to - range.from > bounds.rowGroupBytesMax) throw largeGroup(bounds);
  const content = await collectBytes(source.read(range), range.to - range.from);
  if (content?.length !== range.to - range.from) throw damagedParquet();
  const isSound = orDamaged(() =>
    hasSoundPages(group, content, range.from, bounds.rowGroupBytesMax),
  );
  if (!isSound) throw damagedParquet();
  return schema.children.map((column, index) =>
    orDamaged(() => readValues([schema, column], group, index, content, range.from)),
  );
}

function readValues(
  schemaPath: SchemaTree[],
  group: RowGroup,
  index: number,
  content: Uint8Array,
  from: number,
): readonly unknown[] {
  const meta = group.columns[index]?.meta_data;
  const element = schemaPath.at(-1)?.element;
  const range = rangeOfColumn(group.columns[index]);
  if (meta === undefined || element === undefined || range === undefined) throw damagedParquet();
  const { type, codec, path_in_schema: pathInSchema } = meta;
  const bytes = content.subarray(range.from - from, range.to - from);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rowCount = Number(group.num_rows);
  const decoder = { pathInSchema, type, element, schemaPath, codec, parsers, compressors };
  const rows = { groupStart: 0, selectStart: 0, selectEnd: rowCount, groupRows: rowCount };
  const { data } = readColumn({ view, offset: 0 }, rows, { ...decoder, utf8: false });
  const values: unknown[] = [];
  for (const chunk of data) for (const value of chunk) values.push(value);
  if (values.length !== rowCount) throw damagedParquet();
  return values;
}

function showValue(value: unknown, scale: number | undefined): string {
  if (value === null || value === undefined) return "";
  if (scale !== undefined) return showDecimal(value, scale);
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
    case "boolean":
      return String(value);
    case "number":
      return showNumber(String(value), "plain", false) ?? String(value);
    default:
      return value instanceof Uint8Array ? readUtf8(value) : refuseValue();
  }
}

function refuseValue(): never {
  throw damagedParquet();
}

/**
 * The digits of a decimal are a whole number: of 32 or 64 bits, or bytes, the highest first. Zeros at the
 * end are the column's scale, not the value's, and are left out.
 */
function showDecimal(value: unknown, scale: number): string {
  const digits = wholeNumberOf(value);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  return `${digits < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function wholeNumberOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > 32)
    throw damagedParquet();
  const unsigned = BigInt(`0x${Buffer.from(value).toString("hex")}`);
  return BigInt.asIntN(value.length * 8, unsigned);
}

function readUtf8(bytes: Uint8Array): string {
  return orDamaged(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
}

const DAY_MS = 86_400_000;

const parsers: ParquetParsers = {
  ...DEFAULT_PARSERS,
  dateFromDays: (days: number) => new Date(days * DAY_MS).toISOString().slice(0, 10),
  timestampFromMilliseconds: (count: bigint) => showMoment(count, 3),
  timestampFromMicroseconds: (count: bigint) => showMoment(count, 6),
  timestampFromNanoseconds: (count: bigint) => showMoment(count, 9),
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && readUtf8(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && readUtf8(bytes),
};

/** `2026-11-27T10:30:00`, with as many digits behind the seconds as there are. */
function showMoment(count: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const part = ((count % unit) + unit) % unit;
  const seconds = Number((count - part) / unit);
  const fraction = String(part).padStart(digits, "0").replace(/0+$/, "");
  const text = new Date(seconds * 1_000).toISOString().slice(0, -5);
  return fraction === "" ? text : `${text}.${fraction}`;
}

const compressors: Compressors = {
  GZIP: (input, maxOutputLength) => gunzipSync(input, { maxOutputLength }),
  BROTLI: (input, maxOutputLength) => brotliDecompressSync(input, { maxOutputLength }),
  ZSTD: (input, maxOutputLength) => zstdDecompressSync(input, { maxOutputLength }),
};

/** What a decoder throws at bytes that lie is of many kinds and says nothing to a person. */
function orDamaged<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch (cause) {
    throw damagedParquet(cause);
  }
}

function damagedParquet(cause?: unknown): Error {
  return refuseFile(
    {
      code: "parquet-damaged",
      fix: "Get the whole file again, or write it anew without DELTA_BYTE_ARRAY and encryption.",
    },
    cause,
  );
}

function unsupported(name?: string): Error {
  return refuseFile({
    code: "parquet-column-unsupported",
    fix: "Write flat columns of texts, numbers, dates and timestamps.",
    field: name?.slice(0, 60),
  });
}

function largeGroup({ rowGroupBytesMax, rowGroupRowsMax }: FileBounds): Error {
  return refuseFile({
    code: "parquet-too-large",
    fix: `Write smaller row groups; ${rowGroupBytesMax} bytes and ${rowGroupRowsMax} rows are the most.`,
  });
}
