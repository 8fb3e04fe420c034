/** What a file may be made of at the most. */
import { limits } from "#shared/config/limits.ts";

export interface FileBounds {
  /** Of what a gzip, or an entry of a zip, holds. */
  readonly inflatedBytesMax: number;
  /** Inflated by packed bytes; asked once {@link inflatedBytesFree} are out. */
  readonly inflationMax: number;
  readonly inflatedBytesFree: number;
  /** Of a file inside of a gzip or zip that is read from its end, so is held in memory. */
  readonly nestedBytesMax: number;
  readonly zipEntriesMax: number;
  readonly zipDirectoryBytesMax: number;
  /** Of one row as text. */
  readonly rowBytesMax: number;
  readonly columnsMax: number;
  /** Blank rows of a spreadsheet between two that hold something. */
  readonly blankRowsMax: number;
  /** Shared strings of a spreadsheet as UTF-8, and how many they are: they are held in memory. */
  readonly sharedBytesMax: number;
  readonly sharedStringsMax: number;
  /** Styles and sheets of a workbook. */
  readonly stylesMax: number;
  readonly sheetsMax: number;
  /** Bytes and rows of a row group of Parquet: it is held in memory. */
  readonly rowGroupBytesMax: number;
  readonly rowGroupRowsMax: number;
  readonly xmlBytesMax: number;
}

export const defaultFileBounds: FileBounds = {
  inflatedBytesMax: limits.fileInflatedBytesMax,
  inflationMax: limits.fileInflationMax,
  inflatedBytesFree: limits.fileInflatedBytesFree,
  nestedBytesMax: limits.fileNestedBytesMax,
  zipEntriesMax: limits.zipEntriesMax,
  zipDirectoryBytesMax: limits.zipDirectoryBytesMax,
  rowBytesMax: limits.fileRowBytesMax,
  columnsMax: limits.fileColumnsMax,
  blankRowsMax: limits.sheetBlankRowsMax,
  sharedBytesMax: limits.sheetSharedBytesMax,
  sharedStringsMax: limits.sheetSharedStringsMax,
  stylesMax: limits.sheetStylesMax,
  sheetsMax: limits.sheetsMax,
  rowGroupBytesMax: limits.parquetRowGroupBytesMax,
  rowGroupRowsMax: limits.parquetRowGroupRowsMax,
  xmlBytesMax: limits.xmlBytesMax,
};
