/**
 * One observation into the mapping table:
 *
 * 1. find the cross-reference: by external reference, by our own id in the record, by an exact key;
 * 2. merge;
 * 3. save with what the record now claims; on a lost race, begin again from what is stored.
 */
import { limits } from "#shared/config/limits.ts";
import { type Impact, impactOf, noImpact } from "#shared/domain/blast-radius.ts";
import { type CrossReference, isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import type { Observation } from "#shared/domain/decide-field.ts";
import { isReturned, mergeReturned } from "#shared/domain/export/returned.ts";
import { digestRecord } from "#shared/domain/fingerprint.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import { type ConnectionId, externalRefKey } from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { mergeRecord } from "#shared/domain/merge.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Claims, CrossReferenceStore } from "#shared/ports/mapping-table.ts";
import { findPlace, type Place } from "./find-place.ts";
import {
  type KnownRecords,
  matchKeysOf,
  newcomer,
  newKeysOf,
  readKnown,
  refOf,
  type SightedRecord,
} from "./known-records.ts";

export interface MergedObservation {
  readonly xref: CrossReference;
  /** Whether the golden record or the side's link changed. */
  readonly kind: "applied" | "unchanged";
  readonly isNew: boolean;
  readonly owed: readonly ConnectionId[];
  /** What its run changes with it. */
  readonly impact: Impact;
  /** Of the side after the merge, to be remembered as seen; absent where nothing was learnt. */
  readonly digest: string | undefined;
  readonly version: number | undefined;
}

export async function mergeObservation(
  store: CrossReferenceStore,
  flow: Flow,
  sighted: SightedRecord,
  known: KnownRecords,
): Promise<MergedObservation> {
  let current = known;
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    const attempt = await attemptMerge(store, flow, sighted, current);
    if (attempt.outcome === "merged") return attempt.merged;
    const again = await readKnown(store, flow, [sighted]);
    const holders = await store.findMatches(attempt.claimed);
    current = { ...again, matches: new Map([...holders, ...again.matches]) };
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

export type MergeAttempt =
  | { readonly outcome: "merged"; readonly merged: MergedObservation }
  /** Another worker was faster: read again, with the holders of the keys that were claimed. */
  | { readonly outcome: "lost"; readonly claimed: readonly MatchKey[] };

/** One try of {@link mergeObservation} on what was read before. */
export async function attemptMerge(
  store: CrossReferenceStore,
  flow: Flow,
  sighted: SightedRecord,
  known: KnownRecords,
): Promise<MergeAttempt> {
  const place = findPlace(flow, sighted, known);
  if (place === undefined) return { outcome: "merged", merged: nothingLearnt(sighted, known) };
  const merged = mergeInto(place.xref, flow, sighted);
  if (merged.kind === "unchanged") return { outcome: "merged", merged };
  const claims = claimsOf(flow, sighted, place, merged.xref, known);
  const before = place.isNew ? undefined : place.xref;
  const linked = newlyLinked(before, merged.xref);
  const outcome = await store.save(merged.xref, claims, linked, place.leftBy);
  if (outcome !== "saved") {
    return { outcome: "lost", claimed: matchKeysOf(flow, merged.xref.fields) };
  }
  const saved = { ...merged.xref, revision: merged.xref.revision + 1 };
  return { outcome: "merged", merged: { ...merged, xref: saved, isNew: place.isNew } };
}

/** The word of a time when the id still stood for itself: it says nothing of the record it leads to. */
function nothingLearnt(sighted: SightedRecord, known: KnownRecords): MergedObservation {
  const entry = known.refs.get(externalRefKey(refOf(sighted)));
  const xref = known.xrefs.get(entry?.canonicalId ?? "") ?? newcomer(sighted);
  return {
    xref,
    kind: "unchanged",
    isNew: false,
    owed: [],
    impact: noImpact,
    digest: undefined,
    version: undefined,
  };
}

function mergeInto(xref: CrossReference, flow: Flow, sighted: SightedRecord): MergedObservation {
  const observation: Observation = {
    connection: sighted.connection,
    speaksFor: sighted.speaksFor,
    externalId: sighted.record.externalId,
    version: sighted.record.version,
    life: sighted.record.life,
    fields: sighted.record.fields,
    capturedAt: sighted.capturedAt,
  };
  const merge = isReturned(sighted.connection) ? mergeReturned : mergeRecord;
  const { next, decisions, stale } = merge(xref, observation, flow);
  const before = sideOf(xref, sighted.connection);
  const after = sideOf(next, sighted.connection);
  const isUnchanged =
    stale ||
    (decisions.length === 0 &&
      before.state === after.state &&
      before.ended?.life === after.ended?.life &&
      before.archivingSince === after.archivingSince &&
      (sighted.isVersionNews !== true || before.remoteVersion === after.remoteVersion) &&
      before.externalId === after.externalId);
  // What is owed for other reasons is not this row's business.
  const isIdle = isUnchanged && isReturned(sighted.connection);
  const owed = isIdle ? [] : owedConnections(next, flow);
  const withRun = sighted.runId === undefined ? next : { ...next, runId: sighted.runId };
  return {
    xref: isUnchanged ? next : withRun,
    kind: isUnchanged ? "unchanged" : "applied",
    isNew: false,
    owed,
    impact: impactIn(
      isUnchanged ? xref : { ...withRun, revision: xref.revision + 1 },
      sighted,
      owed,
    ),
    version: after.remoteVersion,
    // One that comes back unchanged is news all the same.
    digest: after.state === "tombstoned" ? "ended" : digestRecord(after.observed),
  };
}

/** Counted where the run itself made the revision, and somebody is owed a write for it. */
function impactIn(
  saved: CrossReference,
  { connection, runId }: SightedRecord,
  owed: readonly ConnectionId[],
): Impact {
  const isOfRun = runId !== undefined && saved.runId === runId;
  return isOfRun && owed.length > 0 ? impactOf(saved, connection) : noImpact;
}

/** The record's place in the connection, and the keys it newly bears that nobody holds. */
function claimsOf(
  flow: Flow,
  sighted: SightedRecord,
  place: Place,
  next: CrossReference,
  known: KnownRecords,
): Claims {
  const isHeld = known.refs.has(externalRefKey(refOf(sighted)));
  const isNobodys = sighted.connection === derivedBy || isReturned(sighted.connection);
  const stored = place.isNew ? undefined : place.xref;
  return {
    externalRefs: isHeld || isNobodys ? [] : [refOf(sighted)],
    matchKeys: newKeysOf(flow, stored, next).filter((key) => !known.matches.has(matchKeyText(key))),
    moved: place.moved,
  };
}

export function newlyLinked(
  before: CrossReference | undefined,
  next: CrossReference,
): ConnectionId[] {
  return Object.keys(next.sides).filter((connection) => {
    const was = before !== undefined && isLinked(sideOf(before, connection));
    return !was && isLinked(sideOf(next, connection));
  });
}
