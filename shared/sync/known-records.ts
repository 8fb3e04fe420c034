/** What a batch of sightings needs of the mapping table, read at once. */
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import { isReturned } from "#shared/domain/export/returned.ts";
import { canonicalIdOf, digestField, digestRecord } from "#shared/domain/fingerprint.ts";
import { derivedBy, type Flow } from "#shared/domain/flow.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
} from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import {
  type Claims,
  type CrossReferenceStore,
  type ExternalRefEntry,
  noClaims,
} from "#shared/ports/mapping-table.ts";

export interface SightedRecord {
  readonly connection: ConnectionId;
  readonly speaksFor?: ConnectionId | undefined;
  readonly capturedAt: string;
  readonly runId?: string | undefined;
  /** Its version counts even where it shows nothing new: a lock of the remote asks for the last one. */
  readonly isVersionNews?: boolean | undefined;
  /** With its references resolved as far as they are known. */
  readonly record: ObservedRecord;
}

export type KnownRef = Pick<ExternalRefEntry, "canonicalId" | "movedAt">;

/** What was read for a whole batch at once, so that most records need no reading of their own. */
export interface KnownRecords {
  readonly refs: ReadonlyMap<string, KnownRef>;
  readonly matches: ReadonlyMap<string, CanonicalId>;
  readonly xrefs: ReadonlyMap<CanonicalId, CrossReference>;
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

/** The exact keys that the record bears and did not as it was stored: whoever saves it claims them. */
export function newKeysOf(
  flow: Flow,
  stored: CrossReference | undefined,
  next: CrossReference,
): MatchKey[] {
  const borne = new Set(matchKeysOf(flow, stored?.fields ?? {}).map(matchKeyText));
  return matchKeysOf(flow, next.fields).filter((key) => !borne.has(matchKeyText(key)));
}

/** The claims of a save with those of its new keys that nobody holds, and who holds the others. */
export async function claimNewKeys(
  store: Pick<CrossReferenceStore, "findMatches">,
  flow: Flow,
  stored: CrossReference,
  next: CrossReference,
): Promise<{ readonly claims: Claims; readonly holders: ReadonlyMap<string, CanonicalId> }> {
  const keys = newKeysOf(flow, stored, next);
  if (keys.length === 0) return { claims: noClaims, holders: new Map() };
  const holders = await store.findMatches(keys);
  const matchKeys = keys.filter((key) => !holders.has(matchKeyText(key)));
  return { claims: { externalRefs: [], matchKeys }, holders };
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
    ids.add(isReturned(one.connection) ? one.record.externalId : newcomer(one).canonicalId);
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
export function formerRefs({ connection, record }: SightedRecord): ExternalRef[] {
  const { recordType, mergedFrom = [] } = record;
  return mergedFrom.map((externalId) => ({ connection, recordType, externalId }));
}

export function newcomer(sighted: SightedRecord, isAgain = false): CrossReference {
  const { recordType, externalId } = sighted.record;
  // A derived record is named by its source, and that name is its canonical id already.
  const isDerived = sighted.connection === derivedBy;
  const origin = `${externalRefKey(refOf(sighted))}${isAgain ? "\nagain" : ""}`;
  const id = isDerived ? externalId : canonicalIdOf(recordType, origin);
  return newCrossReference(id, recordType, sighted.capturedAt);
}
