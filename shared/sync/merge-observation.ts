/**
 * One observation into the mapping table:
 *
 * 1. find the cross-reference: by external reference, by our own id in the record, by an exact key;
 * 2. merge;
 * 3. save with what the record now claims; on a lost race, begin again from what is stored.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  isLinked,
  newCrossReference,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import { canonicalIdOf, digestField, digestRecord } from "#shared/domain/fingerprint.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
} from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { mergeRecord, type Observation, owedConnections } from "#shared/domain/merge.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";

export interface SightedRecord {
  readonly connection: ConnectionId;
  readonly speaksFor?: ConnectionId | undefined;
  readonly capturedAt: string;
  readonly runId?: string | undefined;
  /** With its references resolved as far as they are known. */
  readonly record: ObservedRecord;
}

/** What was read for a whole batch at once, so that most records need no reading of their own. */
export interface KnownRecords {
  readonly refs: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>;
  readonly matches: ReadonlyMap<string, CanonicalId>;
  readonly xrefs: ReadonlyMap<CanonicalId, CrossReference>;
}

export interface MergedObservation {
  readonly xref: CrossReference;
  /** Whether the golden record or the side's link changed. */
  readonly kind: "applied" | "unchanged";
  readonly isNew: boolean;
  readonly owed: readonly ConnectionId[];
  /** Of the side after the merge, to be remembered as seen. */
  readonly digest: string;
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

function matchKeysOf(flow: Flow, fields: Fields): MatchKey[] {
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
  const found = findCrossReference(flow, sighted, known);
  const merged = mergeInto(found ?? newcomer(sighted), flow, sighted);
  if (merged.kind === "unchanged") return { outcome: "merged", merged };
  const claims = claimsOf(flow, sighted, found, merged.xref, known);
  const outcome = await store.save(merged.xref, claims, newlyLinked(found, merged.xref));
  if (outcome !== "saved") {
    return { outcome: "lost", claimed: matchKeysOf(flow, merged.xref.fields) };
  }
  const saved = { ...merged.xref, revision: merged.xref.revision + 1 };
  return { outcome: "merged", merged: { ...merged, xref: saved, isNew: found === undefined } };
}

/** Reads all that {@link mergeObservation} needs for a batch, in three batch reads. */
export async function readKnown(
  store: CrossReferenceStore,
  flow: Flow,
  sighted: readonly SightedRecord[],
): Promise<KnownRecords> {
  const refs = await store.findExternalRefs(sighted.map(refOf));
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
  return { refs, matches, xrefs: await store.load([...ids]) };
}

function newcomer(sighted: SightedRecord): CrossReference {
  const { recordType, externalId } = sighted.record;
  // A derived record is named by its source, and that name is its canonical id already.
  const isDerived = sighted.connection === derivedBy;
  const id = isDerived ? externalId : canonicalIdOf(recordType, externalRefKey(refOf(sighted)));
  return newCrossReference(id, recordType, sighted.capturedAt);
}

/** Order of proof: the stored reference, our id in the record, then exact keys in the flow's order. */
function findCrossReference(
  flow: Flow,
  sighted: SightedRecord,
  known: KnownRecords,
): CrossReference | undefined {
  const entry = known.refs.get(externalRefKey(refOf(sighted)));
  const linked = entry === undefined ? undefined : known.xrefs.get(entry.canonicalId);
  if (linked !== undefined) return linked;
  const { recordType, registeredId } = sighted.record;
  const candidates: (CanonicalId | undefined)[] = [
    registeredId,
    ...matchKeysOf(flow, sighted.record.fields).map((key) => known.matches.get(matchKeyText(key))),
    newcomer(sighted).canonicalId,
  ];
  for (const id of candidates) {
    const candidate = id === undefined ? undefined : known.xrefs.get(id);
    if (candidate === undefined || candidate.recordType !== recordType) continue;
    // A side names one record: a second one of the same connection is another thing.
    const held = sideOf(candidate, sighted.connection).externalId;
    if (held === undefined || held === sighted.record.externalId) return candidate;
  }
  return undefined;
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
      before.externalId === after.externalId);
  const withRun = sighted.runId === undefined ? next : { ...next, runId: sighted.runId };
  return {
    xref: isUnchanged ? next : withRun,
    kind: isUnchanged ? "unchanged" : "applied",
    isNew: false,
    owed: owedConnections(next, flow),
    digest: digestRecord(after.observed),
  };
}

/** The record's place in the connection, and the keys it newly bears that nobody holds. */
function claimsOf(
  flow: Flow,
  sighted: SightedRecord,
  before: CrossReference | undefined,
  next: CrossReference,
  known: KnownRecords,
) {
  const isHeld = known.refs.has(externalRefKey(refOf(sighted)));
  const isDerivation = sighted.connection === derivedBy;
  const held = new Set(
    before === undefined ? [] : matchKeysOf(flow, before.fields).map(matchKeyText),
  );
  return {
    externalRefs: isHeld || isDerivation ? [] : [refOf(sighted)],
    matchKeys: matchKeysOf(flow, next.fields).filter(
      (key) => !held.has(matchKeyText(key)) && !known.matches.has(matchKeyText(key)),
    ),
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
