/** Where a sighting belongs: which record of ours it shows, if any. */
import { isFormerPlace, release } from "#shared/domain/absorb.ts";
import { type CrossReference, isBeingMade, sideOf } from "#shared/domain/cross-reference.ts";
import { isReturned, recordOfRow } from "#shared/domain/export/returned.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import { type CanonicalId, type ConnectionId, externalRefKey } from "#shared/domain/identifiers.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { MovedRef } from "#shared/ports/mapping-table.ts";
import {
  formerRefs,
  type KnownRecords,
  type KnownRef,
  matchKeysOf,
  newcomer,
  refOf,
  type SightedRecord,
} from "./known-records.ts";
import { survivorOf } from "./references.ts";

/** Where a sighting belongs. */
export interface Place {
  readonly xref: CrossReference;
  readonly isNew: boolean;
  /** References that lead here from now on. */
  readonly moved: readonly MovedRef[];
  /** The record that had taken this one in, without it. */
  readonly leftBy?: CrossReference | undefined;
}

/**
 * Order of proof: the stored reference, ids the record had before a merge, our id in the record, then
 * exact keys in the flow's order. A row of an export that came back has our id and nothing else.
 * Undefined where the id led to another record when it was read.
 */
export function findPlace(
  flow: Flow,
  sighted: SightedRecord,
  known: KnownRecords,
): Place | undefined {
  const { connection, record } = sighted;
  const { recordType, externalId, registeredId } = record;
  if (isReturned(connection)) {
    return { xref: recordOfRow(known.xrefs, recordType, externalId), isNew: false, moved: [] };
  }
  const entry = known.refs.get(externalRefKey(refOf(sighted)));
  const linked = entry === undefined ? undefined : known.xrefs.get(entry.canonicalId);
  if (entry !== undefined && linked !== undefined) {
    // Reference and record were read at two moments, and the place moved in between: look again.
    const isMoved = sideOf(linked, connection).externalId === undefined;
    if (isMoved) throw new SyncError({ kind: "retryable", code: "save-contended" });
    if (isSame(linked, connection, externalId)) return { xref: linked, isNew: false, moved: [] };
    return placeOfUnmerged(sighted, entry, linked, known);
  }
  const former = formerRefs(sighted).map((ref) => known.refs.get(externalRefKey(ref))?.canonicalId);
  const firstFormer = known.xrefs.get(former.find((id) => id !== undefined) ?? "");
  if (firstFormer !== undefined) {
    const ref = refOf(sighted);
    const held = sideOf(firstFormer, connection).externalId ?? externalId;
    const from = firstFormer.canonicalId;
    const moved = [{ ref: { ...ref, externalId: held }, from, at: sighted.capturedAt }];
    return { xref: firstFormer, isNew: false, moved };
  }
  const registered = survivorOf(known.xrefs, registeredId);
  if (registered?.recordType === recordType) {
    if (isSame(registered, connection, externalId)) {
      return { xref: registered, isNew: false, moved: [] };
    }
    // A second record that bears our id of the first: made twice, or copied by a person.
    if (connection !== derivedBy) throw new SyncError(registeredTwice);
  }
  const candidates: (CanonicalId | undefined)[] = [
    ...matchKeysOf(flow, record.fields).map((key) => known.matches.get(matchKeyText(key))),
    newcomer(sighted).canonicalId,
  ];
  for (const id of candidates) {
    const candidate = survivorOf(known.xrefs, id);
    if (candidate === undefined || candidate.recordType !== recordType) continue;
    // A side names one record: a second one of the same connection is another thing.
    if (!isSame(candidate, connection, externalId)) continue;
    // What we are just making there may be this very record, or a second one beside it: wait and see.
    if (isBeingMade(sideOf(candidate, connection))) {
      throw new SyncError({ kind: "retryable", code: "create-under-way" });
    }
    return { xref: candidate, isNew: false, moved: [] };
  }
  const isTaken = known.xrefs.has(newcomer(sighted).canonicalId);
  return { xref: newcomer(sighted, isTaken), isNew: true, moved: [] };
}

export const registeredTwice: Failure = {
  kind: "rejected",
  code: "registered-twice",
  fix: "Merge the two records in their system, or clear our id in the one that is not linked.",
};

function isSame(xref: CrossReference, connection: ConnectionId, externalId: string): boolean {
  const held = sideOf(xref, connection).externalId;
  return held === undefined || held === externalId;
}

/**
 * An id that led to another record shows a record of its own. Where that was read after the merge was
 * known, the record is itself again: the one it was, if that is still there, else a new one.
 */
function placeOfUnmerged(
  sighted: SightedRecord,
  entry: KnownRef,
  survivor: CrossReference,
  known: KnownRecords,
): Place | undefined {
  const { connection, capturedAt, record } = sighted;
  if (record.life !== "live") return undefined;
  if (entry.movedAt === undefined || capturedAt <= entry.movedAt) return undefined;
  const moved = [{ ref: refOf(sighted), from: survivor.canonicalId, at: capturedAt }];
  const former = (survivor.absorbed ?? [])
    .map((id) => known.xrefs.get(id))
    .find((xref) => xref !== undefined && isFormerPlace(xref, connection, record.externalId));
  if (former === undefined) return { xref: newcomer(sighted, true), isNew: true, moved };
  const apart = release(survivor, former, connection, capturedAt);
  return { xref: apart.loser, isNew: false, moved, leftBy: apart.survivor };
}
