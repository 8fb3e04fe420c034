/** What the use cases need from outside; `runtime/compose.ts` puts it together. */
import type { CustomField } from "#shared/domain/custom-field.ts";
import type { Flow } from "#shared/domain/flow.ts";
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import type { BankRowReader } from "#shared/ports/bank-rows.ts";
import type { Connector, SystemReader } from "#shared/ports/connector.ts";
import type { ExportQueue, ExportStore, RecordWalk, TableWriters } from "#shared/ports/exports.ts";
import type { FileStore, SpreadsheetWriter } from "#shared/ports/files.ts";
import type { HistoryHeads, HistoryReader, HistoryWriter } from "#shared/ports/history.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import type {
  CrossReferenceStore,
  DedupStore,
  LedgerStore,
  ParkedStore,
  RelationStore,
  WaitStore,
  WatermarkStore,
} from "#shared/ports/mapping-table.ts";
import type {
  ChangeQueue,
  DeliveryQueue,
  PollQueue,
  SnapshotQueue,
  TieOutQueue,
} from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import type { QueryEngine, SnapshotStore } from "#shared/ports/snapshots.ts";
import type { ReportStore } from "#shared/ports/tie-out-reports.ts";

export interface SyncDependencies {
  readonly xrefs: CrossReferenceStore;
  readonly relations: RelationStore;
  readonly waits: WaitStore;
  readonly watermarks: WatermarkStore;
  readonly dedup: DedupStore;
  readonly ledgers: LedgerStore;
  readonly parked: ParkedStore;
  readonly runs: RunStore;
  readonly changes: ChangeQueue;
  readonly deliveries: DeliveryQueue;
  readonly polls: PollQueue;
  readonly connectors: ReadonlyMap<ConnectionId, Connector>;
  readonly flows: Readonly<Record<RecordType, Flow>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Each use case names what it uses, so that its function is given no more. */
type Needs<Port extends keyof SyncDependencies> = Pick<SyncDependencies, Port>;

type Always = "runs" | "flows" | "clock" | "log";

export type ApplyDependencies = Needs<
  Always | "xrefs" | "waits" | "parked" | "changes" | "deliveries" | "connectors"
>;
export type DeliverDependencies = Needs<
  Always | "xrefs" | "relations" | "ledgers" | "waits" | "changes" | "deliveries" | "connectors"
>;
export type DeriveDependencies = Needs<
  Always | "xrefs" | "relations" | "waits" | "parked" | "deliveries"
>;
export type PollDependencies = DeriveDependencies &
  Needs<"watermarks" | "ledgers" | "polls" | "changes" | "connectors">;
export type WebhookDependencies = Needs<"connectors" | "dedup" | "changes" | "clock" | "log">;
/** What a person's decisions need. */
export type OperatorDependencies = Needs<
  Always | "xrefs" | "relations" | "ledgers" | "waits" | "parked" | "changes" | "deliveries"
>;
export type ViewDependencies = Needs<"xrefs" | "relations" | "flows">;

export type HistoryDependencies = Needs<"log"> & { readonly history: HistoryWriter };
export type HistoryViewDependencies = Needs<"clock"> & {
  readonly history: HistoryReader;
  readonly heads: HistoryHeads;
};

/** `takeSnapshot(deps, request, { signal, remainingMs })` */
export type TakeSnapshotDependencies = Needs<Always> & {
  readonly connectors: ReadonlyMap<ConnectionId, SystemReader>;
  readonly snapshots: SnapshotStore;
  readonly snapshotQueue: SnapshotQueue;
  readonly tieOuts: TieOutQueue;
  /** Absent where no statement of a bank is imported. */
  readonly bankRows?: BankRowReader | undefined;
};

/** `compareSides(deps, request, { signal })` */
export type CompareSidesDependencies = Needs<"runs" | "clock" | "log"> & {
  readonly snapshots: Pick<SnapshotStore, "readManifest">;
  readonly queries: QueryEngine;
  readonly files: Pick<FileStore, "publish">;
  readonly spreadsheets: SpreadsheetWriter;
};

/** `exportRecords(deps, request, { signal, remainingMs })` */
export type ExportRecordsDependencies = Needs<
  "runs" | "clock" | "log" | "xrefs" | "relations" | "parked"
> & {
  readonly walk: RecordWalk;
  readonly reports: Pick<ReportStore, "read">;
  readonly exports: ExportStore;
  readonly exportQueue: ExportQueue;
  readonly tableWriters: TableWriters;
  readonly customFields: readonly CustomField[];
};
