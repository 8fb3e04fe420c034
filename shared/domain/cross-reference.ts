/**
 * The cross-reference: one real-world thing, its golden record, and what each connection was last
 * seen to hold (`observed`) and last sent (`sent`) of it.
 *
 * ```
 * absent ──▶ creating ──▶ linked ◀──▶ dirty            a side follows the golden record
 *              │  ▲          │
 *              ▼  │          ▼
 *           uncertain     tombstoned                    archived or deleted in the remote
 *
 * any ──▶ rejected (code, fix) · conflict · blocked (waits for another record)
 *         awaiting-approval (its run changes too much)
 * ```
 */
import type { Digest } from "./fingerprint.ts";
import type { CanonicalId, ConnectionId, ExternalId, RecordType } from "./identifiers.ts";
import type { CalendarDate, Fields, FieldValue, RecordLife } from "./records.ts";
import type { Failure } from "./sync-error.ts";
import type { TrailEntry } from "./trail.ts";

export const sideStates = [
  "absent",
  "creating",
  "linked",
  "dirty",
  "uncertain",
  "rejected",
  "conflict",
  "blocked",
  "awaiting-approval",
  "tombstoned",
] as const;
export type SideState = (typeof sideStates)[number];

/** A decided create, stored before the call so that a crash cannot make a second record. */
export interface CreateIntent {
  /** The same at each try, until an outcome is certain; what is decided anew has another. */
  readonly idempotencyKey: string;
  /** When the last try began; a younger one than the lease may still be under way. */
  readonly attemptedAt: string;
  readonly tries: number;
}

/** Both values of a field that two sides changed differently and no policy decides. */
export interface FieldConflict {
  readonly field: string;
  readonly golden: FieldValue;
  /** Who set the golden value; absent where nobody had. */
  readonly goldenBy?: ConnectionId | undefined;
  readonly proposed: FieldValue;
  readonly proposedBy: ConnectionId;
  readonly at: string;
}

/** How a record ended in its remote. */
export interface SideEnd {
  readonly life: Exclude<RecordLife, "live">;
  /** The connection itself, or `tieout` where our write ended it. */
  readonly by: ConnectionId;
  readonly at: string;
}

/** The record ended elsewhere; a person says what becomes of it here. */
export interface SideReview {
  /** A heading in docs/errors.md. */
  readonly code: string;
  /** When it came up, or was dismissed. */
  readonly at: string;
  /** A person left the record as it is; an end that came later brings a new review. */
  readonly isDismissed?: true | undefined;
}

export interface Side {
  readonly state: SideState;
  readonly externalId?: ExternalId | undefined;
  /** The remote's version of the last observation, epoch ms of the remote's clock. */
  readonly remoteVersion?: number | undefined;
  /**
   * When that was read, our clock: orders two sightings of one version, since a change of a part (a
   * deal's line item) need not change the version of the whole.
   */
  readonly shownAt?: string | undefined;
  /** What the remote last showed, after its own normalisation. */
  readonly observed: Readonly<Record<string, Digest>>;
  /** What the remote was last sent, or showed and we took. */
  readonly sent: Readonly<Record<string, Digest>>;
  readonly intent?: CreateIntent | undefined;
  /** When an archive of ours was decided of which nobody knows yet what became: an end that shows is ours. */
  readonly archivingSince?: string | undefined;
  readonly failure?: Failure | undefined;
  /** Keys of the records this side waits for, see {@link waitKeyOf}. */
  readonly waitsFor?: readonly string[] | undefined;
  readonly conflicts?: readonly FieldConflict[] | undefined;
  readonly review?: SideReview | undefined;
  /** Only of a tombstoned side. */
  readonly ended?: SideEnd | undefined;
}

/** What a person decided about the correction of an order's invoice, see `correction.ts`. */
export interface CorrectionDecision {
  /** The invoice that is to be taken back. */
  readonly invoiceId: CanonicalId;
  /** 1 for the order's first correction that was approved. */
  readonly number: number;
  /** Of the proposal that was looked at; another one asks anew. */
  readonly hash: Digest;
  readonly decision: "approved" | "dismissed";
  readonly by: string;
  readonly at: string;
  /** Of what was approved: the date of the credit note and of the new invoice. */
  readonly datedOn?: CalendarDate | undefined;
}

/** Who set a field of the golden record, and when we saw it. */
export interface FieldSource {
  readonly by: ConnectionId;
  readonly at: string;
}

export interface CrossReference {
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  /** Grows by one with each save; the optimistic lock. 0 has never been saved. */
  readonly revision: number;
  /** The golden record. */
  readonly fields: Fields;
  readonly sources: Readonly<Record<string, FieldSource>>;
  readonly sides: Readonly<Record<ConnectionId, Side>>;
  readonly createdAt: string;
  readonly changedAt: string;
  /** The run that last touched it, so that what follows from it is counted there. */
  readonly runId?: string | undefined;
  /** The record that took this one in: whoever refers to this one means that one. */
  readonly mergedInto?: CanonicalId | undefined;
  /** The records this one took in; their documents count here. */
  readonly absorbed?: readonly CanonicalId[] | undefined;
  /** Of an order: every correction that was approved, and of each invoice the last that was dismissed. */
  readonly corrections?: readonly CorrectionDecision[] | undefined;
  /** What the save that made this revision did. */
  readonly trail?: readonly TrailEntry[] | undefined;
  /** Link of the history's chain that stands for this revision; the store's own, never looked into. */
  readonly chain?: string | undefined;
  /** When this revision was saved, epoch ms of our clock; the store's own. */
  readonly savedAt?: number | undefined;
}

const absentSide: Side = { state: "absent", observed: {}, sent: {} };

export function newCrossReference(
  canonicalId: CanonicalId,
  recordType: RecordType,
  at: string,
): CrossReference {
  return {
    canonicalId,
    recordType,
    revision: 0,
    fields: {},
    sources: {},
    sides: {},
    createdAt: at,
    changedAt: at,
  };
}

export function sideOf(xref: CrossReference, connection: ConnectionId): Side {
  return (Object.hasOwn(xref.sides, connection) ? xref.sides[connection] : undefined) ?? absentSide;
}

export function withSide(
  xref: CrossReference,
  connection: ConnectionId,
  side: Side,
): CrossReference {
  return { ...xref, sides: { ...xref.sides, [connection]: side } };
}

/** A create was decided, and it is not known yet what became of it. */
export function isBeingMade(side: Side): boolean {
  return side.state === "creating" || side.state === "uncertain";
}

/** A side that holds a record in the remote which may be written. */
export function isLinked(side: Side): side is Side & { readonly externalId: ExternalId } {
  return side.externalId !== undefined && side.state !== "tombstoned";
}
