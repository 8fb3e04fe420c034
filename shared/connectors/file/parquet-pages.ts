/**
 * Looks at the pages of a row group before they are decoded (Apache Parquet format 2.11,
 * github.com/apache/parquet-format, read 2026-11): a page says how many values it has and how large it
 * becomes, and a decoder that believes a lie runs out of memory.
 */
import type { FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";

type RowGroup = FileMetaData["row_groups"][number];

/** Bytes of the file that the columns of a row group take. */
export interface GroupRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Encodings whose values are as large as what they are made of. `DELTA_BYTE_ARRAY` is not: a value may
 * repeat all of the one before it.
 */
const soundEncodings: ReadonlySet<string> = new Set([
  ...["PLAIN", "RLE", "PLAIN_DICTIONARY", "RLE_DICTIONARY"],
  ...["DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
]);

/** Undefined where the group's own numbers contradict each other. */
export function rangeOfGroup(group: RowGroup): GroupRange | undefined {
  const ranges = group.columns.map((column) => rangeOfColumn(column));
  const sound = ranges.filter((range) => range !== undefined);
  if (sound.length < ranges.length || sound.length === 0) return undefined;
  return {
    from: Math.min(...sound.map(({ from }) => from)),
    to: Math.max(...sound.map(({ to }) => to)),
  };
}

export function rangeOfColumn(
  column: RowGroup["columns"][number] | undefined,
): GroupRange | undefined {
  const meta = column?.meta_data;
  if (meta === undefined) return undefined;
  const data = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0n);
  const from = dictionary > 0 ? Math.min(dictionary, data) : data;
  const to = from + Number(meta.total_compressed_size);
  return from >= 4 && to > from ? { from, to } : undefined;
}

/**
 * Whether all pages are what they say: within their column, of sound encodings, and no more values and
 * bytes than the bounds. `content` begins at `from` of the file.
 */
export function hasSoundPages(
  group: RowGroup,
  content: Uint8Array,
  from: number,
  bytesMax: number,
): boolean {
  const rowCount = Number(group.num_rows);
  let bytes = 0;
  for (const column of group.columns) {
    const range = rangeOfColumn(column);
    if (range === undefined || range.to - from > content.length) return false;
    const pages = readPages(content.subarray(range.from - from, range.to - from), rowCount);
    if (pages === undefined || pages.values !== rowCount) return false;
    bytes += pages.bytes;
    if (bytes > bytesMax) return false;
  }
  return true;
}

function readPages(
  column: Uint8Array,
  rowCount: number,
): { readonly values: number; readonly bytes: number } | undefined {
  const view = new DataView(column.buffer, column.byteOffset, column.byteLength);
  const reader = { view, offset: 0 };
  let values = 0;
  let bytes = 0;
  while (reader.offset < column.length) {
    const page = parquetHeader(reader);
    const packedBytes = Number(page.compressed_page_size);
    const pageBytes = Number(page.uncompressed_page_size);
    reader.offset += packedBytes;
    bytes += pageBytes;
    if (!(packedBytes >= 0 && pageBytes >= 0) || reader.offset > column.length) return undefined;
    const data = page.data_page_header ?? page.data_page_header_v2;
    const header = data ?? page.dictionary_page_header;
    if (header === undefined || !soundEncodings.has(header.encoding)) return undefined;
    const count = Number(header.num_values);
    // A dictionary has a value for a row at the most.
    if (!(count >= 0 && count <= rowCount)) return undefined;
    if (data !== undefined) values += count;
  }
  return { values, bytes };
}
