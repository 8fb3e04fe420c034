/** Snapshots of the sides, and the engine that compares them. */
import type {
  SnapshotManifest,
  SnapshotRecordType,
  SnapshotRow,
  SnapshotSide,
} from "#shared/domain/tie-out/snapshot-row.ts";

export interface SnapshotPlace {
  readonly snapshotId: string;
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  /** Counts from 0. A part that is written again takes the place of the one before. */
  readonly part: number;
}

export interface SnapshotStore {
  /** Refuses an empty part. */
  writePart(place: SnapshotPlace, rows: readonly SnapshotRow[]): Promise<void>;
  /** Closes a snapshot; written again, it takes the place of the one before. */
  writeManifest(manifest: SnapshotManifest): Promise<void>;
  /** Undefined where there is no such snapshot, or it is not whole yet. */
  readManifest(snapshotId: string): Promise<SnapshotManifest | undefined>;
}

/** Column name to its value as text; numbers as their digits. */
export type QueryRow = Readonly<Record<string, string | null>>;

/** SQL over the table of snapshots: what Trino and DuckDB read alike. */
export interface QueryEngine {
  /** Pages of rows in the query's order. Throws SyncError where it cannot be answered. */
  run(sql: string, signal: AbortSignal): AsyncIterable<readonly QueryRow[]>;
}
