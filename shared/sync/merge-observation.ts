/**
 * One observation into the mapping table:
 *
 * 1. find the cross-reference: by external reference, by our own id in the record, by an exact key;
 * 2. merge;
 * 3. save with what the record now claims; on a lost race, begin again from what is stored.
 */
import { limits } from "#shared/config/limits.ts";
import { isFormerPlace, release } from "#shared/domain/absorb.ts";
import { type Impact, impactOf, noImpact } from "#shared/domain/blast-radius.ts";
import {
  type CrossReference,
  isBeingMade,
  isLinked,
  newCrossReference,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import type { Observation } from "#shared/domain/decide-field.ts";
import { canonicalIdOf, digestField, digestRecord } from "#shared/domain/fingerprint.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
} from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { mergeRecord } from "#shared/domain/merge.ts";
import { owedConnections } from "#shared/domain/owed.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type {
  Claims,
  CrossReferenceStore,
  ExternalRefEntry,
  MovedRef,
} from "#shared/ports/mapping-table.ts";
import { survivorOf } from "./references.ts";

export interface SightedRecord {
  readonly connection: ConnectionId;
  readonly speaksFor?: ConnectionId | undefined;
  readonly capturedAt: string;
  readonly runId?: string | undefined;
  /** With its references resolved as far as they are known. */
  readonly record: ObservedRecord;
}

type KnownRef = Pick<ExternalRefEntry, "canonicalId" | "movedAt">;

/** What was read for a whole batch at once, so that most records need no reading of their own. */
export interface KnownRecords {
  readonly refs: ReadonlyMap<string, KnownRef>;
  readonly matches: ReadonlyMap<string, CanonicalId>;
  readonly xrefs: ReadonlyMap<CanonicalId, CrossReference>;
}

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

export function refOf(sighted: SightedRecord): ExternalRef {
  const { recordType, externalId } = sighted.record;
  return { connection: sighted.connection, recordType, externalId };
}

/** The digest by which an observation that changes nothing is known. */
export function digestOfFields(fields: Fields): string {
  const digests: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) digests[name] = digestField(value);
  }
  return digestRecord(digests);
}

export function matchKeysOf(flow: Flow, fields: Fields): MatchKey[] {
  const keys: MatchKey[] = [];
  for (const { kind, keyOf } of flow.match) {
    const key = keyOf(fields);
    if (key !== undefined && key !== "") keys.push({ recordType: flow.recordType, kind, key });
  }
  return keys;
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

/** Reads all that {@link mergeObservation} needs for a batch, in three batch reads. */
export async function readKnown(
  store: CrossReferenceStore,
  flow: Flow,
  sighted: readonly SightedRecord[],
): Promise<KnownRecords> {
  const refs = await store.findExternalRefs(
    sighted.flatMap((one) => [refOf(one), ...formerRefs(one)]),
  );
  const newcomers = sighted.filter((one) => !refs.has(externalRefKey(refOf(one))));
  const matches = await store.findMatches(
    newcomers.flatMap((one) => matchKeysOf(flow, one.record.fields)),
  );
  const ids = new Set([...refs.values()].map((entry) => entry.canonicalId));
  for (const id of matches.values()) ids.add(id);
  for (const one of newcomers) {
    if (one.record.registeredId !== undefined) ids.add(one.record.registeredId);
    ids.add(newcomer(one).canonicalId);
  }
  return { refs, matches, xrefs: await loadWithMerged(store, ids) };
}

/** Records that were merged bring along who took them in, and whom they took in. */
async function loadWithMerged(
  store: CrossReferenceStore,
  ids: ReadonlySet<CanonicalId>,
): Promise<ReadonlyMap<CanonicalId, CrossReference>> {
  const xrefs = await store.load([...ids]);
  const others = [...xrefs.values()]
    .flatMap(({ mergedInto, absorbed = [] }) =>
      mergedInto === undefined ? absorbed : [mergedInto, ...absorbed],
    )
    .filter((id) => !xrefs.has(id));
  if (others.length === 0) return xrefs;
  return new Map([...xrefs, ...(await store.load([...new Set(others)]))]);
}

/** Under what ids the record stood before it took others in, its own main one first. */
function formerRefs({ connection, record }: SightedRecord): ExternalRef[] {
  const { recordType, mergedFrom = [] } = record;
  return mergedFrom.map((externalId) => ({ connection, recordType, externalId }));
}

function newcomer(sighted: SightedRecord, isAgain = false): CrossReference {
  const { recordType, externalId } = sighted.record;
  // A derived record is named by its source, and that name is its canonical id already.
  const isDerived = sighted.connection === derivedBy;
  const origin = `${externalRefKey(refOf(sighted))}${isAgain ? "\nagain" : ""}`;
  const id = isDerived ? externalId : canonicalIdOf(recordType, origin);
  return newCrossReference(id, recordType, sighted.capturedAt);
}

/** Where a sighting belongs. */
interface Place {
  readonly xref: CrossReference;
  readonly isNew: boolean;
  /** References that lead here from now on. */
  readonly moved: readonly MovedRef[];
  /** The record that had taken this one in, without it. */
  readonly leftBy?: CrossReference | undefined;
}

/**
 * Order of proof: the stored reference, ids the record had before a merge, our id in the record, then
 * exact keys in the flow's order. Undefined where the id led to another record when it was read.
 */
function findPlace(flow: Flow, sighted: SightedRecord, known: KnownRecords): Place | undefined {
  const { connection, record } = sighted;
  const { recordType, externalId, registeredId } = record;
  const entry = known.refs.get(externalRefKey(refOf(sighted)));
  const linked = entry === undefined ? undefined : known.xrefs.get(entry.canonicalId);
  if (entry !== undefined && linked !== undefined) {
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

const registeredTwice: Failure = {
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
  const { next, decisions, stale } = mergeRecord(xref, observation, flow);
  const before = sideOf(xref, sighted.connection);
  const after = sideOf(next, sighted.connection);
  const isUnchanged =
    stale ||
    (decisions.length === 0 &&
      before.state === after.state &&
      before.ended?.life === after.ended?.life &&
      before.externalId === after.externalId);
  const owed = owedConnections(next, flow);
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
  const isDerivation = sighted.connection === derivedBy;
  const held = new Set(place.isNew ? [] : matchKeysOf(flow, place.xref.fields).map(matchKeyText));
  return {
    externalRefs: isHeld || isDerivation ? [] : [refOf(sighted)],
    matchKeys: matchKeysOf(flow, next.fields).filter(
      (key) => !held.has(matchKeyText(key)) && !known.matches.has(matchKeyText(key)),
    ),
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
