import type { PlanBounds } from "#shared/domain/file-plan.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { Flow } from "#shared/domain/flow.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { FileOpener, FileStore, RangeReader, TableScanner } from "#shared/ports/files.ts";
import type { ImportQueue, ImportStaging } from "#shared/ports/imports.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import type { CrossReferenceStore, ParkedStore } from "#shared/ports/mapping-table.ts";
import type { ChangeQueue } from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import type { ImportXmlDependencies } from "./import-xml.ts";

/** What finds out what a file is, and how it is read. */
export type OpenDependencies = Pick<
  ImportDependencies,
  | "files"
  | "opener"
  | "scanner"
  | "planBounds"
  | "checkpointBytes"
  | "profiles"
  | "staging"
  | "imports"
  | "runs"
  | "clock"
  | "log"
>;

/** What reads its parts. */
export type PartDependencies = Omit<
  ImportDependencies,
  | "opener"
  | "scanner"
  | "planBounds"
  | "checkpointBytes"
  | Exclude<keyof ImportXmlDependencies, PartPort>
>;

type PartPort = "files" | "runs" | "changes" | "xrefs" | "clock" | "log";

/** What reads a document. */
export type DocumentDependencies = ImportXmlDependencies &
  Pick<ImportDependencies, "files" | "staging" | "imports" | "runs" | "log">;

/** What an import is given, in all its steps. */
export interface ImportDependencies extends Omit<ImportXmlDependencies, "xrefs"> {
  readonly flows: Readonly<Record<RecordType, Flow>>;
  readonly files: FileStore;
  readonly opener: FileOpener;
  readonly scanner: TableScanner;
  readonly rangeReader: RangeReader;
  /** Where a file is parted; absent: as `config/limits.ts` says. */
  readonly planBounds?: Partial<PlanBounds> | undefined;
  /** Walked over between two stops; absent: as `config/limits.ts` says. */
  readonly checkpointBytes?: number | undefined;
  /** Those that are built in, and those that were confirmed. */
  readonly profiles: () => Promise<readonly FileProfile[]>;
  readonly staging: ImportStaging;
  readonly imports: ImportQueue;
  readonly changes: ChangeQueue;
  readonly runs: RunStore;
  readonly xrefs: CrossReferenceStore;
  readonly parked: Pick<ParkedStore, "find">;
  readonly clock: Clock;
  readonly log: Log;
}
