/** Files that people drop and take: the inbox and the outbox. */

export interface InboxFile {
  readonly key: string;
  readonly bytes: number;
  /** When it was dropped, epoch ms of the store's clock: the same each time this drop is opened. */
  readonly droppedAtMs: number;
  /** Names the content, the same each time this drop is opened; known before it is read (S3's ETag). */
  readonly contentTag: string;
  /**
   * Streams the content once. The transfer begins with the iteration: a file that is not iterated
   * holds nothing open, and leaving the loop early ends the transfer.
   */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface FileStore {
  /** Undefined where the object is gone. */
  open(key: string, signal: AbortSignal): Promise<InboxFile | undefined>;
  /** Writes a file to the outbox, replacing one of the same key. */
  publish(key: string, content: string | Uint8Array, contentType: string): Promise<void>;
}

/** A file's format: bytes in, rows of cells out. */
export interface RowReader {
  /**
   * Every row in the file's order, the header first and blank rows included, so that the first row
   * is row 1 as a spreadsheet counts. Throws SyncError `invalid-input` with a fix where the file as
   * a whole cannot be trusted; a fault of `content` passes through.
   */
  readRows(content: AsyncIterable<Uint8Array>): AsyncIterable<readonly string[]>;
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
