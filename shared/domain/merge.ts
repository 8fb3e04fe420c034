/**
 * The merge: a pure function of (cross-reference, observation, flow) to (next cross-reference, what
 * was decided). No clock, no I/O, no randomness; total on any data.
 *
 * Per field that the observation holds:
 *
 * | the side shows … | decision |
 * |---|---|
 * | what it showed last time | `unchanged` |
 * | something new that equals the golden value | `agreed` |
 * | something new, and the policy lets it | `taken` |
 * | something new, and the field is another's | `restored`: the golden value is owed to the side |
 * | something new under `manual`, while the golden value changed too | `conflict`: both are kept |
 *
 * A field the observation does not hold is never touched. What a decision discards is in its `lost`.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  type FieldConflict,
  type Side,
  sideOf,
  withSide,
} from "./cross-reference.ts";
import { type Draft, decideField, draftOf, type Observation } from "./decide-field.ts";
import { type Digest, digestField } from "./fingerprint.ts";
import { derivedBy, type Flow, policyInForce, ruleOf } from "./flow.ts";
import type { ConnectionId, ExternalId } from "./identifiers.ts";
import { settleStates } from "./owed.ts";
import type { Fields, FieldValue } from "./records.ts";
import type { FieldDecision, TrailEntry } from "./trail.ts";

export interface MergeResult {
  readonly next: CrossReference;
  /** Sorted by field; `unchanged` ones are left out. */
  readonly decisions: readonly FieldDecision[];
  /** The observation is older than what is known, and was left out whole. */
  readonly stale: boolean;
}

/** Merges what one connection showed; see the head of this file for the rules. */
export function mergeRecord(
  xref: CrossReference,
  observation: Observation,
  flow: Flow,
): MergeResult {
  const before = sideOf(xref, observation.connection);
  if (isStale(before, observation)) return { next: xref, decisions: [], stale: true };
  if (observation.life !== "live") return mergeEnd(xref, before, observation, flow);

  const draft = draftOf(xref, before);
  const decisions: FieldDecision[] = [];
  for (const field of Object.keys(observation.fields).sort()) {
    const value = observation.fields[field];
    const rule = ruleOf(flow, field);
    if (value === undefined || rule === undefined) continue;
    const policy = policyInForce(rule.policy, xref.fields);
    const decision = decideField(xref, draft, observation, field, value, policy);
    if (decision.kind !== "unchanged") decisions.push(decision);
  }
  const side = sideAfter(before, draft, observation, decisions.length > 0);
  const changed: CrossReference = {
    ...withSide(refreshConflicts(xref, draft.fields), observation.connection, side),
    fields: draft.fields,
    sources: draft.sources,
    changedAt: decisions.length > 0 ? observation.capturedAt : xref.changedAt,
    trail: [seen(observation, decisions)],
  };
  const hasNews = decisions.length > 0;
  return {
    next: settleStates(changed, flow, hasNews, observation.capturedAt),
    decisions,
    stale: false,
  };
}

/**
 * Older than what is known. A record that ended comes back only by word that is surely later: of a
 * greater version, or of the same one and seen by us after its end was.
 */
function isStale(before: Side, observation: Observation): boolean {
  const { remoteVersion, shownAt, ended } = before;
  if (remoteVersion === undefined) return false;
  if (observation.version !== remoteVersion) return observation.version < remoteVersion;
  if (shownAt !== undefined && observation.capturedAt < shownAt) return true;
  const wouldRevive = before.state === "tombstoned" && observation.life === "live";
  return wouldRevive && ended !== undefined && observation.capturedAt <= ended.at;
}

function seen(observation: Observation, decisions: readonly FieldDecision[]): TrailEntry {
  const { connection, speaksFor, externalId, version, life, capturedAt } = observation;
  const entry = { kind: "seen" as const, at: capturedAt, connection, externalId, version, life };
  return speaksFor === undefined ? { ...entry, decisions } : { ...entry, speaksFor, decisions };
}

export interface WrittenRecord {
  readonly connection: ConnectionId;
  readonly externalId: ExternalId;
  readonly version: number;
  /** The golden values as they were sent. */
  readonly sent: Fields;
  /** What the answer showed; may be part of the record. */
  readonly observed: Fields;
  readonly capturedAt: string;
}

/**
 * The cross-reference after a write. Of the fields that were sent, what the answer shows is how the
 * remote keeps them (trimmed, rounded), and no news; all else in the answer is an observation like
 * any other and is merged. A record that ended meanwhile stays ended: only a later sighting revives it.
 */
export function recordWrite(
  xref: CrossReference,
  written: WrittenRecord,
  flow: Flow,
): CrossReference {
  const { connection, externalId, version, capturedAt } = written;
  const before = sideOf(xref, connection);
  const sent: Record<string, Digest> = { ...before.sent };
  const observed: Record<string, Digest> = { ...before.observed };
  const news: Record<string, FieldValue> = {};
  for (const [field, value] of Object.entries(written.sent)) {
    if (value === undefined) continue;
    sent[field] = digestField(value);
    const kept = written.observed[field];
    observed[field] = digestField(kept === undefined ? value : kept);
  }
  for (const [field, value] of Object.entries(written.observed)) {
    if (value !== undefined && !Object.hasOwn(written.sent, field)) news[field] = value;
  }
  const entry: TrailEntry = {
    kind: "written",
    at: capturedAt,
    connection,
    externalId,
    version,
    isNew: before.externalId === undefined,
    fields: Object.keys(written.sent).sort(),
  };
  if (before.state === "tombstoned") {
    return { ...withSide(xref, connection, { ...before, sent, observed }), trail: [entry] };
  }
  const remoteVersion = Math.max(version, before.remoteVersion ?? 0);
  const { conflicts, review, archivingSince } = before;
  const side: Side = {
    state: "linked",
    externalId,
    remoteVersion,
    shownAt: capturedAt,
    observed,
    sent,
    conflicts,
    review,
    archivingSince,
  };
  const settled = settleStates(withSide(xref, connection, side), flow, false, capturedAt);
  const answer: Observation = {
    connection,
    externalId,
    version: remoteVersion,
    life: "live",
    fields: news,
    capturedAt,
  };
  const { next, decisions } = mergeRecord(settled, answer, flow);
  return { ...next, trail: decisions.length === 0 ? [entry] : [entry, seen(answer, decisions)] };
}

/**
 * The cross-reference after a record was archived by us, or brought back. Where a user ended it meanwhile,
 * by a merge, say, that is how it ended: it is not ours to bring back.
 */
export function recordLifeWrite(
  xref: CrossReference,
  written: {
    readonly connection: ConnectionId;
    readonly externalId: ExternalId;
    readonly version: number;
    readonly life: "archived" | "live";
    readonly capturedAt: string;
  },
  flow: Flow,
): CrossReference {
  const { connection, externalId, version, life, capturedAt } = written;
  const before = sideOf(xref, connection);
  const remoteVersion = Math.max(version, before.remoteVersion ?? 0);
  const isEndedByUser = before.state === "tombstoned" && before.ended?.by !== derivedBy;
  const known: Side = { ...before, remoteVersion, archivingSince: undefined };
  const side: Side = isEndedByUser
    ? known
    : life === "archived"
      ? { ...known, state: "tombstoned", ended: { life, by: derivedBy, at: capturedAt } }
      : { ...known, state: "linked", ended: undefined };
  const entry: TrailEntry = {
    kind: "written",
    at: capturedAt,
    connection,
    externalId,
    version,
    isNew: false,
    fields: [],
    life,
  };
  const next = { ...withSide(xref, connection, side), trail: [entry] };
  return settleStates(next, flow, false, capturedAt);
}

/** A person chose one of the two values of a disputed field. Undefined where nothing is disputed. */
export function decideConflict(
  xref: CrossReference,
  choice: {
    readonly connection: ConnectionId;
    readonly field: string;
    readonly keep: "golden" | "proposed";
    readonly by: string;
    readonly at: string;
  },
  flow: Flow,
): CrossReference | undefined {
  const { connection, field, keep, by, at } = choice;
  const side = sideOf(xref, connection);
  const conflict = side.conflicts?.find((one) => one.field === field);
  if (conflict === undefined) return undefined;
  const left = side.conflicts?.filter((one) => one !== conflict) ?? [];
  const freed: Side = {
    ...side,
    // What its run holds back is not let go with the dispute.
    state: side.state === "conflict" && left.length === 0 ? "linked" : side.state,
    conflicts: left.length > 0 ? left : undefined,
  };
  const golden = xref.fields[field] ?? null;
  const lost =
    keep === "golden"
      ? { value: conflict.proposed, by: conflict.proposedBy }
      : { value: golden, by: xref.sources[field]?.by ?? derivedBy };
  const decisions: readonly FieldDecision[] = [{ field, kind: "decided", policy: "manual", lost }];
  const chosen =
    keep === "golden"
      ? xref
      : {
          ...xref,
          fields: { ...xref.fields, [field]: conflict.proposed },
          sources: { ...xref.sources, [field]: { by: conflict.proposedBy, at } },
        };
  const next: CrossReference = {
    ...withSide(refreshConflicts(chosen, chosen.fields), connection, freed),
    changedAt: at,
    trail: [{ kind: "decided", at, by, connection, what: "conflict", decisions }],
  };
  return settleStates(next, flow, true, at);
}

/** Disputes show the golden value as it is now; one that the golden value settled is none any more. */
function refreshConflicts(xref: CrossReference, golden: Fields): CrossReference {
  let next = xref;
  for (const [connection, side] of Object.entries(xref.sides)) {
    if (side.conflicts === undefined) continue;
    const open = side.conflicts.filter(({ field, proposed }) => {
      const value = golden[field];
      return value === undefined || digestField(value) !== digestField(proposed);
    });
    const conflicts: FieldConflict[] = open.map((one) => {
      const value = golden[one.field] ?? null;
      return digestField(value) === digestField(one.golden) ? one : { ...one, golden: value };
    });
    const isOpen = conflicts.length > 0;
    const state = !isOpen && side.state === "conflict" ? "linked" : side.state;
    next = withSide(next, connection, {
      ...side,
      state,
      conflicts: isOpen ? conflicts : undefined,
    });
  }
  return next;
}

function sideAfter(before: Side, draft: Draft, observation: Observation, hasNews: boolean): Side {
  const isStillRefused = before.state === "rejected" && before.externalId !== undefined && !hasNews;
  const isStillHeld = before.state === "awaiting-approval";
  const hasConflict = draft.conflicts.length > 0;
  const free = hasConflict ? "conflict" : "linked";
  return {
    state: isStillRefused ? "rejected" : isStillHeld ? "awaiting-approval" : free,
    externalId: observation.externalId,
    remoteVersion: observation.version,
    shownAt: observation.capturedAt,
    observed: draft.observed,
    sent: draft.sent,
    failure: isStillRefused ? before.failure : undefined,
    conflicts: hasConflict ? draft.conflicts : undefined,
    review: before.review,
    archivingSince: mayBeArchived(before, observation) ? before.archivingSince : undefined,
  };
}

/** A live record shows that an archive of ours failed only when its call cannot be under way any more. */
function mayBeArchived({ archivingSince }: Side, { capturedAt }: Observation): boolean {
  if (archivingSince === undefined) return false;
  return Date.parse(capturedAt) - Date.parse(archivingSince) < limits.intentLeaseMs;
}

/** A record that ended in its remote: the side is remembered; the flow says what follows elsewhere. */
function mergeEnd(
  xref: CrossReference,
  before: Side,
  observation: Observation,
  flow: Flow,
): MergeResult {
  const { connection, externalId, version, life, capturedAt } = observation;
  const isKnown = before.state === "tombstoned" && before.externalId === externalId;
  // Our own archiving comes back as an observation like any other.
  if (life === "live" || (isKnown && before.ended?.life === life)) {
    return { next: xref, decisions: [], stale: false };
  }
  // Our own archive may be seen before the worker that made it could save it.
  const isOurs = isKnown
    ? before.ended?.by === derivedBy
    : before.archivingSince !== undefined && life === "archived";
  const by = isOurs ? derivedBy : connection;
  const side: Side = {
    ...before,
    state: "tombstoned",
    externalId,
    remoteVersion: version,
    shownAt: capturedAt,
    intent: undefined,
    archivingSince: undefined,
    failure: undefined,
    waitsFor: undefined,
    conflicts: undefined,
    review: undefined,
    ended: { life, by, at: capturedAt },
  };
  const next: CrossReference = {
    ...withSide(xref, connection, side),
    changedAt: capturedAt,
    trail: [seen(observation, [])],
  };
  return { next: settleStates(next, flow, false, capturedAt), decisions: [], stale: false };
}
