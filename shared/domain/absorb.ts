/** Merges of records, made by people in one of the systems. */
import {
  type CrossReference,
  type FieldSource,
  isBeingMade,
  isLinked,
  type Side,
  sideOf,
  withSide,
} from "./cross-reference.ts";
import { type Digest, digestField } from "./fingerprint.ts";
import { derivedBy, type Flow, policyInForce, ruleOf } from "./flow.ts";
import type { ConnectionId, ExternalId } from "./identifiers.ts";
import { settleStates } from "./owed.ts";
import type { FieldValue } from "./records.ts";

export interface Absorption {
  /** Took the other in: has its documents, and its places where it had none itself. */
  readonly survivor: CrossReference;
  /** Points to the survivor; keeps the places that the survivor has of its own. */
  readonly loser: CrossReference;
  /** The connections whose place moved from the loser to the survivor. */
  readonly moved: readonly ConnectionId[];
}

/**
 * In `connection`, somebody merged `loser`'s record into `survivor`'s. Other systems are not merged
 * by us: a record that both have there stays twice, the loser's for review.
 */
export function absorb(
  loser: CrossReference,
  survivor: CrossReference,
  connection: ConnectionId,
  at: string,
  flow: Flow,
): Absorption {
  let left = withSide(loser, connection, mergedAway(sideOf(loser, connection), connection, at));
  let taken = survivor;
  const moved: ConnectionId[] = [];
  for (const other of Object.keys(loser.sides)) {
    const side = sideOf(loser, other);
    const own = sideOf(survivor, other);
    // One that is just being made is as good as there.
    const isFree = own.externalId === undefined && !isBeingMade(own);
    // What we derive of a record is said under its own id, and stays there.
    if (other === connection || other === derivedBy || !isLinked(side) || !isFree) continue;
    taken = withSide(taken, other, side);
    left = withSide(left, other, { state: "absent", observed: {}, sent: {} });
    moved.push(other);
  }
  const absorbed = new Set([
    ...(survivor.absorbed ?? []),
    loser.canonicalId,
    ...(loser.absorbed ?? []),
  ]);
  const survivorId = survivor.canonicalId;
  const nextSurvivor: CrossReference = {
    ...withFieldsOf(taken, loser, moved, flow),
    absorbed: [...absorbed].filter((id) => id !== survivorId).sort(),
    changedAt: at,
    trail: [{ kind: "absorbed", at, connection, other: loser.canonicalId }],
  };
  const nextLoser: CrossReference = {
    ...withoutSums(left, at, flow),
    mergedInto: survivorId,
    absorbed: undefined,
    changedAt: at,
    trail: [{ kind: "merged-into", at, connection, other: survivorId }],
  };
  return {
    survivor: settleStates(nextSurvivor, flow, true, at),
    loser: settleStates(nextLoser, flow, true, at),
    moved,
  };
}

/**
 * Of two records one took the other in, and in `connection` somebody merged them the other way. They
 * are one already, so they exchange their places there: what is left of both is the survivor's, and the
 * one that is gone is where the other stands if it is ever un-merged.
 */
export function exchangePlaces(
  survivor: CrossReference,
  loser: CrossReference,
  connection: ConnectionId,
  at: string,
  flow: Flow,
): Omit<Absorption, "moved"> {
  const [gone, left] = [sideOf(survivor, connection), sideOf(loser, connection)];
  const taken = withSide(survivor, connection, { ...left, remoteVersion: undefined });
  const nextSurvivor: CrossReference = {
    ...withFieldsOf(taken, loser, [connection], flow),
    changedAt: at,
    trail: [{ kind: "absorbed", at, connection, other: loser.canonicalId }],
  };
  // What it showed was the survivor's: when it stands for itself again, all of it is news.
  const place = { ...mergedAway(gone, connection, at), observed: {}, sent: {} };
  const nextLoser: CrossReference = {
    ...withSide(loser, connection, place),
    changedAt: at,
    trail: [{ kind: "merged-into", at, connection, other: survivor.canonicalId }],
  };
  return {
    survivor: settleStates(nextSurvivor, flow, true, at),
    loser: settleStates(nextLoser, flow, true, at),
  };
}

function mergedAway(side: Side, connection: ConnectionId, at: string): Side {
  return {
    ...side,
    state: "tombstoned",
    intent: undefined,
    failure: undefined,
    waitsFor: undefined,
    conflicts: undefined,
    review: undefined,
    ended: { life: "merged", by: connection, at },
  };
}

/** What the record's documents add up to counts for the survivor; two sums would be one too many. */
function withoutSums(xref: CrossReference, at: string, flow: Flow): CrossReference {
  const fields: Record<string, FieldValue | undefined> = { ...xref.fields };
  const sources: Record<string, FieldSource> = { ...xref.sources };
  const said: Record<string, Digest> = {};
  for (const [field, value] of Object.entries(xref.fields)) {
    const isComputed = ruleOf(flow, field)?.policy.kind === "derived";
    if (!isComputed || value === undefined || value === null) continue;
    fields[field] = null;
    sources[field] = { by: derivedBy, at };
    said[field] = digestField(null);
  }
  // As if we had said so: when it stands for itself again, its sums are news.
  const own = sideOf(xref, derivedBy);
  const side: Side = {
    ...own,
    observed: { ...own.observed, ...said },
    sent: { ...own.sent, ...said },
  };
  const hasSums = Object.keys(said).length > 0;
  return { ...(hasSums ? withSide(xref, derivedBy, side) : xref), fields, sources };
}

/**
 * With the places come the values: all that the survivor lacks, those whose system of record is one of
 * the places that moved, and newer ones where the newest counts.
 */
function withFieldsOf(
  survivor: CrossReference,
  loser: CrossReference,
  moved: readonly ConnectionId[],
  flow: Flow,
): CrossReference {
  if (moved.length === 0) return survivor;
  const fields: Record<string, FieldValue | undefined> = { ...survivor.fields };
  const sources: Record<string, FieldSource> = { ...survivor.sources };
  for (const [field, value] of Object.entries(loser.fields)) {
    const rule = ruleOf(flow, field);
    const [own, theirs] = [sources[field], loser.sources[field]];
    if (value === undefined || value === null || rule === undefined || theirs === undefined)
      continue;
    const policy = policyInForce(rule.policy, survivor.fields);
    const isLacking = fields[field] === undefined || fields[field] === null;
    const isOwners = policy.kind === "system-of-record" && moved.includes(policy.connection);
    const isNewer = policy.kind === "newest" && own !== undefined && theirs.at > own.at;
    if (!isLacking && !isOwners && !isNewer) continue;
    fields[field] = value;
    sources[field] = theirs;
  }
  return { ...survivor, fields, sources };
}

/** The record under which a merged-away id of a connection used to stand. */
export function isFormerPlace(
  xref: CrossReference,
  connection: ConnectionId,
  externalId: ExternalId,
): boolean {
  const side = sideOf(xref, connection);
  return side.externalId === externalId && side.ended?.life === "merged";
}

/** The survivor without a record that stands for itself again. */
export function release(
  survivor: CrossReference,
  loser: CrossReference,
  connection: ConnectionId,
  at: string,
): { readonly survivor: CrossReference; readonly loser: CrossReference } {
  const left = (survivor.absorbed ?? []).filter((id) => id !== loser.canonicalId);
  return {
    survivor: {
      ...survivor,
      absorbed: left.length > 0 ? left : undefined,
      changedAt: at,
      trail: [{ kind: "un-merged", at, connection, other: loser.canonicalId }],
    },
    loser: { ...loser, mergedInto: undefined },
  };
}
