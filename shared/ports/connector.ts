/**
 * The port every system is reached through. A connector knows one vendor's API: paths, paging,
 * shapes, signatures, error codes. It decides nothing: what to write, whether to try again and when
 * to move a watermark is the engine's business.
 */
import type { DeclaredQuota } from "#shared/domain/call-budget.ts";
import type {
  CanonicalId,
  ConnectionId,
  ExternalId,
  RecordType,
} from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import type { Failure } from "#shared/domain/sync-error.ts";
import type { TaxRounding } from "#shared/domain/tax.ts";

/** What a connector can do and must heed; data, read by the engine and printed in the docs. */
export interface ConnectorDefinition {
  readonly system: string;
  /** The record types it reads, and those it writes; anything else is refused before a call. */
  readonly reads: readonly RecordType[];
  readonly writes: readonly RecordType[];
  readonly limits: {
    /** Records in one write call and in one read-by-ids call, at the most. */
    readonly writeBatchMax: Readonly<Partial<Record<RecordType, number>>>;
    readonly readBatchMax: number;
    readonly concurrentCallsMax: number;
    /** What the vendor allows all workers together; absent where it names no limit. */
    readonly quota?: DeclaredQuota | undefined;
  };
  readonly changes: {
    /** How far before the watermark a poll reads again, since the remote's index or clock lags. */
    readonly lookbackMs: number;
    /** Whether pages come in the order of change, so that the watermark may move after each. */
    readonly isOrdered: boolean;
  };
  /** Record types it can archive and bring back; of others an end elsewhere is left to a person. */
  readonly archives: readonly RecordType[];
  /**
   * How an update is refused where the record moved on since it was read: `version` sends
   * `expectedVersion` along and answers `conflict`; with `none` the engine looks before it overwrites
   * a field that others may set.
   */
  readonly locks: "none" | "version";
  readonly money: {
    readonly unit: "major-decimal";
    readonly lineRounding: "per-line";
    /** Where the system rounds the tax that it works out; absent where it works out none. */
    readonly taxRounding?: TaxRounding | undefined;
  };
}

export interface ReadChangesRequest {
  /** Inclusive lower bound in the remote's clock, epoch ms; absent reads every live record. */
  readonly since?: number | undefined;
  /** From the page before; opaque. */
  readonly cursor?: string | undefined;
  readonly signal: AbortSignal;
}

export interface ChangePage {
  readonly records: readonly ObservedRecord[];
  /** Records that could not be read into canonical form, by external id; the engine parks them. */
  readonly unreadable: readonly UnreadableRecord[];
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface UnreadableRecord {
  readonly recordType: RecordType;
  readonly externalId: ExternalId;
  readonly failure: Failure;
}

export interface ReadByIdsResult {
  /**
   * The records found, in their last state: an id that leads to another record gives two, the one it
   * leads to and one of life `merged` under the id itself. Beside them such related records as came with them at no further call (the payments
   * of an invoice).
   */
  readonly records: readonly ObservedRecord[];
  readonly unreadable: readonly UnreadableRecord[];
  /** Asked for and not there: deleted for good, or never existing. A failed read throws instead. */
  readonly missing: readonly ExternalId[];
}

/**
 * A write as the engine hands it over. References in `fields` and `record` are resolved: each is
 * `{ connection, recordType, externalId }` with this connection's own id.
 */
export interface RemoteWrite {
  readonly canonicalId: CanonicalId;
  /** Absent: make the record. */
  readonly externalId?: ExternalId | undefined;
  /** The same at each try of the same create. */
  readonly idempotencyKey: string;
  /** The version last observed; for remotes with a lock. */
  readonly expectedVersion?: number | undefined;
  /** Archive the record or bring it back, in place of a change of fields. */
  readonly life?: "archived" | "live" | undefined;
  /** What is owed: the only fields to change. */
  readonly fields: Fields;
  /** All golden fields that this connection holds, for APIs that replace groups of fields as one. */
  readonly record: Fields;
}

export type WriteResult =
  | {
      readonly kind: "written";
      readonly externalId: ExternalId;
      readonly version: number;
      /** What the answer shows of the record; may be part of it. */
      readonly observed: Fields;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

export type LookUpResult =
  | { readonly kind: "found"; readonly record: ObservedRecord }
  | { readonly kind: "not-found" }
  /** The remote's index may not show it yet; ask again later, do not create. */
  | { readonly kind: "too-early" };

export interface LookUpRequest {
  readonly write: RemoteWrite;
  /** When the uncertain try began, epoch ms of our clock. */
  readonly attemptedAtMs: number;
}

export interface WebhookRequest {
  readonly method: string;
  /** The public URL the vendor called, as configured; never rebuilt from headers. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Uint8Array;
}

/** "Look at this record": what a webhook says, and all it says. */
export interface ChangeHint {
  readonly recordType: RecordType;
  readonly externalId: ExternalId;
  /** In the remote's clock, epoch ms; a hint no newer than what we know needs no reading. */
  readonly occurredAt?: number | undefined;
}

export type WebhookOutcome =
  /** `deliveryId` is the same when the vendor sends the same events again. */
  | {
      readonly kind: "accepted";
      readonly deliveryId: string;
      readonly hints: readonly ChangeHint[];
    }
  /** Wrong signature, too old, unreadable: answered with `status`, nothing stored. */
  | { readonly kind: "refused"; readonly status: 400 | 401; readonly code: string };

export interface Connector {
  readonly connection: ConnectionId;
  readonly definition: ConnectorDefinition;

  /** One page of what changed since a watermark. Throws SyncError when the page cannot be had. */
  readChanges(recordType: RecordType, request: ReadChangesRequest): Promise<ChangePage>;

  /** Records by id, any number: the connector splits into calls. Throws SyncError on a failed call. */
  readByIds(
    recordType: RecordType,
    externalIds: readonly ExternalId[],
    signal: AbortSignal,
  ): Promise<ReadByIdsResult>;

  /**
   * Writes any number of records of one type in as few calls as the remote allows; one result per
   * write, in their order. Never throws for a remote's answer: a failed call is a failed result for
   * each write in it, `uncertain` where it may have taken effect.
   */
  write(
    recordType: RecordType,
    writes: readonly RemoteWrite[],
    signal: AbortSignal,
  ): Promise<readonly WriteResult[]>;

  /** Finds what an uncertain create may have made, by its natural key; one result per request. */
  lookUp(
    recordType: RecordType,
    requests: readonly LookUpRequest[],
    signal: AbortSignal,
  ): Promise<readonly LookUpResult[]>;

  /** Verifies on the raw bytes, then translates. Pure but for the clock it is given. */
  receiveWebhook(request: WebhookRequest, nowMs: number): WebhookOutcome;

  /**
   * What the books say of all their documents: their currency, and the days that are closed. Absent
   * where the system is no ledger. A few calls at the most, and what they said is kept for minutes;
   * throws SyncError when it cannot be had.
   */
  readLedger?(signal: AbortSignal): Promise<LedgerFacts>;

  /** Makes what the connector relies on (custom properties); harmless when repeated. */
  prepare(signal: AbortSignal): Promise<void>;
}

/** The half of a connection that looks and never writes: all that a snapshot of a system needs. */
export type SystemReader = Pick<
  Connector,
  "connection" | "definition" | "readChanges" | "readLedger"
>;
