/** Queues: at-least-once, in no order. Senders pack; receivers must stand repetition. */
import type { ChangeDoor } from "#shared/domain/change-door.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { SnapshotTally } from "#shared/domain/tie-out/snapshot-row.ts";

/** See `contracts/messages.ts` for the shape on the wire. */
export interface ChangeEvent {
  readonly connection: ConnectionId;
  readonly speaksFor?: ConnectionId | undefined;
  readonly recordType: ObservedRecord["recordType"];
  readonly externalId: string;
  readonly capturedAt: string;
  readonly occurredAt?: number | undefined;
  readonly record?: ObservedRecord | undefined;
  /** The door it came by, for the share of changes that only one of them found. */
  readonly via?: ChangeDoor | undefined;
  readonly tries: number;
}

export interface DeliveryHint {
  readonly canonicalId: string;
  readonly recordType: ObservedRecord["recordType"];
  readonly runId?: string | undefined;
  readonly tries: number;
}

export interface PollRequest {
  readonly mode: "incremental" | "full";
  readonly connection?: ConnectionId | undefined;
  readonly recordType?: ObservedRecord["recordType"] | undefined;
  readonly runId?: string | undefined;
  readonly resume?:
    | { readonly cursor: string; readonly since?: number | undefined; readonly reachedAt: number }
    | undefined;
  readonly tries: number;
}

/** What one tie-out does otherwise than the rules in force. */
export interface TieOutChoices {
  readonly inFlightSeconds?: number | undefined;
  readonly toleranceMinor?: bigint | undefined;
  /** Months, `2026-11`, both inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface SnapshotRequest {
  /** Absent: a new run. */
  readonly runId?: string | undefined;
  readonly choices?: TieOutChoices | undefined;
  readonly progress?: SnapshotProgress | undefined;
  readonly tries: number;
}

export interface SnapshotProgress {
  /** Our clock: what changed later, the two sides were asked for at different times. */
  readonly startedAtMs: number;
  /** The first is the one that is being read. */
  readonly sources: readonly {
    readonly connection: ConnectionId;
    readonly recordType: ObservedRecord["recordType"];
  }[];
  readonly cursor?: string | undefined;
  readonly written: readonly SnapshotTally[];
}

export interface TieOutRequest {
  readonly runId: string;
  /** Absent: the run's own. */
  readonly snapshotId?: string | undefined;
  readonly choices?: TieOutChoices | undefined;
  readonly tries: number;
}

export interface ChangeQueue {
  /** All events are stored when it resolves. Packs many into a message; order is not kept. */
  send(
    events: readonly ChangeEvent[],
    options?: { readonly runId?: string | undefined; readonly delayMs?: number },
  ): Promise<void>;
}

export interface DeliveryQueue {
  send(
    connection: ConnectionId,
    hints: readonly DeliveryHint[],
    options?: { readonly delayMs?: number },
  ): Promise<void>;
}

export interface PollQueue {
  send(request: PollRequest, options?: { readonly delayMs?: number }): Promise<void>;
}

export interface SnapshotQueue {
  send(request: SnapshotRequest, options?: { readonly delayMs?: number }): Promise<void>;
}

export interface TieOutQueue {
  send(request: TieOutRequest, options?: { readonly delayMs?: number }): Promise<void>;
}
