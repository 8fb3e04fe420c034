/** Exports: where records are walked, rows gathered, and files written. */
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ExportChoices, ExportFormat } from "#shared/domain/export/choices.ts";
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportEntry, LeftOut } from "#shared/domain/export/entry.ts";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { ByteSource } from "./files.ts";

/** All records of one type, in no order, each of them once however the walk is cut into pages. */
export interface RecordWalk {
  /** Strongly consistent. A page may be empty and have a cursor. */
  readPage(
    recordType: RecordType,
    cursor: string | undefined,
  ): Promise<{ readonly records: readonly CrossReference[]; readonly cursor?: string | undefined }>;
}

/** Columns with the rows under them. */
export interface ExportTable {
  /** Of the sheet, in a format that has them. */
  readonly name: string;
  readonly columns: readonly ExportColumn[];
  readonly entries: AsyncIterable<ExportEntry>;
}

export type ExportForm = Pick<ExportChoices, "encoding" | "delimiter">;

/** A file format, streamed: it holds a bounded part of the table at any time. */
export interface TableWriter {
  /** Of the file's name; says what no reader can be sure of by the content. */
  extensionOf(form: ExportForm): string;
  readonly contentType: string;
  /**
   * The same bytes for the same table. Throws SyncError `invalid-input` with a fix where the format
   * cannot hold a cell.
   */
  write(table: ExportTable, form: ExportForm): AsyncIterable<Uint8Array>;
}

export type TableWriters = Readonly<Record<ExportFormat, TableWriter>>;

interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

export interface ExportStore {
  /** Keeps a part for some days, under a name that its content alone gives. */
  stage(content: Uint8Array): Promise<string>;
  /** A part that was staged. Throws SyncError `bug` (`export-part-missing`) where it is gone. */
  openStaged(name: string): Promise<ByteSource>;
  /** Nothing is there until all of it is; what was begun and failed is given up. */
  write(key: string, contentType: string, content: AsyncIterable<Uint8Array>): Promise<WrittenFile>;
  writeManifest(key: string, manifest: ExportManifest): Promise<void>;
}

export interface ExportManifests {
  /** Undefined where the export is not finished. */
  readManifest(key: string): Promise<ExportManifest | undefined>;
  /** Where a person finds a file: `s3://<bucket>/<key>`. */
  placeOf(key: string): string;
}

export interface ExportRequest {
  readonly choices: ExportChoices;
  readonly runId: string;
  readonly progress?: ExportProgress | undefined;
  readonly tries: number;
}

/** How far an export has come: what another invocation needs to go on. */
export interface ExportProgress {
  /** Where the walk goes on; absent: it is done, or has not begun. */
  readonly cursor?: string | undefined;
  /** All rows are staged: the file is to be written. */
  readonly isGathered: boolean;
  /** Names of the staged parts. */
  readonly parts: readonly string[];
  readonly leftOutCount: number;
  readonly leftOut: readonly LeftOut[];
}

export interface ExportQueue {
  send(request: ExportRequest, options?: { readonly delayMs?: number }): Promise<void>;
}
