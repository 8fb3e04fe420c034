/** What an import keeps and hands on between two invocations. */
import type { FilePlan } from "#shared/domain/file-plan.ts";
import type { Delimiter } from "#shared/domain/delimiters.ts";
import type { ByteSource, OpenedXml, TablePlace } from "./files.ts";

/** How a dropped file is read: saved once, then read by whoever reads a part of it. */
export interface ImportPlan {
  readonly key: string;
  readonly droppedAtMs: number;
  /** Of the file that was planned; one dropped over it is another. */
  readonly contentTag: string;
  /** Of the text. */
  readonly bytes: number;
  /** The file itself is the text; else the text is kept beside the plan. */
  readonly isInPlace: boolean;
  readonly delimiter: Delimiter;
  readonly profile: string;
  readonly header: readonly string[];
  readonly headerRow: number;
  /** Version of all its records: of two files the greater is the newer one. */
  readonly version: number;
  readonly ranges: Extract<FilePlan, { kind: "planned" }>["ranges"];
  readonly conflictingKeys: readonly string[];
  /** No two rows of the file show one key. */
  readonly areKeysUnique: boolean;
  /** By its profile the file lands whole or not at all. */
  readonly isWhole: boolean;
  /** A row is bad, and by its profile the file lands whole or not at all. */
  readonly isRefusedWhole: boolean;
}

/** How far a file has been planned: which table it is, and where the walk over it stands. */
export interface PlanCheckpoint
  extends Pick<
    ImportPlan,
    "isInPlace" | "bytes" | "delimiter" | "profile" | "header" | "headerRow"
  > {
  /** As an {@link OpenedTable} has it: what the walk finds not to be UTF-8 is opened anew. */
  readonly isPresumedUtf8: boolean;
  /** Names how the rows are understood: what was found under another name is of no use. */
  readonly reading: string;
  /** Where the walk has stopped, each the beginning of a row; the rows between two are put away. */
  readonly stops: readonly TablePlace[];
}

export type ImportRequest = FileRequest | DocumentRequest | PartRequest;

/** The planning of a dropped file goes on. */
interface FileRequest {
  readonly kind: "import-file";
  readonly key: string;
}

/** Its text, of so many bytes, is kept as that of a table is. */
export interface DocumentRequest {
  readonly kind: "import-document";
  readonly runId: string;
  readonly key: string;
  readonly document: OpenedXml["document"];
  readonly bytes: number;
}

export type PartRequest =
  /** Every row is looked at before the first one lands. */
  | { readonly kind: "import-check"; readonly runId: string }
  | { readonly kind: "import-range"; readonly runId: string; readonly index: number }
  | {
      readonly kind: "import-result";
      readonly runId: string;
      /** Looks at whether the run has settled, so far. */
      readonly looks: number;
      /** Part of the result that is to be written next. */
      readonly next: number;
    };

export interface ImportQueue {
  send(
    requests: readonly ImportRequest[],
    options?: { readonly delayMs?: number | undefined },
  ): Promise<void>;
}

/** The same rows, whoever finds them. */
export interface RowsPlace {
  readonly reading: string;
  /** Bytes of the text, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

/** Forgotten after some days; nothing of it is needed once the result is there. */
export interface ImportStaging {
  savePlan(runId: string, plan: ImportPlan): Promise<void>;
  readPlan(runId: string): Promise<ImportPlan | undefined>;
  saveCheckpoint(runId: string, checkpoint: PlanCheckpoint): Promise<void>;
  /** Undefined also where it is of another version of the product: planning begins anew then. */
  readCheckpoint(runId: string): Promise<PlanCheckpoint | undefined>;
  /** Puts away what the walk found of the rows that end in a part of the text. */
  writeRows(runId: string, place: RowsPlace, rows: Uint8Array): Promise<void>;
  readRows(runId: string, place: RowsPlace, signal: AbortSignal): Promise<Uint8Array>;
  /** Keeps the text of a file whose own bytes are not it; answers its bytes. */
  writeText(runId: string, text: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number>;
  openText(runId: string, bytes: number, signal: AbortSignal): ByteSource;
  /** One part of the result, replacing an earlier one. */
  writePart(runId: string, index: number, text: string): Promise<void>;
  /** All parts one after the other. */
  readParts(runId: string, count: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
