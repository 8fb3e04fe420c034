/** Files that people drop and take: the inbox and the outbox. */
import type { Delimiter } from "#shared/domain/delimiters.ts";
import type { PlannedRow } from "#shared/domain/file-plan.ts";

/** From a byte (counted from 0, inclusive) to a byte (exclusive; absent: the end). */
export interface ByteRange {
  readonly from: number;
  readonly to?: number | undefined;
}

/** Bytes that can be read more than once. */
export interface ByteSource {
  readonly bytes: number;
  /**
   * Streams the content, or a part of it. A transfer begins with the iteration: what is not iterated
   * holds nothing open, and leaving the loop early ends the transfer.
   */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
}

export interface InboxFile extends ByteSource {
  readonly key: string;
  /** When it was dropped, epoch ms of the store's clock: the same each time this drop is opened. */
  readonly droppedAtMs: number;
  /** Names the content, the same each time this drop is opened; known before it is read (S3's ETag). */
  readonly contentTag: string;
}

export interface FileStore {
  /** Undefined where the object is gone. */
  open(key: string, signal: AbortSignal): Promise<InboxFile | undefined>;
  /** Writes a file to the outbox, replacing one of the same key. */
  publish(key: string, content: string | Uint8Array, contentType: string): Promise<void>;
  /** As `publish`, of what need not be in memory at once: all of it, or nothing. */
  publishStream(
    key: string,
    content: AsyncIterable<Uint8Array>,
    contentType: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** Keeps a copy of a dropped file in the outbox, where people look for what was refused. */
  quarantine(file: InboxFile, key: string): Promise<void>;
}

type FileFormat = "delimited" | "xlsx" | "json" | "json-lines" | "parquet";

export const textEncodings = ["utf-8", "utf-16le", "utf-16be", "gb18030", "windows-1252"] as const;
export type TextEncodingName = (typeof textEncodings)[number];

/** What a dropped file was found to be. */
export type OpenedFile = OpenedTable | OpenedXml;

/** Rows under a header, whatever format they came in. */
export interface OpenedTable {
  readonly kind: "table";
  readonly format: FileFormat;
  readonly compression?: "gzip" | "zip" | undefined;
  /** Of the file itself; of formats that have no choice, `utf-8`. */
  readonly encoding: TextEncodingName;
  /** Between the cells of `text`. */
  readonly delimiter: Delimiter;
  /** `text` is the file's own bytes from the first, so that a range of the file is that of the text. */
  readonly isInPlace: boolean;
  /** Only its first bytes were looked at: that all of it is UTF-8 is for the {@link TableScanner} to find. */
  readonly isPresumedUtf8: boolean;
  /**
   * The table as delimited UTF-8 text by RFC 4180, the header among its first rows; a byte order mark
   * only where `isInPlace`. Each call reads the file anew, and throws SyncError `invalid-input` with a
   * fix where it cannot be trusted; a fault of the source passes through.
   */
  text(): AsyncIterable<Uint8Array>;
}

export interface OpenedXml {
  readonly kind: "xml";
  readonly document: "e-invoice" | "bank-statement";
  readonly content: Uint8Array;
}

export interface FileOpener {
  /**
   * Finds by its content what a file is; the name decides only where the content leaves a choice. May
   * read the source several times, in bounded memory. Throws SyncError `invalid-input` with a fix for
   * what it does not know or trust.
   *
   * With `mayPresume` a large table that begins as UTF-8 is presumed to be that all through, and is not
   * read to its end here.
   */
  open(
    fileName: string,
    source: ByteSource,
    signal: AbortSignal,
    options?: { readonly mayPresume: boolean },
  ): Promise<OpenedFile>;
}

/** Delimited text: bytes in, rows of cells out. */
export interface RowReader {
  /**
   * Every row in the file's order, the header first and blank rows included, so that the first row
   * is row 1 as a spreadsheet counts. Throws SyncError `invalid-input` with a fix where the file as
   * a whole cannot be trusted; a fault of `content` passes through.
   */
  readRows(
    content: AsyncIterable<Uint8Array>,
    delimiter?: Delimiter,
  ): AsyncIterable<readonly string[]>;
}

/** A part of a table that was scanned: it begins with a row and ends with one. */
export interface RangeReader {
  /** Rows of any width, blank ones included; each is read when it is asked for. */
  readRange(text: Uint8Array, delimiter: Delimiter): Iterable<readonly string[]>;
}

/** How a table is walked over before its rows are read. */
export interface ScanOrder {
  readonly delimiter: Delimiter;
  /** Number of the row that names the columns; what stands above it is passed over. */
  readonly headerRow: number;
  /** One for each cell of the header. */
  readonly columns: readonly { readonly isKey: boolean; readonly isContent: boolean }[];
  /** The key that a cell's text stands for, if it does for one. */
  readonly keyOf: (text: string) => string | undefined;
  /** Text of letters and digits is its own key, without asking {@link keyOf}. */
  readonly isPlainTextKey: boolean;
  /** Nobody looked yet whether all of the text is UTF-8. */
  readonly isPresumedUtf8: boolean;
}

type TableScan =
  /** `bytes`: of the text, to its end. */
  | { readonly kind: "scanned"; readonly bytes: number }
  | { readonly kind: "stopped" }
  /** It was presumed to be, and what was found of its rows means nothing. */
  | { readonly kind: "not-utf8" };

/** Where a row begins. */
export interface TablePlace {
  /** Its number. */
  readonly row: number;
  /** Its first byte in the text. */
  readonly from: number;
}

/** A walk that need not be made in one go. */
interface ScanSteps {
  /** The text that is given begins here. */
  readonly start: TablePlace;
  /** Told time and again where the row begins that is being walked over; false ends the walk there. */
  readonly onPlace: (place: TablePlace) => Promise<boolean>;
}

/** Delimited text, walked over once without making its cells: some times faster than reading it. */
export interface TableScanner {
  /** The first rows, blank ones included; reads no more of the text than they take. */
  readHead(
    text: AsyncIterable<Uint8Array>,
    delimiter: Delimiter,
    rowsMax: number,
  ): Promise<readonly (readonly string[])[]>;
  /**
   * Calls `onRow` for each row below the header that is not blank, until it answers false. Throws
   * SyncError `invalid-input` where quotes or sizes are not what {@link RowReader} takes: what was
   * scanned to its end can be read in parts that begin with a row. Stopped where `steps` ended it: one
   * that starts there finds the rest as this one would have.
   */
  scan(
    text: AsyncIterable<Uint8Array>,
    order: ScanOrder,
    onRow: (row: PlannedRow) => boolean,
    signal: AbortSignal,
    steps?: ScanSteps,
  ): Promise<TableScan>;
}

/** A spreadsheet as a person opens it. */
export interface Sheet {
  readonly name: string;
  readonly columns: readonly SheetColumn[];
  readonly rows: readonly (readonly SheetCell[])[];
}

export interface SheetColumn {
  readonly title: string;
  readonly widthCharacters: number;
}

/** An amount is exact decimal text, shown with as many digits as it has. */
export type SheetCell =
  | null
  | string
  | { readonly kind: "count"; readonly value: bigint }
  | { readonly kind: "amount"; readonly text: string }
  | { readonly kind: "date"; readonly date: string };

export interface SpreadsheetWriter {
  /** The same bytes for the same sheets, whenever and wherever it is called. */
  write(sheets: readonly Sheet[]): Promise<Uint8Array>;
}
