/** The mapping table: who is who, what was last agreed, how far each poll has come. */
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { Digest } from "#shared/domain/fingerprint.ts";
import type {
  CanonicalId,
  ConnectionId,
  ExternalId,
  ExternalRef,
  RecordType,
} from "#shared/domain/identifiers.ts";
import type { LedgerFacts } from "#shared/domain/ledger.ts";
import type { MatchKey } from "#shared/domain/match-key.ts";
import type { RelatedDocument } from "#shared/domain/related-document.ts";
import type { Failure } from "#shared/domain/sync-error.ts";

export interface ExternalRefEntry {
  readonly canonicalId: CanonicalId;
  /** What was last merged to its end; absent until then. */
  readonly seen?: SeenRecord | undefined;
  /**
   * When the id was found to lead to another record of its system, our clock: only what is read after
   * that can tell that it stands for itself again.
   */
  readonly movedAt?: string | undefined;
}

export interface SeenRecord {
  readonly digest: Digest;
  /** The last version known, by a sighting or by the answer to a write of ours. */
  readonly version: number;
  /**
   * The last version that was shown whole. An answer to a write shows what we wrote: what a user
   * changed just before it is in the record, and not seen yet.
   */
  readonly shownVersion?: number | undefined;
}

/** A reference that is another record's, or led to one under another id, from now on. */
export interface MovedRef {
  readonly ref: ExternalRef;
  /** Who held it; may be the record itself. */
  readonly from: CanonicalId;
  readonly at: string;
}

export interface Claims {
  readonly externalRefs: readonly ExternalRef[];
  readonly matchKeys: readonly MatchKey[];
  readonly moved?: readonly MovedRef[] | undefined;
}

export const noClaims: Claims = { externalRefs: [], matchKeys: [] };

type SaveOutcome =
  | "saved"
  /** Another worker saved the record first: read and merge again. */
  | "stale"
  /** An external reference or a match key belongs to another record: find out whose, and merge. */
  | "claimed";

export interface CrossReferenceStore {
  /** Strongly consistent; keyed by `externalRefKey`. */
  findExternalRefs(refs: readonly ExternalRef[]): Promise<ReadonlyMap<string, ExternalRefEntry>>;
  /** Strongly consistent. */
  load(ids: readonly CanonicalId[]): Promise<ReadonlyMap<CanonicalId, CrossReference>>;
  /** Strongly consistent; keyed by `matchKeyText`. */
  findMatches(keys: readonly MatchKey[]): Promise<ReadonlyMap<string, CanonicalId>>;
  /**
   * Saves `next` if the stored revision is still `next.revision`, as revision + 1, together with its
   * claims, and with `other` under the same condition, where there is one: all or nothing.
   */
  save(
    next: CrossReference,
    claims: Claims,
    newlyLinked: readonly ConnectionId[],
    other?: CrossReference,
  ): Promise<SaveOutcome>;
  /**
   * Remembers what was merged by the save that made `revision`, unless that of a later one is
   * remembered: what counts as seen must be what the record holds. Without a shown version the one
   * that is remembered stays.
   */
  markSeen(ref: ExternalRef, seen: SeenRecord & { readonly revision: number }): Promise<void>;
}

export interface Watermark {
  /** Greatest version fully handed on, epoch ms of the remote's clock. */
  readonly reachedAt: number;
  /** When it last moved, epoch ms of our clock. */
  readonly movedAtMs: number;
  /** A poll that began a lookback after the last move found nothing newer: nothing is late any more. */
  readonly isSettled: boolean;
}

export interface WatermarkStore {
  get(connection: ConnectionId, recordType: RecordType): Promise<Watermark | undefined>;
  /** Never moves back; a watermark that moves is not settled. */
  advance(
    connection: ConnectionId,
    recordType: RecordType,
    reachedAt: number,
    nowMs: number,
  ): Promise<void>;
  /** Settles it, unless it has moved on from `reachedAt`. */
  settle(connection: ConnectionId, recordType: RecordType, reachedAt: number): Promise<void>;
}

export interface DedupStore {
  /** True the first time within the retention; false for a delivery that was stored before. */
  firstSeen(connection: ConnectionId, deliveryId: string, nowMs: number): Promise<boolean>;
  /** Takes back a `firstSeen` whose events could not be stored, so that the vendor's next try counts. */
  forget(connection: ConnectionId, deliveryId: string): Promise<void>;
}

/** A document under the record that its money rolls up to. */
export interface RelationStore {
  put(parent: CanonicalId, document: RelatedDocument): Promise<void>;
  /** Strongly consistent. */
  list(parent: CanonicalId): Promise<readonly RelatedDocument[]>;
  /**
   * Customers and contracts with a day noted before `today`: a customer owes something that was due on
   * it, or it is still counted so; a contract is to be billed from the day after it.
   */
  listDueBefore(today: string): AsyncIterable<CanonicalId>;
  /** Notes the day after which something changes with the calendar alone; undefined where nothing does. */
  setDueOn(id: CanonicalId, dueOn: string | undefined): Promise<void>;
}

/** What connections last said of their ledgers, for whoever cannot ask them. */
export interface LedgerStore {
  /** Undefined where nobody has asked yet. */
  get(connection: ConnectionId): Promise<LedgerFacts | undefined>;
  put(connection: ConnectionId, facts: LedgerFacts): Promise<void>;
}

/** Waits for a record: by its canonical id, or by its external reference before it is known. */
export interface Waiter {
  readonly connection: ConnectionId;
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  readonly runId?: string | undefined;
}

export interface WaitStore {
  register(waitKey: string, waiter: Waiter): Promise<void>;
  /** All who wait for the key, in the connection where one is given; of more than `limit` the first. */
  list(waitKey: string, connection?: ConnectionId, limit?: number): Promise<readonly Waiter[]>;
  remove(waitKey: string, waiter: Waiter): Promise<void>;
}

/** A record set aside with a code and a fix, because nothing more can be done without a person. */
export interface ParkedRecord {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
  readonly externalId?: ExternalId | undefined;
  readonly canonicalId?: CanonicalId | undefined;
  readonly failure: Failure;
  readonly parkedAt: string;
}

/** A side that waits for another record; it goes on by itself when that one is there. */
export interface WaitingRecord {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
  readonly canonicalId: CanonicalId;
  readonly externalId?: ExternalId | undefined;
  /** Keys of what it waits for. */
  readonly waitsFor: readonly string[];
  /** Why what it waits for does not come by itself, as far as was known when the wait began. */
  readonly failure?: Failure | undefined;
  /** The record's last change, from which the wait follows. */
  readonly waitingSince: string;
}

export interface ParkedStore {
  /** For records that have no cross-reference yet; a side's own failure is on its cross-reference. */
  park(record: ParkedRecord & { readonly externalId: ExternalId }): Promise<void>;
  /** Takes back what is parked of these records, if anything is. */
  unpark(refs: readonly ExternalRef[]): Promise<void>;
  /** What is parked of a record that has no cross-reference yet. Strongly consistent. */
  find(ref: ExternalRef): Promise<ParkedRecord | undefined>;
  list(
    limit: number,
    cursor?: string,
  ): Promise<{ records: readonly ParkedRecord[]; cursor?: string }>;
  /** Newest first. A record of which a side is parked is listed there, and here once that is settled. */
  listWaiting(
    limit: number,
    cursor?: string,
  ): Promise<{ records: readonly WaitingRecord[]; cursor?: string }>;
}
