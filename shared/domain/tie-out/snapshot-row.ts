/** A row of a snapshot, by the columns of `shared/config/snapshot-schema.ts`. */
import type {
  snapshotColumns,
  snapshotRecordTypes,
  snapshotSides,
} from "#shared/config/snapshot-schema.ts";
import type { LedgerFacts } from "../ledger.ts";

export type SnapshotSide = (typeof snapshotSides)[number];
export type SnapshotRecordType = (typeof snapshotRecordTypes)[number];

type Column = (typeof snapshotColumns)[number];
type Value<Of extends Column> =
  | (Of["type"] extends "bigint" ? bigint : string)
  | (Of["isNullable"] extends true ? null : never);

/** Every column has a value or null; nothing is absent. */
export type SnapshotRow = {
  readonly [Name in Column["name"]]: Value<Extract<Column, { readonly name: Name }>>;
};

/** What was written of one side and record type. */
export interface SnapshotTally {
  readonly side: SnapshotSide;
  readonly recordType: SnapshotRecordType;
  readonly parts: number;
  readonly rows: number;
}

/** What a snapshot is made of: without it the snapshot is not whole, and nothing is compared. */
export interface SnapshotManifest {
  readonly snapshotId: string;
  /** Our clock, epoch ms, when the first record was asked for. */
  readonly startedAtMs: number;
  readonly written: readonly SnapshotTally[];
  /** Absent where no side keeps books that tell. */
  readonly ledger?: LedgerFacts | undefined;
}
