/** Queues: at-least-once, in no order. Senders pack; receivers must stand repetition. */
import type { ChangeDoor } from "#shared/domain/change-door.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";

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
